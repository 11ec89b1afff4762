"""A staff letter as its numbered comments, and where they stand in the original."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.original import Original

STOPS = tuple('.:;?!"')
NUMBERED = re.compile(r"(\d+)\. +(?=\S)")


@dataclass(frozen=True)
class Comment:
    """A numbered comment; `label` is where its number begins, `start` and `end` bound its text."""

    number: int
    label: int
    start: int
    end: int


def comments(original: Original) -> Iterator[Comment]:
    """The comments in their order, each up to the next, to the headings before it or to a line such as `* * *`.

    Only a line with the number that comes next begins a comment, and a line without a stop at its end ends none.
    """
    number, label, start, end = 0, 0, len(original.text), 0
    for line in original.lines:
        match = NUMBERED.match(line.text)
        begins = match is not None and int(match[1]) == number + 1
        ends = re.search(r"\w", line.text) is None
        if (begins or ends) and end > start:
            yield Comment(number, label, start, end)
        if match and begins:
            number, label, start = number + 1, line.start, line.start + match.end()
        if ends:
            start = len(original.text)
        if line.text.endswith(STOPS):
            end = line.start + len(line.text)
    if end > start:
        yield Comment(number, label, start, end)
