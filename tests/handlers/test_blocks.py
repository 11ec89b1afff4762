from __future__ import annotations

import html
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import blocks
from knowledge import Answer, Choice, Knowledge, Reply, Source
from tests.payloads import buttons
from tests.slack import block_error, leaves

WORDS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["<!channel>", "<@U1>", "<https://example.com|x>", "a & b", "x" * 9_000, "so many words " * 1_000]),
)
SOURCE = st.builds(
    Source,
    document=WORDS,
    title=WORDS,
    date=WORDS,
    speaker=st.none() | WORDS,
    section=WORDS,
    locator=WORDS,
    excerpt=WORDS,
)
ANSWER = st.builds(
    Answer,
    entry=WORDS,
    kind=st.sampled_from(["metric", "qa"]),
    question=WORDS,
    answer=WORDS,
    labels=st.lists(WORDS, max_size=4),
    confidence=st.floats(0, 1),
    citations=st.lists(SOURCE, max_size=4),
)
SAID = WORDS.filter(lambda words: bool(words.strip()))
CHOICE = st.builds(Choice, entry=WORDS, question=SAID, label=WORDS)
REPLY = st.builds(
    Reply,
    question=WORDS,
    status=st.sampled_from(["answered", "ambiguous", "not_found", "smalltalk"]),
    answers=st.lists(ANSWER, max_size=12),
    choices=st.lists(CHOICE, max_size=30),
    text=SAID,
    notes=st.lists(WORDS, max_size=3),
)
BUILDERS = [
    blocks.answer_message,
    blocks.private_message,
    lambda reply: blocks.shared_message(reply, "U0ASKER"),
    lambda reply: blocks.chosen_message(reply, "U0ASKER"),
]


@pytest.mark.parametrize("build", BUILDERS)
@given(reply=REPLY)
def test_any_reply_stays_within_slacks_limits_and_pings_nobody(build: Any, reply: Reply) -> None:
    message = build(reply)
    assert block_error(message.blocks, 50) is None
    assert 0 < len(message.text) <= 12_100
    for words in (message.text, *leaves(message.blocks)):
        said = words.replace("<@U0ASKER>", "")
        assert not any(opening in said for opening in ("<!", "<@", "<#", "<http"))


def _answer(**changes: Any) -> Answer:
    source = Source(
        document="call",
        title="Fourth quarter call",
        date="2012-02-07",
        speaker="Michael Ashby",
        section="Prepared remarks",
        locator="CFO's overview",
        excerpt="Revenue was $91.6 million.",
    )
    answer = Answer(
        entry="revenue",
        kind="metric",
        question="What was revenue?",
        answer="It was $91.6 million.",
        labels=["Q4 2011", "Non-GAAP", "Reported"],
        confidence=1,
        citations=[source],
    )
    return answer.model_copy(update=changes)


def _reply(*answers: Answer, **changes: Any) -> Reply:
    return Reply(question="?", status="answered", answers=list(answers), text="whole reply").model_copy(update=changes)


def _rich(element: str, text: str, **style: Any) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": element, "elements": [{"type": "text", "text": text} | style]}]}


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def test_an_answer_shows_question_answer_labels_excerpt_and_citation() -> None:
    assert blocks.answer_message(_reply(_answer())) == blocks.Message(
        "whole reply",
        [
            _rich("rich_text_section", "What was revenue?", style={"bold": True}),
            _rich("rich_text_section", "It was $91.6 million."),
            _context("Q4 2011 · Non-GAAP · Reported"),
            _rich("rich_text_quote", "Revenue was $91.6 million."),
            _context("Michael Ashby, Fourth quarter call, 2012-02-07, CFO's overview"),
        ],
    )


def test_several_answers_stand_one_after_another_between_dividers_with_the_notes_last() -> None:
    message = blocks.answer_message(_reply(_answer(), _answer(), notes=["The weather I do not know."]))
    kinds = [block["type"] for block in message.blocks]
    assert kinds.count("divider") == 1
    assert list(leaves(message.blocks[-1])) == ["The weather I do not know."]


@pytest.mark.parametrize("text", ["~$80 million to ~$90 million", "a *b* _c_ `d`\n> e", "R&D > 5"])
def test_approved_wording_and_excerpts_are_shown_to_the_letter(text: str) -> None:
    source = _answer().citations[0].model_copy(update={"excerpt": text})
    shown = list(leaves(blocks.answer_message(_reply(_answer(answer=text, citations=[source]))).blocks))
    assert shown.count(text) == 2


def test_what_does_not_fit_is_left_out_with_a_note_before_the_buttons() -> None:
    message = blocks.private_message(_reply(*[_answer(answer="word " * 500) for _ in range(9)]))
    *_, note, row = message.blocks
    assert list(leaves(note)) == [blocks.CUT]
    assert row["type"] == "actions"


def test_a_long_text_is_split_between_words_and_keeps_every_one() -> None:
    text = " ".join(f"word{number}" for number in range(1_200))
    shown = list(leaves(blocks.answer_message(_reply(status="not_found", text=text)).blocks))
    assert len(shown) > 1
    assert "".join(shown) == text


@pytest.mark.parametrize("text", ["a & b <c> &amp; " * 900, "&" * 12_000])
def test_a_cut_text_ends_in_whole_characters(text: str) -> None:
    cut = blocks.answer_message(_reply(text=text)).text
    assert text.startswith(html.unescape(cut).removesuffix("…"))
    assert len(cut) <= blocks.MAX_TEXT


def test_the_share_button_carries_the_entries() -> None:
    (share,) = buttons(blocks.private_message(_reply(_answer(entry="a"), _answer(entry="b")))._asdict())
    assert share["value"] == "a b"


def test_the_home_tab_of_a_large_library_stays_within_slacks_limits(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = next(iter(knowledge.documents.values()))
    monkeypatch.setattr(knowledge, "documents", {f"d{number}": document for number in range(300)})
    assert block_error(blocks.home_view(knowledge)["blocks"], 100) is None
