"""Somebody writes, edits or deletes a message where the bot can read it."""

from __future__ import annotations

from typing import Any

from slack_bolt import App, BoltContext
from slack_sdk import WebClient

from handlers.desk import Desk

NEW_WORDS = (None, "file_share", "thread_broadcast")
"""Subtypes of a message that a person just wrote; edits and deletions have others."""


def register(app: App, desk: Desk) -> None:
    """Answer direct messages by people; every other message is acknowledged and left alone."""

    @app.event("message")
    def answer_direct_message(event: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        if is_question(event):
            desk.answer(event, context, client)


def is_question(event: dict[str, Any]) -> bool:
    """Whether a person wrote to the bot directly; in channels `app_mention` says so."""
    return event.get("channel_type") == "im" and event.get("subtype") in NEW_WORDS and "bot_id" not in event
