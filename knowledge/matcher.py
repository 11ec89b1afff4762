"""Finds which of many phrasings, and so which key, a text means; knows nothing of companies or documents."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from knowledge.calibration import Calibration, Example
from knowledge.encoder import Encoder, Vectors, minilm
from knowledge.grams import Grams
from knowledge.neighbours import Compared, Indexed, Neighbours, Rows
from knowledge.spelling import Speller
from knowledge.wording import clean

Key = TypeVar("Key", bound=Hashable)
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

COMPARED = 50_000
"""Up to so many phrasings, every one is compared; beyond, an index proposes."""
BATCH = 4_096
NEIGHBOURS = 256
"""Phrasings looked at closely: those nearest in meaning and spelling."""
PROMISING = 1_024
"""So many are compared in full; which they are is told by fewer coordinates."""
SPARE = 64
"""So many more are drawn and then weighed in double precision, so that last bits decide neither rank nor membership."""
RIDGE_NEIGHBOURS = 64
RIDGE = 1.0
GRAM_WEIGHT = 0.4
DECIMALS = 4
"""Likeness is rounded to this, so that the last bits of a processor's arithmetic decide nothing."""
CALIBRATION_TEXTS = 500
BLEND = np.array([0.5, 0.5, GRAM_WEIGHT, 1.0])
"""What best, mean, gram and ridge count for before anything is learned."""
FEW = 50
"""With fewer phrasings only what the blend as a whole counts for is learned: they are too few to weigh each trait."""


class Match(NamedTuple, Generic[Key]):
    """A key with the probability, 0 to 1, that a text means it."""

    key: Key
    score: float


class Evidence(NamedTuple):
    """What speaks for each candidate key, as columns over the same rows.

    `best` and `mean` are cosines of meaning (the nearest phrasing, the three nearest), `gram` of spelling, 0 to 1;
    `ridge` is a kernel ridge regression's vote over the nearest phrasings, about 0 to 1.
    """

    owners: Rows
    best: Floats
    mean: Floats
    gram: Floats
    ridge: Floats

    @property
    def blend(self) -> Floats:
        """One number for each candidate, to rank by before anything else is known."""
        return (self.best + self.mean) / 2 + GRAM_WEIGHT * self.gram + self.ridge


class Views(NamedTuple):
    """Phrasings as seen from a text with this vector: their rows, likeness of meaning and of spelling."""

    vector: Vectors
    rows: Rows
    meaning: Floats
    spelling: Floats


class Matcher(Generic[Key]):
    """Phrasings of many keys, ready to be asked; safe to share between threads."""

    def __init__(
        self,
        items: Iterable[tuple[Key, Sequence[str]]],
        encoder: Encoder | None = None,
        vectors: Vectors | None = None,
        grams: Grams | None = None,
    ) -> None:
        """`vectors` and `grams`, when known already, are those of every phrasing in the order of `items`.

        Without `vectors` the phrasings are put in an order of their own: how `items` are ordered changes nothing.
        """
        if vectors is None:
            plain = {(key, clean(text)) for key, texts in items for text in texts}
            pairs = sorted((pair for pair in plain if pair[1]), key=lambda pair: (pair[1], repr(pair[0])))
            del plain
        else:
            pairs = [(key, text) for key, texts in items for text in texts]
        self.texts = [text for _, text in pairs]
        places: dict[Key, int] = {}
        owners = (places.setdefault(key, len(places)) for key, _ in pairs)
        self.owners = np.fromiter(owners, dtype=np.intp, count=len(pairs))
        self.keys: list[Key] = list(places)
        del pairs
        self._encoder = encoder or minilm()
        self._neighbours: Neighbours
        self._grams: Grams | None = None
        if len(self.texts) <= COMPARED:
            self._neighbours = Compared(self._encoder.encode(self.texts) if vectors is None else vectors)
            self._grams = grams or Grams(self.texts)
        else:
            self._neighbours = Indexed(self._batches() if vectors is None else [vectors])
        self.speller = Speller(self.texts, self._encoder.vocabulary)
        if vectors is None:
            _ = self._calibration

    def query(self, text: str, limit: int = 10) -> list[Match[Key]]:
        """The keys that `text` may mean, best first, at most `limit`.

        A score, 0 to 1, is the probability that any of the keys is meant, times the root of this key's share in it:
        that tells foreign texts from known ones better than the share itself would.
        """
        corrected = self.speller.correct(clean(text))
        if not corrected or not self.keys:
            return []
        evidence = self.evidence(corrected)
        chances = self._calibration.probabilities(*_traits(evidence))
        scores = np.round(np.sqrt(chances * chances.sum()), DECIMALS)
        ranked = sorted(zip(-scores, evidence.owners, strict=True))[:limit]
        return [Match(self.keys[owner], float(-score)) for score, owner in ranked]

    def evidence(self, text: str) -> Evidence:
        """What speaks for the keys nearest to `text`, already corrected."""
        return self._evidence(self._views(text, self._encoder.encode([text])[0]))

    def _views(self, text: str, vector: Vectors) -> Views:
        rows, meaning = self._neighbours.nearest(vector, NEIGHBOURS + SPARE)
        return Views(vector, rows, meaning, self._spelling(text, rows))

    def _evidence(self, views: Views, leave_out: Rows | None = None) -> Evidence:
        """`leave_out` are phrasings not to look at."""
        vector, rows, meaning, spelling = views
        if leave_out is not None:
            kept = np.isin(rows, leave_out, invert=True)
            rows, meaning, spelling = rows[kept], meaning[kept], spelling[kept]
        promising = _largest(meaning + np.float32(GRAM_WEIGHT) * spelling, PROMISING)
        rows, spelling = rows[promising], spelling[promising]
        full = self._neighbours.vectors(rows)
        around = _largest(full @ vector + np.float32(GRAM_WEIGHT) * spelling, NEIGHBOURS + SPARE)
        around = around[np.argsort(rows[around])]
        rows, spelling, vectors = rows[around], spelling[around], full[around].astype(np.float64)
        exact = vectors @ vector.astype(np.float64)
        near = _largest(np.round(exact + GRAM_WEIGHT * spelling, DECIMALS), NEIGHBOURS)
        cosines, grams = _rounded(exact[near]), _rounded(spelling[near])
        owners, places = np.unique(self.owners[rows[near]], return_inverse=True)
        best, gram = np.zeros(len(owners), np.float32), np.zeros(len(owners), np.float32)
        np.maximum.at(best, places, cosines)
        np.maximum.at(gram, places, grams)
        votes = np.zeros(len(near))
        votes[:RIDGE_NEIGHBOURS] = _votes(vectors[near[:RIDGE_NEIGHBOURS]], cosines[:RIDGE_NEIGHBOURS])
        ridge = _rounded(np.bincount(places, votes, minlength=len(owners)))
        return Evidence(owners, best, _mean_of_three(cosines, places, len(owners)), gram, ridge)

    def _spelling(self, text: str, rows: Rows) -> Floats:
        if self._grams is not None:
            return self._grams.scores(text)
        candidates = [self.texts[row].lower() for row in rows]
        ratios: Floats = process.cdist([text.lower()], candidates, scorer=fuzz.token_sort_ratio, dtype=np.float32)[0]
        return ratios / np.float32(100)

    def _batches(self) -> Iterator[Vectors]:
        for start in range(0, len(self.texts), BATCH):
            yield self._encoder.encode(self.texts[start : start + BATCH])

    @cached_property
    def _calibration(self) -> Calibration:
        """Learned from the phrasings themselves: each asked without itself, and without its key, when none is meant."""
        if not self.texts:
            return Calibration(BLEND, np.append(0.0, BLEND))
        asked = np.linspace(0, len(self.texts) - 1, min(len(self.texts), CALIBRATION_TEXTS)).astype(np.intp)
        examples: list[Example] = []
        for row in np.unique(asked):
            text, owner = self.texts[row], self.owners[row]
            own = np.flatnonzero(self.owners == owner)
            views = self._views(text, self._neighbours.vectors(np.array([row]))[0])
            if len(own) > 1:
                examples.append(_example(self._evidence(views, np.array([row])), owner))
            else:
                examples.append(_example(self.evidence(_worn(text)), owner))
            if len(self.keys) > 1:
                examples.append(_example(self._evidence(views, own), owner))
            else:
                examples.append(_example(self.evidence(text[::-1]), None))
        return Calibration.learned(examples) if len(self.texts) >= FEW else _learned_as_blend(examples)


