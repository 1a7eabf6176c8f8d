"""A service believes what a connection is, and not what a request says of it."""

import threading
from collections.abc import Iterator

import pytest
import urllib3
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from assets.server.listening import Listener, http_url


def who(request: Request) -> Response:
    """Who asks, and by which scheme."""
    return PlainTextResponse(f"{request.client.host if request.client is not None else ''} {request.url.scheme}")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    listener = Listener("127.0.0.1", 0)
    thread = threading.Thread(target=listener.run, args=(Starlette(routes=[Route("/", who)]),))
    thread.start()
    yield http_url(*listener.address)
    listener.stop()
    thread.join()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Forwarded-For": "198.51.100.7"},
        {"X-Forwarded-For": "198.51.100.7, 127.0.0.1", "X-Forwarded-Proto": "https"},
        {"Forwarded": "for=198.51.100.7;proto=https"},
    ],
    ids=["plain", "for", "for and scheme", "the standard form"],
)
def test_nobody_takes_another_address_by_a_header(url: str, headers: dict[str, str]) -> None:
    with urllib3.PoolManager(retries=urllib3.Retry(connect=5, backoff_factor=0.1)) as pool:
        answer = pool.request("GET", url, headers=headers)
    assert answer.data == b"127.0.0.1 http"
