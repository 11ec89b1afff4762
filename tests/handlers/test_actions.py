from __future__ import annotations

import pytest

from handlers.blocks import escape
from knowledge import Knowledge, Question
from tests.handlers.bot import Bot
from tests.payloads import CHANNEL, DM, buttons, direct_message, mention, press, press_in_thread
from tests.slack import SlackServer, leaves


def test_a_choice_in_a_thread_is_answered_there_for_all(bot: Bot, slack: SlackServer) -> None:
    bot.receive(mention("What was revenue?"))
    (offered,) = slack.wait("chat.postMessage")
    choice = buttons(offered)[-1]
    assert bot.receive(press_in_thread(choice, offered, slack.response_url)).status == 200
    answer = slack.wait("chat.postMessage", 2)[1]
    assert (answer["channel"], answer["thread_ts"]) == (CHANNEL, offered["thread_ts"])
    assert answer["blocks"][0]["elements"][0]["text"] == "<@U0ASKER> asked"
    assert choice["text"]["text"] in " ".join(leaves(answer["blocks"]))


def test_a_choice_becomes_part_of_its_conversation(
    bot: Bot, slack: SlackServer, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot.receive(mention("What was revenue?"))
    (offered,) = slack.wait("chat.postMessage")
    choice = buttons(offered)[0]
    bot.receive(press_in_thread(choice, offered, slack.response_url))
    slack.wait("chat.postMessage", 2)
    asked: list[Question] = []
    ask = knowledge.ask
    monkeypatch.setattr(knowledge, "ask", lambda question: asked.append(question) or ask(question))
    bot.receive(mention("and gross margin?", thread_ts=offered["thread_ts"]))
    slack.wait("chat.postMessage", 3)
    assert asked[0].history == ("What was revenue?", knowledge.entries[choice["value"]].question)


def test_a_choice_that_is_gone_says_so(bot: Bot, slack: SlackServer) -> None:
    posted = {"channel": CHANNEL, "thread_ts": "1600000000.000001"}
    button = {"action_id": "choose_entry_1", "value": "gone-entry"}
    bot.receive(press_in_thread(button, posted, slack.response_url))
    assert "no longer in the library" in slack.wait("chat.postMessage")[0]["text"]


def test_an_example_in_a_thread_is_answered_there(bot: Bot, slack: SlackServer, knowledge: Knowledge) -> None:
    bot.receive(direct_message(""))
    (helped,) = slack.wait("chat.postMessage")
    bot.receive(press_in_thread(buttons(helped)[0], helped, slack.response_url))
    answer = slack.wait("chat.postMessage", 2)[1]
    assert (answer["channel"], answer["thread_ts"]) == (DM, helped["thread_ts"])
    assert escape(knowledge.ask(knowledge.examples[0]).text) in answer["text"]


def test_a_button_from_an_earlier_version_is_acknowledged_and_declined(bot: Bot, slack: SlackServer) -> None:
    assert bot.receive(press({"action_id": "retired", "value": "x"}, slack.response_url)).status == 200
    assert "no longer works" in slack.wait("respond")[0]["text"]
