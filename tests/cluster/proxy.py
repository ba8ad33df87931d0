"""A proxy before a real cluster: TLS, signing in, and faults that are played on purpose.

What it does not answer by itself, the cluster answers. Refusals are those of OpenSearch's security
plugin, word by word.
"""

from __future__ import annotations

import base64
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

#: An answer: status, headers, body.
Answer = tuple[int, dict[str, str], bytes]
#: What the cluster makes of a body.
Ask = Callable[[bytes], Answer]
#: Answers in the cluster's place; gets the body that came, and what asks the cluster.
Fault = Callable[[Ask, bytes], Answer]

_UNAUTHORIZED = (
    401,
    {
        "WWW-Authenticate": 'Basic realm="OpenSearch Security"',
        "Content-Type": "text/plain; charset=UTF-8",
    },
    b"Unauthorized",
)
_PASSED_ON = ("content-type", "content-encoding")


class Cut(Exception):
    """The connection is to end without an answer."""


@dataclass(frozen=True)
class Request:
    """What was asked, and the status of the answer; 0 where the connection was cut."""

    method: str
    path: str
    status: int
    body: bytes = field(repr=False)


@dataclass
class _Played:
    method: str
    path: str
    times: int
    fault: Fault

    def fits(self, method: str, path: str) -> bool:
        return bool(
            self.times and re.fullmatch(self.method, method) and re.fullmatch(self.path, path)
        )


