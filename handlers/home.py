"""Somebody opens the Home tab."""

from __future__ import annotations

from typing import Any

from slack_bolt import App
from slack_sdk import WebClient

from handlers import blocks, delivery
from handlers.desk import Desk


def register(app: App, desk: Desk) -> None:
    """Show what the bot knows."""

    @app.event("app_home_opened", matchers=[is_home_tab])
    def show_home(event: dict[str, Any], client: WebClient) -> None:
        delivery.publish_home(client, event["user"], blocks.home_view(desk.knowledge))


def is_home_tab(event: dict[str, Any]) -> bool:
    """Whether the Home tab was opened; the same event tells of the Messages tab."""
    return event.get("tab") == "home"
