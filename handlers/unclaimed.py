"""What no other listener claims, because Slack repeats an event and reports a button that nobody acknowledges."""

from __future__ import annotations

import logging
import re
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from handlers import delivery
from handlers.blocks import Message

OUTDATED = Message("This button no longer works. Please ask the question again.", [])

logger = logging.getLogger(__name__)


def register(app: App) -> None:
    """Acknowledge all the rest."""

    @app.event(re.compile(".*"))
    def pass_over_event(event: dict[str, Any]) -> None:
        logger.debug("No listener for the event %s", event["type"])

    @app.action(re.compile(".*"))
    def decline_action(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        if "response_url" in body:
            delivery.reply_privately(client, body["response_url"], OUTDATED)
