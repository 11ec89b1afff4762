"""Says what keeps the bot from working, and how to mend it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.app import create_client
from bot.manifest import bot_scopes
from bot.settings import RULES, Settings
from knowledge import IrbotError, Knowledge


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `text` says how it stands and, unless it is ok, how to mend it."""

    name: str
    state: Literal["ok", "warning", "problem"]
    text: str

    def __str__(self) -> str:
        return f"{self.state:8} {self.name}: {self.text}"


def diagnose(settings: Settings) -> list[Finding]:
    """Look at tokens, scopes, data folder and knowledge; raises nothing for what it finds."""
    return [*_bot_token(settings), *_transport(settings), _data_folder(settings), _knowledge(settings)]


def _bot_token(settings: Settings) -> Iterator[Finding]:
    if settings.slack_bot_token is None:
        rule = RULES["slack_bot_token"]
        yield Finding("bot token", "warning", f"SLACK_BOT_TOKEN is not set, so irbot stays in the terminal; it {rule}.")
        return
    try:
        response = create_client(settings, settings.secret("slack_bot_token")).auth_test()
    except (SlackApiError, OSError) as error:
        yield Finding("bot token", "problem", _refusal(error, "SLACK_BOT_TOKEN", settings))
        return
    yield Finding("bot token", "ok", f"signed in to {response.get('team')} as {response.get('user')}")
    yield _scopes(response)


def _scopes(response: SlackResponse) -> Finding:
    headers = {name.lower(): value for name, value in response.headers.items()}
    if "x-oauth-scopes" not in headers:
        return Finding("scopes", "warning", "Slack did not say which scopes the bot token has; look at the app's page.")
    granted = {scope.strip() for scope in headers["x-oauth-scopes"].split(",")}
    missing = sorted(bot_scopes() - granted)
    if missing:
        mend = "add under OAuth & Permissions, then reinstall the app"
        return Finding("scopes", "problem", f"missing {', '.join(missing)}: {mend}.")
    return Finding("scopes", "ok", f"all {len(bot_scopes())} granted")


def _transport(settings: Settings) -> Iterator[Finding]:
    if settings.slack_app_token is not None:
        yield _app_token(settings)
    elif settings.slack_signing_secret is not None:
        yield Finding("app token", "ok", f"not set, so irbot serves HTTP on port {settings.port}")
    elif settings.slack_bot_token is not None:
        yield Finding(
            "app token",
            "problem",
            f"neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set. For Socket Mode, SLACK_APP_TOKEN "
            f"{RULES['slack_app_token']}. For HTTP, SLACK_SIGNING_SECRET {RULES['slack_signing_secret']}.",
        )


def _app_token(settings: Settings) -> Finding:
    token = settings.secret("slack_app_token")
    try:
        create_client(settings, token).apps_connections_open(app_token=token)
    except (SlackApiError, OSError) as error:
        return Finding("app token", "problem", _refusal(error, "SLACK_APP_TOKEN", settings))
    return Finding("app token", "ok", "opens a Socket Mode connection")


def _refusal(error: SlackApiError | OSError, variable: str, settings: Settings) -> str:
    if isinstance(error, SlackApiError):
        return f"Slack refuses it ({error.response.get('error')}); {variable} {RULES[variable.lower()]}."
    return f"Slack cannot be reached at {settings.slack_api_url}: check the network and SLACK_API_URL."


def _data_folder(settings: Settings) -> Finding:
    folder = settings.irbot_data
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding("data folder", "problem", f"{folder}: {error.strerror}; set IRBOT_DATA to a writable folder.")
    return Finding("data folder", "ok", f"{folder} is writable")


def _knowledge(settings: Settings) -> Finding:
    try:
        knowledge = Knowledge.load(settings.irbot_library, settings.irbot_data)
    except IrbotError as error:
        return Finding("knowledge", "problem", str(error))
    return Finding("knowledge", "ok", f"{len(knowledge.entries)} entries from {len(knowledge.documents)} documents")
