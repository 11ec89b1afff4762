"""The bot is mentioned in a channel."""

from __future__ import annotations

from typing import Any

from slack_bolt import App, BoltContext
from slack_sdk import WebClient

from handlers.desk import Desk


def register(app: App, desk: Desk) -> None:
    """Answer mentions by people."""

    @app.event("app_mention")
    def answer_mention(event: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        if "bot_id" not in event:
            desk.answer(event, context, client)
