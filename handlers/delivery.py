"""The one place that sends anything to Slack."""

from __future__ import annotations

import logging
from typing import Any, Literal

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse
from slack_sdk.webhook import WebhookClient, WebhookResponse

from handlers.blocks import Block, Message

REFUSED = (
    "invalid_blocks",
    "invalid_attachments",
    "msg_blocks_too_long",
    "too_many_attachments",
    "attachment_payload_limit_exceeded",
)
"""Errors with which Slack refuses the blocks of a message; `invalid_blocks` also begins `invalid_blocks_format`."""

logger = logging.getLogger(__name__)


class DeliveryError(Exception):
    """Slack did not take an answer at its response URL."""


def post(client: WebClient, channel: str, message: Message, thread_ts: str | None = None) -> SlackResponse:
    """Post a message to a channel, or to a person's direct messages; as text alone if Slack refuses its blocks."""
    try:
        return _post(client, channel, message.text, message.blocks, thread_ts)
    except SlackApiError as error:
        code = str(error.response.get("error"))
        if not code.startswith(REFUSED):
            raise
        logger.warning("Slack refused the blocks of a message in %s (%s): sending its text alone", channel, code)
        return _post(client, channel, message.text, None, thread_ts)


def reply_privately(client: WebClient, response_url: str, message: Message, *, replace: bool = False) -> None:
    """Show a message to the person who typed the command or pressed the button, and to nobody else."""
    _respond(client, response_url, message, "ephemeral", replace)


def share(client: WebClient, response_url: str, message: Message) -> None:
    """Show a message to the whole channel, whether or not the bot is a member of it."""
    _respond(client, response_url, message, "in_channel", replace=False)


def publish_home(client: WebClient, user: str, view: dict[str, Any]) -> None:
    """Publish the Home tab of one person."""
    client.views_publish(user_id=user, view=view)


def suggest(client: WebClient, channel: str, questions: list[str]) -> None:
    """Offer questions on the Messages tab."""
    prompts = [{"title": question, "message": question} for question in questions]
    client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=prompts)


def _post(
    client: WebClient, channel: str, text: str, blocks: list[Block] | None, thread_ts: str | None
) -> SlackResponse:
    return client.chat_postMessage(
        channel=channel,
        text=text,
        blocks=blocks,
        thread_ts=thread_ts,
        mrkdwn=False,
        unfurl_links=False,
        unfurl_media=False,
    )


def _respond(
    client: WebClient, url: str, message: Message, audience: Literal["ephemeral", "in_channel"], replace: bool
) -> None:
    # bolt's own respond() does not wait out rate limits.
    webhook = WebhookClient(url, proxy=client.proxy, ssl=client.ssl, retry_handlers=client.retry_handlers)

    def send(blocks: list[Block] | None) -> WebhookResponse:
        return webhook.send(
            text=message.text,
            blocks=blocks,
            response_type=audience,
            replace_original=replace,
            unfurl_links=False,
            unfurl_media=False,
        )

    response = send(message.blocks)
    if _failed(response) and any(code in response.body for code in REFUSED):
        logger.warning("Slack refused the blocks of a response (%s): sending its text alone", response.body)
        response = send(None)
    if _failed(response):
        raise DeliveryError(f"{response.status_code} {response.body}")


def _failed(response: WebhookResponse) -> bool:
    return response.status_code != 200 or '"ok":false' in response.body.replace(" ", "")
