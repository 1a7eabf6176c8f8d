"""What a transaction must do, stated from the intent alone, for the guard to compare.

Nothing here reads a plan: only who was meant to get what, and how the finished transaction was funded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from bitcoin.core.script import CScript

from assets.coloring.compose import TITLE_MINIMUM, TITLE_VALUE, UNITS_VALUE
from assets.coloring.plan import Expectation, Grant, Mint, Recipient, TxPlan, UnitCoin, UnitsAt
from assets.model import Genuine
from assets.protocols.open_assets.rule import asset_id_of
from wallet.amount import Sats
from wallet.coins import KeyPath
from wallet.transactions import Prevout, UnsignedTransaction, dust_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding:
    """How a planned transaction was paid for: the BTC coins that were appended, the fee, the change's place and key."""

    coins: tuple[Prevout, ...]
    fee: Sats
    change: tuple[int, KeyPath] | None

    @classmethod
    def of(cls, plan: TxPlan, unsigned: UnsignedTransaction) -> Self:
        """What the builder added to a plan."""
        changes = [(vout, path) for vout, path in unsigned.own_outputs if vout >= len(plan.outputs)]
        return cls(
            coins=unsigned.prevouts[len(plan.inputs) :], fee=unsigned.fee, change=changes[0] if changes else None
        )


@dataclass(frozen=True, slots=True)
class _Part:
    """An output that was meant: its number, who gets it, its sats."""

    vout: int
    to: Recipient
    value: Sats


def expect_genesis(
    *,
    issuing: Prevout,
    owner: Recipient,
    units: int,
    record: bytes,
    funding: Funding,
    title_value: Sats = TITLE_VALUE,
) -> Expectation:
    """A repository is issued: title and `units` access units to `owner`."""
    parts = [
        _Part(0, owner, _at_least(title_value, TITLE_MINIMUM, owner.script)),
        _Part(1, owner, _at_least(UNITS_VALUE, UNITS_VALUE, owner.script)),
    ]
    mint = Mint(
        asset=asset_id_of(issuing.txout.scriptPubKey),
        genesis_input=issuing.outpoint,
        title_script=owner.script,
        treasury_script=owner.script,
        units=units,
    )
    return _expectation([issuing], parts, funding, record=record, mint=mint)


def expect_record(*, title: UnitCoin, record: bytes, funding: Funding) -> Expectation:
    """The title stays on its script, and its holder says `record`."""
    spent = title.prevout
    script = spent.txout.scriptPubKey
    parts = [_Part(1, Recipient(script=script, path=spent.path), Sats(0))]
    units = (UnitsAt(vout=1, script=script, units=title.units),)
    return _expectation([spent], parts, funding, record=record, units=units)


def expect_handover(
    *,
    title: UnitCoin,
    treasury: Sequence[UnitCoin],
    to: Recipient,
    funding: Funding,
    title_value: Sats = TITLE_VALUE,
) -> Expectation:
    """The title, and the treasury's coins with it, go to a new owner."""
    parts = [_Part(1, to, _at_least(title_value, TITLE_MINIMUM, to.script))]
    units = [UnitsAt(vout=1, script=to.script, units=title.units)]
    quantity = sum(coin.units.quantity for coin in treasury)
    if quantity:
        parts.append(_Part(2, to, _at_least(UNITS_VALUE, UNITS_VALUE, to.script)))
        units.append(_access(2, to.script, title, quantity))
    spent = [title.prevout, *(coin.prevout for coin in treasury)]
    return _expectation(spent, parts, funding, record=b"", units=tuple(units))


def expect_grant(
    *, coins: Sequence[UnitCoin], grants: Sequence[Grant], rest: Recipient, funding: Funding
) -> Expectation:
    """Access units go to each of `grants`, and what is left over to `rest`."""
    left = sum(coin.units.quantity for coin in coins) - sum(grant.quantity for grant in grants)
    given = [(grant.to, grant.quantity) for grant in grants] + ([(rest, left)] if left else [])
    parts = [
        _Part(vout, to, _at_least(UNITS_VALUE, UNITS_VALUE, to.script)) for vout, (to, _) in enumerate(given, start=1)
    ]
    units = tuple(_access(vout, to.script, coins[0], quantity) for vout, (to, quantity) in enumerate(given, start=1))
    return _expectation([coin.prevout for coin in coins], parts, funding, record=b"", units=units)


def expect_payment(*, payments: Sequence[tuple[Recipient, Sats]], funding: Funding) -> Expectation:
    """Bitcoin goes to others, in this order, and nothing that has colour is touched."""
    parts = [_Part(vout, to, value) for vout, (to, value) in enumerate(payments)]
    return _expectation([], parts, funding, record=None)


def _expectation(
    spent: Sequence[Prevout],
    parts: Sequence[_Part],
    funding: Funding,
    *,
    record: bytes | None,
    units: tuple[UnitsAt, ...] = (),
    mint: Mint | None = None,
) -> Expectation:
    """All inputs are ours, so that what the wallet loses is the fee and what others get."""
    own = [(part.vout, part.to.path) for part in parts if part.to.path is not None]
    payments = tuple((part.to.script, part.value) for part in parts if part.to.path is None)
    return Expectation(
        own_inputs=frozenset(prevout.outpoint for prevout in (*spent, *funding.coins)),
        own_outputs=(*own, *([funding.change] if funding.change else [])),
        btc_delta=Sats(-funding.fee - sum(value for _, value in payments)),
        record=record,
        units=units,
        mint=mint,
        payments=payments,
    )


def _access(vout: int, script: CScript, like: UnitCoin, quantity: int) -> UnitsAt:
    return UnitsAt(vout=vout, script=script, units=Genuine(genesis=like.units.genesis, quantity=quantity, title=False))


def _at_least(value: Sats, minimum: Sats, script: CScript) -> Sats:
    return max(value, minimum, dust_limit(script))
