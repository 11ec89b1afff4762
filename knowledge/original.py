"""The original documents: proof that an excerpt stands in one, word for word."""

from __future__ import annotations

import re
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
class Original:
    """A document's own text, folded."""

    document: Document
    text: str

    def holds(self, excerpt: str) -> bool:
        """Whether `excerpt` stands in the document between word boundaries."""
        return re.search(rf"(?<!\w){re.escape(fold(excerpt))}(?!\w)", self.text) is not None


def read_originals(library: Library, sources: Path) -> dict[str, Original]:
    """The original of every document of the library; raises LibraryError naming each that is missing."""
    originals, problems = {}, []
    for document in library.documents.values():
        file = sources / document.file
        try:
            originals[document.id] = Original(document, fold(file.read_text(encoding="utf-8")))
        except OSError as error:
            problems.append(f"{file}: the original of {document.id} cannot be read: {error.strerror}")
        except UnicodeDecodeError as error:
            problems.append(f"{file}: the original of {document.id} is not UTF-8 text (byte {error.start})")
    if problems:
        raise LibraryError(problems)
    return originals


def prove(library: Library, sources: Path) -> list[str]:
    """What is wrong with the excerpts, a line each, naming file and entry; empty when every excerpt is proven."""
    originals = read_originals(library, sources)
    problems = []
    for entry in library.entries.values():
        for number, citation in enumerate(entry.citations, 1):
            where = f"{library.places[entry.id]}: entry {entry.id}, citation {number}"
            words = len(citation.excerpt.split())
            if words > MAX_EXCERPT_WORDS:
                problems.append(f"{where}: the excerpt has {words} words, at most {MAX_EXCERPT_WORDS} are allowed")
            if not originals[citation.document].holds(citation.excerpt):
                problems.append(f"{where}: the excerpt is not in {citation.document}: {citation.excerpt[:80]!r}")
    return problems
