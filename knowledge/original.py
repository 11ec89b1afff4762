"""The original documents: proof that an excerpt stands in one, word for word, and where."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.entry import Document
from knowledge.errors import LibraryError
from knowledge.library import Library

MAX_EXCERPT_WORDS = 60
TYPOGRAPHY = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "—": "-", "–": "-", "\u00a0": " "})


def fold(text: str) -> str:
    """`text` with white space, quotation marks, dashes and escaped dollar signs made uniform; words stay."""
    plain = text.replace("\\$", "$").replace("**", "").translate(TYPOGRAPHY)
    return re.sub(r"\s+", " ", plain).strip()


@dataclass(frozen=True)
class Line:
    """A line of the file that is not empty: its number there, and where its folded text begins in the original's."""

    number: int
    start: int
    text: str


@dataclass(frozen=True)
class Original:
    """A document's own lines, folded; `text` is all of them with a space between."""

    document: Document
    lines: tuple[Line, ...]
    text: str

    @classmethod
    def read(cls, document: Document, content: str) -> Original:
        """The original of `document` from its file's content."""
        lines, start = [], 0
        for number, line in enumerate(content.split("\n"), 1):
            if text := fold(line):
                lines.append(Line(number, start, text))
                start += len(text) + 1
        return cls(document, tuple(lines), " ".join(line.text for line in lines))

    def find(self, passage: str) -> Iterator[tuple[int, int]]:
        """Start and end of every place where `passage` stands between word boundaries."""
        for match in re.finditer(rf"(?<!\w){re.escape(fold(passage))}(?!\w)", self.text):
            yield match.span()

    def holds(self, passage: str) -> bool:
        """Whether `passage` stands in the document between word boundaries."""
        return any(True for _ in self.find(passage))

    def line_number(self, position: int) -> int:
        """The number of the file's line in which a position of the text lies."""
        return self.lines[bisect_right(self.lines, position, key=lambda line: line.start) - 1].number


def read_originals(library: Library, sources: Path) -> dict[str, Original]:
    """The original of every document of the library; raises LibraryError naming each that is missing."""
    originals, problems = {}, []
    for document in library.documents.values():
        file = sources / document.file
        try:
            originals[document.id] = Original.read(document, file.read_text(encoding="utf-8"))
        except OSError as error:
            problems.append(f"{file}: the original of {document.id} cannot be read: {error.strerror}")
        except UnicodeDecodeError as error:
            problems.append(f"{file}: the original of {document.id} is not UTF-8 text (byte {error.start})")
    if problems:
        raise LibraryError(problems)
    return originals


def prove(library: Library, originals: dict[str, Original]) -> list[str]:
    """What is wrong with excerpts and omitted passages, a line each, naming file, line and entry."""
    problems = []
    for entry in library.entries.values():
        for number, citation in enumerate(entry.citations):
            place = library.places[entry.id].at("citations", number, "excerpt")
            where = f"{place}: entry {entry.id}, citation {number + 1}"
            words = len(citation.excerpt.split())
            if words > MAX_EXCERPT_WORDS:
                problems.append(f"{where}: the excerpt has {words} words, at most {MAX_EXCERPT_WORDS} are allowed")
            if not originals[citation.document].holds(citation.excerpt):
                problems.append(f"{where}: the excerpt is not in {citation.document}: {citation.excerpt[:80]!r}")
    for name, omission in library.omissions.items():
        if not originals[omission.document].holds(omission.text):
            where = f"{library.places[name].at('text')}: {name}"
            problems.append(f"{where}: the text is not in {omission.document}: {omission.text[:80]!r}")
    return problems
