from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge import Knowledge, Question

PIECES = st.sampled_from(
    [
        "Q4",
        "revenue",
        " and ",
        "? ",
        "comment 12",
        "page F-37",
        "<@U1>",
        "NEAR(",
        '"',
        "--",
        "why",
        "it",
        ", ",
        "2010",
        "\u202e",
        "é",
        "9" * 50,
    ]
)
WORDED = st.lists(PIECES | st.text(max_size=12), max_size=60).map("".join)


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("What was Q4 revenue?", "q4-2011-revenue"),
        ("4Q11 gross margin?", "q4-2011-gross-margin"),
        ("gross margin for the full year 2011", "fy2011-gross-margin"),
        ("revenue guidance for the first quarter of 2012", "q1-2012-revenue-guidance"),
        ("<@U04AB12CD> what was *Q4 revenue*?", "q4-2011-revenue"),
    ],
)
def test_the_entry_of_the_asked_period_answers(knowledge: Knowledge, question: str, entry: str) -> None:
    reply = knowledge.ask(question)
    assert (reply.status, [answer.entry for answer in reply.answers]) == ("answered", [entry])
    assert reply.answers[0].citations[0].excerpt in reply.text


def test_a_quarters_figure_is_not_the_years_when_that_has_its_own(knowledge: Knowledge) -> None:
    asked = knowledge.read("gross margin over the whole of 2011, as a share of what was sold")
    vetoed = {reason.owner: reason.vetoed for reason in knowledge.ranker.reasons(asked)}
    assert vetoed["q4-2011-gross-margin"]
    assert not vetoed["fy2011-gross-margin"]


def test_a_figure_without_a_period_offers_choices_labelled_by_period(knowledge: Knowledge) -> None:
    reply = knowledge.ask("What was revenue?")
    assert reply.status == "ambiguous"
    assert not reply.answers
    assert 2 <= len(reply.choices) <= 5
    assert {"Q4 2011", "FY2011"} <= {choice.label.split(" · ")[0] for choice in reply.choices}
    assert all(choice.question in reply.text for choice in reply.choices)


@pytest.mark.parametrize("question", ["will it rain tomorrow in paris", "florble wumpus quantum", "asdf qwer zxcv"])
def test_what_no_document_says_is_not_found(knowledge: Knowledge, question: str) -> None:
    reply = knowledge.ask(question)
    assert (reply.status, reply.answers, reply.choices) == ("not_found", [], [])
    assert question in reply.text


@pytest.mark.parametrize(
    "question",
    [
        "",
        "   \n\t",
        "🙈🙉🙊",
        "<@U04AB12CD>",
        "\x00\x07\x1b[31m",
        "؟ما هي الإيرادات",
        "???",
        '"; drop table entries; --',
        'NEAR("revenue" margin) * OR NOT AND "',
        "revenue " * 1_250,
        "a" * 10_000,
        "*" * 10_000,
        "&lt;!channel&gt;",
        "\ud800 lone surrogate",
    ],
)
def test_any_text_gets_one_sensible_reply(knowledge: Knowledge, question: str) -> None:
    reply = knowledge.ask(question)
    assert reply.text
    assert len(reply.text) < 6_000
    assert bool(reply.answers) == (reply.status == "answered")
    assert bool(reply.choices) == (reply.status == "ambiguous")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=WORDED | st.text(max_size=3_000), history=st.lists(WORDED, max_size=2))
def test_no_text_and_no_history_raise(knowledge: Knowledge, text: str, history: list[str]) -> None:
    reply = knowledge.ask(Question(text=text, history=tuple(history)))
    assert reply.text
    assert bool(reply.answers) == (reply.status == "answered")
    assert bool(reply.choices) == (reply.status == "ambiguous")


def test_the_same_question_gets_the_same_reply(knowledge: Knowledge) -> None:
    assert len({knowledge.ask("how did margins do in Q4?").model_dump_json() for _ in range(3)}) == 1


def test_a_chosen_entry_is_shown_whole(knowledge: Knowledge) -> None:
    reply = knowledge.show("q4-2011-revenue")
    assert (reply.status, reply.answers[0].confidence) == ("answered", 1.0)


def test_an_entry_that_is_gone_is_said_to_be_gone(knowledge: Knowledge) -> None:
    assert knowledge.show("no-such-entry").status == "not_found"
