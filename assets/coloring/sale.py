"""A sale: coins with units for bitcoin, in one transaction that both parties sign for the whole of it.

| inputs | outputs |
|---|---|
| sold coins (the title first), buyer's BTC | marker, units to the buyer, price to the seller, change |

The buyer builds and signs first and the seller last, so that no signature of the seller is ever public before the sale
is: there is nothing that others could lift, pin or rebuild.
"""

from dataclasses import dataclass

from bitcoin.core import CTransaction, CTxOut

from assets.coloring.compose import TITLE_VALUE, UNITS_VALUE, ChangeTo
from assets.coloring.expect import Funding
from assets.coloring.plan import Expectation, PlannedInput, PlannedOutput, Recipient, Role, TxPlan, UnitCoin, UnitsAt
from assets.model import Genuine
from assets.protocols.open_assets.compose import compose_marker
from wallet.amount import Sats
from wallet.errors import StateError
from wallet.transactions import dust_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """What buyer and seller agree on: these coins, the title first if it is among them, for `price` sats.

    The seller gets `price` and the coins' own sats at `pay_to`; all units go to `buyer`.
    """

    sold: tuple[UnitCoin, ...]
    price: Sats
    pay_to: Recipient
    buyer: Recipient

    def __post_init__(self) -> None:
        if not self.sold or len({coin.units.genesis for coin in self.sold}) != 1:
            raise StateError("a sale is of coins of one repository")
        if any(coin.units.title for coin in self.sold[1:]):
            raise StateError("a title is the first coin of its sale")

    @property
    def has_title(self) -> bool:
        """Whether the title is sold."""
        return self.sold[0].units.title

    @property
    def units(self) -> int:
        """The access units that are sold."""
        return sum(coin.units.quantity for coin in self.sold if not coin.units.title)

    @property
    def payment(self) -> Sats:
        """The price and the sold coins' own sats."""
        return Sats(self.price + sum(coin.prevout.txout.nValue for coin in self.sold))

    @property
    def parts(self) -> tuple[Genuine, ...]:
        """What stands in outputs 1 and, where title and units are sold together, 2."""
        genesis = self.sold[0].units.genesis
        title = Genuine(genesis=genesis, quantity=1, title=True)
        units = Genuine(genesis=genesis, quantity=self.units, title=False)
        return tuple(part for part, sold in ((title, self.has_title), (units, bool(self.units))) if sold)

    @property
    def payment_output(self) -> int:
        """The number of the output that pays the seller; the buyer's change, if any, is the next one."""
        return 1 + len(self.parts)


def plan_sale(deal: Deal, change: ChangeTo) -> TxPlan:
    """The buyer's transaction."""
    marker = compose_marker([], [part.quantity for part in deal.parts], b"")
    roles = {True: Role.TITLE, False: Role.TREASURY if deal.has_title else Role.UNITS}
    return TxPlan(
        inputs=tuple(
            PlannedInput(prevout=coin.prevout, role=roles[coin.units.title], color=coin.units) for coin in deal.sold
        ),
        outputs=(
            PlannedOutput(txout=marker, role=Role.MARKER),
            *(
                PlannedOutput(
                    txout=CTxOut(_value(part, deal.buyer), deal.buyer.script),
                    role=roles[part.title],
                    path=deal.buyer.path,
                )
                for part in deal.parts
            ),
            PlannedOutput(txout=CTxOut(deal.payment, deal.pay_to.script), role=Role.PAYMENT, path=deal.pay_to.path),
        ),
        may_append_inputs=True,
        change=change,
    )


def expect_bought(deal: Deal, funding: Funding) -> Expectation:
    """For the buyer, who signs the coins of `funding`: the units arrive, and the price and the fee are paid."""
    assert deal.buyer.path is not None, "the buyer buys for a key of this wallet"
    return Expectation(
        own_inputs=frozenset(prevout.outpoint for prevout in funding.coins),
        foreign_inputs=frozenset(coin.prevout.outpoint for coin in deal.sold),
        own_outputs=(
            *((vout, deal.buyer.path) for vout in range(1, deal.payment_output)),
            *([funding.change] if funding.change else []),
        ),
        btc_delta=Sats(-deal.price - funding.fee),
        record=b"",
        units=_units(deal),
        payments=((deal.pay_to.script, deal.payment),),
    )


def expect_sold(deal: Deal, tx: CTransaction) -> Expectation:
    """For the seller, who signs the sold coins of `tx`: the price arrives to the satoshi, and all else is the buyer's.

    What the buyer does with the buyer's own sats is taken from `tx`; where the price and the units go is not.
    """
    sold = frozenset(coin.prevout.outpoint for coin in deal.sold)
    place, path = deal.payment_output, deal.pay_to.path
    others = [*tx.vout[1:place], *tx.vout[place + 1 :]]
    payments = [(txout.scriptPubKey, Sats(txout.nValue)) for txout in others]
    value = deal.payment - deal.price
    return Expectation(
        own_inputs=sold,
        foreign_inputs=frozenset(txin.prevout for txin in tx.vin) - sold,
        own_outputs=() if path is None else ((place, path),),
        btc_delta=Sats(-value) if path is None else deal.price,
        record=b"",
        units=_units(deal),
        payments=tuple(payments if path is not None else [*payments, (deal.pay_to.script, deal.payment)]),
    )


def _units(deal: Deal) -> tuple[UnitsAt, ...]:
    return tuple(UnitsAt(vout=vout, script=deal.buyer.script, units=part) for vout, part in enumerate(deal.parts, 1))


def _value(part: Genuine, to: Recipient) -> Sats:
    return max(TITLE_VALUE if part.title else UNITS_VALUE, dust_limit(to.script))
