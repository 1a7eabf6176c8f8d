"""Slow and silent clients: one address cannot shut a service for others, and many honest ones are all answered.

Gate, shop and the local registry run in the same listener, as their commands run them; all of 127.0.0.0/8 is this
machine, so that two clients have two addresses.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from assets.server.doors import Bounds, Doors
from assets.server.limits import RateLimit
from assets.server.listening import Listener
from assets.server.pull_registry import pull_registry
from assets.server.shop_http import ShopService
from regtest.waiting import wait_for
from tests.assets.server.test_gate_http_manners import World
from tests.assets.server.test_pull_registry import Stocked
from tests.assets.server.test_shop_http_manners import RefusingShop
from tests.crowds import asked_by_many, slow_clients

ONE, OTHER = "127.0.0.1", "127.0.0.2"
SLOW = 256
HONEST = 64


@contextmanager
def listening(app: Starlette, *, proxied: bool = False, bounds: Bounds | None = None) -> Iterator[tuple[str, int]]:
    listener = Listener("127.0.0.1", 0, patience=5.0, proxied=proxied, bounds=bounds)
    thread = threading.Thread(target=listener.run, args=(app,))
    thread.start()
    try:
        yield listener.address
    finally:
        listener.stop()
        thread.join(30)


def gate(folder: Path) -> Starlette:
    return World(folder, per_minute=10_000_000).app


def shop(_: Path) -> Starlette:
    limit = RateLimit(per_minute=10_000_000, burst=10_000_000, clock=lambda: 0.0)
    return ShopService(RefusingShop(), limit).app()  # type: ignore[arg-type]


def registry(folder: Path) -> Starlette:
    return pull_registry(Stocked(folder))


SERVICES: dict[str, tuple[Callable[[Path], Starlette], str]] = {
    "gate": (gate, "/token?service=registry.example&scope=repository:registry.example/free:pull"),
    "shop": (shop, "/v1/asks"),
    "registry": (registry, "/v2/"),
}


@pytest.mark.parametrize("name", SERVICES)
def test_a12_sixty_four_honest_clients_are_all_answered(name: str, tmp_path: Path) -> None:
    """A12: no 503, from one address, as from a publisher's pipeline behind one router."""
    make, target = SERVICES[name]
    with listening(make(tmp_path)) as address:
        assert asked_by_many(address, target, clients=HONEST, requests=10) == Counter({"200": HONEST * 10})


@pytest.mark.parametrize("name", SERVICES)
def test_a12_two_hundred_and_fifty_six_slow_connections_of_one_client_shut_nobody_out(
    name: str, tmp_path: Path
) -> None:
    """A12: they drip, and come again when they are closed; whoever has another address does not notice."""
    make, target = SERVICES[name]
    with listening(make(tmp_path)) as address, slow_clients(address, SLOW, source=ONE):
        answered = asked_by_many(address, target, clients=HONEST, requests=5, source=OTHER)
        assert answered == Counter({"200": HONEST * 5})


def test_a12_a_client_with_many_silent_connections_is_still_answered_on_the_next(tmp_path: Path) -> None:
    with listening(gate(tmp_path)) as address, slow_clients(address, SLOW, source=ONE):
        answered = asked_by_many(address, "/healthz", clients=8, requests=5, source=ONE)
    assert answered["200"] >= 8 * 5 - 4
    assert "503" not in answered


def test_a12_what_one_client_asks_at_once_leaves_room_for_others() -> None:
    """Requests are bounded apart from connections: 20 that take long leave a turn for another client at once."""
    release = threading.Event()

    def long(_: Request) -> Response:
        release.wait(20)
        return PlainTextResponse("late")

    app = Starlette(routes=[Route("/long", long), Route("/", lambda _: PlainTextResponse("soon"))])
    bounds = Bounds(connections=200, connections_each=100, requests=30, requests_each=10)
    seen: list[Counter[str]] = []
    with listening(app, bounds=bounds) as address:
        greedy = threading.Thread(
            target=lambda: seen.append(asked_by_many(address, "/long", clients=20, requests=1, source=ONE))
        )
        greedy.start()
        try:
            answered = asked_by_many(address, "/", clients=20, requests=5, source=OTHER)
        finally:
            release.set()
            greedy.join(30)
    assert answered == Counter({"200": 100})
    assert seen == [Counter({"200": 20})]


