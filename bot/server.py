"""Runs the bot: over a Socket Mode connection, or as an HTTP server behind gunicorn."""

from __future__ import annotations

import json
import logging
import signal
import threading
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from gunicorn.app.base import BaseApplication
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk.errors import SlackApiError

from bot.app import create_app, create_client
from bot.settings import Settings
from knowledge import IrbotError, Knowledge

HTTP_THREADS = 16
"""A request only waits for its acknowledgement; the answer itself is given by a listener's thread."""


class SlackUnreachableError(IrbotError):
    """Slack refused the connection, or could not be reached."""


def serve(settings: Settings, knowledge: Knowledge, *, http: bool = False) -> None:
    """Run until told to stop: in Socket Mode when an app token is set, over HTTP otherwise or when `http`."""
    # First of all: bolt's loggers copy the root's level when they are made.
    logging.basicConfig(level=settings.irbot_log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    socket_mode = settings.slack_app_token is not None and not http
    if not socket_mode:
        settings.secret("slack_signing_secret")
    app = create_app(settings, knowledge)
    if socket_mode:
        serve_socket(app, settings)
    else:
        serve_http(create_wsgi(app, knowledge), settings.port)


def serve_socket(app: App, settings: Settings) -> None:
    """Hold a Socket Mode connection until SIGINT or SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    token = settings.secret("slack_app_token")
    handler = SocketModeHandler(app, token, web_client=create_client(settings, token))
    try:
        handler.client.connect()
        stop.wait()
    except SlackApiError as error:
        raise SlackUnreachableError(
            f"Slack refuses SLACK_APP_TOKEN ({error.response['error']}): "
            "create a new app-level token with the scope connections:write."
        ) from error
    except OSError as error:
        raise SlackUnreachableError(f"Slack cannot be reached at {settings.slack_api_url}: {error}.") from error
    finally:
        handler.client.close()


def serve_http(wsgi: WSGIApplication, port: int) -> None:
    """Serve on all interfaces until SIGINT or SIGTERM, letting requests under way finish."""
    _Gunicorn(wsgi, port).run()


def create_wsgi(app: App, knowledge: Knowledge) -> WSGIApplication:
    """The WSGI application: Slack's requests at /slack/events, the state of health at /healthz."""
    slack = SlackRequestHandler(app)
    health = json.dumps({"status": "ok", "documents": len(knowledge.documents), "entries": len(knowledge.entries)})

    def wsgi(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/healthz":
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(health)))])
            return [health.encode()]
        try:
            return slack(environ, start_response)
        except ValueError:  # bolt reads the body before it looks at the signature
            start_response("400 Bad Request", [("Content-Type", "text/plain")])
            return [b"not a payload"]

    return wsgi


class _Gunicorn(BaseApplication):
    def __init__(self, wsgi: WSGIApplication, port: int) -> None:
        self._port = port
        super().__init__()
        self.callable = wsgi  # type: ignore[assignment]  # its stubs know no environ that is a plain dict

    def load_config(self) -> None:
        # One process, because it alone remembers which events it has seen.
        options: dict[str, Any] = {
            "bind": f"0.0.0.0:{self._port}",
            "workers": 1,
            "threads": HTTP_THREADS,
            "worker_class": "gthread",
            "control_socket_disable": True,
        }
        for name, value in options.items():
            self.cfg.set(name, value)
