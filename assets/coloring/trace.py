"""What the backward walk finds out about a coin, and where it is remembered."""

from dataclasses import dataclass, field
from typing import Protocol

from bitcoin.core import COutPoint

from assets.model import CoinColor, Foreign, Genuine, Unknown
from assets.protocols.open_assets.rule import AssetUnits


@dataclass(frozen=True, slots=True)
class Trace:
    """What the walk finds out about an output: its units as Open Assets counts them, and whether they are genuine.

    Both None: uncoloured. `reason` is there where it could not be found out.
    """

    units: AssetUnits | None = None
    genuine: Genuine | None = None
    reason: str | None = None

    @property
    def color(self) -> CoinColor:
        """The colour as the rest of the program knows it."""
        if self.reason is not None:
            return Unknown(reason=self.reason)
        if self.genuine is not None:
            return self.genuine
        return None if self.units is None else Foreign(asset=self.units.asset, quantity=self.units.quantity)


UNCOLORED = Trace()


class ColorCache(Protocol):
    """Keeps traces of coins in blocks. A reorganisation may exchange the witness of a genesis: clear it then."""

    def load(self, outpoint: COutPoint) -> Trace | None:
        """What is known of a coin; None where nothing is."""

    def save(self, outpoint: COutPoint, trace: Trace) -> None:
        """Remember a trace; it is never one with a reason."""


@dataclass(slots=True)
class MemoryCache:
    """A cache in memory of at most `size` coins; the ones that were saved first leave first."""

    size: int = 100_000
    _traces: dict[tuple[bytes, int], Trace] = field(default_factory=dict)

    def load(self, outpoint: COutPoint) -> Trace | None:
        """What is known of a coin."""
        return self._traces.get((outpoint.hash, outpoint.n))

    def save(self, outpoint: COutPoint, trace: Trace) -> None:
        """Remember a trace."""
        self._traces[(outpoint.hash, outpoint.n)] = trace
        if len(self._traces) > self.size:
            del self._traces[next(iter(self._traces))]

    def clear(self) -> None:
        """Forget everything."""
        self._traces.clear()
