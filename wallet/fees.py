"""Fee rates and what bounds them."""

import re
from dataclasses import dataclass

from wallet.amount import Sats
from wallet.errors import FeeError

_RATE = re.compile(r"([0-9]{1,6})(?:\.([0-9]{1,3}))?")


@dataclass(frozen=True, slots=True, order=True)
class FeeRate:
    """Satoshi per 1000 virtual bytes, an integer, as nodes count it."""

    sats_per_kvb: int

    @classmethod
    def parse(cls, text: str) -> "FeeRate":
        """A rate in sat/vB as a person types it, such as `2.5`, within MIN_RATE and MAX_RATE."""
        match = _RATE.fullmatch(text.strip())
        if match is None:
            raise FeeError(f"not a fee rate: {text[:40]!r}", hint="in sat/vB, with at most 3 decimals, like 2.5")
        rate = cls(int(match[1]) * 1000 + int((match[2] or "").ljust(3, "0")))
        rate.check()
        return rate

    def check(self) -> None:
        """Raises FeeError outside of MIN_RATE and MAX_RATE."""
        if not MIN_RATE <= self <= MAX_RATE:
            raise FeeError(
                f"fee rate {self} is outside of {MIN_RATE} to {MAX_RATE}",
                hint="a lower one is not relayed, a higher one is almost surely a mistake",
            )

    def fee(self, vsize: int) -> Sats:
        """The fee of a transaction of `vsize` virtual bytes, rounded up."""
        return Sats(-(-self.sats_per_kvb * vsize // 1000))

    def __str__(self) -> str:
        whole, rest = divmod(self.sats_per_kvb, 1000)
        decimals = f"{rest:03d}".rstrip("0")
        return f"{whole}{'.' + decimals if decimals else ''} sat/vB"


MIN_RATE = FeeRate(1_000)
"""1 sat/vB: what every node relays by default, whatever its version."""

MAX_RATE = FeeRate(600_000)
"""600 sat/vB: above it a person is asked to think again."""

MAX_FEE = Sats(1_000_000)
"""The largest fee, in sats, that is ever signed without being asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeEstimate:
    """A fee rate and where it comes from.

    `source` is for people ("node's estimate for 6 blocks", "last good value", "set by you"); `age` is in seconds.
    """

    rate: FeeRate
    source: str
    age: int
