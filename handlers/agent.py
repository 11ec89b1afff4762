"""Slack's agent view: the Messages tab is opened, or the person looks at something else."""

from __future__ import annotations

from typing import Any

from slack_bolt import App
from slack_sdk import WebClient

from handlers import delivery
from handlers.desk import Desk


def register(app: App, desk: Desk) -> None:
    """Offer questions on the Messages tab."""

    @app.event("app_home_opened", matchers=[is_messages_tab])
    def suggest_questions(event: dict[str, Any], client: WebClient) -> None:
        delivery.suggest(client, event["channel"], desk.knowledge.examples)

    @app.event("app_context_changed")
    def pass_over_context() -> None:
        """No answer depends on what the person looks at, but the event wants to be acknowledged."""


def is_messages_tab(event: dict[str, Any]) -> bool:
    """Whether the Messages tab was opened."""
    return event.get("tab") == "messages"
