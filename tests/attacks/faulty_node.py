"""A proxy in front of a real node that answers single calls as a node in trouble would, and passes on all others.

What the node really did is then asked of the node itself.
"""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

Answer = tuple[int, bytes, bytes]
"""HTTP status, content type, body."""

Fault = Callable[[Callable[[], Answer]], Answer | None]
"""Answers in the node's place, and may ask the node first; None hangs up."""

_JSON = b"application/json"


def status(code: int, body: bytes = b"", content_type: bytes = b"text/html") -> Fault:
    """Answers with a bare HTTP status; the node hears nothing of it."""
    return lambda _: (code, content_type, body)


def refusal(code: int, message: str) -> Fault:
    """Answers with an error as bitcoind words them; the node hears nothing of it."""
    body = json.dumps({"result": None, "error": {"code": code, "message": message}, "id": 1}).encode()
    return lambda _: (500, _JSON, body)


def body(raw: bytes) -> Fault:
    """Answers with these bytes, as JSON; the node hears nothing of it."""
    return lambda _: (200, _JSON, raw)


def hang_up(_: Callable[[], Answer]) -> None:
    """Closes the connection; the node hears nothing of it."""


def take_and_hang_up(ask: Callable[[], Answer]) -> None:
    """Lets the node do it, and closes the connection without an answer."""
    ask()


def changed(change: Callable[[bytes], bytes]) -> Fault:
    """The node's answer with its bytes changed."""

    def fault(ask: Callable[[], Answer]) -> Answer:
        code, content_type, raw = ask()
        return code, content_type, change(raw)

    return fault


def after(deed: Callable[[], None]) -> Fault:
    """The node's own answer, once something else was done."""

    def fault(ask: Callable[[], Answer]) -> Answer:
        answer = ask()
        deed()
        return answer

    return fault


@dataclass(slots=True)
class FaultyNode:
    """Where it listens, and which calls it answers in the node's place; `skip` lets so many through first."""

    url: str
    faults: dict[str, Fault] = field(default_factory=dict)
    skip: dict[str, int] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    @contextmanager
    def failing(self, method: str, fault: Fault, *, skip: int = 0) -> Iterator[None]:
        """Calls of a method fail so long."""
        self.faults[method], self.skip[method] = fault, skip
        try:
            yield
        finally:
            del self.faults[method]

    def fault_for(self, method: str) -> Fault | None:
        """How a call is to fail, if at all."""
        self.calls.append(method)
        if method not in self.faults:
            return None
        if self.skip[method] > 0:
            self.skip[method] -= 1
            return None
        return self.faults[method]


@contextmanager
def faulty_node(node_url: str) -> Iterator[FaultyNode]:
    """A proxy on loopback for the node's JSON-RPC and REST."""
    target = urlsplit(node_url)
    assert target.hostname is not None

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer in one packet: two would wait for each other

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            request = json.loads(raw)
            fault = None if isinstance(request, list) else made.fault_for(str(request["method"]))
            if isinstance(request, list):
                fault = next(filter(None, (made.fault_for(str(one["method"])) for one in request)), None)
            answer = self._asked("POST", raw) if fault is None else fault(lambda: self._asked("POST", raw))
            self._answer(answer)

        def do_GET(self) -> None:
            self._answer(self._asked("GET", None))

        def _asked(self, method: str, raw: bytes | None) -> Answer:
            connection = http.client.HTTPConnection(str(target.hostname), target.port, timeout=60)
            headers = {"Authorization": self.headers.get("Authorization", ""), "Content-Type": "application/json"}
            try:
                connection.request(method, self.path, raw, headers)
                response = connection.getresponse()
                return response.status, response.getheader("Content-Type", "").encode(), response.read()
            finally:
                connection.close()

        def _answer(self, answer: Answer | None) -> None:
            if answer is None:
                self.close_connection = True
                return
            code, content_type, raw = answer
            self.send_response(code)
            self.send_header("Content-Type", content_type.decode())
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made = FaultyNode(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
