from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge import LibraryError
from knowledge.coverage import Coverage, cover
from knowledge.entry import Document
from knowledge.letter import comments
from knowledge.library import PACKAGED, read_library
from knowledge.original import Original, prove, read_originals
from knowledge.transcript import turns

CALL = """ACME CALL

PRESENTATION

Operator

Good day and welcome. 300 people are listening.

Ann Lee - Acme, Inc. - CFO

Revenue was \\$5.0 million in the first quarter, against

$4.0 million a year ago. Customers in every region bought more of our new products than before.

Bob Ray - Bank & Co - Analyst

I think the Street had $4.5 million for the quarter, so well done to all of you out there.

Ann Lee - Acme, Inc. - CFO

Thank you.

DISCLAIMER

Copyright 2020.
"""
LETTER = """Dear Ms. Lee:

General

1. Please disclose the size of the offering before you distribute the prospectus.
2. Please tell us why revenue grew by 25% in the year, for example:
 - new customers; and
 - higher prices.

Notes to Statements

1. Organization, page F-8

3. Please add a dash to the balance sheet on page F-9.

* * *

You may call us at (202) 555-0100.
"""
DOCUMENT: dict[str, Any] = {
    "id": "acme",
    "company": "Acme",
    "kind": "Call transcript",
    "title": "Acme",
    "date": "2020-05-01",
    "file": "acme.txt",
    "period": "Q1 2020",
}
ALL_OF_THE_CALL = (
    {"excerpt": "Revenue was $5.0 million in the first quarter, against $4.0 million a year ago."},
    {"excerpt": "Customers in every region bought more of our new products than before."},
    {"excerpt": "I think the Street had $4.5 million for the quarter"},
    {"excerpt": "300 people are listening."},
    {"excerpt": "Copyright 2020."},
)
ALL_OF_THE_LETTER = (
    {"excerpt": "Please disclose the size of the offering before you distribute the prospectus.", "comment": 1},
    {"excerpt": "Please tell us why revenue grew by 25% in the year", "comment": 2},
    {"excerpt": "1. Organization, page F-8"},
    {"excerpt": "Please add a dash to the balance sheet on page F-9.", "comment": 3},
    {"excerpt": "You may call us at (202) 555-0100."},
)


@pytest.fixture
def curate(tmp_path: Path):
    """Writes a library of one document with these citations and omissions, and tells what they cover."""

    def run(text: str, *citations: dict[str, Any], kind: str = "Call transcript", omitted: Any = None) -> Coverage:
        place = tmp_path / "library" / "acme"
        place.mkdir(parents=True)
        entry = {
            "id": "entry",
            "kind": "qa",
            "topic": "all",
            "question": "What does it say?",
            "answer": "All this.",
            "phrasings": ["all of it"],
            "citations": [{"section": "All", **citation} for citation in citations],
        }
        (place / "document.yaml").write_text(yaml.safe_dump(DOCUMENT | {"kind": kind}))
        (place / "all.yaml").write_text(yaml.safe_dump([entry]))
        if omitted is not None:
            (place / "omitted.yaml").write_text(omitted if isinstance(omitted, str) else yaml.safe_dump(omitted))
        (tmp_path / "acme.txt").write_text(text)
        library = read_library(tmp_path / "library")
        originals = read_originals(library, tmp_path)
        if problems := prove(library, originals):
            raise LibraryError(problems)
        return cover(library, originals["acme"])

    return run


def gaps(coverage: Coverage) -> list[str]:
    return [str(gap) for gap in coverage.gaps]


@pytest.mark.parametrize(
    ("kind", "text", "citations", "counts"),
    [
        ("Call transcript", CALL, ALL_OF_THE_CALL, "5 figures, 0 not cited, 0 left out; 1 management turns"),
        ("Comment letter", LETTER, ALL_OF_THE_LETTER, "6 figures, 0 not cited, 0 left out; 3 comments"),
        ("Press release", "Sales: 7.", [{"excerpt": "Sales: 7."}], "1 figures, 0 not cited, 0 left out"),
    ],
)
def test_a_document_cited_in_full_has_no_gap(curate, kind: str, text: str, citations: Any, counts: str) -> None:
    coverage = curate(text, *citations, kind=kind)
    assert gaps(coverage) == []
    assert coverage.summary.startswith(f"acme: {counts}")


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (3, "line 7: figure: … PRESENTATION Operator Good day and welcome. [300] people are listening."),
        (2, "line 17: figure: … Bank & Co - Analyst I think the Street had $[4.5] million for the quarter"),
        (1, "line 13: Ann Lee: Customers in every region bought more of our new products than before."),
    ],
)
def test_a_figure_or_sentence_nobody_cites_is_listed_with_its_line(curate, left: int, expected: str) -> None:
    [gap] = gaps(curate(CALL, *ALL_OF_THE_CALL[:left], *ALL_OF_THE_CALL[left + 1 :]))
    assert gap.startswith(expected)


