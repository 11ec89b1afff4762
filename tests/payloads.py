"""What Slack sends: events, commands and pressed buttons as full payloads, and signatures over them."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import time
from typing import Any

TEAM, CHANNEL, DM, USER, BOT_USER = "T0TEAM", "C0CHANNEL", "D0DIRECT", "U0ASKER", "U0IRBOT"
BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "xoxb-0-test", "xapp-0-test", "0123456789abcdef"

_numbers = itertools.count(1)


def timestamp() -> str:
    return f"1700000000.{next(_numbers):06}"


def envelope(event: dict[str, Any]) -> dict[str, Any]:
    """An event as Slack delivers it; deliver the same object again for a retry."""
    return {
        "type": "event_callback",
        "token": "verification",
        "team_id": TEAM,
        "api_app_id": "A0IRBOT",
        "event": event,
        "event_id": f"Ev{next(_numbers)}",
        "event_time": 1700000000,
        "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
        "is_ext_shared_channel": False,
    }


def mention(text: str, **event: Any) -> dict[str, Any]:
    written = {"type": "app_mention", "user": USER, "text": f"<@{BOT_USER}> {text}", "channel": CHANNEL}
    return envelope(written | {"ts": timestamp(), "team": TEAM} | event)


def direct_message(text: str, **event: Any) -> dict[str, Any]:
    written = {"type": "message", "channel_type": "im", "user": USER, "text": text, "channel": DM}
    return envelope(written | {"ts": timestamp(), "team": TEAM} | event)


def tab_opened(tab: str) -> dict[str, Any]:
    return envelope({"type": "app_home_opened", "user": USER, "channel": DM, "tab": tab, "event_ts": timestamp()})


def command(text: str, response_url: str) -> dict[str, Any]:
    return {
        "command": "/ir",
        "text": text,
        "response_url": response_url,
        "team_id": TEAM,
        "channel_id": CHANNEL,
        "user_id": USER,
        "trigger_id": f"trigger-{next(_numbers)}",
    }


def press(button: dict[str, Any], response_url: str | None = None, **body: Any) -> dict[str, Any]:
    """A button pressed; by default one in a message that only the asker sees."""
    container = {"type": "message", "message_ts": timestamp(), "channel_id": CHANNEL, "is_ephemeral": True}
    pressed = {
        "type": "block_actions",
        "user": {"id": USER, "team_id": TEAM},
        "team": {"id": TEAM},
        "api_app_id": "A0IRBOT",
        "container": container,
        "channel": {"id": CHANNEL},
        "actions": [{**button, "block_id": "block", "action_ts": timestamp()}],
    }
    return pressed | ({"response_url": response_url} if response_url else {}) | body


def press_in_thread(button: dict[str, Any], posted: dict[str, Any], response_url: str) -> dict[str, Any]:
    """A button pressed in a message that the bot posted in a thread."""
    container = {"type": "message", "message_ts": timestamp(), "channel_id": posted["channel"], "is_ephemeral": False}
    message = {"ts": container["message_ts"], "thread_ts": posted["thread_ts"]}
    return press(button, response_url, container=container, message=message)


def press_on_home(button: dict[str, Any], view: dict[str, Any]) -> dict[str, Any]:
    """A button pressed on the Home tab."""
    return press(button, container={"type": "view", "view_id": "V0HOME"}, view=view | {"id": "V0HOME"})


def buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [block["elements"] for block in message["blocks"] if block["type"] == "actions"]
    return [button for row in rows for button in row]


def sign(body: str, secret: str = SIGNING_SECRET, age: float = 0) -> dict[str, str]:
    """The headers that prove a request to be Slack's."""
    sent = str(int(time.time() - age))
    digest = hmac.new(secret.encode(), f"v0:{sent}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": sent, "X-Slack-Signature": f"v0={digest}"}
