"""Finds entries for a question: SQLite's full-text index proposes, rapidfuzz ranks, periods decide."""

from __future__ import annotations

import re
import sqlite3
import threading
from pathlib import Path
from typing import NamedTuple

from rapidfuzz import fuzz

from knowledge.entry import Entry
from knowledge.period import Calendar
from knowledge.wording import words

CANDIDATES = 200
STOP_WORDS = frozenset(
    "a an and are as at be by can could did do does for from had has have how i in is it its me my of on or our "
    "please say says tell that the their they this to was we were what when where which who why will with would you "
    "your s calix company".split()
)


OUTLOOK = re.compile(
    r"\b(guid\w*|outlook|forecast\w*|expect\w*|target\w*|midpoint|versus|vs|against|compare\w*)\b", re.I
)
OUTLOOK_PENALTY = 0.1
"""What a guided, targeted or computed figure loses when the question does not ask for one."""


class Candidate(NamedTuple):
    """An entry that may answer, with its likeness, 0 to 1."""

    entry: Entry
    score: float


class Finder:
    """Ranks the entries of one compiled library; safe to share between threads."""

    def __init__(self, entries: dict[str, Entry], calendar: Calendar, file: Path) -> None:
        self._entries = entries
        self._calendar = calendar
        self._file = file
        self._local = threading.local()

    def find(self, text: str) -> list[Candidate]:
        """Candidates best first, at most one an entry; entries of another period than asked for are left out."""
        asked = words(text)
        terms = [word for word in asked if word not in STOP_WORDS]
        if not terms:
            return []
        periods = set(self._calendar.periods(text))
        wanted, whole = " ".join(terms), " ".join(asked)
        outlook = OUTLOOK.search(text) is not None
        best: dict[str, float] = {}
        for entry_id, phrasing in self._proposals(terms):
            entry = self._entries.get(entry_id)
            if entry is None:
                continue
            if periods and entry.period and entry.period not in periods:
                continue
            other = " ".join(word for word in words(phrasing) if word not in STOP_WORDS)
            likeness = (fuzz.token_sort_ratio(wanted, other), fuzz.token_set_ratio(wanted, other))
            score = (sum(likeness) + fuzz.token_sort_ratio(whole, " ".join(words(phrasing)))) / 300
            if not outlook and entry.statement in ("Guidance", "Target", "Derived"):
                score -= OUTLOOK_PENALTY
            best[entry_id] = max(best.get(entry_id, 0.0), round(score, 4))
        ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
        return [Candidate(self._entries[entry_id], score) for entry_id, score in ranked]

    def _proposals(self, terms: list[str]) -> list[tuple[str, str]]:
        query = " OR ".join('"' + re.sub(r"[^\w.%'&-]", "", term) + '"' for term in terms[:64])
        rows = self._connection().execute(
            "select phrasings.owner, phrasings.text from phrasings_fts join phrasings "
            "on phrasings.rowid = phrasings_fts.rowid where phrasings_fts match ? order by rank limit ?",
            (query, CANDIDATES),
        )
        return list(rows)

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = sqlite3.connect(f"file:{self._file}?mode=ro&immutable=1", uri=True)
        connection: sqlite3.Connection = self._local.connection
        return connection
