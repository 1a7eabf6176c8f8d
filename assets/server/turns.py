"""Requests that are under way: so many of one client, so many in all; the others wait for their turn, in order.

A request that has its turn is being answered, or its body is being read, which the services bound in size and time.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assets.server.clients import client_of
from assets.server.doors import Bounds
from assets.server.limits import one_client


class Turns:
    """An application whose requests wait for their turn; 503 for one that waited `patience` seconds."""

    def __init__(self, app: ASGIApp, bounds: Bounds, *, patience: float, proxied: bool = False) -> None:
        self._app = app
        self._patience = patience
        self._proxied = proxied
        self._each = bounds.requests_each
        self._all = asyncio.Semaphore(bounds.requests)
        self._clients: dict[str, _Queue] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request in its turn."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = one_client(client_of(Request(scope), proxied=self._proxied))
        try:
            async with self._turn(client) as timeout, self._in_time(self._all, timeout):
                await self._app(scope, receive, send)
        except _TooLongError:
            busy = PlainTextResponse("too much is going on", status_code=503, headers={"Retry-After": "5"})
            await busy(scope, receive, send)

    @asynccontextmanager
    async def _turn(self, client: str) -> AsyncIterator[Callable[[], float]]:
        """One of the client's turns; gives what is left of his patience."""
        end = asyncio.get_running_loop().time() + self._patience

        def left() -> float:
            return max(0.0, end - asyncio.get_running_loop().time())

        queue = self._clients.setdefault(client, _Queue(self._each))
        queue.users += 1
        try:
            async with self._in_time(queue.turns, left):
                yield left
        finally:
            queue.users -= 1
            if not queue.users:
                del self._clients[client]

    @asynccontextmanager
    async def _in_time(self, turns: asyncio.Semaphore, left: Callable[[], float]) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(left()):
                await turns.acquire()
        except TimeoutError:
            raise _TooLongError from None
        try:
            yield
        finally:
            turns.release()


class _Queue:
    """The turns of one client, and how many requests hold or want one."""

    __slots__ = ("turns", "users")

    def __init__(self, each: int) -> None:
        self.turns = asyncio.Semaphore(each)
        self.users = 0


class _TooLongError(Exception):
    """A request has waited too long for its turn."""
