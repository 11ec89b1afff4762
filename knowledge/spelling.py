"""Corrects typing errors: a word that nobody knows becomes the nearest that is known, the library's words first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

MIN_LETTERS = 4
MAX_LETTERS = 30
ENDINGS = ("s", "es", "d", "ed", "ing", "ly")
"""A known word with one of these is known too."""
LONG_WORD = 7
"""From here on two slips are allowed, below it one."""
_WORD = re.compile(r"[^\W\d_]+")


class Speller:
    """Knows the library's words and the language's, the commoner first; never changes a known word."""

    def __init__(self, texts: Iterable[str], language: Sequence[str]) -> None:
        counts = Counter(word for text in texts for word in _WORD.findall(text.lower()))
        common = [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
        self._known = frozenset(counts) | frozenset(language)
        self._library, self._language = _Vocabulary(common), _Vocabulary(language)

    def correct(self, text: str) -> str:
        """`text` in which each unknown word is the nearest of the library or the language, if one is near enough."""
        return _WORD.sub(lambda match: self._word(match.group()), text)

    def _word(self, word: str) -> str:
        lower = word.lower()
        if not MIN_LETTERS <= len(lower) <= MAX_LETTERS or self._is_known(lower):
            return word
        near = self._library.nearest(lower, 1)
        if near is None and len(lower) >= LONG_WORD:
            near = self._library.nearest(lower, 2)
        return near or self._language.nearest(lower, 1) or word

    def _is_known(self, word: str) -> bool:
        return word in self._known or any(word.endswith(end) and word[: -len(end)] in self._known for end in ENDINGS)


class _Vocabulary:
    """Words, the commoner first, to look for the nearest in."""

    def __init__(self, words: Iterable[str]) -> None:
        self._rank = {word: rank for rank, word in enumerate(words) if len(word) >= MIN_LETTERS and word.isalpha()}
        self._words: dict[tuple[str, int], list[str]] = {}
        for word in self._rank:
            self._words.setdefault((word[0], len(word)), []).append(word)

    def nearest(self, word: str, slips: int) -> str | None:
        """The word within so many slips: the fewest, then the commonest. The first letter is taken to be right."""
        found = [
            (int(match[1]), self._rank[match[0]], match[0])
            for length in range(len(word) - slips, len(word) + slips + 1)
            for match in process.extract_iter(
                word, self._words.get((word[0], length), ()), scorer=OSA.distance, score_cutoff=slips
            )
        ]
        return min(found)[2] if found else None
