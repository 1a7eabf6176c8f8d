"""Shops that take a bid and do not say what became of it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import urllib3

LATE = 3.0
"""Seconds after which the silent one closes the connection."""


class Manner(StrEnum):
    """How a shop answers a bid, once it has all of it."""

    DROPS = "drops the connection"
    SILENT = "says nothing"
    BROKEN = "500 without a word"
    DOWN = "503 with a document"
    GARBAGE = "200 with something else"
    HALF = "200, and half of the answer"
    BUSY = "429 with a document"
    HONEST = "as the shop behind it answers"


_WORDS = b'{"error": "unavailable", "message": "not now", "next": "later"}'
_SAID = {
    Manner.BROKEN: (500, b""),
    Manner.DOWN: (503, _WORDS),
    Manner.BUSY: (429, _WORDS),
    Manner.GARBAGE: (200, b"<html>"),
    Manner.HALF: (200, b'{"state": "sold"'),
}


@dataclass
class MuteShop:
    """A server in front of a shop, or of none. `behind` gets every bid that came, before anything is answered."""

    manner: Manner
    behind: str | None = None
    url: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def mute_shop(manner: Manner, behind: str | None = None) -> Iterator[MuteShop]:
    """Serves on loopback until the end of the block."""
    made = MuteShop(manner, behind)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made))
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(shop: MuteShop) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            shop.asked.append(f"{self.command} {self.path}")
            status, answer = self._behind(body)
            if shop.manner is Manner.HONEST:
                self._says(status, answer)
            elif shop.manner in _SAID:
                self._says(*_SAID[shop.manner], more=400 if shop.manner is Manner.HALF else 0)
            if shop.manner is Manner.SILENT:
                time.sleep(LATE)
            self.close_connection = True

        def do_GET(self) -> None:
            shop.asked.append(f"{self.command} {self.path}")
            self._says(*self._behind(None))

        def _behind(self, body: bytes | None) -> tuple[int, bytes]:
            if shop.behind is None:
                return 404, _WORDS
            answer = urllib3.request(self.command, shop.behind + self.path, body=body, retries=False)
            return answer.status, answer.data

        def _says(self, status: int, body: bytes, *, more: int = 0) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) + more))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing is logged."""

    return Handler
