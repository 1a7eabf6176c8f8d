"""Connections that keep a service waiting are closed, and those that are at work are not."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection

import pytest
import urllib3
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from assets.server.listening import Listener
from regtest.waiting import wait_for

PATIENCE = 1.0
LARGE = bytes(20_000_000)


async def said(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def large(request: Request) -> Response:
    return Response(LARGE)


APP = Starlette(routes=[Route("/", said, methods=["GET", "POST"]), Route("/large", large)])


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    started = Listener("127.0.0.1", 0, patience=PATIENCE)
    thread = threading.Thread(target=started.run, args=(APP,))
    thread.start()
    yield started
    started.stop()
    thread.join()


@pytest.fixture
def address(listener: Listener) -> tuple[str, int]:
    return listener.address


def connected(address: tuple[str, int]) -> socket.socket:
    return socket.create_connection(address, timeout=20)


def closed(talk: socket.socket) -> bool:
    """Waits until the other side has closed."""
    try:
        while talk.recv(65536):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["nothing", "half a line", "half the headers", "half a body", "one request and no more"],
)
def test_a_client_that_says_no_more_is_closed(address: tuple[str, int], beginning: bytes) -> None:
    with connected(address) as talk:
        talk.sendall(beginning)
        assert closed(talk)


def test_a_client_that_does_not_read_is_closed(listener: Listener) -> None:
    with connected(listener.address) as talk:
        talk.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        talk.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        talk.recv(10)
        server = listener._server
        assert server is not None
        wait_for(lambda: not server.server_state.connections, what="no connection")


def test_silent_connections_do_not_keep_others_out_for_long(address: tuple[str, int]) -> None:
    silent = [connected(address) for _ in range(80)]
    try:
        assert all(closed(one) for one in silent)
        assert urllib3.request("GET", "http://{}:{}/".format(*address), retries=False).status == 200
    finally:
        for one in silent:
            one.close()


def test_a_client_that_goes_on_asking_is_served_for_longer_than_that(address: tuple[str, int]) -> None:
    client, served = HTTPConnection(*address, timeout=20), []
    end = time.monotonic() + 3 * PATIENCE

    def asked() -> bool:
        client.request("GET", "/")
        served.append(client.getresponse().read())
        return time.monotonic() > end

    with closing(client):
        wait_for(asked, what="three times the patience")
    assert set(served) == {b"0"}


def test_a_large_answer_that_is_read_arrives_whole(address: tuple[str, int]) -> None:
    assert len(urllib3.request("GET", "http://{}:{}/large".format(*address), retries=False).data) == len(LARGE)
