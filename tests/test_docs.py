"""The README cannot drift from what it describes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from bot.cli import app
from bot.settings import Settings

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", sorted(get_command(app).commands))  # type: ignore[attr-defined]
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"`irbot {command}" in README


@pytest.mark.parametrize("setting", sorted(Settings.model_fields))
def test_every_setting_is_in_the_readme(setting: str) -> None:
    assert f"| `{setting.upper()}` |" in README


def test_the_answer_in_the_readme_is_what_the_bot_says(knowledge) -> None:
    question, shown = re.search(r'irbot ask "([^"]+)"\n(.*?)```', README, re.S).groups()
    assert knowledge.ask(question).text == shown.strip()
