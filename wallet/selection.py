"""Choosing coins that pay: never one that has, or might have, colour.

Values are *effective*: what a coin adds after paying for its own input at the wanted rate. The same coins give the
same choice, whatever their order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bitcoin.core import COutPoint

from wallet.amount import Sats, format_sats
from wallet.coins import AccountKind, Coin
from wallet.errors import InsufficientFundsError
from wallet.fees import FeeRate
from wallet.remedies import WalletRemedy

INPUT_VSIZE = 68
"""vB of a P2WPKH input: 41 bytes at weight 4 and a witness of 108."""

CHANGE_VSIZE = 31
"""vB of a P2WPKH output."""

LONG_TERM_RATE = FeeRate(10_000)
"""10 sat/vB: what spending a coin later is assumed to cost."""

MIN_CHANGE = Sats(1_000)
"""Sats that a new change output should have, so that the fee can be raised later out of it."""

_TRIES = 50_000
_DUST = 294


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Coins that would do, and what they waste in sats against spending them at the long-term rate."""

    coins: tuple[Coin, ...]
    waste: int

    @property
    def rank(self) -> tuple[int, int, tuple[tuple[bytes, int], ...]]:
        return self.waste, len(self.coins), tuple(_place(coin) for coin in self.coins)


def least_change(rate: FeeRate, dust: int = _DUST) -> Sats:
    """The smallest change worth an output: not dust, and worth the cost of spending it (at most 10 sat/vB)."""
    return Sats(max(dust, min(rate, LONG_TERM_RATE).fee(INPUT_VSIZE)))


def spendable(
    coins: Iterable[Coin],
    *,
    reserved: frozenset[COutPoint],
    tip_height: int,
    frozen: frozenset[COutPoint] = frozenset(),
    confirmed_only: bool = False,
) -> tuple[Coin, ...]:
    """The coins of the BTC account that a payment may use, largest first.

    Not among them: reserved and frozen coins, immature ones, unconfirmed ones that others made, and coins on the
    scripts of other accounts. `confirmed_only` leaves out one's own unconfirmed ones too.
    """
    unique = {coin.outpoint: coin for coin in coins}
    chosen = (
        coin
        for coin in unique.values()
        if coin.path.account is AccountKind.BTC
        and coin.outpoint not in reserved
        and coin.outpoint not in frozen
        and coin.is_mature(tip_height)
        and (coin.height is not None or (coin.trusted and not confirmed_only))
    )
    return tuple(sorted(chosen, key=lambda coin: (-coin.value, _place(coin))))


def select(
    coins: Iterable[Coin],
    *,
    reserved: frozenset[COutPoint],
    needed: Sats,
    rate: FeeRate,
    tip_height: int,
    frozen: frozenset[COutPoint] = frozenset(),
    confirmed_only: bool = False,
) -> tuple[Coin, ...]:
    """Coins whose effective values reach `needed` sats, for a transaction that can have a change output.

    A set that needs no change is looked for first (branch and bound), then one coin that is large enough, then the
    largest coins; the one that wastes least is taken. Raises InsufficientFundsError.
    """
    coins = tuple(coins)
    cost = rate.fee(INPUT_VSIZE)
    usable = [
        coin
        for coin in spendable(
            coins, reserved=reserved, tip_height=tip_height, frozen=frozen, confirmed_only=confirmed_only
        )
        if coin.value > cost
    ]
    values = [coin.value - cost for coin in usable]
    if sum(values) < needed:
        raise _insufficient(coins, usable, reserved | frozen, needed=needed, cost=cost)
    candidates = [
        _Candidate(tuple(usable[at] for at in chosen), _waste(chosen, values, needed, rate))
        for chosen in _choices(values, needed, rate)
    ]
    return min(candidates, key=lambda candidate: candidate.rank).coins


def _choices(values: Sequence[int], needed: int, rate: FeeRate) -> Iterable[tuple[int, ...]]:
    """Sets of indexes into `values` (falling) that reach `needed`; the last resort may leave change that is dropped."""
    change = rate.fee(CHANGE_VSIZE)
    exact = branch_and_bound(values, needed, needed + change + least_change(rate) - 1)
    with_change = needed + change + max(MIN_CHANGE, least_change(rate))
    single = max((at for at, value in enumerate(values) if value >= with_change), default=None)
    found = [
        exact,
        None if single is None else (single,),
        largest_first(values, with_change),
    ]
    chosen = [indexes for indexes in found if indexes is not None]
    if not chosen:
        last = largest_first(values, needed)
        assert last is not None, "the sum of all values was checked before"
        chosen.append(last)
    return chosen


def _waste(chosen: Sequence[int], values: Sequence[int], needed: int, rate: FeeRate) -> int:
    """Sats lost against spending the same coins at the long-term rate: inputs, and either change or excess."""
    inputs = len(chosen) * (rate.fee(INPUT_VSIZE) - LONG_TERM_RATE.fee(INPUT_VSIZE))
    excess = sum(values[at] for at in chosen) - needed
    change = rate.fee(CHANGE_VSIZE)
    if excess < change + least_change(rate):
        return inputs + excess
    return inputs + change + LONG_TERM_RATE.fee(INPUT_VSIZE)


def branch_and_bound(values: Sequence[int], low: int, high: int, tries: int = _TRIES) -> tuple[int, ...] | None:
    """Indexes into `values` (positive, falling) whose sum is within low..high and as near to `low` as was found."""
    chosen: list[int] = []
    best: tuple[int, ...] | None = None
    total, remaining, at, limit = 0, sum(values), 0, high
    for _ in range(tries):
        if low <= total <= limit:
            best, limit = tuple(chosen), total - 1
        if total < low <= total + remaining:
            chosen.append(at)
            total += values[at]
            remaining -= values[at]
            at += 1
            continue
        if not chosen:
            break
        last = chosen.pop()
        remaining += sum(values[last + 1 : at])
        total -= values[last]
        at = last + 1
    return best


def largest_first(values: Sequence[int], target: int) -> tuple[int, ...] | None:
    """The fewest of the first indexes into `values` (falling) whose sum reaches `target`."""
    total = 0
    for at, value in enumerate(values):
        total += value
        if total >= target:
            return tuple(range(at + 1))
    return None


def _place(coin: Coin) -> tuple[bytes, int]:
    return bytes(coin.outpoint.hash), int(coin.outpoint.n)


def _insufficient(
    coins: Sequence[Coin], usable: Sequence[Coin], withheld: frozenset[COutPoint], *, needed: int, cost: int
) -> InsufficientFundsError:
    """Says how much is missing, and what is there but must not, or cannot yet, be spent."""
    available = sum(coin.value - cost for coin in usable)
    taken = {coin.outpoint for coin in usable} | withheld
    aside = sum(coin.value for coin in coins if coin.outpoint in withheld)
    waiting = sum(
        coin.value
        for coin in coins
        if coin.outpoint not in taken and coin.path.account is AccountKind.BTC and coin.value > cost
    )
    message = (
        f"{format_sats(needed - available)} are missing in the BTC account: {format_sats(needed)} are needed, "
        f"fees included, and {format_sats(available)} can be spent"
    )
    if aside:
        message += f"; {format_sats(aside)} are reserved or frozen and never pay"
    if waiting:
        message += f"; {format_sats(waiting)} are immature or unconfirmed"
    hint = WalletRemedy.RECEIVE_BITCOIN.of()
    if waiting:
        hint = "wait for a block, or " + hint
    return InsufficientFundsError(message, needed=needed, available=available, hint=hint)
