"""HTTP connections that are closed where the other side takes too long, or where another one needs their place.

uvicorn waits for ever for the first request of a connection, for the rest of one that was begun, and for whoever does
not read what was asked for.
"""

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from assets.server.doors import Doors

_FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Impatient(H11Protocol):
    """uvicorn's protocol, but for connections on which the other side lets us wait that long in one go.

    Each comes in through the `doors`; one that they do not let in is told so and closed.
    """

    patience: ClassVar[float]
    doors: ClassVar[Doors]

    _since = 0.0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Lets it in, or not."""
        super().connection_made(transport)
        self._since = self.loop.time()
        if self.doors.enter(self._who(), self):
            self._look()
        else:
            transport.write(_FULL)
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Makes room."""
        if self._timer is not None:
            self._timer.cancel()
        self.doors.leave(self._who(), self)
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """It is the other side's turn."""
        self._since = self.loop.time()
        super().on_response_complete()

    def resume_writing(self) -> None:
        """The other side has read."""
        self._since = self.loop.time()
        super().resume_writing()

    def waits_since(self) -> float | None:
        """Since when it has been the other side's turn; None while an answer is owed."""
        return self._since if self._waits() else None

    def drop(self) -> None:
        """Closes it at once."""
        self.transport.abort()

    def _who(self) -> str:
        return self.client[0] if self.client is not None else ""

    def _look(self) -> None:
        now = self.loop.time()
        if not self._waits():
            self._since = now
        elif now - self._since >= self.patience:
            self.transport.abort()
            return
        self._timer = self.loop.call_later(self.patience / 4, self._look)

    def _waits(self) -> bool:
        """Whether it is the other side's turn: to ask, to send the rest, or to read."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete:
            return True
        return cycle.more_body or self.flow.write_paused


def impatient(seconds: float, through: Doors) -> type[Impatient]:
    """The protocol of one service."""

    class Ours(Impatient):
        patience = seconds
        doors = through

    return Ours
