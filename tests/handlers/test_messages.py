from __future__ import annotations

from typing import Any

import pytest

from handlers.wording import question_text
from tests.handlers.bot import Bot
from tests.payloads import BOT_USER, DM, USER, direct_message, envelope
from tests.slack import SlackServer, leaves

REVENUE = "What was Q4 revenue?"


def test_a_direct_message_is_answered_in_a_thread_on_it(bot: Bot, slack: SlackServer) -> None:
    payload = direct_message(REVENUE)
    assert bot.receive(payload).status == 200
    (post,) = slack.wait("chat.postMessage")
    assert (post["channel"], post["thread_ts"]) == (DM, payload["event"]["ts"])
    assert "$91.6 million" in post["text"]


def test_a_direct_message_inside_a_thread_is_answered_there(bot: Bot, slack: SlackServer) -> None:
    bot.receive(direct_message(REVENUE, thread_ts="1600000000.000001"))
    assert slack.wait("chat.postMessage")[0]["thread_ts"] == "1600000000.000001"


@pytest.mark.parametrize("written", [{}, {"subtype": "file_share", "files": []}, {"subtype": "thread_broadcast"}])
def test_a_direct_message_with_a_mention_and_a_file_is_answered(
    bot: Bot, slack: SlackServer, written: dict[str, Any]
) -> None:
    bot.receive(direct_message(f"<@{BOT_USER}> {REVENUE}", **written))
    assert "$91.6 million" in slack.wait("chat.postMessage")[0]["text"]


def test_an_ambiguous_question_offers_labelled_choices(bot: Bot, slack: SlackServer) -> None:
    bot.receive(direct_message("What was revenue?"))
    (post,) = slack.wait("chat.postMessage")
    row = post["blocks"][-1]["elements"]
    assert 2 <= len(row) <= 5
    assert all(button["text"]["text"] in post["text"] for button in row)


def test_an_edited_question_gets_no_second_answer(bot: Bot, slack: SlackServer) -> None:
    asked = direct_message(REVENUE)
    bot.receive(asked)
    edited = asked["event"] | {"text": "What was gross margin?", "edited": {"user": USER, "ts": "1700000001.0"}}
    change = {"type": "message", "subtype": "message_changed", "channel": DM, "channel_type": "im", "hidden": True}
    assert bot.receive(envelope(change | {"ts": "1700000001.1", "message": edited})).status == 200
    bot.finish()
    assert len(slack.bodies("chat.postMessage")) == 1


@pytest.mark.parametrize(
    "event",
    [
        {"subtype": "message_deleted", "deleted_ts": "1700000000.000001"},
        {"subtype": "bot_message", "bot_id": "B0OTHER"},
        {"bot_id": "B0OTHER"},
        {"subtype": "channel_join"},
        {"channel_type": "channel", "channel": "C0CHANNEL"},
        {"user": BOT_USER},
    ],
)
def test_what_is_no_question_to_the_bot_is_acknowledged_and_left_alone(
    bot: Bot, slack: SlackServer, event: dict[str, Any]
) -> None:
    assert bot.receive(direct_message(REVENUE, **event)).status == 200
    bot.finish()
    assert slack.bodies("chat.postMessage") == []


def test_a_question_in_a_forwarded_message_is_read_and_answered(bot: Bot, slack: SlackServer) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": REVENUE}}]
    forwarded = {"is_share": True, "text": REVENUE, "message_blocks": [{"message": {"blocks": blocks}}]}
    bot.receive(direct_message("", attachments=[forwarded]))
    assert "$91.6 million" in " ".join(leaves(slack.wait("chat.postMessage")[0]["blocks"]))


def _cell(text: str) -> dict[str, Any]:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}],
    }


@pytest.mark.parametrize(
    ("event", "text"),
    [
        ({"text": f"<@{BOT_USER}> revenue?"}, "revenue?"),
        ({"text": f"  hey <@{BOT_USER}|irbot> revenue for <@U0OTHER>? "}, "hey   revenue for <@U0OTHER>?"),
        (
            {"text": f"<@{BOT_USER}>", "attachments": [{"blocks": [{"type": "table", "rows": [[_cell("revenue")]]}]}]},
            "revenue",
        ),
        (
            {"text": "", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "gross margin"}}]},
            "gross margin",
        ),
        ({"text": "asked", "attachments": [{"text": "forwarded"}]}, "asked"),
        ({"attachments": [{"text": "once", "message_blocks": [{"text": "once"}]}]}, "once"),
        ({"text": None}, ""),
        ({}, ""),
    ],
)
def test_a_question_is_read_from_wherever_slack_put_it(event: dict[str, Any], text: str) -> None:
    assert question_text(event, BOT_USER) == text