def test_a_management_turn_nobody_cites_is_listed_by_its_first_words(curate) -> None:
    first, second, third = gaps(curate(CALL, *ALL_OF_THE_CALL[2:]))
    assert "figure" in first
    assert second.startswith("line 11: Ann Lee: Revenue was $5.0 million in the first quarter")
    assert "figure" in third


def test_a_figure_is_covered_only_as_a_whole(curate) -> None:
    assert "[25%]" in gaps(curate("It grew 25% and 25,000 more.", {"excerpt": "25,000 more"}))[0]


@pytest.mark.parametrize("comment", [{}, {"comment": 1}])
def test_a_comment_is_cited_only_under_its_own_number(curate, comment: dict[str, int]) -> None:
    citations = (*ALL_OF_THE_LETTER[:3], {"excerpt": ALL_OF_THE_LETTER[3]["excerpt"]} | comment, ALL_OF_THE_LETTER[4])
    [gap] = gaps(curate(LETTER, *citations, kind="Comment letter"))
    assert gap.startswith("line 14: comment 3, no citation with its number lies in it: Please add a dash")


def test_what_is_left_out_on_purpose_is_counted_with_its_reason(curate) -> None:
    omitted = [
        {"text": "300 people are listening.", "reason": "the operator's lines"},
        {"text": "Good day and welcome.", "reason": "the operator's lines"},
        {"text": "Copyright 2020.", "reason": "the vendor's footer"},
    ]
    coverage = curate(CALL, *ALL_OF_THE_CALL[:3], omitted=omitted)
    assert gaps(coverage) == []
    assert coverage.summary.startswith("acme: 5 figures, 0 not cited, 2 left out")
    assert coverage.omitted == {"the operator's lines": 2, "the vendor's footer": 1}


@pytest.mark.parametrize(
    ("omitted", "message"),
    [
        ("- {text: Copyright 1999., reason: x}", "omitted.yaml:1: omission 1 of acme: the text is not in acme"),
        ("- text: Copyright 2020.", "omitted.yaml:1: omission (no id), reason: Field required"),
        ("- text: Copyright 2020.\n  reason: x\n  why: y\n", "omitted.yaml:3: omission (no id), why: Extra inputs"),
        ("- Copyright 2020.", "omitted.yaml:1: entry: must be a mapping"),
    ],
)
def test_a_wrong_omission_is_refused_by_file_and_line(curate, omitted: str, message: str) -> None:
    with pytest.raises(LibraryError) as refusal:
        curate(CALL, *ALL_OF_THE_CALL, omitted=omitted)
    assert message in str(refusal.value)


def test_the_turns_of_a_call_run_over_page_breaks_and_end_at_headings(curate) -> None:
    original = Original.read(Document.model_validate(DOCUMENT), CALL)
    spoken = [(turn.speaker, turn.firm, original.text[turn.start : turn.end]) for turn in turns(original)]
    assert [speaker for speaker, _, _ in spoken] == ["Operator", "Ann Lee", "Bob Ray", "Ann Lee"]
    assert spoken[1][2].startswith("Revenue was $5.0 million in the first quarter, against $4.0 million a year ago.")
    assert spoken[3] == ("Ann Lee", "Acme, Inc.", "Thank you.")


def test_the_comments_of_a_letter_leave_out_headings_and_the_closing(curate) -> None:
    original = Original.read(Document.model_validate(DOCUMENT), LETTER)
    found = [(comment.number, original.text[comment.start : comment.end]) for comment in comments(original)]
    assert [number for number, _ in found] == [1, 2, 3]
    assert found[1][1].endswith("- new customers; and - higher prices.")
    assert found[2][1] == "Please add a dash to the balance sheet on page F-9."


def test_the_packaged_library_covers_its_documents_in_full(sources: Path) -> None:
    library = read_library(PACKAGED)
    coverages = [cover(library, original) for original in read_originals(library, sources).values()]
    assert [gap for coverage in coverages for gap in gaps(coverage)] == []
    assert {what: len(found) for coverage in coverages for what, found in coverage.findings.items()}["comments"] == 26