@dataclass
class Proxy:
    """The proxy.

    Args:
        upstream: the address of a node, over plain HTTP.
        tls: how it shows itself; None speaks plain HTTP. It may demand a client certificate.
        users: passwords by user, one of which must sign in.
        token: a bearer token that must sign in, if any.
        version: what the root says of the version, in the place of the truth, by key; None for a
            key leaves it out.
        requests: what was asked, in order.
    """

    upstream: str
    tls: ssl.SSLContext | None = None
    users: Mapping[str, str] = field(default_factory=dict)
    token: str = ""
    version: Mapping[str, str | None] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    host: str = "127.0.0.1"
    port: int = 0
    _played: list[_Played] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    @property
    def place(self) -> str:
        """Host and port, to be one of several nodes of an address."""
        return f"{self.host}:{self.port}"

    def play(self, fault: Fault, times: int = 1, method: str = ".*", path: str = ".*") -> None:
        """Play a fault for the next requests that fit the patterns; -1 plays it for ever."""
        self._played.append(_Played(method, path, times, fault))

    def restore(self) -> None:
        """Play no more faults."""
        self._played.clear()

    def count(self, method: str = ".*", path: str = ".*") -> int:
        """How many requests fitted the patterns."""
        return sum(
            bool(re.fullmatch(method, each.method) and re.fullmatch(path, each.path))
            for each in self.requests
        )

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if refusal := self._refusal(headers):
            return refusal

        def ask(body: bytes) -> Answer:
            answer = self._asked(method, path, headers, body)
            return self._disguised(answer) if self.version and path == "/" else answer

        place = urlsplit(path).path
        with self._lock:
            played = next((each for each in self._played if each.fits(method, place)), None)
            if played:
                played.times -= 1
        return played.fault(ask, body) if played else ask(body)

    def _refusal(self, headers: Mapping[str, str]) -> Answer | None:
        allowed = {f"Bearer {self.token}"} if self.token else set()
        for user, password in self.users.items():
            allowed.add(f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}")
        if not allowed or headers.get("authorization") in allowed:
            return None
        return _UNAUTHORIZED

    def _asked(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        upstream = HTTPConnection(urlsplit(self.upstream).netloc, timeout=60)
        try:
            passed_on = {name: headers[name] for name in _PASSED_ON if headers.get(name)}
            upstream.request(method, path, body or None, passed_on)
            with upstream.getresponse() as response:
                kept = {n: v for n, v in response.getheaders() if n.lower() in _PASSED_ON}
                return response.status, kept, response.read()
        finally:
            upstream.close()

    def _disguised(self, answer: Answer) -> Answer:
        status, _, body = answer
        info = json.loads(body)
        info["version"] |= self.version
        info["version"] = {name: value for name, value in info["version"].items() if value}
        return status, {"Content-Type": "application/json"}, json.dumps(info).encode()


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    proxy: Proxy  # of the class that is made for it

    def setup(self) -> None:
        if self.proxy.tls:  # here, and not where it is accepted: it is this thread's time
            self.request = self.proxy.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        super().finish()
        if self.proxy.tls:
            self.request.close()

    def _pass_on(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        status = 0
        try:
            status, sent, content = self.proxy.answer(self.command, self.path, headers, body)
        except Cut:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        finally:
            place = urlsplit(self.path).path
            self.proxy.requests.append(Request(self.command, place, status, body))
        self.send_response(status)
        for name, value in sent.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass_on  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that does not like us is what some tests are about."""


@contextmanager
def running(proxy: Proxy) -> Iterator[Proxy]:
    """The proxy at work, on a port of its own."""
    handler = type("Handler", (_Connection,), {"proxy": proxy})
    with _Http(("127.0.0.1", proxy.port), handler) as http:
        proxy.port = http.server_address[1]
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            http.shutdown()
            thread.join()


# --- faults


def error(status: int, type: str, reason: str) -> Fault:
    """An error as OpenSearch answers it."""
    return body(status, {"error": {**_said(type, reason)}, "status": status})


def body(status: int, content: Any) -> Fault:
    """An answer with this content, as JSON."""
    raw = json.dumps(content).encode()
    return lambda *_: (status, {"Content-Type": "application/json; charset=UTF-8"}, raw)


def page(status: int, text: str) -> Fault:
    """A web page, as a server between here and there shows one."""
    return lambda *_: (status, {"Content-Type": "text/html"}, text.encode())


def forbidden(action: str, user: str) -> Fault:
    """The security plugin does not let a user do something."""
    reason = (
        f"no permissions for [{action}] and User [name={user}, backend_roles=[], "
        "requestedTenant=null]"
    )
    return error(403, "security_exception", reason)


def cut_before(ask: Ask, body: bytes) -> Answer:
    """The connection ends before the cluster has heard of it."""
    raise Cut


def cut_after(ask: Ask, body: bytes) -> Answer:
    """The connection ends when the cluster has done it."""
    ask(body)
    raise Cut


def late(seconds: float) -> Fault:
    """The answer comes late."""

    def fault(ask: Ask, body: bytes) -> Answer:
        answer = ask(body)
        time.sleep(seconds)
        return answer

    return fault


def rejected_items(every: int) -> Fault:
    """A full queue rejects each so-many-th item of a bulk request, from the first on."""
    return _failed_items(every, 429, "rejected_execution_exception", is_done=False)


def lost_items(every: int, status: int, type: str) -> Fault:
    """Each so-many-th item of a bulk request is said to have failed, though it was done."""
    return _failed_items(every, status, type, is_done=True)


def _failed_items(every: int, status: int, type: str, is_done: bool) -> Fault:
    def fault(ask: Ask, body: bytes) -> Answer:
        items = _items(body)
        failed = items[::every]
        kept = items if is_done else [item for item in items if item not in failed]
        done = json.loads(ask(b"".join(kept))[2])["items"] if kept else []
        answered = dict(zip(kept, done, strict=True))
        outcome = {"index": {"status": status, "error": _said(type, "it is played")}}
        answers = [outcome if item in failed else answered[item] for item in items]
        return 200, {"Content-Type": "application/json"}, json.dumps({"items": answers}).encode()

    return fault


def _items(body: bytes) -> list[bytes]:
    """The items of a bulk request."""
    lines = iter(body.splitlines(keepends=True))
    return [head if b'"delete"' in head else head + next(lines) for head in lines]


def _said(type: str, reason: str) -> dict[str, Any]:
    cause = {"type": type, "reason": reason}
    return {"root_cause": [cause], **cause}
