from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient

import bot.app
from bot.app import LISTENER_THREADS, create_app
from bot.manifest import bot_scopes, read_manifest
from bot.settings import Settings, SettingsError
from knowledge import Knowledge
from tests.handlers.bot import Bot
from tests.payloads import BOT_TOKEN, mention
from tests.slack import EVENT_SCOPES, METHOD_SCOPES, SlackServer


class RecordingApp(App):
    """The real app, noting what its listeners are registered for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.registered: list[tuple[str, str]] = []

    def event(self, event: Any, *args: Any, **options: Any) -> Callable[..., Any]:
        if not isinstance(event, re.Pattern):
            self.registered.append(("event", event))
        return super().event(event, *args, **options)

    def command(self, command: Any, *args: Any, **options: Any) -> Callable[..., Any]:
        self.registered.append(("command", command))
        return super().command(command, *args, **options)

    def shortcut(self, constraints: Any, *args: Any, **options: Any) -> Callable[..., Any]:
        self.registered.append(("shortcut", constraints))
        return super().shortcut(constraints, *args, **options)

    def of(self, kind: str) -> set[str]:
        return {name for registered, name in self.registered if registered == kind}


@pytest.fixture
def recorded(settings: Settings, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> RecordingApp:
    monkeypatch.setattr(bot.app, "App", RecordingApp)
    app = create_app(settings, knowledge)
    assert isinstance(app, RecordingApp)
    return app


def test_every_event_of_the_manifest_has_a_listener_and_the_other_way_round(recorded: RecordingApp) -> None:
    subscribed = read_manifest()["settings"]["event_subscriptions"]["bot_events"]
    assert len(subscribed) == len(set(subscribed))
    assert {event.removesuffix(".im") for event in subscribed} == recorded.of("event")


def test_every_command_of_the_manifest_has_a_listener_and_the_other_way_round(recorded: RecordingApp) -> None:
    features = read_manifest()["features"]
    assert [command["command"] for command in features["slash_commands"]] == sorted(recorded.of("command"))
    assert {shortcut["callback_id"] for shortcut in features.get("shortcuts", [])} == recorded.of("shortcut")


def test_the_manifest_asks_for_the_scopes_in_use_and_no_other() -> None:
    manifest = read_manifest()
    events = {EVENT_SCOPES[event] for event in manifest["settings"]["event_subscriptions"]["bot_events"]}
    methods = set(METHOD_SCOPES.values()) - {"connections:write"}
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    assert len(scopes) == len(set(scopes))
    assert bot_scopes() == (events | methods | {"commands"}) - {None}


def test_the_manifest_declares_an_agent_over_socket_mode() -> None:
    manifest = read_manifest()
    assert "agent_view" in manifest["features"]
    assert "assistant_view" not in manifest["features"]
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert manifest["settings"]["interactivity"]["is_enabled"] is True


@pytest.mark.parametrize(
    ("path", "most"),
    [
        (("display_information", "name"), 35),
        (("display_information", "description"), 140),
        (("display_information", "long_description"), 4000),
        (("features", "agent_view", "agent_description"), 300),
    ],
)
def test_the_manifest_keeps_slacks_limits(path: tuple[str, ...], most: int) -> None:
    value: Any = read_manifest()
    for name in path:
        value = value[name]
    assert len(value) <= most
    assert path[-1] != "long_description" or len(value) >= 174


def test_the_app_starts_without_calling_slack(settings: Settings, knowledge: Knowledge, slack: SlackServer) -> None:
    create_app(settings, knowledge)
    assert slack.calls == []


def test_oauth_variables_in_the_environment_do_not_take_the_token_away(
    settings: Settings, knowledge: Knowledge, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "secret")
    bot = Bot(create_app(settings, knowledge))
    assert bot.receive(mention("help")).status == 200
    slack.wait("chat.postMessage")
    bot.finish()


def test_a_client_of_ones_own_is_used(knowledge: Knowledge, slack: SlackServer) -> None:
    bot = Bot(create_app(Settings(), knowledge, WebClient(token=BOT_TOKEN, base_url=slack.url)))
    bot.receive(mention("help"))
    slack.wait("chat.postMessage")
    bot.finish()


def test_without_a_token_the_variable_is_named(knowledge: Knowledge) -> None:
    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN"):
        create_app(Settings(), knowledge)


def test_many_questions_at_once_are_all_answered(settings: Settings, knowledge: Knowledge, slack: SlackServer) -> None:
    bot = Bot(create_app(settings, knowledge))
    payloads = [mention("What was revenue?") for _ in range(3 * LISTENER_THREADS)]
    for payload in payloads:
        bot.receive(payload)
    posts = slack.wait("chat.postMessage", len(payloads))
    bot.finish()
    assert {post["thread_ts"] for post in posts} == {payload["event"]["ts"] for payload in payloads}
