"""Fiscal periods as people write them: 4Q11, fourth quarter, December quarter, FY11, prior year, jan to march 2012."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass

ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "final": 4}
ORDINALS |= {"1": 1, "2": 2, "3": 3, "4": 4}
MONTHS = "january february march april may june july august september october november december".split()
MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
ORDINAL = r"(first|second|third|fourth|final|1st|2nd|3rd|4th)"
NO_YEAR = r"(?![\d%.,]*\d|%|\s*(?:days|million|billion|people|states|percent))"
YEAR = rf"(?:(?:fy|cy|calendar|fiscal|year|of|in|for)[\s-]*)*(?:(20\d\d)|['’]?(\d\d)){NO_YEAR}"
SPAN = r"\s*(?:-|–|to|through|thru|until|and)\s*"

NEAR = 4
"""Years from the library's own within which two digits after a month are a year."""

# Each pattern with what its match means; the first that claims a stretch of text keeps it.
PATTERNS: list[tuple[str, re.Pattern[str]]] = [
    (name, re.compile(pattern, re.I))
    for name, pattern in [
        ("months", rf"\b({MONTH}){SPAN}({MONTH})(?:\s*(?:of\s*)?{YEAR})?"),
        ("quarter", rf"\bq([1-4])[\s/-]*(?:of\s+)?{YEAR}(?!\d)"),
        ("quarter", rf"\b([1-4])q[\s/-]*{YEAR}(?!\d)"),
        ("year quarter", r"\b(20\d\d)[\s/-]*(?:q([1-4])|([1-4])q)\b"),
        ("quarter", rf"\b{ORDINAL}[\s-]+(?:fiscal\s+)?(?:quarter|qtr|q)\b(?:\s*(?:of\s*)?{YEAR})?"),
        ("quarter", r"\b(?:q[\s-]?([1-4])|([1-4])q)\b"),
        (
            "quarter",
            rf"\b(?:last|final)\s+(?:three|3)\s+months\b(?:\s*(?:of\s*)?(?:the\s+year\s*)?{YEAR}|\s+of\s+the\s+year\b)?",
        ),
        ("first months", rf"\bfirst\s+(?:three|3)\s+months\b(?:\s*(?:of\s*)?(?:the\s+year\s*)?{YEAR})?"),
        ("half", rf"\b{ORDINAL}[\s-]+half\b(?:\s*(?:of\s*)?{YEAR})?"),
        ("half", rf"\b(?:([12])h|h([12]))[\s/-]*(?:{YEAR})?(?!\w)"),
        ("half", rf"\b(back|front|latter)[\s-]+half\b(?:\s*(?:of\s*)?{YEAR})?"),
        ("month quarter", rf"\b({MONTH})[\s-]+(?:(20\d\d)[\s-]+)?(?:quarter|qtr)\b(?:\s*(?:of\s*)?{YEAR})?"),
        ("date", r"\b(3/31|6/30|9/2[46]|9/30|12/31)/(20\d\d|\d\d)\b"),
        (
            "month",
            rf"\b(mar(?:ch)?|june?|sept?(?:ember)?|dec(?:ember)?)\.?[\s-]+(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s+)?{YEAR}",
        ),
        (
            "year-ago quarter",
            r"\byear[\s-]ago\s+(?:quarter|period)|\bsame\s+quarter\s+(?:of\s+)?(?:last|the\s+prior|a)\s+year",
        ),
        (
            "quarter before",
            r"\b(?:quarter\s+(?:before|earlier)(?:\s+(?:that|it))?|(?:prior|previous|preceding)\s+(?:quarter|qtr))\b",
        ),
        ("this quarter", r"\b(?:year|quarter)[\s-]end\b|\bend of (?:the|last) year\b"),
        (
            "this quarter",
            r"\b(?:in|for|of|during)\s+the\s+(?:quarter|qtr)\b(?!\s+(?:of|before|ago|after|end))|\bthis\s+quarter\b",
        ),
        ("next quarter", r"\b(?:next|coming|following|current)\s+(?:quarter|qtr)\b"),
        ("this quarter", r"\b(?:last|latest|most\s+recent|reported|past)\s+(?:quarter|qtr)\b"),
        (
            "year before",
            r"\b(?:(?:full\s+)?year\s+(?:before|earlier)(?:\s+(?:that|last))?|(?:prior|previous|preceding)[\s-]+year)\b",
        ),
        ("next year", r"\bnext\s+(?:year|yr)\b"),
        ("this year", r"\b(?:last|past|reported)\s+(?:year|yr)\b"),
        ("current year", r"\bthis\s+(?:year|yr)\b"),
        ("year", r"\b(?:fy|cy|ye)[\s'’-]*(?:(20\d\d)|(\d\d))\b"),
        ("year", r"(?:\b(?:fiscal|calendar|full)\s+(?:year\s+)?)?(?<![\d.,$-])\b(20[0-4]\d)[ae]?\b(?![\d.,]*\d)"),
        ("year", r"(?:\b(?:fiscal|calendar|full|year)\s+|(?<=\s)['’]|^['’])['’]?(\d\d)(?!\d|%|\.\d)\b"),
        ("now", r"\b(?:right\s+now|rn|currently|as\s+of\s+now|at\s+the\s+moment|at\s+present)\b"),
        (
            "full year",
            r"\b(?:full|whole|entire|fiscal)[\s-]+(?:year|yr)\b|\bannual(?:ly)?\b|\bfor\s+the\s+(?:year|yr)\b|"
            r"\ball\s+(?:four|4)\s+(?:quarters|qtrs)\b",
        ),
    ]
]


