from __future__ import annotations

from pathlib import Path

import pytest

from knowledge import Knowledge, Reply
from knowledge.evaluation import (
    FOLDER,
    LabelledQuestion,
    QuestionsError,
    evaluate,
    judge,
    read_questions,
    report,
    score,
    worse,
)


def replied(status: str, text: str, *answers: dict[str, object]) -> Reply:
    fields = {"kind": "qa", "question": "?", "labels": [], "confidence": 0.9, "citations": []}
    return Reply.model_validate(
        {"question": "?", "status": status, "text": text, "answers": [fields | answer for answer in answers]}
    )


RIGHT = replied("answered", "It was 91.6", {"entry": "a", "answer": "It was 91.6"})
DECLINED = replied("answered", "not disclosed", {"entry": "a", "answer": "no", "labels": ["Declined"]})


@pytest.mark.parametrize(
    ("kind", "must", "must_not", "reply", "outcome"),
    [
        ("answerable", [["91.6"]], [], RIGHT, "right"),
        ("answerable", [["91.6"], ["9.5"]], [], RIGHT, "wrong"),
        ("answerable", [["91.6"]], ["91.6"], RIGHT, "wrong"),
        ("answerable", [["91.6"]], [], replied("not_found", "91.6 is not there"), "missed"),
        ("unanswerable", [], [], RIGHT, "wrong"),
        ("unanswerable", [], [], DECLINED, "right"),
        ("unanswerable", [], [], replied("smalltalk", "hello"), "right"),
        ("ambiguous", [["x"]], [], replied("ambiguous", "Which one"), "right"),
        ("ambiguous", [["x"]], [], RIGHT, "wrong"),
    ],
)
def test_replies_are_judged(kind: str, must: list, must_not: list, reply: Reply, outcome: str) -> None:
    question = LabelledQuestion.model_validate({"q": "?", "kind": kind, "must": must, "must_not": must_not})
    assert judge(question, reply) == outcome


@pytest.mark.parametrize("line", ["{", '{"kind": "answerable"}', '{"q": "x", "kind": "hard"}'])
def test_a_wrong_line_of_labels_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"q": "x", "kind": "answerable"}\n' + line)
    with pytest.raises(QuestionsError, match=r"questions\.jsonl:2"):
        read_questions(file)


def test_the_projects_questions_are_many_and_apart() -> None:
    tuning, test = (read_questions(FOLDER / f"{part}.jsonl") for part in ("tuning", "test"))
    assert len(tuning) + len(test) >= 300
    assert not {(q.q, q.history) for q in tuning} & {(q.q, q.history) for q in test}


def test_the_test_part_gets_no_worse_than_the_figures_kept(knowledge: Knowledge) -> None:
    judged = evaluate(knowledge.ask, read_questions(FOLDER / "test.jsonl"))
    assert worse(score(judged)) == [], report(judged)
