"""A buyer's client against shops that lie, refuse, or are reached through a proxy."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from assets.errors import OfferError, ShopError
from assets.images.board import Board
from assets.registry.proxy import ProxyRules
from assets.registry.settings import RegistrySettings
from assets.server.shop_client import ShopAnswer, ShopClient
from regtest.certificate import RESERVED, write_certificate
from tests.assets.images.listings import LOT
from tests.assets.registry.proxy_server import ProxyServer

SOLD = {"state": "sold, waiting for a block", "txid": "11" * 32}


class Counter:
    """A shop's counter: answers every request with the same status and body, and remembers what was asked."""

    def __init__(self, status: int, body: bytes, tls: tuple[Path, Path] | None) -> None:
        self.asked: list[tuple[str, str, bytes]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, status, body))
        self._server.daemon_threads = True
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = int(self._server.server_address[1])
        self.thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def close(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self.thread.join()
        self._server.server_close()


def _handler(counter: Counter, status: int, body: bytes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            posted = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            counter.asked.append((self.command, self.path, posted))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the base class says so

        def log_message(self, *_: Any) -> None:
            """Nothing is logged."""

    return Handler


@contextmanager
def counter(status: int, answer: object, tls: tuple[Path, Path] | None = None) -> Iterator[Counter]:
    """Serves until the end of the block."""
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    made = Counter(status, body, tls)
    made.thread.start()
    try:
        yield made
    finally:
        made.close()


def client(port: int, path: str = "", settings: RegistrySettings | None = None) -> ShopClient:
    """For a shop on this machine."""
    return ShopClient(f"http://127.0.0.1:{port}{path}", settings or RegistrySettings(retries=0))


def test_a_bid_is_handed_over_below_the_path_of_the_shop() -> None:
    with counter(200, SOLD) as shop:
        at = client(shop.port, "/acme/")
        assert at.bid(b"{}") == ShopAnswer(state=SOLD["state"], txid=SOLD["txid"])
        assert shop.asked == [("POST", "/acme/v1/bids", b"{}")]
        at.close()


def test_a_refusal_is_said_once_with_the_check_that_failed() -> None:
    told = {"error": "unspent", "message": "refused (unspent): the lot is sold", "next": "choose another"}
    with counter(409, told) as shop, pytest.raises(OfferError) as refused:
        client(shop.port).bid(b"{}")
    assert str(refused.value) == "refused (the shop says unspent): the lot is sold"
    assert refused.value.hint == "choose another"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_decides_nothing_is_no_refusal(status: int) -> None:
    told = {"error": "busy", "message": "the shop is busy with other bids", "next": "send the same bid again"}
    with counter(status, told) as shop, pytest.raises(ShopError, match="is busy with other bids"):
        client(shop.port).bid(b"{}")


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (302, b""),
        (404, b"not JSON"),
        (200, b"\xff"),
        (200, b"[" * 100_000),
        (200, {"state": 1, "txid": ""}),
        (200, b" " * 300_000),
        (409, {"error": 1}),
    ],
)
def test_what_cannot_be_used_is_one_documented_error(status: int, answer: object) -> None:
    with counter(status, answer) as shop, pytest.raises(ShopError):
        client(shop.port).bid(b"{}")


def test_what_a_shop_says_cannot_steer_a_terminal() -> None:
    with counter(200, {"state": "sold\x1b[2J\u202e", "txid": ""}) as shop:
        assert client(shop.port).bid(b"{}").state == "sold?[2J?"


def test_a_shop_that_is_not_there_is_named_and_no_library_is() -> None:
    with counter(200, SOLD) as shop:
        port = shop.port
    with pytest.raises(ShopError) as silent:
        client(port).asks()
    assert str(silent.value) == f"the shop http://127.0.0.1:{port} does not answer"


def test_a_shop_is_reached_through_the_proxy_and_trusted_like_a_registry(tmp_path: Path) -> None:
    tls = write_certificate(tmp_path)
    url = f"https://{RESERVED}/shop"
    with counter(200, Board.of([LOT]).serialize(), tls) as shop, ProxyServer({f"{RESERVED}:443": shop.port}) as proxy:
        rules = ProxyRules.of({"HTTPS_PROXY": f"http://{proxy.host}"})
        trusting = ShopClient(url, RegistrySettings(ca_file=tls[0], proxies=rules, retries=0))
        assert trusting.asks().asks == (LOT,)
        trusting.close()
        assert proxy.asked == [f"{RESERVED}:443"]
        assert shop.asked == [("GET", "/shop/v1/asks", b"")]
        with pytest.raises(ShopError, match=r"cannot be reached: the TLS certificate of registry\.example"):
            ShopClient(url, RegistrySettings(proxies=rules, retries=0)).asks()
        elsewhere = ShopClient("https://other.example", RegistrySettings(proxies=rules, retries=0))
        with pytest.raises(ShopError, match=r"\(HTTPS_PROXY\) does not lead to other\.example:443"):
            elsewhere.asks()


def test_a_shop_of_this_machine_is_reached_whatever_the_proxy() -> None:
    rules = ProxyRules.of({"HTTPS_PROXY": "http://127.0.0.1:1"})
    with counter(200, SOLD) as shop:
        assert client(shop.port, settings=RegistrySettings(proxies=rules, retries=0)).bid(b"{}").txid == SOLD["txid"]
