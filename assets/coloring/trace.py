"""What the backward walk finds out about a coin, and where it is remembered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bitcoin.core import COutPoint

from assets.model import AssetUnits, CoinColor, Foreign, Genuine, Unknown
from wallet.chain.source import BlockRef
from wallet.hashes import BlockHash


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


@dataclass(frozen=True, slots=True)
class PlacedTrace:
    """A trace, and the block of the coin that it is about.

    The block stands in one chain only, whose blocks hold all of the coin's ancestors with the witnesses that were read.
    So the trace is true wherever the block is in the best chain, and says nothing anywhere else.
    """

    trace: Trace
    block: BlockRef


class ColorCache(Protocol):
    """Keeps traces of coins in blocks. Nothing in it is believed before `Remembered` has asked for its block."""

    def load(self, outpoint: COutPoint) -> PlacedTrace | None:
        """What was known of a coin; None where nothing was."""

    def save(self, found: Mapping[COutPoint, PlacedTrace]) -> None:
        """Remember traces in the place of older ones; never one with a reason, which is no colour."""

    def forget(self, block: BlockHash) -> None:
        """Drop what a block taught that has left the chain."""


@dataclass(slots=True)
class MemoryCache:
    """A cache in memory of at most `size` coins; the ones that were saved first leave first."""

    size: int = 100_000
    _traces: dict[tuple[bytes, int], PlacedTrace] = field(default_factory=dict)

    def load(self, outpoint: COutPoint) -> PlacedTrace | None:
        """What was known of a coin."""
        return self._traces.get((outpoint.hash, outpoint.n))

    def save(self, found: Mapping[COutPoint, PlacedTrace]) -> None:
        """Remember traces."""
        for outpoint, placed in found.items():
            self._traces[(outpoint.hash, outpoint.n)] = placed
            if len(self._traces) > self.size:
                del self._traces[next(iter(self._traces))]

    def forget(self, block: BlockHash) -> None:
        """Drop what a block taught."""
        for key in [key for key, placed in self._traces.items() if placed.block.hash == block]:
            del self._traces[key]
