"""A small HTTP server on loopback that answers as a test tells it, however wrong that is."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as the server saw it; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def authorization(self) -> str | None:
        return self.headers.get("authorization")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer. `length` may lie; None leaves the header out. `raw` is sent in place of everything else."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    length: int | None = -1
    stream: Iterable[bytes] = ()
    raw: Iterable[bytes] | None = None


class ScriptedServer:
    """Serves until the `with` block ends; `greeting` answers `/v2/`.

    `seen` holds every request; `over` is set at the end, to release streams.
    """

    def __init__(self, answer: Callable[[Seen], Reply], *, greeting: Reply | None = None) -> None:
        self.greeting = greeting or Reply()
        self.seen: list[Seen] = []
        self.over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, answer))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def asked(self, part: str) -> list[Seen]:
        """The requests whose target holds a text."""
        return [one for one in self.seen if part in one.target]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(server: ScriptedServer, answer: Callable[[Seen], Reply]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen = Seen(method=self.command, target=self.path, headers=headers, body=body)
            server.seen.append(seen)
            try:
                self._reply(server.greeting if self.path == "/v2/" else answer(seen))
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _reply(self, reply: Reply) -> None:
            if reply.raw is not None:
                self.close_connection = True
                for part in reply.raw:
                    self.wfile.write(part)
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            length = len(reply.body) if reply.length == -1 else reply.length
            if length is not None:
                self.send_header("Content-Length", str(length))
            self.close_connection = length != len(reply.body)
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(reply.body)
            for part in reply.stream:
                self.wfile.write(part)

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _serve  # noqa: N815

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Nothing: the test looks at `seen`."""

    return Handler
