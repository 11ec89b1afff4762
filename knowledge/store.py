"""The library compiled into one SQLite file: quick to open, readable with Datasette, rebuilt when sources change."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from knowledge.entry import Absence, Document, Entry, Term
from knowledge.errors import StoreError
from knowledge.library import Library, digest, read_library

JSON_COLUMNS = ("synonyms", "value", "derivation")


def open_library(folder: Path, data: Path) -> tuple[Library, Path]:
    """The library and its compiled file under `data`, compiled first when text files or code have changed.

    The file's name carries the digest of its sources, and it appears by renaming: no process ever sees half of one.
    """
    fingerprint = digest(folder)
    file = data / f"library-{fingerprint[:16]}.db"
    if file.exists():
        try:
            return _load(file), file
        except sqlite3.DatabaseError:
            pass  # damaged from outside: compile it again
    library = read_library(folder)
    _compile(library, file, fingerprint)
    return library, file


def _compile(library: Library, file: Path, fingerprint: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent, prefix="compile-") as folder:
            unfinished = Path(folder) / file.name
            database = Database(unfinished)
            _write(database, library, fingerprint)
            database.close()
            os.replace(unfinished, file)
        for old in file.parent.glob("library-*.db"):
            if old != file:
                old.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{file.parent}: cannot write the compiled library there: {error}") from error


def _write(database: Database, library: Library, fingerprint: str) -> None:
    entries, absences, phrasings, citations = [], [], [], []
    for entry in library.entries.values():
        row = entry.model_dump(mode="json", exclude={"phrasings", "citations"})
        entries.append(row | {column: json.dumps(row[column]) for column in JSON_COLUMNS})
        citations += [{"entry": entry.id, **citation.model_dump(mode="json")} for citation in entry.citations]
    for absence in library.absences.values():
        absences.append(absence.model_dump(mode="json", exclude={"phrasings"}))
    for owner in (*library.entries.values(), *library.absences.values()):
        phrasings += [{"owner": owner.id, "text": text} for text in owner.phrasings]
    with database.conn:
        database.table("library").insert({"digest": fingerprint})
        database.table("documents").insert_all(
            [item.model_dump(mode="json") for item in library.documents.values()], pk="id"
        )
        database.table("entries").insert_all(entries, pk="id")
        database.table("absences").create(
            {"id": str, "topic": str, "question": str, "answer": str, "nearest": str}, pk="id"
        )
        database.table("absences").insert_all(absences)
        database.table("terms").create({"term": str, "words": str, "never": str}, pk="term")
        database.table("terms").insert_all([term.model_dump(mode="json") for term in library.terms.values()])
        database.table("phrasings").insert_all(phrasings)
        database.table("citations").insert_all(
            citations, foreign_keys=[("entry", "entries", "id"), ("document", "documents", "id")]
        )
        database.table("entries").enable_fts(["question", "answer"], tokenize="porter unicode61")
        database.table("phrasings").enable_fts(["text"], tokenize="porter unicode61")
        database.table("phrasings").create_index(["owner"])
        database.table("citations").create_index(["entry"])


def _load(file: Path) -> Library:
    connection = sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        phrasings: dict[str, list[str]] = {}
        for owner, text in connection.execute("select owner, text from phrasings order by rowid"):
            phrasings.setdefault(owner, []).append(text)
        citations: dict[str, list[dict[str, Any]]] = {}
        for row in _rows(connection, "select * from citations order by rowid", ("pages",)):
            citations.setdefault(row.pop("entry"), []).append(row)
        documents = _rows(connection, "select * from documents order by id", ("people",))
        entries = _rows(connection, "select * from entries order by id", JSON_COLUMNS)
        absences = _rows(connection, "select * from absences order by id", ("nearest",))
        terms = _rows(connection, "select * from terms order by term", ("words", "never"))
        return Library(
            documents={row["id"]: Document.model_validate(row) for row in documents},
            entries={
                row["id"]: Entry.model_validate(
                    row | {"phrasings": phrasings[row["id"]], "citations": citations[row["id"]]}
                )
                for row in entries
            },
            terms={row["term"]: Term.model_validate(row) for row in terms},
            absences={row["id"]: Absence.model_validate(row | {"phrasings": phrasings[row["id"]]}) for row in absences},
        )
    finally:
        connection.close()


def _rows(connection: sqlite3.Connection, query: str, json_columns: tuple[str, ...]) -> list[dict[str, Any]]:
    return [dict(row) | {name: json.loads(row[name]) for name in json_columns} for row in connection.execute(query)]
