from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.app import create_app
from bot.settings import Settings
from knowledge import Knowledge
from tests.handlers.bot import Bot


@pytest.fixture
def bot(settings: Settings, knowledge: Knowledge) -> Iterator[Bot]:
    bot = Bot(create_app(settings, knowledge))
    yield bot
    bot.finish()
