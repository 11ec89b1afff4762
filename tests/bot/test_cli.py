from __future__ import annotations

import io
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli import main
from knowledge.library import PACKAGED, read_library


class Result:
    """What a command printed, and its exit status."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def objects(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def irbot(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data: Path):
    """Runs a command as a user does; further keywords are environment variables, `stdin` what is typed."""

    def run(*words: str, stdin: str = "", **environment: str) -> Result:
        monkeypatch.setenv("IRBOT_DATA", str(data))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["irbot", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as end:
            main()
        output = capsys.readouterr()
        return Result(int(end.value.code or 0), output.out, output.err)

    return run


def test_a_question_gets_its_answer_with_excerpt_speaker_document_and_date(irbot) -> None:
    result = irbot("ask", "What was Q4 revenue?")
    assert result.status == 0
    assert "$91.6 million" in result.out
    assert "> Q4 revenue was $91.6 million, at the high end of our range" in result.out
    assert "Michael Ashby, Calix, Inc. fourth quarter 2011 earnings conference call, 2012-02-07" in result.out


def test_json_keeps_the_contract(irbot) -> None:
    reply = json.loads(irbot("ask", "--json", "4Q11 gross margin?").out)
    assert set(reply) == {"question", "status", "answers", "choices", "text"}
    assert reply["status"] == "answered"
    [answer] = reply["answers"]
    assert set(answer) == {"entry", "kind", "question", "answer", "labels", "confidence", "citations"}
    assert answer["labels"] == ["Q4 2011", "Non-GAAP", "Reported"]
    assert "43.1%" in answer["answer"]
    assert "41.8" not in answer["answer"]
    assert "43.6" not in answer["answer"]
    assert set(answer["citations"][0]) == {
        "document",
        "title",
        "date",
        "speaker",
        "section",
        "locator",
        "excerpt",
    }


def test_a_batch_gets_a_reply_a_line_in_order(irbot, tmp_path: Path) -> None:
    (tmp_path / "questions").write_text('What was Q4 revenue?\n\n{"q": "4Q11 gross margin?", "history": ["hello"]}\n')
    replies = irbot("ask", "--batch", "questions").objects
    assert [reply["question"] for reply in replies] == ["What was Q4 revenue?", "", "4Q11 gross margin?"]


def test_a_batch_is_read_from_standard_input(irbot) -> None:
    [reply] = irbot("ask", "--batch", "-", stdin="What was Q4 revenue?").objects
    assert "91.6" in reply["text"]


@pytest.mark.parametrize("line", ['{"q": ', '{"question": "x"}', '{"q": 5}', '{"q": "x", "history": [1]}'])
def test_a_wrong_line_in_a_batch_is_named_before_anything_is_answered(irbot, line: str) -> None:
    result = irbot("ask", "--batch", "-", stdin=f"What was Q4 revenue?\n{line}\n")
    assert (result.status, result.out) == (2, "")
    assert "standard input:2: neither plain text nor" in result.err


@pytest.mark.parametrize("words", [("ask",), ("ask", "a", "--batch", "b"), ("ask", "--batch", "nowhere"), ("sing",)])
def test_wrong_usage_ends_with_status_2_and_no_trace(irbot, words: tuple[str, ...]) -> None:
    result = irbot(*words)
    assert result.status == 2
    assert result.err
    assert "Traceback" not in result.err


def test_export_prints_every_entry_with_its_citations(irbot, knowledge) -> None:
    entries = irbot("export").objects
    assert [entry["id"] for entry in entries] == list(knowledge.entries)
    assert all(entry["citations"] and entry["phrasings"] for entry in entries)


def test_run_without_tokens_converses_in_the_terminal(irbot) -> None:
    result = irbot("run", stdin="What was Q4 revenue?\n\nwhat is the 43.1%?\n")
    assert result.status == 0
    assert "$91.6 million" in result.out
    assert "43.1%" in result.out


def test_the_manifest_is_printed_as_json(irbot) -> None:
    assert "agent_view" in json.loads(irbot("manifest").out)["features"]


def test_doctor_names_what_is_missing(irbot) -> None:
    result = irbot("doctor")
    assert result.status == 0
    assert "SLACK_BOT_TOKEN is not set" in result.out
    assert "ok       knowledge" in result.out


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("SLACK_BOT_TOKEN", "nonsense", "SLACK_BOT_TOKEN must start with xoxb-"),
        ("PORT", "many", "PORT must be a number"),
        ("IRBOT_LIBRARY", "nowhere", "no document here"),
        ("IRBOT_DATA", "/dev/null/data", "cannot write the compiled library there"),
    ],
)
def test_a_wrong_setting_is_one_plain_sentence(irbot, variable: str, value: str, sentence: str) -> None:
    result = irbot("ask", "What was Q4 revenue?", **{variable: value})
    assert result.status == 2
    assert sentence in result.err
    assert "nonsense" not in result.err
    assert "Traceback" not in result.err


def test_check_proves_every_excerpt(irbot, sources: Path) -> None:
    result = irbot("check", "--sources", str(sources))
    assert result.status == 0, result.out
    assert "every excerpt proven" in result.out


def test_check_fails_when_one_letter_of_an_excerpt_changes(irbot, sources: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    for file in PACKAGED.rglob("*.yaml"):
        copy = library / file.relative_to(PACKAGED)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(file.read_text().replace("excerpt: Q4 revenue was", "excerpt: Q4 revenve was"))
    result = irbot("check", "--sources", str(sources), IRBOT_LIBRARY=str(library))
    assert result.status == 1
    assert "revenue.yaml" in result.out
    assert "entry q4-2011-revenue, citation 1: the excerpt is not in calix-2011-q4-call" in result.out


def test_check_names_an_original_that_is_missing(irbot, tmp_path: Path) -> None:
    result = irbot("check", "--sources", str(tmp_path))
    assert result.status == 2
    assert "the original of calix-2011-q4-call cannot be read" in result.err


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A copy of the packaged library, to spoil."""
    return Path(shutil.copytree(PACKAGED, tmp_path / "library"))


