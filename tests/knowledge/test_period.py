from __future__ import annotations

import pytest

from knowledge.period import Calendar

CALENDAR = Calendar("Q4 2011", ["Q4 2011", "Q4 2011", "Q1 2012", "Q1 2012", "Q3 2011", "H2 2012", "Q2 2011"])


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("4Q11 top line", ["Q4 2011"]),
        ("Q4'11", ["Q4 2011"]),
        ("fourth-quarter sales", ["Q4 2011"]),
        ("the December quarter", ["Q4 2011"]),
        ("cash at Dec-11", ["Q4 2011"]),
        ("last three months of 2011", ["Q4 2011"]),
        ("last three months of the year", ["Q4 2011"]),
        ("jan to march 2012", ["Q1 2012"]),
        ("Q1 guide", ["Q1 2012"]),
        ("quarter ended September 24, 2011", ["Q3 2011"]),
        ("the quarter before", ["Q3 2011"]),
        ("the year-ago quarter", ["Q4 2010"]),
        ("4Q of 2009", ["Q4 2009"]),
        ("FY11", ["FY2011"]),
        ("headcount YE11", ["FY2011"]),
        ("spending in the quarter", ["Q4 2011"]),
        ("the quarter before it", ["Q3 2011"]),
        ("Q4 of last year", ["Q4 2011"]),
        ("Q-4 revenue", ["Q4 2011"]),
        ("sales last yr", ["FY2011"]),
        ("2011A EPS", ["FY2011"]),
        ("the letter of December 17", []),
        ("fiscal '11", ["FY2011"]),
        ("calendar 2012", ["FY2012"]),
        ("prior-year margin", ["FY2010"]),
        ("all four quarters together", ["FY2011"]),
        ("the whole yr", ["FY2011"]),
        ("2011 over 2010", ["FY2011", "FY2010"]),
        ("back half of 2012", ["H2 2012"]),
        ("2H12", ["H2 2012"]),
        ("Q3 and Q4", ["Q3 2011", "Q4 2011"]),
        ("9.5% on page 29, comment 12, 50 to 55 days", []),
        ("$2011 in may", []),
    ],
)
def test_periods_are_read_in_every_notation(text: str, periods: list[str]) -> None:
    assert CALENDAR.periods(text) == periods


@pytest.mark.parametrize(
    ("asked", "text", "period"),
    [
        ("Q4 2011", "and the year before?", "Q4 2010"),
        ("Q3 2011", "and a year earlier?", "Q3 2010"),
        ("FY2010", "and for the full year before that?", "FY2009"),
        ("Q3 2011", "and the quarter before?", "Q2 2011"),
        ("FY2011", "the prior quarter", "Q3 2011"),
        ("Q3 2011", "last quarter", "Q4 2011"),
    ],
)
def test_the_period_before_counts_from_the_one_that_was_asked_about(asked: str, text: str, period: str) -> None:
    assert CALENDAR.after(asked).periods(text) == [period]
