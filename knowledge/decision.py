"""From ranked candidates to one verdict: answer, ask back, or say that nothing approved fits."""

from __future__ import annotations

from typing import NamedTuple

from knowledge.entry import Absence, Entry
from knowledge.metrics import AHEAD, Found
from knowledge.ranking import Ranking
from knowledge.understanding import Understanding
from knowledge.wording import words

CLEAR = 0.9
"""The share of the entries' probability above which another period's figure of the same metric is no rival."""
LEAD = 0.35
"""The share below which the first entry does not stand out at all."""
DOUBT = 0.15
"""From this probability of an absence on, an answer comes with what the sources lack."""
RIVAL = 0.15
"""How probable a rival must be, as a share of the first, to be worth offering."""
CLOSE = 0.4
"""How probable a second entry must be, as a share of the first, to be shown with it."""
MAX_CHOICES = 5
FRAGMENT = 3
"""So few words may mean anything that has them."""


class Verdict(NamedTuple):
    """What to reply: one entry is an answer, several are choices, none is not found.

    Several are answers as a `series`, which was asked for, or as `both`: the second is nearly as probable as the first.
    `confidence` is the probability, 0 to 1, that the first entry is right. `absence` is the nearest subject that the
    sources lack, when it may be meant. What else is known of something not found: `metric` and the periods `available`
    of it, or `missing` in a series.
    """

    entries: list[Entry]
    confidence: float
    series: bool = False
    both: bool = False
    absence: Absence | None = None
    metric: str | None = None
    available: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def answers(self) -> list[Entry]:
        """The entries that answer; none when they are choices."""
        return self.entries if self.series or self.both or len(self.entries) == 1 else []


def decide(ranking: Ranking, asked: Understanding) -> Verdict:
    """The verdict on a question that stands alone."""
    entries = [(ranked.owner, ranked.probability) for ranked in ranking.candidates if isinstance(ranked.owner, Entry)]
    entries = _reported_first(entries, asked)
    heard = sum(probability for _, probability in entries)
    absences = [
        (ranked.owner, ranked.probability) for ranked in ranking.candidates if isinstance(ranked.owner, Absence)
    ]
    absence, lacking = absences[0] if absences else (None, 0.0)
    fragment = len(words(asked.text)) <= FRAGMENT and len(ranking.covering) > 1
    if heard < ranking.threshold:
        if fragment:
            return Verdict(ranking.covering[:MAX_CHOICES], heard)
        return Verdict([], heard, absence=absence if lacking > ranking.nothing else None)
    doubted = absence if lacking >= DOUBT else None
    chosen = _choices(entries, heard, asked)
    if len(chosen) == 1 and len(entries) > 1 and _are_close(*entries[:2]):
        return Verdict([owner for owner, _ in entries[:2]], entries[0][1], both=True, absence=doubted)
    return Verdict(chosen, entries[0][1], absence=doubted)


def decide_metric(found: Found) -> Verdict:
    """The verdict on a question that asks for nothing but a metric: of one period, of several, or of no known one."""
    if not found.entries or (found.missing and not found.series):
        return Verdict([], 0.0, metric=found.metric, available=tuple(found.available))
    if found.series:
        return Verdict(found.entries, 1.0, series=True, metric=found.metric, missing=tuple(found.missing))
    return Verdict(found.entries[-MAX_CHOICES:], 1.0)


def _reported_first(entries: list[tuple[Entry, float]], asked: Understanding) -> list[tuple[Entry, float]]:
    """The entries with the reported figure before the one that was guided, unless that was asked for."""
    if not entries or entries[0][0].statement not in AHEAD or asked.outlook == "ahead" or "guidance" in asked.terms:
        return entries
    first, probability = entries[0]
    for place, (entry, chance) in enumerate(entries[1:], 1):
        same = entry.metric is not None and (entry.metric, entry.period) == (first.metric, first.period)
        if same and entry.statement == "Reported" and chance >= RIVAL * probability:
            return [entries[place], *entries[:place], *entries[place + 1 :]]
    return entries


def _are_close(first: tuple[Entry, float], second: tuple[Entry, float]) -> bool:
    """Whether a second entry is nearly as probable as the first, and no figure of another period or basis."""
    (one, chance), (other, other_chance) = first, second
    another = other.metric and (other.period, other.basis) != (one.period, one.basis)
    return other_chance >= CLOSE * chance and not another and one.statement != "Declined"


def _choices(entries: list[tuple[Entry, float]], heard: float, asked: Understanding) -> list[Entry]:
    """The first entry, and with it its rivals when nothing tells which is meant."""
    first, probability = entries[0]
    worth = [entry for entry, chance in entries[1:] if chance >= RIVAL * probability]
    if first.statement != "Derived":
        worth = [entry for entry in worth if entry.statement != "Derived"]
    rivals: list[Entry] = []
    if first.metric and first.period and not asked.periods and probability < CLEAR * heard:
        rivals = [entry for entry in worth if entry.metric == first.metric and entry.period != first.period]
    elif probability < LEAD * heard:
        rivals = [entry for entry in worth if entry.labels != first.labels and entry.topic != first.topic]
        rivals = [
            entry
            for entry in rivals
            if (entry.metric, entry.period) != (first.metric, first.period) or not entry.metric
        ]
    return [first, *rivals][:MAX_CHOICES]
