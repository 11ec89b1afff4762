"""What of a document no excerpt covers yet: figures, sentences of management's turns, numbered comments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.letter import Comment, comments
from knowledge.library import Library
from knowledge.original import Original
from knowledge.transcript import Turn, turns

TURN_WORDS = 15
"""A turn of management's with so many words must be cited."""
SENTENCE_WORDS = 8
"""And in it, at least half of every sentence with so many words."""
CONTEXT = 45
"""Characters shown on either side of a figure."""
FIGURE = re.compile(r"\w\S*\d\S*|\d\S*")
SENTENCE = re.compile(r"\S.*?(?:[.?!](?= )|$)")
CITED = "cited"


@dataclass(frozen=True)
class Gap:
    """A passage that no excerpt covers: the file's line, what it is, and its words."""

    line: int
    what: str
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}: {self.text}"


@dataclass(frozen=True)
class Finding:
    """A figure, turn or comment looked at: what of it is not cited, or whether it was left out on purpose."""

    gaps: tuple[Gap, ...]
    left_out: bool = False


@dataclass(frozen=True)
class Coverage:
    """How far excerpts cover a document: findings by what was looked at, passages left out by their reason."""

    document: str
    findings: dict[str, tuple[Finding, ...]]
    omitted: dict[str, int]

    @property
    def gaps(self) -> list[Gap]:
        """Everything that no excerpt covers, in the document's order."""
        gaps = [gap for findings in self.findings.values() for finding in findings for gap in finding.gaps]
        return sorted(gaps, key=lambda gap: gap.line)

    @property
    def summary(self) -> str:
        """The counts in one line."""
        counts = []
        for what, findings in self.findings.items():
            uncovered = sum(bool(finding.gaps) for finding in findings)
            left_out = sum(finding.left_out for finding in findings)
            counts.append(f"{len(findings)} {what}, {uncovered} not cited, {left_out} left out")
        return f"{self.document}: {'; '.join(counts)}"


def cover(library: Library, original: Original) -> Coverage:
    """What the library's excerpts cover of one original."""
    return _Reading(library, original).coverage()


class _Reading:
    """An original with a mark for each of its characters: cited, the reason why it is left out, or none."""

    def __init__(self, library: Library, original: Original) -> None:
        document = original.document
        self.original, self.document = original, document
        self.marks: list[str | None] = [None] * len(original.text)
        self.numbered: dict[int, list[tuple[int, int]]] = {}
        omissions = [omission for omission in library.omissions.values() if omission.document == document.id]
        self.omitted = dict(Counter(omission.reason for omission in omissions))
        for omission in omissions:
            self._mark(omission.text, omission.reason)
        for entry in library.entries.values():
            for citation in entry.citations:
                if citation.document == document.id:
                    spans = self._mark(citation.excerpt, CITED)
                    if citation.comment is not None:
                        self.numbered.setdefault(citation.comment, []).extend(spans)

    def _mark(self, passage: str, mark: str) -> list[tuple[int, int]]:
        spans = list(self.original.find(passage))
        for start, end in spans:
            self.marks[start:end] = [mark] * (end - start)
        return spans

    def coverage(self) -> Coverage:
        kind = self.document.kind.lower()
        numbered = list(comments(self.original)) if "letter" in kind else []
        spoken = [turn for turn in turns(self.original) if self._must_be_cited(turn)] if "transcript" in kind else []
        findings = {"figures": tuple(self._figures({comment.label for comment in numbered}))}
        if "transcript" in kind:
            findings["management turns"] = tuple(self._turn(turn) for turn in spoken)
        if "letter" in kind:
            findings["comments"] = tuple(self._comment(comment) for comment in numbered)
        return Coverage(self.document.id, findings, self.omitted)

    def _figures(self, labels: set[int]) -> Iterator[Finding]:
        """Every word with a digit, save the numbers that comments bear."""
        text = self.original.text
        for match in FIGURE.finditer(text):
            start, end = match.start(), match.start() + len(match[0].rstrip(".,;:?!-\"')"))
            if start in labels:
                continue
            marks = set(self.marks[start:end]) - {CITED}
            before = text[max(start - CONTEXT, 0) : start].partition(" ")[2]
            after = text[end : end + CONTEXT].rpartition(" ")[0]
            gap = Gap(self.original.line_number(start), "figure", f"… {before}[{text[start:end]}]{after} …")
            yield Finding((gap,)) if None in marks else Finding((), left_out=bool(marks))

    def _must_be_cited(self, turn: Turn) -> bool:
        management = turn.firm is not None and turn.firm.startswith(self.document.company)
        return management and len(self.original.text[turn.start : turn.end].split()) >= TURN_WORDS

    def _turn(self, turn: Turn) -> Finding:
        return self._passage(turn.speaker, turn.start, turn.end)

    def _comment(self, comment: Comment) -> Finding:
        finding = self._passage(f"comment {comment.number}", comment.start, comment.end)
        spans = self.numbered.get(comment.number, [])
        if finding.left_out or any(comment.start <= start and end <= comment.end for start, end in spans):
            return finding
        words = self.original.text[comment.start : comment.end]
        what = f"comment {comment.number}, no citation with its number lies in it"
        return Finding((Gap(self.original.line_number(comment.start), what, _first(words)), *finding.gaps))

    def _passage(self, what: str, start: int, end: int) -> Finding:
        """The sentences of a passage that are not cited; or all of it, when nothing in it is."""
        marks = set(self.marks[start:end]) - {None}
        if not marks:
            return Finding((Gap(self.original.line_number(start), what, _first(self.original.text[start:end])),))
        gaps = []
        for sentence in SENTENCE.finditer(self.original.text[start:end]):
            words = [self.marks[start + sentence.start() + word.start()] for word in re.finditer(r"\S+", sentence[0])]
            if len(words) >= SENTENCE_WORDS and words.count(None) * 2 > len(words):
                line = self.original.line_number(start + sentence.start())
                gaps.append(Gap(line, what, _first(sentence[0])))
        return Finding(tuple(gaps), left_out=not gaps and CITED not in marks)


def _first(text: str, words: int = 15) -> str:
    """The first words of `text`."""
    split = text.split()
    return " ".join(split[:words]) + (" …" if len(split) > words else "")
