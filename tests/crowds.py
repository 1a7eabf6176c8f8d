"""Many clients at once: honest ones that count what they are answered, and slow ones that keep connections open."""

import http.client
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

BEGINNINGS = (
    b"",
    b"GET / HT",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: ",
    b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\nhalf",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
)
"""How far a slow client gets: nothing, half a line, half the headers, half a body, one request and no more."""


def asked_by_many(
    address: tuple[str, int],
    target: str,
    *,
    clients: int,
    requests: int,
    source: str = "127.0.0.1",
    headers: Mapping[str, str] | None = None,
) -> Counter[str]:
    """What `clients` at once are answered, `requests` times each on a connection that they keep: status or error."""
    ready = threading.Barrier(clients)

    def one(_: int) -> Counter[str]:
        seen: Counter[str] = Counter()
        client = http.client.HTTPConnection(*address, timeout=30, source_address=(source, 0))
        ready.wait(30)
        for _ in range(requests):
            try:
                client.request("GET", target, headers=dict(headers or {}))
                answer = client.getresponse()
                answer.read()
                seen[str(answer.status)] += 1
            except (OSError, http.client.HTTPException) as error:
                seen[type(error).__name__] += 1
                client.close()
        client.close()
        return seen

    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(one, range(clients)), Counter())


@contextmanager
def slow_clients(address: tuple[str, int], count: int, *, source: str = "127.0.0.1") -> Iterator[None]:
    """`count` connections from one address that say a byte now and then; those that are closed are opened anew."""
    over = threading.Event()

    def opened(number: int) -> socket.socket | None:
        with suppress(OSError):
            talk = socket.create_connection(address, timeout=5, source_address=(source, 0))
            talk.sendall(BEGINNINGS[number % len(BEGINNINGS)])
            talk.setblocking(False)
            return talk
        return None

    def drip() -> None:
        talks = {number: opened(number) for number in range(count)}
        started.set()
        while not over.wait(0.2):
            for number, talk in talks.items():
                try:
                    if talk is None:
                        raise ConnectionError
                    with suppress(BlockingIOError):
                        talk.send(b"x" if number % len(BEGINNINGS) in (2, 3) else b"")
                    with suppress(BlockingIOError):
                        if talk.recv(4096) == b"":
                            raise ConnectionError
                except OSError:
                    if talk is not None:
                        talk.close()
                    talks[number] = opened(number)
        for talk in talks.values():
            if talk is not None:
                talk.close()

    started = threading.Event()
    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        assert started.wait(30)
        time.sleep(0.3)
        yield
    finally:
        over.set()
        thread.join(30)
