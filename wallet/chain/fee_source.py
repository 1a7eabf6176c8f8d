"""Choosing a fee rate from what a node knows, and saying where it comes from."""

from dataclasses import dataclass

from wallet.errors import FeeError
from wallet.fees import MAX_RATE, MIN_RATE, FeeEstimate, FeeRate
from wallet.network import Network
from wallet.remedies import WalletRemedy


@dataclass(frozen=True, slots=True)
class GoodRate:
    """An estimate of the node that was good once, and when (unix seconds)."""

    rate: FeeRate
    time: float


def choose_rate(
    *,
    target: int,
    estimate: FeeRate | None,
    floor: FeeRate,
    last: GoodRate | None,
    now: float,
    network: Network,
) -> FeeEstimate:
    """The rate for confirmation within `target` blocks.

    The node's estimate comes first, then its last good one with its age, then, on test networks only, the lowest rate
    that is relayed. None is below `floor` (the mempool's minimum) or 1 sat/vB. Raises FeeError where nothing is known
    or the result is above 600 sat/vB.
    """
    least = max(floor, MIN_RATE)
    hint = WalletRemedy.SET_FEE_RATE.of()
    if estimate is not None:
        found = FeeEstimate(rate=max(estimate, least), source=f"node's estimate for {target} blocks", age=0)
    elif last is not None:
        found = FeeEstimate(
            rate=max(last.rate, least), source="node's last good estimate", age=max(0, int(now - last.time))
        )
    elif not network.is_mainnet:
        found = FeeEstimate(rate=least, source=f"lowest rate that is relayed (fallback on {network.name})", age=0)
    else:
        raise FeeError("the node cannot estimate a fee rate yet", hint=hint)
    if found.rate > MAX_RATE:
        raise FeeError(f"the node asks for {found.rate}, above the bound of {MAX_RATE}", hint=hint)
    return found
