from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge import Knowledge, LibraryError, StoreError
from knowledge.library import PACKAGED, digest, evaluate, read_library, value_stands_in

DOCUMENT: dict[str, Any] = {
    "id": "acme-call",
    "company": "Acme",
    "kind": "Call",
    "title": "Acme call",
    "date": "2020-05-01",
    "file": "acme.txt",
    "period": "Q1 2020",
}
ENTRY: dict[str, Any] = {
    "id": "q1-revenue",
    "kind": "metric",
    "topic": "revenue",
    "question": "What was revenue in the first quarter of 2020?",
    "answer": "Revenue was $5.0 million.",
    "metric": "revenue",
    "value": 5.0,
    "unit": "USD million",
    "period": "Q1 2020",
    "statement": "Reported",
    "phrasings": ["first quarter sales"],
    "citations": [{"section": "Results", "excerpt": "Revenue was $5.0 million, against $4.0 million."}],
}


def write_library(folder: Path, *entries: dict[str, Any], document: dict[str, Any] | None = None) -> Path:
    place = folder / "acme-call"
    place.mkdir(parents=True, exist_ok=True)
    (place / "document.yaml").write_text(yaml.safe_dump(document or DOCUMENT))
    (place / "revenue.yaml").write_text(yaml.safe_dump(list(entries), sort_keys=False))
    return folder


def test_a_right_entry_is_read_with_its_place(tmp_path: Path) -> None:
    library = read_library(write_library(tmp_path, ENTRY))
    entry = library.entries["q1-revenue"]
    assert entry.labels == ["Q1 2020", "Reported"]
    assert entry.citations[0].document == "acme-call"
    assert library.places["q1-revenue"].at().endswith("revenue.yaml:1")


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"citations": []}, "citations", "at least 1 item"),
        ({"phrasings": ["sales", " "]}, "phrasings.1", "at least 1 character"),
        ({"citations": [ENTRY["citations"][0] | {"document": "nowhere"}]}, "citations.0.document", "no document"),
        ({"value": 6.0}, "value", "does not occur in an excerpt"),
        ({"value": [4, 6]}, "value", "does not occur in an excerpt"),
        ({"unit": None}, "", "unit: a metric needs it"),
        ({"period": "Q5 2020"}, "period", "match pattern"),
        ({"colour": "blue"}, "colour", "not permitted"),
        ({"statement": "Derived"}, "", "derivation"),
    ],
)
def test_a_wrong_entry_is_refused_by_file_entry_and_field(
    tmp_path: Path, change: dict[str, Any], field: str, message: str
) -> None:
    with pytest.raises(LibraryError) as refusal:
        read_library(write_library(tmp_path, ENTRY | change))
    assert "revenue.yaml:" in str(refusal.value)
    assert f"entry q1-revenue, {field}" in str(refusal.value) or not field
    assert message in str(refusal.value)


