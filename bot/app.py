"""The Slack app, put together: client, bolt app, listeners."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler, ServerErrorRetryHandler

from bot.settings import Settings
from handlers import register
from knowledge import Knowledge

LISTENER_THREADS = 32
"""Bolt's own five are starved by a few slow posts, and then a slash command misses its three seconds."""


def create_app(settings: Settings, knowledge: Knowledge, client: WebClient | None = None) -> App:
    """The app with all its listeners; nothing is sent to Slack until the first request arrives."""
    client = client or create_client(settings, settings.secret("slack_bot_token"))
    signing_secret = settings.slack_signing_secret
    with _hidden("SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        app = App(
            name="irbot",
            client=client,
            signing_secret=signing_secret.get_secret_value() if signing_secret else "",
            token_verification_enabled=False,
            listener_executor=ThreadPoolExecutor(LISTENER_THREADS, thread_name_prefix="listener"),
            user_facing_authorize_error_message="I cannot sign in to Slack: ask whoever runs irbot to check its token.",
        )
    # At INFO it logs the whole body of every request with a bad signature.
    logging.getLogger("slack_bolt.RequestVerification").setLevel(logging.WARNING)
    register(app, knowledge)
    return app


def create_client(settings: Settings, token: str) -> WebClient:
    """A Web API client that waits out rate limits and repeats what failed on Slack's side."""
    client = WebClient(token=token, base_url=settings.slack_api_url)
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=3))
    client.retry_handlers.append(ServerErrorRetryHandler(max_retry_count=2))
    return client


@contextmanager
def _hidden(*names: str) -> Iterator[None]:
    """Hide variables that bolt reads by itself: a client id and secret would turn the app into an OAuth app
    and drop its token, and a token beside a client earns a warning."""
    values = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(values)
