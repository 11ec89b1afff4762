from __future__ import annotations

import logging

import pytest

from knowledge import Knowledge, Question
from tests.handlers.bot import Bot, broken
from tests.payloads import BOT_USER, CHANNEL, USER, direct_message, envelope, mention
from tests.slack import RATE_LIMITED, SERVER_ERROR, Failure, SlackServer, leaves

REVENUE = "What was Q4 revenue?"


def test_a_mention_is_answered_in_its_thread_with_excerpt_and_citation(bot: Bot, slack: SlackServer) -> None:
    payload = mention(REVENUE)
    assert bot.receive(payload).status == 200
    (post,) = slack.wait("chat.postMessage")
    shown = " ".join(leaves(post["blocks"]))
    assert (post["channel"], post["thread_ts"]) == (CHANNEL, payload["event"]["ts"])
    for words in ("$91.6 million", "Q4 2011 · Reported", "Michael Ashby", "2012-02-07"):
        assert words in shown
        assert words in post["text"].replace("[", "").replace("]", "")
    assert any(
        element["type"] == "rich_text_quote" for block in post["blocks"] for element in block.get("elements", [])
    )


def test_a_mention_inside_a_thread_is_answered_in_that_thread(bot: Bot, slack: SlackServer) -> None:
    bot.receive(mention(REVENUE, thread_ts="1600000000.000001"))
    assert slack.wait("chat.postMessage")[0]["thread_ts"] == "1600000000.000001"


def test_what_the_sources_do_not_hold_is_said_to_be_missing(bot: Bot, slack: SlackServer) -> None:
    bot.receive(mention("qwxz vbnjk"))
    (post,) = slack.wait("chat.postMessage")
    assert "qwxz vbnjk" in post["text"]
    assert list(leaves(post["blocks"])) == [post["text"]]


@pytest.mark.parametrize("retry", [{}, {"x-slack-retry-num": ["1"], "x-slack-retry-reason": ["http_timeout"]}])
def test_the_same_event_delivered_again_gets_no_second_reply(bot: Bot, slack: SlackServer, retry: dict) -> None:
    payload = mention(REVENUE)
    bot.receive(payload)
    assert bot.receive(payload, retry).status == 200
    bot.finish()
    assert len(slack.bodies("chat.postMessage")) == 1


def test_an_event_first_seen_as_a_retry_is_answered(bot: Bot, slack: SlackServer) -> None:
    bot.receive(mention(REVENUE), {"x-slack-retry-num": ["2"], "x-slack-retry-reason": ["http_timeout"]})
    slack.wait("chat.postMessage")


@pytest.mark.parametrize("channel_type", ["channel", "group", "mpim", "im"])
def test_a_mention_that_arrives_as_two_events_gets_one_reply(bot: Bot, slack: SlackServer, channel_type: str) -> None:
    asked = mention(REVENUE)
    bot.receive(asked)
    bot.receive(envelope(asked["event"] | {"type": "message", "channel_type": channel_type}))
    bot.finish()
    assert len(slack.bodies("chat.postMessage")) == 1


def test_a_mention_by_another_bot_is_left_alone(bot: Bot, slack: SlackServer) -> None:
    assert bot.receive(mention(REVENUE, bot_id="B0OTHER")).status == 200
    bot.finish()
    assert slack.bodies("chat.postMessage") == []


@pytest.mark.parametrize("text", ["", "   ", f"<@{BOT_USER}|irbot>"])
def test_only_a_mention_gets_short_help(bot: Bot, slack: SlackServer, text: str) -> None:
    bot.receive(mention(text))
    (post,) = slack.wait("chat.postMessage")
    assert "/ir" in post["text"]
    assert post["blocks"][-1]["type"] == "actions"


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000,
        ":tada: :rocket:",
        "🎉",
        "*what* _was_ ~revenue~ `in` > Q4?",
        "\x00\x07 revenue \x1b[31m",
        "ما هي الإيرادات؟",
        "\u202erevenue",
        '"; DROP TABLE entries; --',
        'NEAR("revenue" margin*) OR ^a AND NOT b:c',
        "\ud800",
        "<!channel> <@U0OTHER> <https://example.com|revenue>",
    ],
)
def test_a_strange_question_gets_one_reply_that_pings_nobody(bot: Bot, slack: SlackServer, text: str) -> None:
    bot.receive(mention(text))
    (post,) = slack.wait("chat.postMessage")
    assert "Sorry" not in post["text"]
    for words in (post["text"], *leaves(post["blocks"])):
        assert not any(opening in words for opening in ("<!", "<@", "<http"))


def test_a_rate_limit_is_waited_out(bot: Bot, slack: SlackServer) -> None:
    slack.fail("chat.postMessage", RATE_LIMITED)
    bot.receive(mention(REVENUE))
    first, second = slack.wait("chat.postMessage", 2)
    assert first == second


def test_an_error_on_slacks_side_is_tried_again(bot: Bot, slack: SlackServer) -> None:
    slack.fail("chat.postMessage", SERVER_ERROR)
    bot.receive(mention(REVENUE))
    slack.wait("chat.postMessage", 2)


@pytest.mark.parametrize(
    "error", ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "invalid_attachments"]
)
def test_refused_blocks_go_out_as_text_alone(bot: Bot, slack: SlackServer, error: str) -> None:
    slack.fail("chat.postMessage", Failure(error))
    bot.receive(mention(REVENUE))
    refused, taken = slack.wait("chat.postMessage", 2)
    assert "blocks" in refused
    assert "blocks" not in taken
    assert "$91.6 million" in taken["text"]
    assert taken["thread_ts"] == refused["thread_ts"]


def test_an_unexpected_error_is_told_with_the_id_that_the_log_carries(
    bot: Bot,
    slack: SlackServer,
    knowledge: Knowledge,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(knowledge, "ask", broken)
    payload = mention(REVENUE)
    bot.receive(payload)
    (post,) = slack.wait("chat.postMessage")
    record = next(record for record in caplog.records if record.exc_info)
    assert record.args
    assert str(record.args[0]) in post["text"]
    assert post["thread_ts"] == payload["event"]["ts"]
    assert "secret recipe" not in post["text"]


def test_an_answer_that_cannot_be_posted_is_logged(
    bot: Bot, slack: SlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    slack.fail("chat.postMessage", Failure("is_archived"), Failure("is_archived"))
    bot.receive(mention(REVENUE))
    bot.finish()
    assert len(slack.bodies("chat.postMessage")) == 2
    assert [record.levelno for record in caplog.records if record.name == "handlers.failures"] == [logging.ERROR] * 2


def test_an_event_that_cannot_be_authorized_is_left_for_slack_to_deliver_again(bot: Bot, slack: SlackServer) -> None:
    slack.close()
    assert bot.receive(mention(REVENUE)).status == 500


def test_a_follow_up_carries_the_earlier_questions_of_its_thread(
    bot: Bot, slack: SlackServer, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Question] = []
    ask = knowledge.ask
    monkeypatch.setattr(knowledge, "ask", lambda question: asked.append(question) or ask(question))
    thread = "1600000000.000009"
    for number, text in enumerate([REVENUE, "and gross margin?"], 1):
        bot.receive(mention(text, thread_ts=thread))
        slack.wait("chat.postMessage", number)
    bot.receive(mention("and gross margin?"))
    bot.receive(direct_message("and gross margin?", thread_ts=thread))
    bot.finish()
    first, follow_up, *elsewhere = asked
    assert first == Question(text=REVENUE, asker=USER, place=CHANNEL)
    assert follow_up.history == (REVENUE,)
    assert [question.history for question in elsewhere] == [(), ()]
