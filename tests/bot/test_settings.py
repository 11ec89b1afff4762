from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import SettingsError, read_settings
from knowledge import IrbotError


def test_without_any_setting_there_are_defaults() -> None:
    settings = read_settings()
    assert settings.slack_bot_token is settings.slack_app_token is settings.slack_signing_secret is None
    assert (settings.slack_api_url, settings.port) == ("https://slack.com/api/", 3000)
    assert settings.irbot_data.name == "irbot"
    assert settings.irbot_library is None


def test_the_environment_wins_over_the_dotenv_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("PORT=4000\nIRBOT_LOG_LEVEL=debug\nSOMETHING_ELSE=1\n", encoding="utf-8")
    monkeypatch.setenv("PORT", "5000")
    settings = read_settings()
    assert (settings.port, settings.irbot_log_level) == (5000, "DEBUG")


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("SLACK_API_URL", "http://127.0.0.1:8080/api", "http://127.0.0.1:8080/api/"),
        ("SLACK_API_URL", "", "https://slack.com/api/"),
        ("IRBOT_DATA", "/var/lib/irbot", Path("/var/lib/irbot")),
        ("IRBOT_LIBRARY", "~/library", Path.home() / "library"),
        ("PORT", " 8080 ", 8080),
    ],
)
def test_a_setting_is_read_as_people_write_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, read: object
) -> None:
    monkeypatch.setenv(name, value)
    assert getattr(read_settings(), name.lower()) == read


def test_a_token_is_trimmed_and_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", " xoxb-1-secret\n")
    settings = read_settings()
    assert settings.secret("slack_bot_token") == "xoxb-1-secret"
    assert "secret" not in repr(settings).replace("signing_secret", "")


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("SLACK_BOT_TOKEN", "xoxp-hunter2", "xoxb-"),
        ("SLACK_BOT_TOKEN", "xoxb-", "OAuth & Permissions"),
        ("SLACK_BOT_TOKEN", '"xoxb-hunter2"', "xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-hunter2", "connections:write"),
        ("SLACK_API_URL", "hunter2", "https://slack.com/api/"),
        ("PORT", "hunter2", "number"),
        ("PORT", "0", "number"),
        ("PORT", "70000", "65535"),
        ("IRBOT_LOG_LEVEL", "hunter2", "DEBUG"),
        ("IRBOT_DATA", "~hunter2/data", "folder"),
    ],
)
def test_a_malformed_setting_is_named_in_one_sentence_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, mend: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        read_settings()
    message = str(raised.value)
    assert message.startswith(f"{name} must ")
    assert mend in message
    assert "hunter2" not in message
    assert "\n" not in message
    assert isinstance(raised.value, IrbotError)


def test_an_unreadable_dotenv_file_is_named() -> None:
    Path(".env").write_bytes(b"\xff\xfe\x00SLACK")
    with pytest.raises(SettingsError, match=r"\.env"):
        read_settings()


def test_a_missing_secret_is_named_with_where_to_find_it() -> None:
    with pytest.raises(SettingsError, match=r"SLACK_BOT_TOKEN is not set; it must start with xoxb-"):
        read_settings().secret("slack_bot_token")
