"""From ranked candidates to one verdict: answer, ask back, or say that nothing approved fits."""

from __future__ import annotations

from typing import NamedTuple

from knowledge.entry import Absence, Entry
from knowledge.metrics import Found
from knowledge.ranking import Ranking
from knowledge.understanding import Understanding
from knowledge.wording import words

CLEAR = 0.9
"""The share of the entries' probability above which another period's figure of the same metric is no rival."""
LEAD = 0.35
"""The share below which the first entry does not stand out at all."""
RIVAL = 0.15
"""How probable a rival must be, as a share of the first, to be worth offering."""
MAX_CHOICES = 5
FRAGMENT = 3
"""So few words may mean anything that has them."""


class Verdict(NamedTuple):
    """What to reply: one entry is an answer, several are choices (or, as a `series`, answers), none is not found.

    `confidence` is the probability, 0 to 1, that the first entry is right. What is known of something not found:
    `absence`, the nearest subject that the sources lack; `metric` and the periods `available` of it, or `missing`
    in a series.
    """

    entries: list[Entry]
    confidence: float
    series: bool = False
    absence: Absence | None = None
    metric: str | None = None
    available: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def answers(self) -> list[Entry]:
        """The entries that answer; none when they are choices."""
        return self.entries if self.series or len(self.entries) == 1 else []


def decide(ranking: Ranking, asked: Understanding) -> Verdict:
    """The verdict on a question that stands alone."""
    entries = [(ranked.owner, ranked.probability) for ranked in ranking.candidates if isinstance(ranked.owner, Entry)]
    heard = sum(probability for _, probability in entries)
    fragment = len(words(asked.text)) <= FRAGMENT and len(ranking.covering) > 1
    if heard < ranking.threshold:
        absences = [ranked for ranked in ranking.candidates if isinstance(ranked.owner, Absence)]
        known = bool(absences) and absences[0].probability > ranking.nothing
        absence = absences[0].owner if known else None
        if fragment:
            return Verdict(ranking.covering[:MAX_CHOICES], heard)
        return Verdict([], heard, absence=absence if isinstance(absence, Absence) else None)
    return Verdict(_choices(entries, heard, asked), entries[0][1])


def decide_metric(found: Found) -> Verdict:
    """The verdict on a question that asks for nothing but a metric: of one period, of several, or of no known one."""
    if not found.entries or (found.missing and not found.series):
        return Verdict([], 0.0, metric=found.metric, available=tuple(found.available))
    if found.series:
        return Verdict(found.entries, 1.0, series=True, metric=found.metric, missing=tuple(found.missing))
    return Verdict(found.entries[-MAX_CHOICES:], 1.0)


def _choices(entries: list[tuple[Entry, float]], heard: float, asked: Understanding) -> list[Entry]:
    """The first entry, and with it its rivals when nothing tells which is meant."""
    first, probability = entries[0]
    worth = [entry for entry, chance in entries[1:] if chance >= RIVAL * probability]
    rivals: list[Entry] = []
    if first.metric and first.period and not asked.periods and probability < CLEAR * heard:
        rivals = [entry for entry in worth if entry.metric == first.metric and entry.period != first.period]
    elif probability < LEAD * heard:
        rivals = [entry for entry in worth if entry.labels != first.labels and entry.topic != first.topic]
    return [first, *rivals][:MAX_CHOICES]