def spoil(file: Path, right: str, wrong: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong), encoding="utf-8")


def test_check_names_a_phrasing_that_two_entries_claim(irbot, library: Path) -> None:
    phrasing = yaml.safe_load((library / "calix-2011-q4-call" / "margins.yaml").read_text())[0]["phrasings"][0]
    spoil(
        library / "calix-2011-q4-call" / "cash.yaml", "  phrasings:\n", f"  phrasings:\n    - {json.dumps(phrasing)}\n"
    )
    result = irbot("check", IRBOT_LIBRARY=str(library))
    assert result.status == 1
    assert "cash.yaml:" in result.out
    assert "margins.yaml:" in result.out


def test_coverage_ends_well_when_everything_is_cited(irbot, sources: Path) -> None:
    result = irbot("coverage", "--sources", str(sources))
    assert result.status == 0, result.out
    assert "26 comments, 0 not cited" in result.out
    assert "management turns, 0 not cited" in result.out
    assert "passages: the operator's lines" in result.out


def test_coverage_lists_what_nobody_cites(irbot, library: Path, sources: Path) -> None:
    (library / "calix-2011-q4-call" / "headcount.yaml").unlink()
    for file in library.glob("absent*.yaml"):
        file.unlink()
    result = irbot("coverage", "--sources", str(sources), IRBOT_LIBRARY=str(library))
    assert result.status == 1
    assert re.search(r"line \d+: Michael Ashby: And we do expect that to increase slightly in the first", result.out)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("coverage",), "irbot: coverage needs the original documents: give --sources DIR"),
        (("coverage", "--sources", "."), "the original of calix-2011-q4-call cannot be read"),
    ],
)
def test_coverage_without_originals_says_what_it_needs(irbot, words: tuple[str, ...], sentence: str) -> None:
    result = irbot(*words)
    assert (result.status, result.out) == (2, "")
    assert sentence in result.err


def test_no_phrasing_is_one_of_the_labelled_questions(shared: Path) -> None:
    def plain(text: str) -> str:
        return re.sub(r"[^a-z0-9 ]", "", text.lower()).strip()

    asked = {plain(json.loads(line)["q"]) for line in (shared / "eval" / "dev.jsonl").read_text().splitlines()}
    library = read_library(PACKAGED)
    owners = (*library.entries.values(), *library.absences.values())
    assert not asked & {plain(text) for owner in owners for text in (owner.question, *owner.phrasings)}
