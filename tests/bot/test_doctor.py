from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.doctor import Finding, diagnose
from bot.settings import Settings
from knowledge import Knowledge
from tests.payloads import BOT_TOKEN
from tests.slack import Failure, SlackServer


def look(settings: Settings, **changes: Any) -> dict[str, Finding]:
    return {finding.name: finding for finding in diagnose(settings.model_copy(update=changes))}


def test_a_healthy_installation_is_all_ok(settings: Settings, knowledge: Knowledge) -> None:
    findings = look(settings)
    assert {finding.state for finding in findings.values()} == {"ok"}
    assert list(findings) == ["bot token", "scopes", "app token", "data folder", "knowledge"]
    assert findings["knowledge"].text == f"{len(knowledge.entries)} entries from {len(knowledge.documents)} documents"
    assert str(findings["bot token"]) == "ok       bot token: signed in to Team as irbot"


def test_each_missing_scope_is_named(settings: Settings, slack: SlackServer) -> None:
    slack.scopes = {"chat:write", "commands"}
    finding = look(settings)["scopes"]
    assert finding.state == "problem"
    assert finding.text.startswith("missing app_mentions:read, im:history: add ")
    assert "chat:write" not in finding.text


@pytest.mark.parametrize(("method", "name"), [("auth.test", "bot token"), ("apps.connections.open", "app token")])
def test_a_token_that_slack_refuses_is_a_problem(
    settings: Settings, slack: SlackServer, method: str, name: str
) -> None:
    slack.fail(method, Failure("token_revoked"))
    finding = look(settings)[name]
    assert finding.state == "problem"
    assert f"(token_revoked); SLACK_{name.upper().replace(' ', '_')} must start with" in finding.text


def test_a_slack_that_cannot_be_reached_is_a_problem(settings: Settings) -> None:
    findings = look(settings, slack_api_url="http://127.0.0.1:1/api/")
    for name in ("bot token", "app token"):
        assert findings[name].text.startswith("Slack cannot be reached at http://127.0.0.1:1/api/")


def test_without_tokens_the_terminal_is_what_is_left(settings: Settings, slack: SlackServer) -> None:
    findings = look(settings, slack_bot_token=None, slack_app_token=None, slack_signing_secret=None)
    assert findings["bot token"].state == "warning"
    assert "terminal" in findings["bot token"].text
    assert slack.calls == []


def test_a_bot_token_with_no_way_to_hear_slack_is_a_problem(settings: Settings) -> None:
    finding = look(settings, slack_app_token=None, slack_signing_secret=None)["app token"]
    assert finding.state == "problem"
    assert "SLACK_APP_TOKEN" in finding.text
    assert "SLACK_SIGNING_SECRET" in finding.text


def test_with_a_signing_secret_alone_http_it_is(settings: Settings) -> None:
    finding = look(settings, slack_app_token=None)["app token"]
    assert (finding.state, "HTTP on port 3000" in finding.text) == ("ok", True)


def test_a_data_folder_that_cannot_be_written_is_a_problem(settings: Settings, tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("not a folder", encoding="utf-8")
    findings = look(settings, irbot_data=occupied / "data")
    assert findings["data folder"].state == findings["knowledge"].state == "problem"
    assert "IRBOT_DATA" in findings["data folder"].text


def test_a_library_that_does_not_load_is_a_problem(settings: Settings, tmp_path: Path) -> None:
    finding = look(settings, irbot_library=tmp_path / "nowhere")["knowledge"]
    assert finding.state == "problem"
    assert "nowhere" in finding.text


def test_no_finding_shows_a_secret(settings: Settings, slack: SlackServer) -> None:
    slack.fail("auth.test", Failure("invalid_auth"))
    assert not any(BOT_TOKEN in str(finding) for finding in diagnose(settings))