def _example(evidence: Evidence, owner: int | None) -> Example:
    """Evidence with its right outcome: `owner` where it is among the candidates, otherwise none of them."""
    right = np.empty(0, dtype=np.intp) if owner is None else np.flatnonzero(evidence.owners == owner)
    return (*_traits(evidence), right)


def _learned_as_blend(examples: list[Example]) -> Calibration:
    blended = [
        (traits @ BLEND[:, None], np.array([1.0, whole[1:] @ BLEND]), right) for traits, whole, right in examples
    ]
    [weight], [bias, none_weight] = Calibration.learned(blended)
    return Calibration(weight * BLEND, np.append(bias, none_weight * BLEND))


def _worn(text: str) -> str:
    """`text` without every third word: a key's only phrasing as another might put it."""
    return " ".join(word for place, word in enumerate(text.split(), 1) if place % 3)


def _traits(evidence: Evidence) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The traits of each candidate, and those of the whole, by which probability is calibrated."""
    columns = np.column_stack([evidence.best, evidence.mean, evidence.gram, evidence.ridge]).astype(float)
    first = columns.max(axis=0, initial=0.0)
    return columns, np.array([1.0, *first])


def _votes(vectors: Doubles, cosines: Floats) -> Doubles:
    """What each phrasing adds in a kernel ridge regression of the keys over these phrasings."""
    kernel = vectors @ vectors.T + RIDGE * np.eye(len(vectors))
    votes: Doubles = np.linalg.solve(kernel, cosines).astype(np.float64)
    return votes


def _rounded(values: NDArray[Any]) -> Floats:
    return np.round(values, DECIMALS).astype(np.float32)


def _largest(values: NDArray[Any], count: int) -> Rows:
    """The places of the largest values, largest first; of equals, the first."""
    if len(values) > count:
        cut = np.partition(values, len(values) - count)[len(values) - count]
        places = np.flatnonzero(values >= cut)
    else:
        places = np.arange(len(values))
    return places[np.argsort(-values[places], kind="stable")][:count]


def _mean_of_three(values: Floats, places: Rows, size: int) -> Floats:
    """For each place the mean of its three largest values; a missing one counts as the smallest of all."""
    floor = float(values.min(initial=1.0))
    order = np.lexsort((-values, places))
    starts = np.flatnonzero(np.r_[True, np.diff(places[order]) > 0][: len(order)])
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    top = order[rank < 3]
    sums = np.bincount(places[top], values[top], minlength=size)
    counts = np.bincount(places[top], minlength=size)
    return ((sums + floor * (3 - counts)) / 3).astype(np.float32)
