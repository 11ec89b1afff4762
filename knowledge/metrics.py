"""Answers what asks for nothing but a metric and its periods, from the entries' own fields."""

from __future__ import annotations

import re
from typing import NamedTuple

from knowledge.entry import Entry, Value
from knowledge.understanding import Reader, Understanding

FILLERS = frozenset(
    "a about actual actually again all am an and any are as at be been being by calix can check come came could "
    "current "
    "did do does exact exactly figure figures final for from get give gimme got had has have hi how i in is it "
    "its just know "
    "latest level levels look looking me much my need number numbers of on our overall please pls posted print quick "
    "quickly reported reporting result results say says see so stand stood tell that the their there they this "
    "to total u us value was we "
    "well were what whats what's where which will with would you your company's calix's came out end ended mgmt "
    "management snapshot recap summary summarise briefly brief headline "
    "achieve achieved amount amounted company deliver delivered dollars earn earned gave generate generated give make "
    "made post reach reached report show showed "
    "adjusted basis both forma gaap non pro".split()
)
SERIES = re.compile(
    r"\b(vs\.?|versus|compare[ds]?|comparison|against|by (?:quarter|year|period)|(?:quarter|year) (?:by|over|on) "
    r"(?:quarter|year)|trend|"
    r"each (?:quarter|year|period)|all (?:quarters|years|periods)|history|over time|this year and last|side by side)\b",
    re.I,
)
_SERIES_WORDS = frozenset(
    "vs versus compare compared comparison against by quarter quarters quarterly year years yearly over on trend "
    "trends each all "
    "period periods history time last previous prior side table show list both between over q fy row".split()
)
AHEAD = ("Guidance", "Target")


class Found(NamedTuple):
    """Entries of one metric. `available` are the periods for which there are any, in order, and `missing` those that
    were asked for in vain; `series` says that all of the entries were asked for, not one of them."""

    entries: list[Entry]
    metric: str
    available: list[str]
    missing: list[str]
    series: bool


class Metrics:
    """The metric entries by what they measure."""

    def __init__(self, entries: dict[str, Entry], reader: Reader) -> None:
        self._reader = reader
        self._entries: dict[str, list[Entry]] = {}
        for entry in entries.values():
            if entry.metric and entry.period:
                self._entries.setdefault(entry.metric, []).append(entry)

    def known(self, asked: Understanding) -> tuple[str, list[str]] | None:
        """The metric a question names and the periods for which there are entries, when it asks for another period."""
        metrics = sorted((asked.terms - {"guidance"}) & set(self._entries))
        if len(metrics) != 1 or asked.baselines.issuperset(asked.periods):
            return None
        available = sorted({entry.period for entry in self._entries[metrics[0]] if entry.period}, key=_order)
        years = {f"FY{period[-4:]}" for period in available}
        return None if set(asked.periods) & {*available, *years} else (metrics[0], available)

    def find(self, asked: Understanding) -> Found | None:
        """The entries a bare question asks for, newest period first; None when it asks for anything else as well."""
        terms = asked.terms - {"guidance"}
        if len(terms) != 1 or asked.people or asked.comments or asked.pages or asked.figures:
            return None
        [metric] = terms
        series = SERIES.search(asked.text) is not None
        rest = self._reader.rest(asked.text) - FILLERS - (_SERIES_WORDS if series else frozenset())
        if metric not in self._entries or rest:
            return None
        entries = [entry for entry in self._entries[metric] if entry.statement != "Third-party"]
        reported = {entry.period for entry in entries if entry.statement not in AHEAD}
        if "guidance" in asked.terms:
            entries = [entry for entry in entries if entry.statement in AHEAD]
        else:  # what has not been reported yet can only have been guided
            entries = [entry for entry in entries if entry.statement not in AHEAD or entry.period not in reported]
            if not asked.periods:
                entries = [entry for entry in entries if entry.statement not in AHEAD]
        if asked.basis:
            entries = [entry for entry in entries if entry.basis in (None, asked.basis)]
        available = sorted({entry.period for entry in entries if entry.period}, key=_order)
        # What is only known at the end of a year, such as cash, is the year's.
        yearly = any((entry.period or "").startswith("FY") for entry in self._entries[metric])
        periods = [f"Q4 {p[2:]}" if p.startswith("FY") and not yearly else p for p in asked.periods]
        wanted = [entry for entry in entries if not periods or entry.period in periods]
        stated = [entry for entry in wanted if entry.statement != "Derived"]
        if not periods and len(stated) == 1:  # what was worked out from others is asked for by its period
            wanted = stated
        if asked.outcome and wanted and all(entry.statement in AHEAD for entry in wanted):
            return None  # what it came to is none of these
        wanted.sort(key=lambda entry: (_order(entry.period or ""), entry.statement == "Derived", entry.id))
        missing = [named for named, period in zip(asked.periods, periods, strict=True) if period not in available]
        return Found(_one_a_period(wanted), metric, available, missing, series or len(periods) > 1)


def table(entries: list[Entry]) -> str:
    """The figures of one metric, a line a period."""
    rows = [(entry.period or "", shown(entry), entry.statement or "") for entry in entries]
    width = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = ["  ".join(cell.ljust(width[column]) for column, cell in enumerate(row)).rstrip() for row in rows]
    return "\n".join([f"{(entries[0].metric or '').capitalize()}:", *lines])


def shown(entry: Entry) -> str:
    """A metric's value with its unit, as people write it."""
    unit = entry.unit or ""
    value = _value(entry.value)
    if isinstance(entry.value, str):
        return value
    if unit == "%":
        return f"{value}%"
    if unit.startswith("USD"):
        return f"${value}{unit.removeprefix('USD')}"
    return f"{value} {unit}"


def _value(value: Value | None) -> str:
    if isinstance(value, tuple):
        return f"{value[0]:,g} to {value[1]:,g}"
    return f"{value:,g}" if isinstance(value, float | int) else value or ""


def _one_a_period(entries: list[Entry]) -> list[Entry]:
    first: dict[str | None, Entry] = {}
    for entry in entries:
        first.setdefault(entry.period, entry)
    return list(first.values())


def _order(period: str) -> tuple[int, int]:
    """Chronological; a year comes after its quarters."""
    year = int(period[-4:] or 0)
    part = {"Q1": 1, "Q2": 2, "H1": 3, "Q3": 4, "Q4": 5, "H2": 6}.get(period[:2], 7)
    return year, part
