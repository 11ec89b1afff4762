"""The library compiled into one SQLite file: quick to open, readable with Datasette, rebuilt when sources change."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

from knowledge.encoder import WIDTH, encoder_id, tuned_minilm
from knowledge.entry import Absence, Document, Entry, Term
from knowledge.errors import StoreError
from knowledge.grams import Grams
from knowledge.library import Library, digest, read_library
from knowledge.matcher import Matcher

JSON_COLUMNS = ("synonyms", "value", "derivation")
Arrays = dict[str, NDArray[Any]]


def is_compiled(folder: Path, data: Path) -> bool:
    """Whether `open_library` will be quick."""
    return _file(data, digest(folder)).exists()


def open_library(folder: Path, data: Path) -> tuple[Library, Matcher[str]]:
    """The library and its matcher, compiled into a file under `data` first when text files or code have changed.

    The file's name carries the digest of its sources, and it appears by renaming: no process ever sees half of one.
    All of it is read here, so that a running process never needs the file again.
    """
    fingerprint = digest(folder)
    file = _file(data, fingerprint)
    if file.exists():
        with contextlib.suppress(sqlite3.DatabaseError):  # damaged from outside: compile it again
            return _load(file)
    _compile(read_library(folder), file, fingerprint)
    return _load(file)


def _file(data: Path, fingerprint: str) -> Path:
    return data / f"library-{fingerprint[:16]}.db"


def _compile(library: Library, file: Path, fingerprint: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        earlier = [old for old in file.parent.glob("library-*.db") if old != file]
        with tempfile.TemporaryDirectory(dir=file.parent, prefix="compile-") as folder:
            unfinished = Path(folder) / file.name
            database = Database(unfinished)
            _write(database, library, fingerprint)
            _write_arrays(database, _arrays(library, _known_vectors(earlier)))
            database.close()
            os.replace(unfinished, file)
        for old in earlier:
            old.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{file.parent}: cannot write the compiled library there: {error}") from error


def _arrays(library: Library, known: dict[str, NDArray[Any]]) -> Arrays:
    """The vector of every text, and their n-grams."""
    texts = [text for _, owned in _items(library) for text in owned]
    new = [text for text in texts if text not in known]
    known |= zip(new, tuned_minilm().encode(new).astype(np.float16), strict=True)
    vectors = np.stack([known[text] for text in texts])
    return {"vectors": vectors, **Grams(texts).arrays}


def _known_vectors(files: list[Path]) -> dict[str, NDArray[Any]]:
    """What earlier files hold from the same encoder, so that only new texts have to be encoded."""
    known: dict[str, NDArray[Any]] = {}
    for file in files:
        with contextlib.suppress(sqlite3.Error), contextlib.closing(_open(file)) as connection:
            [(encoder,)] = connection.execute("select encoder from library")
            if encoder == encoder_id():
                texts = [text for _, owned in _items(_library(connection)) for text in owned]
                known |= zip(texts, _read_arrays(connection)["vectors"].reshape(-1, WIDTH), strict=True)
    return known


def _items(library: Library) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every entry and absence with all that it may be asked by."""
    for owner in library.owners:
        yield owner.id, (owner.question, *owner.phrasings)


def _write(database: Database, library: Library, fingerprint: str) -> None:
    entries, phrasings, citations = [], [], []
    for entry in library.entries.values():
        row = entry.model_dump(mode="json", exclude={"phrasings", "citations"})
        entries.append(row | {column: json.dumps(row[column]) for column in JSON_COLUMNS})
        citations += [{"entry": entry.id, **citation.model_dump(mode="json")} for citation in entry.citations]
    for owner in library.owners:
        phrasings += [{"owner": owner.id, "text": text} for text in owner.phrasings]
    with database.conn:
        database.table("library").insert({"digest": fingerprint, "encoder": encoder_id()})
        database.table("documents").insert_all(
            [document.model_dump(mode="json") for document in library.documents.values()], pk="id"
        )
        database.table("entries").insert_all(entries, pk="id")
        database.table("absences").create(
            {"id": str, "topic": str, "question": str, "answer": str, "nearest": str}, pk="id"
        )
        database.table("absences").insert_all(
            [absence.model_dump(mode="json", exclude={"phrasings"}) for absence in library.absences.values()]
        )
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


def _write_arrays(database: Database, arrays: Arrays) -> None:
    rows = [{"name": name, "type": array.dtype.str, "data": array.tobytes()} for name, array in arrays.items()]
    with database.conn:
        database.table("arrays").insert_all(rows, pk="name")


def _load(file: Path) -> tuple[Library, Matcher[str]]:
    with contextlib.closing(_open(file)) as connection:
        library, arrays = _library(connection), _read_arrays(connection)
    vectors = arrays.pop("vectors").reshape(-1, WIDTH).astype(np.float32)
    return library, Matcher(_items(library), tuned_minilm(), vectors=vectors, grams=Grams.of(arrays))


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def _library(connection: sqlite3.Connection) -> Library:
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
    for row in (*entries, *absences):
        row["phrasings"] = phrasings[row["id"]]
    for row in entries:
        row["citations"] = citations[row["id"]]
    return Library(
        documents={row["id"]: Document.model_validate(row) for row in documents},
        entries={row["id"]: Entry.model_validate(row) for row in entries},
        absences={row["id"]: Absence.model_validate(row) for row in absences},
        terms={row["term"]: Term.model_validate(row) for row in terms},
    )


def _read_arrays(connection: sqlite3.Connection) -> Arrays:
    rows = connection.execute("select name, type, data from arrays")
    return {name: np.frombuffer(data, dtype=np.dtype(kind)) for name, kind, data in rows}


def _rows(connection: sqlite3.Connection, query: str, json_columns: tuple[str, ...]) -> list[dict[str, Any]]:
    return [dict(row) | {name: json.loads(row[name]) for name in json_columns} for row in connection.execute(query)]
