from __future__ import annotations

from typing import Any

import pytest

from knowledge import Knowledge
from knowledge.understanding import Understanding, gives


@pytest.mark.parametrize(
    ("question", "slot", "found"),
    [
        ("4Q11 top line", "terms", {"revenue"}),
        ("deferred revenue at year end", "terms", {"deferred revenue"}),
        ("what it costs to run the place", "terms", {"operating expenses"}),
        ("bottom line in 2010", "terms", {"net income"}),
        ("free cash flow", "terms", {"free cash flow"}),
        ("what did Russo say to the UBS analyst", "people", {"Carl Russo"}),
        ("blair king's question", "people", {"Blair King"}),
        ("twelfth comment", "comments", {12}),
        ("item 9 of the letter", "comments", {9}),
        ("comments no. 4", "comments", {4}),
        ("the 21st comment", "comments", {21}),
        ("what is on page F-37", "pages", {"F-37"}),
        ("pages 70 and 75", "pages", {"70", "75"}),
        ("what is the 43.6% in 2011?", "figures", {43.6}),
        ("GAAP net income", "basis", "GAAP"),
        ("non-GAAP net income", "basis", "Non-GAAP"),
        ("adjusted EPS", "basis", "Non-GAAP"),
        ("revenue guidance for Q1", "outlook", "ahead"),
        ("what was revenue", "outlook", "actual"),
        ("how many people", "wants", {"count"}),
        ("who asked and why", "wants", {"name", "reason"}),
        ("How much revenue did Calix make?", "wants", {"money"}),
        ("Which changes did the company make?", "wants", {"reply"}),
        ("Did Calix give the staff an answer?", "wants", {"reply"}),
    ],
)
def test_what_a_question_names_is_recognised(knowledge: Knowledge, question: str, slot: str, found: Any) -> None:
    asked = knowledge.read(question)
    value = getattr(asked, slot)
    assert (set(value) if isinstance(found, set) else value) == found


def test_a_question_that_names_nothing_is_understood_as_that(knowledge: Knowledge) -> None:
    assert knowledge.read("whatever it may be") == Understanding(text="whatever it may be")


def test_typing_errors_are_corrected_before_anything_is_recognised(knowledge: Knowledge) -> None:
    assert knowledge.read("wat was our total reveneu in 2010").terms == {"revenue"}


@pytest.mark.parametrize(
    ("answer", "sorts"),
    [
        ("It was $91.6 million.", {"money", "count"}),
        ("Gross margin was 43.1%.", {"percent", "count"}),
        ("He declined to say.", set()),
        ("That is because of the product mix.", {"reason"}),
        ("Carl Russo said so.", {"name", "reply"}),
    ],
)
def test_what_an_answer_gives_is_recognised(answer: str, sorts: set[str]) -> None:
    assert gives(answer) == sorts
