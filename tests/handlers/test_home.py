from __future__ import annotations

import pytest

from handlers.blocks import escape
from knowledge import Knowledge
from tests.handlers.bot import Bot, broken
from tests.payloads import DM, USER, buttons, envelope, press_on_home, tab_opened
from tests.slack import SlackServer, leaves


def test_the_home_tab_says_what_the_bot_knows_and_how_fresh_it_is(
    bot: Bot, slack: SlackServer, knowledge: Knowledge
) -> None:
    assert bot.receive(tab_opened("home")).status == 200
    (published,) = slack.wait("views.publish")
    shown = " ".join(leaves(published["view"]["blocks"]))
    assert published["user_id"] == USER
    assert f"*{len(knowledge.entries)}* approved answers from *2* documents, the newest of 7 February 2012" in shown
    assert all(document.title in shown for document in knowledge.documents.values())
    assert [button["value"] for button in buttons(published["view"])] == knowledge.examples


def test_an_example_on_the_home_tab_is_answered_in_the_direct_messages(
    bot: Bot, slack: SlackServer, knowledge: Knowledge
) -> None:
    bot.receive(tab_opened("home"))
    view = slack.wait("views.publish")[0]["view"]
    bot.receive(press_on_home(buttons(view)[0], view))
    (post,) = slack.wait("chat.postMessage")
    assert (post["channel"], "thread_ts" in post) == (USER, False)
    assert post["text"] == escape(knowledge.ask(knowledge.examples[0]).text)


def test_a_failing_example_on_the_home_tab_is_told_in_the_direct_messages(
    bot: Bot, slack: SlackServer, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot.receive(tab_opened("home"))
    view = slack.wait("views.publish")[0]["view"]
    monkeypatch.setattr(knowledge, "ask", broken)
    bot.receive(press_on_home(buttons(view)[0], view))
    assert "Sorry" in slack.wait("chat.postMessage")[0]["text"]


def test_the_messages_tab_offers_the_example_questions(bot: Bot, slack: SlackServer, knowledge: Knowledge) -> None:
    bot.receive(tab_opened("messages"))
    (offered,) = slack.wait("assistant.threads.setSuggestedPrompts")
    assert offered["channel_id"] == DM
    assert [prompt["message"] for prompt in offered["prompts"]] == knowledge.examples
    assert slack.bodies("views.publish") == []


@pytest.mark.parametrize("kind", ["app_context_changed", "agent_session_stopped", "channel_rename"])
def test_an_event_without_a_reply_is_acknowledged(bot: Bot, slack: SlackServer, kind: str) -> None:
    assert bot.receive(envelope({"type": kind, "user": USER, "event_ts": "1700000000.1"})).status == 200
    bot.finish()
    assert {call.method for call in slack.calls} == {"auth.test"}
