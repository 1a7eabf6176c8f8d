"""A server on loopback that answers JSON-RPC as a node in trouble, or something that is no node, would."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from wallet.chain.endpoint import Endpoint, Login
from wallet.hashes import display
from wallet.network import REGTEST


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer. `hang_up` closes the connection instead."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    hang_up: bool = False


def result(value: object) -> Reply:
    """A good answer."""
    return Reply(body=json.dumps({"result": value, "error": None, "id": 1}).encode())


def refusal(code: int, message: str) -> Reply:
    """A refusal as bitcoind words it."""
    return Reply(status=500, body=json.dumps({"result": None, "error": {"code": code, "message": message}}).encode())


@dataclass
class CrookedNode:
    """Answers each call by `answer(method, params)`; calls about block 0 are answered as regtest does.

    `calls` and `authorizations` record what arrived. `silent` makes it never answer until it is set to false.
    """

    answer: Callable[[str, list[object]], Reply]
    genesis: str = display(REGTEST.genesis)
    calls: list[str] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        node = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer in one packet: two would wait for each other

            def do_POST(self) -> None:
                node.authorizations.append(self.headers.get("Authorization", ""))
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                reply = node.reply(request)
                if reply.hang_up:
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.content_type)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reply(self, request: object) -> Reply:
        if not isinstance(request, dict):
            self.calls.append("batch")
            return self.answer("batch", request if isinstance(request, list) else [])
        method = str(request["method"])
        if method == "getblockhash" and request["params"] == [0]:
            return result(self.genesis)
        self.calls.append(method)
        return self.answer(method, request["params"])

    @property
    def endpoint(self) -> Endpoint:
        """Where it listens, with a login that any test may see."""
        return Endpoint(host="127.0.0.1", port=self._server.server_port, credentials=Login("alice", "p@ss:w/rd"))
