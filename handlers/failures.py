"""An unexpected error: the log gets its traceback, the person a sentence with the same id."""

from __future__ import annotations

import logging
from typing import Any
from uuid import uuid4

from slack_bolt import App, BoltResponse
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from handlers import delivery
from handlers.blocks import Message

APOLOGY = "Sorry, something went wrong on my side and I cannot answer this now. Whoever runs me can find it as {id}."

logger = logging.getLogger(__name__)


def register(app: App) -> None:
    """Let no failing listener leave a question without a reply."""

    @app.error
    def apologise(error: Exception, body: dict[str, Any], client: WebClient, response: BoltResponse | None) -> None:
        incident = uuid4().hex[:8]
        logger.error("Failure %s", incident, exc_info=error)
        if response is not None and response.status == 500:
            # Nothing was acknowledged: Slack delivers an event again and tells the person of anything else.
            return
        try:
            _tell(client, body, Message(APOLOGY.format(id=incident), []))
        except (SlackClientError, OSError, delivery.DeliveryError):
            logger.exception("Failure %s could not be told to the person", incident)


def _tell(client: WebClient, body: dict[str, Any], message: Message) -> None:
    event = body.get("event", {})
    if event.get("type") in ("app_mention", "message"):
        delivery.post(client, event["channel"], message, event.get("thread_ts") or event["ts"])
    elif "response_url" in body:
        delivery.reply_privately(client, body["response_url"], message)
    elif "view" in body:
        delivery.post(client, body["user"]["id"], message)
