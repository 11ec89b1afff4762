"""Every test starts from an environment without settings; what it shares with others is the real knowledge."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.manifest import bot_scopes
from bot.settings import Settings
from knowledge import Knowledge
from tests.payloads import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET
from tests.slack import SlackServer, SocketServer


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith(("SLACK_", "IRBOT_")) or name == "PORT" or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def knowledge(data: Path) -> Knowledge:
    return Knowledge.load(data=data)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the project with the original documents and the labelled questions."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip(f"the original documents are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def sources(shared: Path) -> Path:
    """The original documents, which are not part of the project."""
    return shared / "sources"


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    server = SlackServer(bot_scopes())
    yield server
    server.close()


@pytest.fixture
def socket() -> Iterator[SocketServer]:
    server = SocketServer()
    yield server
    server.close()


@pytest.fixture
def settings(slack: SlackServer, data: Path) -> Settings:
    return Settings(
        slack_bot_token=BOT_TOKEN,
        slack_app_token=APP_TOKEN,
        slack_signing_secret=SIGNING_SECRET,
        slack_api_url=slack.url,
        irbot_data=data,
    )
