"""Which connections may be open: so many from one client, so many in all, and who goes where there are more.

An open connection costs little, and says nothing of what is asked for; requests are bounded apart (`turns`). Where a
client has too many, his own that kept us waiting longest goes; where there are too many in all, that of whoever has the
most. So one client's silent ones shut out nobody, not even the next request of his own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from assets.server.limits import one_client


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much may go on at once: open connections and requests under way, in all and for one client."""

    connections: int = 768
    connections_each: int = 128
    requests: int = 256
    requests_each: int = 64


class Open(Protocol):
    """A connection as far as it may have to go for another."""

    def waits_since(self) -> float | None:
        """Since when it has been the other side's turn; None while an answer is owed."""

    def drop(self) -> None:
        """Closes it at once."""


class Doors:
    """The open connections of a service. For one thread."""

    def __init__(self, bounds: Bounds, *, one_door: bool = False) -> None:
        """With `one_door` all come through one proxy, which has bounds of its own: only the sum is counted."""
        self._bounds = bounds
        self._one_door = one_door
        self._inside: dict[str, set[Open]] = {}
        self._count = 0

    @property
    def count(self) -> int:
        """How many are open."""
        return self._count

    def enter(self, client: str, connection: Open) -> bool:
        """Lets a connection in, perhaps for another one; False where all that could go are being answered."""
        name = one_client(client)
        own = self._inside.get(name, set())
        if not self._one_door and len(own) >= self._bounds.connections_each and not self._drop_one(own):
            return False
        if self._count >= self._bounds.connections:
            most = max(self._inside.values(), key=len)
            if not self._drop_one(most) and not self._drop_one(self._all()):
                return False
        self._inside.setdefault(name, set()).add(connection)
        self._count += 1
        return True

    def leave(self, client: str, connection: Open) -> None:
        """Takes a connection out that is closed; one that never came in changes nothing."""
        name = one_client(client)
        own = self._inside.get(name)
        if own is None or connection not in own:
            return
        own.discard(connection)
        self._count -= 1
        if not own:
            del self._inside[name]

    def _all(self) -> Iterable[Open]:
        return (one for own in self._inside.values() for one in own)

    def _drop_one(self, among: Iterable[Open]) -> bool:
        """Drops whoever has kept us waiting longest."""
        waiting = [(since, id(one), one) for one in among if (since := one.waits_since()) is not None]
        if not waiting:
            return False
        victim = min(waiting)[2]
        for name, own in self._inside.items():
            if victim in own:
                self.leave(name, victim)
                break
        victim.drop()
        return True
