"""The Slack app manifest: the one list of scopes, events and commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = "manifest.json"


def read_manifest() -> dict[str, Any]:
    """The manifest, from beside this module in a wheel and from the repository's root in a checkout."""
    here = Path(__file__).parent
    file = here / FILE if (here / FILE).exists() else here.parent / FILE
    manifest: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return manifest


def bot_scopes() -> set[str]:
    """The scopes that the bot token needs."""
    return set(read_manifest()["oauth_config"]["scopes"]["bot"])
