"""Somebody types `/ir`."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from handlers import blocks, delivery
from handlers.desk import Desk
from knowledge import Question


def register(app: App, desk: Desk) -> None:
    """Answer `/ir <question>` for the asker alone; without a question, say how to ask."""

    @app.command("/ir")
    def answer_command(ack: Ack, command: dict[str, Any], client: WebClient) -> None:
        ack()
        text = command.get("text", "").strip()
        if is_help(text):
            message = blocks.help_message(desk.knowledge.examples)
        else:
            question = Question(text=text, asker=command["user_id"], place=command["channel_id"])
            message = blocks.private_message(desk.knowledge.ask(question))
        delivery.reply_privately(client, command["response_url"], message)


def is_help(text: str) -> bool:
    """Whether the words after the command ask how to use it."""
    return text.casefold().rstrip("?!. ") in ("", "help")
