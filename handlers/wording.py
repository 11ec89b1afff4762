"""The words of a message, wherever Slack put them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any


def question_text(event: dict[str, Any], bot_user_id: str | None) -> str:
    """What a message asks, without the mention of the bot.

    A forwarded message or a pasted table leaves `text` empty; its words stand in the blocks and attachments.
    """
    mention = re.compile(rf"<@{re.escape(bot_user_id)}(\|[^>]*)?>" if bot_user_id else r"(?!)")
    written = mention.sub(" ", event.get("text") or "").strip()
    if written:
        return written
    enclosed = [*_texts(event.get("blocks")), *_attached(event.get("attachments") or [])]
    return " ".join(mention.sub(" ", " ".join(enclosed)).split())


def _attached(attachments: list[dict[str, Any]]) -> Iterator[str]:
    for attachment in attachments:
        # A forwarded message comes twice in one attachment: as text, and as blocks further down.
        own = [attachment[key] for key in ("pretext", "title", "text") if attachment.get(key)]
        yield from own or _texts([attachment.get("blocks"), attachment.get("message_blocks")])


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for child in node:
            yield from _texts(child)
    elif isinstance(node, dict):
        for key, child in node.items():
            if key == "text" and isinstance(child, str):
                yield child
            else:
                yield from _texts(child)
