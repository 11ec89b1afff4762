from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from knowledge import Knowledge
from knowledge.library import PACKAGED, read_library
from knowledge.review import claimed, review
from tests.knowledge.test_library import ENTRY, write_library

PHRASINGS = [
    f"{word} of the company" for word in "sales turnover revenue takings income top-line receipts money".split()
]
FIRST = ENTRY | {"id": "first", "phrasings": PHRASINGS}
SECOND = ENTRY | {
    "id": "second",
    "question": "What did the company earn?",
    "phrasings": [f"{word} of the firm" for word in "profit gain margin surplus yield return earnings bottom".split()],
}


def problems(folder: Path, *entries: dict[str, Any]) -> list[str]:
    return review(read_library(write_library(folder, *entries)))


def test_entries_that_differ_pass(tmp_path: Path) -> None:
    assert problems(tmp_path, FIRST, SECOND) == []


def test_an_entry_with_too_few_phrasings_is_named_with_its_line(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, FIRST | {"phrasings": PHRASINGS[:7]})
    assert problem.endswith("revenue.yaml:12: entry first: has 7 phrasings, at least 8 are needed")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Who pays the bills?", "who pays the bills"),
        ("the lab trials that come first", "lab trials that come first"),
        ("where do the first office applications stand", "where do the first office application stand"),
    ],
)
def test_nearly_the_same_phrasing_in_two_entries_is_reported(tmp_path: Path, one: str, other: str) -> None:
    first, second = FIRST | {"phrasings": [*PHRASINGS, one]}, SECOND | {"phrasings": [*SECOND["phrasings"], other]}
    [problem] = problems(tmp_path, first, second)
    assert f"{one!r}" in problem
    assert f"{other!r}" in problem
    assert "entry first" in problem
    assert "entry second" in problem


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "what did the chief say of the deferred revenue in Q3",
            "what did the chief say of the deferred revenue in Q4",
        ),
        ("the deferred revenue as of the third quarter close", "the deferred revenue as of the fourth quarter close"),
        ("what does the staff of the agency ask in comment 21", "what does the staff of the agency ask in comment 22"),
        (
            "what is the staff's problem with page F-37 of the filing",
            "what is the staff's problem with page 37 of the filing",
        ),
        ("the whole of the GAAP operating loss we reported", "the whole of the non-GAAP operating loss we reported"),
        ("by how much did it change year over year, in %", "by how much did it change year over year, in $"),
        ("could you describe the B-Series products for me", "could you describe the E-Series products for me"),
    ],
)
def test_a_period_figure_or_number_makes_phrasings_different(tmp_path: Path, one: str, other: str) -> None:
    first, second = FIRST | {"phrasings": [*PHRASINGS, one]}, SECOND | {"phrasings": [*SECOND["phrasings"], other]}
    assert problems(tmp_path, first, second) == []


def test_a_phrasing_that_an_entry_repeats_is_its_own_affair(tmp_path: Path) -> None:
    assert problems(tmp_path, FIRST | {"phrasings": [*PHRASINGS, *PHRASINGS]}) == []


def test_figures_that_disagree_are_reported_until_a_note_explains_them(tmp_path: Path) -> None:
    other = SECOND | {"value": 4.0}
    [problem] = problems(tmp_path, FIRST, other)
    assert "entry second: gives 4.0 USD million for revenue, but entry first gives 5.0" in problem
    assert problems(tmp_path, FIRST, other | {"note": "A year earlier."}) == []


@pytest.mark.parametrize("change", [{"period": "Q1 2019"}, {"basis": "GAAP"}, {"said_by": "Ann Lee"}, {"unit": "%"}])
def test_figures_of_another_period_basis_speaker_or_unit_may_differ(tmp_path: Path, change: dict[str, str]) -> None:
    assert problems(tmp_path, FIRST, SECOND | {"value": 4.0} | change) == []


def test_the_packaged_library_passes() -> None:
    assert review(read_library(PACKAGED)) == []


def test_a_phrasing_that_another_entry_takes_is_named(tmp_path: Path) -> None:
    stray = "bottom of the firm"
    folder = write_library(tmp_path / "library", FIRST | {"phrasings": [*PHRASINGS, stray]}, SECOND)
    [problem] = claimed(read_library(folder), Knowledge.load(folder, tmp_path / "data"))
    assert re.search(rf"entry \w+: {stray!r} is taken for \w+$", problem)