@dataclass(frozen=True)
class Mention:
    """What a stretch of a text, `text[start:end]`, names: here a period."""

    meaning: str
    start: int
    end: int


class Calendar:
    """Reads periods against what the library knows: its reporting quarter, and the periods its entries have."""

    def __init__(self, reporting: str, known: Iterable[str] = ()) -> None:
        self.quarter, self.year = int(reporting[1]), int(reporting[3:])
        self._known = Counter(known)
        self._asked: str | None = None

    def after(self, asked: str) -> Calendar:
        """The calendar of a conversation on the period `asked`: "the year before" counts from that, and "this year" is
        another."""
        calendar = copy(self)
        calendar._asked = asked
        return calendar

    def mentions(self, text: str) -> list[Mention]:
        """The periods named in `text`, in the order of their places; a claimed stretch is read once."""
        found: list[tuple[str, Mention]] = []
        for name, pattern in PATTERNS:
            for match in pattern.finditer(text):
                if any(match.start() < other.end and other.start < match.end() for _, other in found):
                    continue
                period = self._resolve(name, match)
                if period is not None:
                    found.append((name, Mention(period, match.start(), match.end())))
        return sorted(_said_once(found), key=lambda mention: mention.start)

    def periods(self, text: str) -> list[str]:
        """The distinct periods named in `text`, in order."""
        return list(dict.fromkeys(mention.meaning for mention in self.mentions(text)))

    def _resolve(self, name: str, match: re.Match[str]) -> str | None:
        groups = [group for group in match.groups() if group]
        match name:
            case "quarter":
                ordinal = groups[0].lower() if groups else "4"
                if ordinal in ORDINALS and not (ordinal.isdigit() and len(ordinal) > 1):
                    return self._quarter(ORDINALS[ordinal], _year(groups[1:]))
                return self._quarter(4, _year(groups))
            case "first months":
                return self._quarter(1, _year(groups))
            case "year quarter":
                return f"Q{groups[1]} {groups[0]}"
            case "months":
                first, last = _month(groups[0]), _month(groups[1])
                if last - first == 2 and first % 3 == 1:
                    return self._quarter(last // 3, _year(groups[2:]))
                return f"FY{_year(groups[2:]) or self.year}" if (first, last) == (1, 12) else None
            case "month" if not abs((_year(groups[1:]) or self.year) - self.year) <= NEAR:
                return None  # the 17 of "December 17" is a day
            case "month quarter" | "month":
                return self._quarter((_month(groups[0]) + 2) // 3, _year(groups[1:]))
            case "date":
                return f"Q{int(groups[0].split('/')[0]) // 3} {_year(groups[1:])}"
            case "half":
                ordinal = groups[0].lower()
                half = {"back": 2, "latter": 2, "front": 1}.get(ordinal) or ORDINALS[ordinal]
                return self._known_first(f"H{half}", _year(groups[1:])) if half < 3 else None
            case "year":
                return f"FY{_year(groups)}"
            case "full year" | "this year":
                return f"FY{self.year}"
            case "current year":  # alone it may be the one reported or the one after it
                return f"FY{self.year + (self._asked == f'FY{self.year}')}" if self._asked else None
            case "year before":
                return _a_year_before(self._asked or f"FY{self.year}")
            case "next year":
                return f"FY{self.year + 1}"
            case "year-ago quarter":
                return _a_year_before(self._quarter_asked)
            case "quarter before":
                number, year = int(self._quarter_asked[1]), int(self._quarter_asked[-4:])
                return f"Q{number - 1} {year}" if number > 1 else f"Q4 {year - 1}"
            case "next quarter":
                return f"Q{self.quarter + 1} {self.year}" if self.quarter < 4 else f"Q1 {self.year + 1}"
            case _:
                return f"Q{self.quarter} {self.year}"

    @property
    def _quarter_asked(self) -> str:
        return self._asked if self._asked and self._asked.startswith("Q") else f"Q{self.quarter} {self.year}"

    def _quarter(self, number: int, year: int | None) -> str:
        return self._known_first(f"Q{number}", year)

    def _known_first(self, part: str, year: int | None) -> str:
        """Without a year, the year for which the library knows most about that quarter or half."""
        if year is not None:
            return f"{part} {year}"
        years = [year for year in range(self.year - 2, self.year + 2) if self._known[f"{part} {year}"]]
        best = max(years, key=lambda year: (self._known[f"{part} {year}"], -year), default=self.year)
        return f"{part} {best}"


def _said_once(found: list[tuple[str, Mention]]) -> list[Mention]:
    """Without a year that only completes a quarter ("Q4 sales in 2011"), and "annual" or "now" beside a period."""
    parts = {mention.meaning[3:] for _, mention in found if not mention.meaning.startswith("FY")}
    kept = [mention for name, mention in found if not (name in ("year", "this year") and mention.meaning[2:] in parts)]
    named = [mention for name, mention in found if name not in ("full year", "now") and mention in kept]
    return named or kept


def _a_year_before(period: str) -> str:
    return f"{period[:-4]}{int(period[-4:]) - 1}"


def _year(groups: list[str]) -> int | None:
    for group in groups:
        if group.isdigit():
            return int(group) if len(group) == 4 else 2000 + int(group)
    return None


def _month(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, 1) if month[:3] == name[:3].lower())
