from __future__ import annotations

import pytest

from handlers.blocks import escape
from knowledge import Knowledge
from tests.handlers.bot import Bot, broken
from tests.payloads import buttons, command, press
from tests.slack import RATE_LIMITED, Failure, SlackServer, leaves

REVENUE = "What was Q4 revenue?"


def test_a_command_is_answered_privately_with_a_button_to_share(bot: Bot, slack: SlackServer) -> None:
    response = bot.receive(command(REVENUE, slack.response_url))
    assert (response.status, response.body) == (200, "")
    (shown,) = slack.wait("respond")
    assert shown["response_type"] == "ephemeral"
    assert "$91.6 million" in " ".join(leaves(shown["blocks"]))
    assert [button["text"]["text"] for button in buttons(shown)] == ["Share with the channel"]
    assert slack.bodies("chat.postMessage") == []


def test_a_private_not_found_cannot_be_shared(bot: Bot, slack: SlackServer) -> None:
    bot.receive(command("qwxz vbnjk", slack.response_url))
    assert buttons(slack.wait("respond")[0]) == []


@pytest.mark.parametrize("text", ["", "  ", "help", "HELP", "help?"])
def test_help_shows_usage_and_examples_that_answer_when_clicked(
    bot: Bot, slack: SlackServer, knowledge: Knowledge, text: str
) -> None:
    bot.receive(command(text, slack.response_url))
    (shown,) = slack.wait("respond")
    assert "/ir" in shown["text"]
    assert [button["value"] for button in buttons(shown)] == knowledge.examples
    bot.receive(press(buttons(shown)[0], slack.response_url))
    answer = slack.wait("respond", 2)[1]
    assert (answer["response_type"], answer["replace_original"]) == ("ephemeral", False)
    assert answer["text"] == escape(knowledge.ask(knowledge.examples[0]).text)


def test_the_share_button_posts_the_answer_to_the_channel_once(bot: Bot, slack: SlackServer) -> None:
    bot.receive(command(REVENUE, slack.response_url))
    click = press(buttons(slack.wait("respond")[0])[0], slack.response_url)
    assert bot.receive(click).status == 200
    shared, replaced = slack.wait("respond", 3)[1:]
    bot.receive(click)
    bot.finish()
    assert (shared["response_type"], shared["replace_original"]) == ("in_channel", False)
    assert shared["blocks"][0]["elements"][0]["text"] == "Shared by <@U0ASKER>"
    assert "$91.6 million" in shared["text"]
    assert (replaced["response_type"], replaced["replace_original"]) == ("ephemeral", True)
    assert buttons(shared) == buttons(replaced) == []
    assert len(slack.bodies("respond")) == 3


def test_an_answer_that_could_not_be_shared_can_be_shared_again(bot: Bot, slack: SlackServer) -> None:
    bot.receive(command(REVENUE, slack.response_url))
    click = press(buttons(slack.wait("respond")[0])[0], slack.response_url)
    slack.fail("respond", Failure("expired_url", 404))
    bot.receive(click)
    assert "Sorry" in slack.wait("respond", 3)[2]["text"]
    bot.receive(click)
    assert "in_channel" in [shown["response_type"] for shown in slack.wait("respond", 5)[3:]]


def test_a_share_button_of_an_entry_that_is_gone_says_so(bot: Bot, slack: SlackServer) -> None:
    bot.receive(press({"action_id": "share_answer", "value": "gone-entry"}, slack.response_url))
    (shown,) = slack.wait("respond")
    assert shown["response_type"] == "ephemeral"
    assert "no longer in the library" in shown["text"]


def test_a_private_choice_is_replaced_by_its_answer(bot: Bot, slack: SlackServer) -> None:
    bot.receive(command("What was revenue?", slack.response_url))
    choice = buttons(slack.wait("respond")[0])[0]
    bot.receive(press(choice, slack.response_url))
    answer = slack.wait("respond", 2)[1]
    assert (answer["response_type"], answer["replace_original"]) == ("ephemeral", True)
    assert [button["value"] for button in buttons(answer)] == [choice["value"]]


@pytest.mark.parametrize("status", [200, 400])
def test_refused_blocks_of_a_response_go_out_as_text_alone(bot: Bot, slack: SlackServer, status: int) -> None:
    slack.fail("respond", Failure("invalid_blocks", status))
    bot.receive(command(REVENUE, slack.response_url))
    refused, taken = slack.wait("respond", 2)
    assert "blocks" in refused
    assert "blocks" not in taken
    assert "$91.6 million" in taken["text"]


def test_a_rate_limit_on_a_response_is_waited_out(bot: Bot, slack: SlackServer) -> None:
    slack.fail("respond", RATE_LIMITED)
    bot.receive(command(REVENUE, slack.response_url))
    first, second = slack.wait("respond", 2)
    assert first == second


def test_an_unexpected_error_is_told_privately(
    bot: Bot, slack: SlackServer, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knowledge, "ask", broken)
    assert bot.receive(command(REVENUE, slack.response_url)).status == 200
    (shown,) = slack.wait("respond")
    assert shown["response_type"] == "ephemeral"
    assert "Sorry" in shown["text"]
    assert "recipe" not in shown["text"]
