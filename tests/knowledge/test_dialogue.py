from __future__ import annotations

import pytest

from knowledge import Knowledge, Question


def entries(knowledge: Knowledge, text: str, *history: str) -> list[str]:
    return [answer.entry for answer in knowledge.ask(Question(text=text, history=history)).answers]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Revenue, gross margin and EPS for Q4", ["q4-2011-revenue", "q4-2011-gross-margin", "q4-2011-eps"]),
        (
            "What was headcount at the end of 2011? And who signed the SEC letter?",
            ["headcount-end-2011", "letter-signer"],
        ),
        ("comments 8 and 20: what is wanted?", ["comment-08", "comment-20"]),
        ("Did the staff comment on (1) the graphics and (2) goodwill?", ["comment-16", "comment-11"]),
        ("What does the staff want on the magazine study and on the graphics?", ["comment-15", "comment-16"]),
        ("4Q11 recap please: revenue, GM, EPS", ["q4-2011-revenue", "q4-2011-gross-margin", "q4-2011-eps"]),
        ("FY11 revenue and adjusted net income?", ["fy2011-revenue", "fy2011-net-income"]),
        (
            "DSO in Q4 2011, and what share of receivables was Century Tel's in the SEC letter?",
            ["q4-2011-dso", "letter-century-tel-receivables"],
        ),
        ("DSO at quarter-end and in the prior quarter, plus DPO?", ["q4-2011-dso", "q3-2011-dso"]),
        ("2010: revenue / net income / EPS?", ["fy2010-revenue", "fy2010-net-income", "fy2010-eps"]),
        (
            "DSO and inventory turns, Q4 vs Q3",
            ["q3-2011-dso", "q4-2011-dso", "q3-2011-inventory-turns", "q4-2011-inventory-turns"],
        ),
    ],
)
def test_several_questions_in_one_message_are_each_answered(knowledge: Knowledge, text: str, found: list[str]) -> None:
    assert entries(knowledge, text) == found


@pytest.mark.parametrize(
    ("text", "found", "missing"),
    [
        ("What was Q4 revenue, and what was Q2 revenue?", "q4-2011-revenue", "Q2"),
        ("How many employees at the end of 2011, and how many a year earlier?", "headcount-end-2011", "year earlier"),
        (
            "What is the useful life of customer contracts, and what is their carrying amount?",
            "letter-useful-life",
            "carrying amount",
        ),
    ],
)
def test_the_part_that_is_not_in_the_sources_is_named(
    knowledge: Knowledge, text: str, found: str, missing: str
) -> None:
    reply = knowledge.ask(text)
    assert [answer.entry for answer in reply.answers] == [found]
    assert reply.notes
    assert "could not find" in reply.notes[-1]
    assert missing in reply.notes[-1]
    assert reply.notes[-1] in reply.text


@pytest.mark.parametrize(
    ("history", "text", "found"),
    [
        ("What was revenue in Q4 2011?", "and gross margin?", "q4-2011-gross-margin"),
        ("What was revenue in Q4 2011?", "and in 2010?", "fy2010-revenue"),
        ("gross margin for the full year 2011", "what about 2010?", "fy2010-gross-margin"),
        ("What was the gross margin in fiscal 2011?", "and the year before that?", "fy2010-gross-margin"),
        ("What was the gross margin in Q4 2011?", "and the quarter before?", "q3-2011-gross-margin"),
        ("What was revenue in Q4 2011?", "and over all four quarters?", "fy2011-revenue"),
        ("What does comment 19 ask?", "and the one right after it?", "comment-20"),
        ("What is the revenue guidance for the first quarter?", "and margins?", "q1-2012-gross-margin-guidance"),
    ],
)
def test_a_follow_up_takes_over_what_it_leaves_open(knowledge: Knowledge, history: str, text: str, found: str) -> None:
    assert entries(knowledge, text, history) == [found]


@pytest.mark.parametrize(
    ("history", "text", "found"),
    [
        ("What's the first acknowledgement that the staff asks for?", "and the third one?", "letter-acknowledgement-3"),
        ("How many days did DSO fall in Q4?", "why?", "q4-2011-dso-reasons"),
    ],
)
def test_a_follow_up_asks_for_another_of_a_row_or_for_the_reason(
    knowledge: Knowledge, history: str, text: str, found: str
) -> None:
    assert entries(knowledge, text, history)[:1] == [found]


def test_a_follow_up_on_a_comment_is_answered_with_the_comment_again(knowledge: Knowledge) -> None:
    assert entries(knowledge, "and what about the use of the proceeds there?", "What does comment 7 ask?") == [
        "comment-07"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Did deferred revenue go up or down between September and December 2011?",
        "What does the SEC want to know about Mr. Colvin's performance goal?",
        "Sales & marketing expense for 4Q11?",
    ],
)
def test_an_and_or_a_full_stop_within_a_question_does_not_part_it(knowledge: Knowledge, text: str) -> None:
    assert len(knowledge.readings(Question(text=text))) == 1


def test_a_complete_question_takes_over_nothing(knowledge: Knowledge) -> None:
    assert entries(knowledge, "Who signed the SEC staff's comment letter?", "What was revenue in Q4 2011?") == [
        "letter-signer"
    ]


def test_a_follow_up_is_not_answered_with_what_was_just_answered(knowledge: Knowledge) -> None:
    question = "Who do we call at the SEC about the financial statements?"
    given = entries(knowledge, question)
    assert given == ["contact-financial-statements"]
    assert entries(knowledge, "and about everything else?", question) not in ([], given)


def test_a_follow_up_leans_on_one_that_leaned_itself(knowledge: Knowledge) -> None:
    assert entries(knowledge, "and for 2010?", "What was Q4 2011 gross margin?", "and for the full year?") == [
        "fy2010-gross-margin"
    ]


def test_what_a_figure_is_compared_with_is_not_taken_for_its_period(knowledge: Knowledge) -> None:
    assert entries(knowledge, "what pushed operating expenses higher than in Q3?") == [
        "q4-2011-operating-expenses-drivers"
    ]


def test_a_condition_before_a_question_is_no_question_of_its_own(knowledge: Knowledge) -> None:
    question = "If Calix wants the S-1 made effective sooner, what must it acknowledge?"
    assert len(knowledge.readings(Question(text=question))) == 1