def test_an_id_used_twice_is_refused_naming_both_places(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match=r"q1-revenue, id: stands already at acme-call/revenue\.yaml:1"):
        read_library(write_library(tmp_path, ENTRY, ENTRY))


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(LibraryError) as refusal:
        read_library(write_library(tmp_path, ENTRY | {"value": 6.0}, ENTRY | {"id": "Bad Id"}))
    assert len(refusal.value.problems) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- id: [", "revenue.yaml:2"),
        ("- id: a\n  id: b\n", "revenue.yaml:2: id: stands twice"),
        ("just words", "must be a list of entries"),
        ("- just words", "must be a mapping"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    (write_library(tmp_path, ENTRY) / "acme-call" / "revenue.yaml").write_text(text)
    with pytest.raises(LibraryError) as refusal:
        read_library(tmp_path)
    assert message in str(refusal.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (write_library(tmp_path, ENTRY) / "acme-call" / "revenue.yaml").write_bytes(b"- \xff\xfe")
    with pytest.raises(LibraryError, match="not UTF-8"):
        read_library(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="no document here"):
        read_library(tmp_path)


DERIVED = {
    "id": "revenue-change",
    "value": 0.5,
    "statement": "Derived",
    "derivation": {"inputs": {"now": "q1-revenue", "growth": "growth"}, "formula": "now * growth / 100", "decimals": 1},
}
GROWTH = {
    "id": "growth",
    "value": 10,
    "unit": "%",
    "metric": "revenue growth",
    "citations": [{"section": "Results", "excerpt": "It grew 10%."}],
}


def test_a_derived_value_is_computed_again(tmp_path: Path) -> None:
    library = read_library(write_library(tmp_path, ENTRY, ENTRY | GROWTH, ENTRY | DERIVED))
    assert library.entries["revenue-change"].value == 0.5


def test_a_derived_value_that_differs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match=r"revenue-change, value: is 0\.7, but the formula gives 0\.5"):
        read_library(write_library(tmp_path, ENTRY, ENTRY | GROWTH, ENTRY | DERIVED | {"value": 0.7}))


@pytest.mark.parametrize(
    ("formula", "result"), [("a + b * 2", 8), ("(a - b) / 2", -0.5), ("high(r) - low(r)", 4), ("-mid(r)", -10)]
)
def test_formulas_compute(formula: str, result: float) -> None:
    assert evaluate(formula, {"a": 2.0, "b": 3.0, "r": (8.0, 12.0)}) == result


@pytest.mark.parametrize("formula", ["a ** 9", "__import__('os')", "c", "a +", "r + 1", "low(a)"])
def test_formulas_that_are_none_are_refused(formula: str) -> None:
    with pytest.raises(ValueError, match=r"cannot compute|is no formula"):
        evaluate(formula, {"a": 2.0, "r": (1.0, 2.0)})


@pytest.mark.parametrize(
    ("value", "text", "stands"),
    [
        (1000.0, "over 1,000 customers", True),
        (2.0, "with two additions", True),
        (5.0, "up 5.5%", False),
        ((80.0, 82.0), "$80 million to $82 million", True),
        ("slightly positive", "to be slightly\npositive", True),
    ],
)
def test_a_value_must_stand_in_the_excerpt(value: Any, text: str, stands: bool) -> None:
    assert value_stands_in(value, text) is stands


def test_an_edit_changes_the_digest_and_the_answer(tmp_path: Path) -> None:
    library, data = write_library(tmp_path / "library", ENTRY), tmp_path / "data"
    before = digest(library)
    assert "5.0" in Knowledge.load(library, data).show("q1-revenue").text
    write_library(library, ENTRY | {"answer": "Revenue came to five million dollars."})
    assert digest(library) != before
    assert "five million" in Knowledge.load(library, data).show("q1-revenue").text
    assert [file.suffix for file in data.iterdir()] == [".db"]


def test_a_damaged_compiled_file_is_compiled_again(tmp_path: Path) -> None:
    library, data = write_library(tmp_path / "library", ENTRY), tmp_path / "data"
    Knowledge.load(library, data)
    next(data.iterdir()).write_bytes(b"no database")
    assert Knowledge.load(library, data).show("q1-revenue").status == "answered"


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file stands where the folder should")
    with pytest.raises(StoreError, match=r"data: cannot write"):
        Knowledge.load(write_library(tmp_path / "library", ENTRY), tmp_path / "data")


def test_the_compiled_library_holds_all_that_the_text_files_say(knowledge: Knowledge) -> None:
    library = read_library(PACKAGED)
    assert knowledge.documents == library.documents
    assert knowledge.entries == library.entries


def test_a_library_that_has_not_changed_is_not_compiled_again(tmp_path: Path) -> None:
    library, data = write_library(tmp_path / "library", ENTRY), tmp_path / "data"
    Knowledge.load(library, data)
    file = next(data.iterdir())
    compiled = file.stat()
    Knowledge.load(library, data)
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (compiled.st_ino, compiled.st_mtime_ns)
