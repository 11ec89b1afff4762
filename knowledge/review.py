"""What is wrong with the library as a whole: too few phrasings, one phrasing twice, figures that disagree."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from rapidfuzz import fuzz, process

from knowledge.entry import Absence, Entry
from knowledge.knowledge import Knowledge
from knowledge.library import NUMBER_WORDS, Library

MIN_PHRASINGS = 8
ALIKE = 97.0
"""From this likeness of 0 to 100 on, two phrasings are the same question in nearly the same letters."""
LONGEST = 200 / ALIKE - 1
"""How many times longer the longer of two such phrasings can be."""
IDLE = frozenset("a an the please".split())
TELLING = frozenset(
    [
        *NUMBER_WORDS,
        *"first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth".split(),
        *"fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth last next previous prior".split(),
        *"january february march april may june july august september october november december".split(),
        *"year quarter half non gaap not no un up down high low higher lower more less most least over under".split(),
        *"begin end before after ceo cfo who what when where which why how".split(),
    ]
)
"""Words that, as figures and single letters do, make two questions different when only one of them has them."""


class _Phrasing(NamedTuple):
    owner: Entry | Absence
    path: tuple[str | int, ...]
    text: str
    words: str


def review(library: Library) -> list[str]:
    """What a curator should mend, a line each, naming file, line and entry."""
    return [*_too_few(library), *_alike(library), *_disagreeing(library)]


def claimed(library: Library, knowledge: Knowledge) -> Iterator[str]:
    """Phrasings for which another entry is more probable than their own, or for an absence any entry; a line each."""
    for owner in library.owners:
        for number, text in enumerate(owner.phrasings):
            first = knowledge.ranker.rank(knowledge.read(text)).candidates[0].owner
            lacking = isinstance(first, Absence) and isinstance(owner, Absence)
            if first.id != owner.id and not lacking:
                where = f"{library.places[owner.id].at('phrasings', number)}: entry {owner.id}"
                yield f"{where}: {text!r} is taken for {first.id}"


def _too_few(library: Library) -> Iterator[str]:
    for entry in library.entries.values():
        if len(entry.phrasings) < MIN_PHRASINGS:
            where = f"{library.places[entry.id].at('phrasings')}: entry {entry.id}"
            yield f"{where}: has {len(entry.phrasings)} phrasings, at least {MIN_PHRASINGS} are needed"


def _alike(library: Library) -> Iterator[str]:
    for first, second in _pairs(library):
        where = f"{library.places[first.owner.id].at(*first.path)}: entry {first.owner.id}"
        other = f"entry {second.owner.id}, {library.places[second.owner.id].at(*second.path)}"
        yield f"{where}: {first.text!r} is nearly {second.text!r} of {other}"


def _pairs(library: Library) -> Iterator[tuple[_Phrasing, _Phrasing]]:
    """Phrasings of different entries that are alike, compared only where figures, periods and lengths allow it."""
    groups: dict[frozenset[str], list[_Phrasing]] = {}
    for owner in library.owners:
        questions: list[tuple[tuple[str | int, ...], str]] = [(("question",), owner.question)]
        questions += [(("phrasings", number), text) for number, text in enumerate(owner.phrasings)]
        for path, text in questions:
            words = _words(text)
            phrasing = _Phrasing(owner, path, text, " ".join(words))
            telling = frozenset(word for word in words if word in TELLING or len(word) == 1 or re.search(r"\d", word))
            groups.setdefault(telling, []).append(phrasing)
    for phrasings in groups.values():
        phrasings.sort(key=lambda phrasing: len(phrasing.words))
        texts = [phrasing.words for phrasing in phrasings]
        lengths = [len(text) for text in texts]
        for number, phrasing in enumerate(phrasings):
            end = bisect_right(lengths, lengths[number] * LONGEST)
            matches = process.extract(
                phrasing.words, texts[number + 1 : end], scorer=fuzz.ratio, score_cutoff=ALIKE, limit=None
            )
            for _, _, further in matches:
                other = phrasings[number + 1 + further]
                if other.owner.id != phrasing.owner.id:
                    yield phrasing, other


def _disagreeing(library: Library) -> Iterator[str]:
    figures: dict[tuple[object, ...], list[Entry]] = {}
    for entry in library.entries.values():
        if entry.metric is not None:
            key = (entry.metric, entry.unit, entry.period, entry.basis, entry.statement, entry.said_by)
            figures.setdefault(key, []).append(entry)
    for entries in figures.values():
        for first, second in combinations(entries, 2):
            if first.value != second.value and first.note is None and second.note is None:
                where = library.places[second.id].at("value")
                yield (
                    f"{where}: entry {second.id}: gives {second.value} {second.unit} for {second.metric}, but entry "
                    f"{first.id} gives {first.value}: explain it in the note of one of them"
                )


def _words(text: str) -> list[str]:
    words = re.findall(r"[a-z]-\d+|[a-z0-9]+(?:\.[0-9]+)?|[%$]", text.lower().replace("'", "").replace("’", ""))
    return [word for word in words if word not in IDLE]