def test_a12_a_request_that_waits_too_long_for_its_turn_is_told_to_come_again() -> None:
    release = threading.Event()

    def long(_: Request) -> Response:
        release.wait(30)
        return PlainTextResponse("late")

    app = Starlette(routes=[Route("/", long)])
    bounds = Bounds(connections=50, connections_each=50, requests=2, requests_each=2)
    seen: list[Counter[str]] = []
    with listening(app, bounds=bounds) as address:
        crowd = threading.Thread(target=lambda: seen.append(asked_by_many(address, "/", clients=6, requests=1)))
        crowd.start()
        threading.Event().wait(7)
        release.set()
        crowd.join(30)
    assert seen == [Counter({"503": 4, "200": 2})]


def test_a12_behind_a_proxy_connections_are_not_counted_by_its_address(tmp_path: Path) -> None:
    """A proxy opens as many as it has clients; what each of these asks for is counted by the address that it names."""
    bounds = Bounds(connections=100, connections_each=4, requests=64, requests_each=4)
    app = World(tmp_path, per_minute=10_000_000, proxied=True).app
    with listening(app, proxied=True, bounds=bounds) as address:
        answered = asked_by_many(address, "/healthz", clients=HONEST, requests=3)
    assert answered == Counter({"200": HONEST * 3})


def test_a12_headers_without_end_are_refused_early(tmp_path: Path) -> None:
    import socket

    with listening(registry(tmp_path)) as address, socket.create_connection(address, timeout=10) as talk:
        talk.sendall(b"GET /v2/ HTTP/1.1\r\nHost: x\r\n")
        sent = 0
        try:
            while sent < 1_000_000:
                sent += talk.send(b"X: " + b"y" * 1000 + b"\r\n")
            answer = talk.recv(100)
        except ConnectionError:
            answer = b"HTTP/1.1 400"
        assert answer.startswith(b"HTTP/1.1 400") or answer == b""


class Connection:
    """One that waits since a moment, or is being answered."""

    def __init__(self, since: float | None) -> None:
        self.since = since
        self.dropped = False

    def waits_since(self) -> float | None:
        return self.since

    def drop(self) -> None:
        self.dropped = True


def test_a12_who_goes_is_whoever_has_most_and_waited_longest() -> None:
    doors = Doors(Bounds(connections=6, connections_each=4))
    many = [Connection(float(number)) for number in range(4)]
    few = [Connection(-1.0), Connection(-2.0)]
    assert all(doors.enter("192.0.2.1", one) for one in many)
    assert all(doors.enter("192.0.2.2", one) for one in few)
    newcomer = Connection(9.0)
    assert doors.enter("192.0.2.3", newcomer)
    assert [one.dropped for one in many] == [True, False, False, False]
    assert not any(one.dropped for one in (*few, newcomer))
    fifth = Connection(8.0)
    doors.leave("192.0.2.3", newcomer)
    assert doors.enter("192.0.2.1", fifth)
    sixth = Connection(8.5)
    assert doors.enter("192.0.2.1", sixth)
    assert many[1].dropped
    assert not any(one.dropped for one in few)


def test_a12_nobody_who_is_being_answered_goes() -> None:
    doors = Doors(Bounds(connections=3, connections_each=2))
    busy = [Connection(None) for _ in range(2)]
    assert all(doors.enter("192.0.2.1", one) for one in busy)
    assert not doors.enter("192.0.2.1", Connection(1.0))
    waiting = Connection(1.0)
    assert doors.enter("192.0.2.2", waiting)
    assert doors.enter("192.0.2.3", Connection(None))
    assert waiting.dropped
    assert not doors.enter("192.0.2.4", Connection(1.0))
    assert not any(one.dropped for one in busy)


def test_a12_all_addresses_of_one_network_of_ipv6_are_one_client() -> None:
    doors = Doors(Bounds(connections=100, connections_each=2))
    first = Connection(1.0)
    assert doors.enter("2001:db8:0:1::1", first)
    assert doors.enter("2001:db8:0:1::2", Connection(2.0))
    assert doors.enter("2001:db8:0:1:ffff::3", Connection(3.0))
    assert first.dropped
    assert doors.enter("::ffff:192.0.2.1", Connection(1.0))
    doors.leave("192.0.2.1", Connection(1.0))


def test_a12_a_connection_that_is_over_leaves_no_trace(tmp_path: Path) -> None:
    listener = Listener("127.0.0.1", 0)
    thread = threading.Thread(target=listener.run, args=(registry(tmp_path),))
    thread.start()
    try:
        asked_by_many(listener.address, "/v2/", clients=20, requests=2)
        wait_for(lambda: listener.open_connections == 0, what="all gone")
    finally:
        listener.stop()
        thread.join(30)
