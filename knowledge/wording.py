"""A question's words without what Slack and courtesy put around them."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 1_000
"""A question longer than this is read up to here."""

_MARKUP = [
    (re.compile(r"<(?:https?|mailto|tel):[^|>]*\|([^>]*)>"), r"\1"),  # <url|label>
    (re.compile(r"<[@#!][^|>]*\|([^>]*)>"), r"\1"),  # <#C012|channel>
    (re.compile(r"<(?:[@#!]|https?:|mailto:|tel:)[^>]*>"), " "),
    (re.compile(r":[a-z0-9_+-]{2,}:(?!\d)"), " "),  # :emoji:
    (re.compile(r"```|[`*~]|(?<!\w)_|_(?!\w)"), " "),
    (re.compile(r"^\s*(?:>|&gt;)+", re.M), " "),
]
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}


def clean(text: str) -> str:
    """`text` as plain words: mark-up, emoji and control characters gone, white space folded, at most MAX_CHARACTERS."""
    text = text[: MAX_CHARACTERS * 4]
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    for entity, character in _ENTITIES.items():
        text = text.replace(entity, character)
    text = unicodedata.normalize("NFKC", text)
    text = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in text)
    text = "".join(character for character in text if unicodedata.category(character) not in {"So", "Sk", "Mn"})
    return re.sub(r"\s+", " ", text).strip()[:MAX_CHARACTERS]


def words(text: str) -> list[str]:
    """The lower-case words and figures of `text`."""
    return re.findall(r"[a-z0-9]+(?:[.'&-][a-z0-9]+)*%?", text.lower().replace("’", "'"))
