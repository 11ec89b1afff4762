"""A stand-in for Slack on the loopback interface: it records calls, keeps Slack's rules, and fails when told to."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from tests.payloads import APP_TOKEN, BOT_TOKEN, BOT_USER, DM, TEAM, USER, timestamp

METHOD_SCOPES = {
    "auth.test": None,
    "apps.connections.open": "connections:write",
    "assistant.threads.setSuggestedPrompts": "chat:write",
    "chat.postMessage": "chat:write",
    "views.publish": None,
}
"""Every method that the bot may call, with the scope that it needs."""
EVENT_SCOPES = {
    "app_context_changed": None,
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
}


class Call(NamedTuple):
    method: str
    body: dict[str, Any]


class Failure(NamedTuple):
    """How one call is to fail: with an error that Slack names, or with an HTTP status."""

    error: str
    status: int = 200
    retry_after: str | None = None


RATE_LIMITED = Failure("ratelimited", 429, retry_after="0")
SERVER_ERROR = Failure("internal_error", 500)


class SlackServer:
    """Slack's Web API at `url` and its response URLs at `response_url`."""

    def __init__(self, scopes: set[str]) -> None:
        self.scopes = scopes
        self.calls: list[Call] = []
        self.socket_url: str | None = None
        self._failures: defaultdict[str, deque[Failure]] = defaultdict(deque)
        self._changed = Condition()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def url(self) -> str:
        return f"{self.address}/api/"

    @property
    def response_url(self) -> str:
        return f"{self.address}/respond"

    def close(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def fail(self, method: str, *failures: Failure) -> None:
        """Let the next calls of `method` fail, one after another."""
        self._failures[method].extend(failures)

    def bodies(self, method: str) -> list[dict[str, Any]]:
        return [call.body for call in self.calls if call.method == method]

    def wait(self, method: str, count: int = 1) -> list[dict[str, Any]]:
        """The bodies of the calls of `method`, as soon as there are `count` of them."""
        with self._changed:
            arrived = self._changed.wait_for(lambda: len(self.bodies(method)) >= count, timeout=10)
        assert arrived, f"{count} calls of {method} expected, got {self.calls}"
        return self.bodies(method)

    def answer(self, path: str, token: str, body: dict[str, Any]) -> tuple[int, dict[str, str], dict[str, Any]]:
        method = "respond" if path == "/respond" else path.removeprefix("/api/")
        with self._changed:
            self.calls.append(Call(method, body))
            self._changed.notify_all()
            if self._failures[method]:
                failure = self._failures[method].popleft()
                headers = {"Retry-After": failure.retry_after} if failure.retry_after else {}
                return failure.status, headers, {"ok": False, "error": failure.error}
        error = self._refusal(method, token, body)
        if error:
            return 200, {}, {"ok": False, "error": error}
        scopes = {"x-oauth-scopes": ",".join(sorted(self.scopes))}
        return 200, scopes, {"ok": True} | self._result(method, body)

    def _refusal(self, method: str, token: str, body: dict[str, Any]) -> str | None:
        if method == "respond":
            return block_error(body.get("blocks", []), 50)
        if method not in METHOD_SCOPES:
            return "unknown_method"
        if token != (APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN):
            return "invalid_auth"
        scope = METHOD_SCOPES[method]
        if scope and scope != "connections:write" and scope not in self.scopes:
            return "missing_scope"
        if method == "chat.postMessage" and not body.get("text"):
            return "no_text"
        if method == "views.publish":
            return block_error(body["view"]["blocks"], 100)
        return block_error(body.get("blocks", []), 50)

    def _result(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        if method == "auth.test":
            return {"team": "Team", "team_id": TEAM, "user": "irbot", "user_id": BOT_USER, "bot_id": "B0IRBOT"}
        if method == "apps.connections.open":
            return {"url": self.socket_url or "ws://127.0.0.1:1/"}
        if method == "chat.postMessage":
            return {"channel": DM if body["channel"] == USER else body["channel"], "ts": timestamp()}
        return {}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        slack = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                json_body = (self.headers.get("Content-Type") or "").startswith("application/json")
                body = json.loads(raw or "{}") if json_body else dict(parse_qsl(raw))
                token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
                status, headers, result = slack.answer(self.path, token, body)
                data = json.dumps(result).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


class SocketServer:
    """Slack's end of Socket Mode: sends envelopes over the newest connection and keeps the acknowledgements."""

    def __init__(self) -> None:
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.connections = 0
        self._numbers = itertools.count(1)
        self._newest: ServerConnection | None = None
        self._changed = Condition()
        self._server: Server = serve(self._receive, "127.0.0.1", 0)
        self._thread = Thread(target=self._server.serve_forever)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()

    def send(self, kind: str, payload: dict[str, Any], **envelope: Any) -> dict[str, Any]:
        """Send an envelope; the payload of its acknowledgement, which must come within Slack's three seconds."""
        envelope_id = f"envelope-{next(self._numbers)}"
        self._send({"envelope_id": envelope_id, "type": kind, "payload": payload, **envelope})
        with self._changed:
            assert self._changed.wait_for(lambda: envelope_id in self.acknowledged, timeout=3)
        return self.acknowledged[envelope_id]

    def disconnect(self) -> None:
        """Ask the client to connect anew, as Slack does every few hours, and wait until it has."""
        before, old = self.connections, self._newest
        self._send({"type": "disconnect", "reason": "refresh_requested"})
        self.wait_for_connection(before + 1)
        assert old is not None
        old.close()

    def wait_for_connection(self, count: int = 1) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.connections >= count, timeout=20)

    def _send(self, message: dict[str, Any]) -> None:
        assert self._newest is not None
        self._newest.send(json.dumps(message))

    def _receive(self, connection: ServerConnection) -> None:
        with self._changed:
            self._newest = connection
            self.connections += 1
            self._changed.notify_all()
        connection.send(json.dumps({"type": "hello", "num_connections": self.connections}))
        try:
            for message in connection:
                response = json.loads(message)
                with self._changed:
                    self.acknowledged[response["envelope_id"]] = response.get("payload") or {}
                    self._changed.notify_all()
        except ConnectionClosed:
            pass


def block_error(blocks: list[dict[str, Any]], most: int) -> str | None:
    """The error that Slack would give for these blocks."""
    if len(blocks) > most:
        return "invalid_blocks"
    texts = [text for block in blocks for text in leaves(block)]
    if sum(map(len, texts)) > 12_000:
        return "msg_blocks_too_long"
    if not all(texts) or not all(_block_fits(block) for block in blocks):
        return "invalid_blocks"
    return None


def leaves(node: object) -> Iterator[str]:
    """Every text in the blocks, as a person sees it."""
    if isinstance(node, dict):
        for key, child in node.items():
            if key == "text" and isinstance(child, str):
                yield child
            else:
                yield from leaves(child)
    elif isinstance(node, list):
        for child in node:
            yield from leaves(child)


def _block_fits(block: dict[str, Any]) -> bool:
    fits: dict[str, Callable[[], bool]] = {
        "divider": lambda: True,
        "header": lambda: len(block["text"]["text"]) <= 150,
        "section": lambda: len(block["text"]["text"]) <= 3000,
        "context": lambda: 0 < len(block["elements"]) <= 10 and max(map(len, leaves(block))) <= 2000,
        "rich_text": lambda: len(block["elements"]) > 0 and sum(map(len, leaves(block))) <= 3000,
        "actions": lambda: _row_fits(block["elements"]),
    }
    return block["type"] in fits and fits[block["type"]]()


def _row_fits(row: list[dict[str, Any]]) -> bool:
    ids = {button["action_id"] for button in row}
    texts = all(0 < len(button["text"]["text"]) <= 75 for button in row)
    values = all(len(button["value"]) <= 2000 and len(button["action_id"]) <= 255 for button in row)
    return 0 < len(row) <= 25 and len(ids) == len(row) and texts and values
