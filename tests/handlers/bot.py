"""The bot in this process, for tests that need no transport."""

from __future__ import annotations

from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse

from knowledge import Question, Reply


class Bot:
    """The real app with payloads put in at one end, and the calls that Slack received at the other."""

    def __init__(self, app: App) -> None:
        self.app = app

    def receive(self, payload: dict[str, Any], headers: dict[str, str] | None = None) -> BoltResponse:
        return self.app.dispatch(BoltRequest(body=payload, headers=headers, mode="socket_mode"))

    def finish(self) -> None:
        """Wait until every listener is done; after that the bot takes nothing more."""
        self.app.listener_runner.listener_executor.shutdown()


def broken(_: Question) -> Reply:
    """What `Knowledge.ask` is when it fails."""
    raise RuntimeError("the secret recipe")
