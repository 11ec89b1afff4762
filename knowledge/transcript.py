"""A call transcript as its turns: who speaks, and where in the original."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.original import Original

SPEAKER = re.compile(r"(?P<name>[A-Z][\w.' ]{1,40}?) - (?P<firm>[^?!]{2,60}) - (?P<role>[^?!]{2,60})")
OPERATOR = "Operator"


@dataclass(frozen=True)
class Turn:
    """What one speaker says without a break; `start` and `end` are positions in the original's text."""

    speaker: str
    firm: str | None
    start: int
    end: int


def turns(original: Original) -> Iterator[Turn]:
    """The turns of a transcript in their order: a speaker's line, then paragraphs up to the next or to a heading.

    A line in capitals, such as QUESTIONS AND ANSWERS, is a heading; empty lines and page breaks end nothing.
    """
    speaker, firm, start, end = "", None, 0, 0
    for line in original.lines:
        match = SPEAKER.fullmatch(line.text)
        if match or line.text == OPERATOR or line.text.isupper():
            if speaker and end > start:
                yield Turn(speaker, firm, start, end)
            speaker = match["name"] if match else OPERATOR if line.text == OPERATOR else ""
            firm = match["firm"] if match else None
            start = end = line.start + len(line.text) + 1
        else:
            end = line.start + len(line.text)
    if speaker and end > start:
        yield Turn(speaker, firm, start, end)
