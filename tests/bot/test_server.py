from __future__ import annotations

import json
import os
import signal
import socket as sockets
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from bot.app import create_app
from bot.server import create_wsgi, serve
from bot.settings import Settings, SettingsError
from knowledge import IrbotError, Knowledge
from tests.payloads import (
    APP_TOKEN,
    BOT_TOKEN,
    SIGNING_SECRET,
    buttons,
    command,
    direct_message,
    mention,
    press,
    sign,
    tab_opened,
)
from tests.slack import SlackServer, SocketServer

REVENUE = "What was Q4 revenue?"


class Response(NamedTuple):
    status: int
    body: str


def request(url: str, body: str | None = None, headers: dict[str, str] | None = None) -> Response:
    data = body.encode() if body is not None else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers or {}), timeout=10) as response:
            return Response(response.status, response.read().decode())
    except HTTPError as error:
        with error:
            return Response(error.code, error.read().decode())


def deliver(url: str, payload: dict[str, Any], **signature: Any) -> Response:
    """An event over HTTP, signed as Slack signs it."""
    body = json.dumps(payload)
    return request(f"{url}/slack/events", body, {"Content-Type": "application/json"} | sign(body, **signature))


def submit(url: str, form: dict[str, Any]) -> Response:
    """A command or a pressed button over HTTP: a signed form."""
    body = urlencode(form)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | sign(body)
    return request(f"{url}/slack/events", body, headers)


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class ThreadingServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@pytest.fixture
def url(settings: Settings, knowledge: Knowledge) -> Iterator[str]:
    app = create_app(settings, knowledge)
    server = make_server("127.0.0.1", 0, create_wsgi(app, knowledge), ThreadingServer, QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.listener_runner.listener_executor.shutdown()


def test_healthz_tells_what_is_known(url: str, knowledge: Knowledge) -> None:
    status, body = request(f"{url}/healthz")
    assert status == 200
    assert json.loads(body) == {
        "status": "ok",
        "documents": len(knowledge.documents),
        "entries": len(knowledge.entries),
    }


def test_a_signed_mention_is_answered_once_however_often_it_comes(url: str, slack: SlackServer) -> None:
    payload = mention(REVENUE)
    assert deliver(url, payload).status == 200
    assert deliver(url, payload).status == 200
    assert deliver(url, direct_message(REVENUE)).status == 200
    posts = slack.wait("chat.postMessage", 2)
    assert all("$91.6 million" in post["text"] for post in posts)
    assert {post["channel"] for post in posts} == {"C0CHANNEL", "D0DIRECT"}


def test_a_signed_command_and_its_share_button_are_answered(url: str, slack: SlackServer) -> None:
    assert submit(url, command(REVENUE, slack.response_url)) == Response(200, "")
    (shown,) = slack.wait("respond")
    click = press(buttons(shown)[0], slack.response_url)
    assert submit(url, {"payload": json.dumps(click)}).status == 200
    assert slack.wait("respond", 2)[1]["response_type"] == "in_channel"


def test_the_home_tab_is_published_over_http(url: str, slack: SlackServer) -> None:
    assert deliver(url, tab_opened("home")).status == 200
    slack.wait("views.publish")


def test_slack_can_verify_the_address(url: str) -> None:
    response = deliver(url, {"type": "url_verification", "challenge": "abc", "token": "x"})
    assert (response.status, json.loads(response.body)) == (200, {"challenge": "abc"})


@pytest.mark.parametrize("signature", [{"secret": "another"}, {"age": 600}])
def test_a_bad_signature_is_refused(
    url: str, slack: SlackServer, signature: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    assert deliver(url, mention("confidential words"), **signature).status == 401
    assert slack.calls == []
    assert "confidential" not in caplog.text


@pytest.mark.parametrize("body", ["", "{", "payload=%7B", "\x00"])
def test_a_body_that_is_no_payload_is_refused(url: str, body: str) -> None:
    assert request(f"{url}/slack/events", body).status in (400, 401)


@pytest.mark.parametrize("path", ["/", "/slack/install", "/healthz/more"])
def test_there_is_nothing_else_to_see(url: str, path: str) -> None:
    assert request(f"{url}{path}").status == 404


def test_http_wants_a_signing_secret(knowledge: Knowledge) -> None:
    with pytest.raises(SettingsError, match="SLACK_SIGNING_SECRET is not set"):
        serve(Settings(slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN), knowledge, http=True)


def free_port() -> int:
    with sockets.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """`irbot run` in a process of its own."""
    start = [sys.executable, "-W", "error", "-c", "from bot.cli import main; main()", "run", *arguments]
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    variables = os.environ | {"PYTHONPATH": root} | environment
    with subprocess.Popen(start, env=variables, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def stop(process: subprocess.Popen[str]) -> str:
    """End the process as a platform does; what it logged."""
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=20)
    assert process.returncode == 0, log
    return log


def wait_for(url: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        try:
            request(url)
        except URLError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(process.communicate()[1] if process.poll() is not None else "never answered")


def variables(slack: SlackServer, settings: Settings) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": slack.url,
        "IRBOT_DATA": str(settings.irbot_data),
    }


def test_gunicorn_serves_and_finishes_its_answers_when_told_to_stop(slack: SlackServer, settings: Settings) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running("--http", PORT=str(port), **variables(slack, settings)) as process:
        wait_for(f"{url}/healthz", process)
        for _ in range(20):
            assert deliver(url, mention(REVENUE)).status == 200
        log = stop(process)
    assert len(slack.bodies("chat.postMessage")) == 20
    assert "Traceback" not in log


def test_socket_mode_answers_and_acknowledges_over_its_websocket(
    slack: SlackServer, socket: SocketServer, settings: Settings
) -> None:
    slack.socket_url = socket.url
    with running(SLACK_APP_TOKEN=APP_TOKEN, **variables(slack, settings)) as process:
        socket.wait_for_connection()
        asked = mention(REVENUE)
        socket.send("events_api", asked)
        socket.send("events_api", asked, retry_attempt=1, retry_reason="timeout")
        socket.send("events_api", direct_message(REVENUE))
        posts = slack.wait("chat.postMessage", 2)
        socket.send("slash_commands", command(REVENUE, slack.response_url))
        (shown,) = slack.wait("respond")
        socket.send("interactive", press(buttons(shown)[0], slack.response_url))
        slack.wait("respond", 3)
        socket.send("events_api", tab_opened("home"))
        socket.disconnect()
        socket.send("events_api", tab_opened("messages"))
        log = stop(process)
    assert {post["channel"] for post in posts} == {"C0CHANNEL", "D0DIRECT"}
    assert len(slack.bodies("chat.postMessage")) == 2
    assert len(slack.bodies("views.publish")) == len(slack.bodies("assistant.threads.setSuggestedPrompts")) == 1
    assert "Traceback" not in log


def test_an_app_token_that_slack_refuses_ends_the_start_with_one_sentence(
    settings: Settings, slack: SlackServer
) -> None:
    with running(SLACK_APP_TOKEN="xapp-revoked", **variables(slack, settings)) as process:
        _, log = process.communicate(timeout=20)
    assert process.returncode == 2
    assert log.strip().splitlines()[-1].startswith("irbot: Slack refuses SLACK_APP_TOKEN (invalid_auth)")
    assert "Traceback" not in log


def test_a_slack_that_cannot_be_reached_ends_the_start_with_one_sentence(
    settings: Settings, slack: SlackServer
) -> None:
    unreachable = variables(slack, settings) | {"SLACK_API_URL": f"http://127.0.0.1:{free_port()}/api/"}
    with running(SLACK_APP_TOKEN=APP_TOKEN, **unreachable) as process:
        _, log = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "irbot: Slack cannot be reached at http://127.0.0.1" in log
    assert issubclass(SettingsError, IrbotError)
