"""HTTP connections that are closed where the other side takes too long, so that a few silent ones cannot use up all.

uvicorn waits for ever for the first request of a connection, for the rest of one that was begun, and for whoever does
not read what was asked for.
"""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle


def impatient(seconds: float) -> "type[H11Protocol]":
    """uvicorn's protocol, but for connections on which the other side lets us wait that long in one go."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Impatient(H11Protocol):
        _since = 0.0
        _timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._since = self.loop.time()
            self._look()

        def connection_lost(self, exc: Exception | None) -> None:
            if self._timer is not None:
                self._timer.cancel()
            super().connection_lost(exc)

        def on_response_complete(self) -> None:
            self._since = self.loop.time()
            super().on_response_complete()

        def resume_writing(self) -> None:
            self._since = self.loop.time()
            super().resume_writing()

        def _look(self) -> None:
            now = self.loop.time()
            if not self._waits():
                self._since = now
            elif now - self._since >= seconds:
                self.transport.abort()
                return
            self._timer = self.loop.call_later(seconds / 4, self._look)

        def _waits(self) -> bool:
            """Whether it is the other side's turn: to ask, to send the rest, or to read."""
            cycle: RequestResponseCycle | None = self.cycle
            if cycle is None or cycle.response_complete:
                return True
            return cycle.more_body or self.flow.write_paused

    return Impatient
