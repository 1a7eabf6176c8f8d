"""The seller's checks of a bid, before the last signature of a sale.

They take nothing on trust that the bid says of itself: the ask is the seller's own, spent coins are as the node has
them, signatures are verified over those, and the guard recolours the whole transaction. In order: the bid answers this
ask and both are in force; the transaction has the one layout of a sale, spends exactly the listed coins of the seller,
asks for SIGHASH_ALL alone and pays the price; every other input is unspent, confirmed and validly signed; the holder of
the script that receives the units signed the bid; the guard agrees.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bitcoin.core import COutPoint, CTransaction
from bitcoin.core.script import SIGHASH_ALL, CScript

from assets.coloring import guard
from assets.coloring.asks import AskCheck, VerifyMessage
from assets.coloring.coin_facts import CoinFact, CoinFacts
from assets.coloring.guard_case import Whose
from assets.coloring.plan import Expectation, Recipient, UnitCoin
from assets.coloring.sale import Deal, expect_sold
from assets.errors import OfferError, OfferExpiredError, OfferTakenError
from assets.images.bid import Bid, BidPackage
from assets.images.offer import Ask
from assets.model import CoinColor, Genuine
from wallet.amount import Sats, format_sats
from wallet.coins import KeyPath
from wallet.hashes import Txid, display, outpoint_text
from wallet.psbt import Psbt, PsbtInput
from wallet.signatures import is_p2wpkh, is_valid_signature
from wallet.transactions import Prevout, UnsignedTransaction

MAX_BUYER_INPUTS = 50
"""Coins that a buyer may pay with: each costs the seller several questions to the node."""

_HINT = "nothing was signed; the buyer can make a new bid"


class BidCheck(StrEnum):
    """The checks, by the names that errors begin with. The guard's own come after them."""

    ASK = "ask"
    EXPIRY = "expiry"
    INPUTS = "inputs"
    SIGHASH = "sighash"
    OUTPUTS = "outputs"
    PRICE = "price"
    RECEIVER = "receiver"
    SPENT = "unspent"
    CONFIRMED = "confirmed"
    AMOUNT = "amount of a spent coin"
    SIGNATURES = "buyer's signatures"
    BID_SIGNATURE = "bid's signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """What the seller's side knows of itself.

    `keys` are the keys of the ask's coins; `own` all other coins that are the seller's; `pay_to` the key of the price's
    script, None where another wallet holds it. `whose` tells the seller's own scripts.
    """

    keys: Mapping[COutPoint, KeyPath]
    own: frozenset[COutPoint]
    pay_to: KeyPath | None
    whose: Whose
    colors: Callable[[COutPoint], CoinColor]
    verify: VerifyMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A bid whose form is right. Nothing that it claims of the chain is believed yet.

    `receiver` is the script that gets the units.
    """

    ask: Ask
    bid: Bid
    psbt: Psbt
    receiver: CScript

    @property
    def tx(self) -> CTransaction:
        """The buyer's transaction."""
        return self.psbt.tx

    @property
    def outpoints(self) -> tuple[COutPoint, ...]:
        """Every coin that it spends, the seller's first."""
        return tuple(txin.prevout for txin in self.tx.vin)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptableBid:
    """A sale that passed every check: to be signed by the seller's keys, and joined with the buyer's `signatures`.

    `signatures` are (public key, signature with sighash byte) by input number, each verified.
    """

    received: Received
    unsigned: UnsignedTransaction
    expectation: Expectation
    deal: Deal
    signatures: Mapping[int, tuple[bytes, bytes]]


def receive(ask: Ask, package: BidPackage, tip_height: int) -> Received:
    """Reads a bid for an ask. Raises EncodingError for a malformed transaction, OfferError for one of another form."""
    bid = package.bid
    if bid.ask != ask.id:
        raise OfferError(
            BidCheck.ASK,
            f"the bid answers ask {bid.ask.hex()}, and these coins are listed as {ask.id.hex()}",
            hint="the listing was renewed or priced anew; bid on the new one",
        )
    _check_expiry(ask, bid, tip_height)
    psbt = Psbt.parse(package.psbt)
    _check_inputs(ask, psbt)
    return Received(ask=ask, bid=bid, psbt=psbt, receiver=_check_outputs(ask, psbt.tx))


def _check_expiry(ask: Ask, bid: Bid, tip_height: int) -> None:
    for what, height in (("ask", ask.expires), ("bid", bid.expires)):
        if tip_height >= height:
            raise OfferExpiredError(
                BidCheck.EXPIRY,
                f"the {what} expired at block {height:,}, and the chain is at {tip_height:,}",
                hint=_HINT,
            )


def _check_inputs(ask: Ask, psbt: Psbt) -> None:
    spent = [txin.prevout for txin in psbt.tx.vin]
    sold = list(ask.outpoints)
    if spent[: len(sold)] != sold:
        raise OfferError(
            BidCheck.INPUTS,
            f"its first inputs are {_list(spent[: len(sold)])}, expected the listed coins {_list(sold)}",
            hint=_HINT,
        )
    if not len(sold) < len(spent) <= len(sold) + MAX_BUYER_INPUTS:
        raise OfferError(
            BidCheck.INPUTS,
            f"the buyer adds {len(spent) - len(sold)} coins, from 1 to {MAX_BUYER_INPUTS} are allowed",
            hint=_HINT,
        )
    for number, entry in enumerate(psbt.inputs):
        if entry.sighash not in (None, SIGHASH_ALL):
            raise OfferError(
                BidCheck.SIGHASH,
                f"input {number} asks for sighash {entry.sighash:#x}, and only ALL (0x1) is ever signed",
                hint="a signature of another kind can be reused by others",
            )
        if number < len(sold) and (entry.signatures or entry.witness):
            raise OfferError(
                BidCheck.INPUTS, f"input {number}, the seller's own coin, already carries a signature", hint=_HINT
            )


def _check_outputs(ask: Ask, tx: CTransaction) -> CScript:
    """The layout of a sale; the script that receives the units."""
    parts = int(ask.sells.has_title) + int(bool(ask.units))
    place = 1 + parts
    if not place < len(tx.vout) <= place + 2:
        raise OfferError(
            BidCheck.OUTPUTS,
            f"it has {len(tx.vout)} outputs, expected marker, {parts} with units, the price, and at most one change",
            hint=_HINT,
        )
    paid = tx.vout[place]
    if (paid.scriptPubKey, paid.nValue) != (ask.pay_to, ask.payment):
        where = (
            "" if paid.scriptPubKey == ask.pay_to else f" to {paid.scriptPubKey.hex()} instead of {ask.pay_to.hex()}"
        )
        raise OfferError(
            BidCheck.PRICE,
            f"asked {format_sats(ask.price)} on top of the {format_sats(ask.value)} in the coins, "
            f"{format_sats(ask.payment)} in all; output {place} pays {format_sats(paid.nValue)}{where}",
            hint=_HINT,
        )
    receivers = {bytes(txout.scriptPubKey) for txout in tx.vout[1:place]}
    receiver = CScript(tx.vout[1].scriptPubKey)
    if len(receivers) != 1 or not is_p2wpkh(receiver):
        raise OfferError(
            BidCheck.RECEIVER, f"the units go to {_scripts(receivers)}, expected one P2WPKH script", hint=_HINT
        )
    return receiver


def judge(received: Received, facts: CoinFacts, seller: Seller, *, replacing: Txid | None = None) -> AcceptableBid:
    """Everything that the chain and the keys have to say. `facts` are about all coins that the bid spends.

    `replacing` is an earlier sale of the same ask to the same receiver that still waits for a block. Raises OfferError,
    or GuardError, at the first check that fails.
    """
    ask, tx = received.ask, received.tx
    _check_expiry(ask, received.bid, facts.tip.height)
    prevouts = tuple(_prevout(facts.of(outpoint), seller, replacing) for outpoint in received.outpoints)
    signatures = {
        number: _signature(received, number, prevout)
        for number, prevout in enumerate(prevouts)
        if number >= len(ask.coins)
    }
    flaw = seller.verify(received.bid.text(ask.network, txid_in(received)), received.receiver, received.bid.signature)
    if flaw is not None:
        raise OfferError(
            BidCheck.BID_SIGNATURE,
            f"{flaw}; it must be by {received.receiver.hex()}, which receives the units",
            hint=_HINT,
        )
    deal = _deal(received, prevouts, seller)
    own_outputs = () if seller.pay_to is None else ((deal.payment_output, seller.pay_to),)
    unsigned = UnsignedTransaction(tx=tx, prevouts=prevouts, own_outputs=own_outputs)
    expectation = expect_sold(deal, tx)
    guard.check(unsigned, expectation, colors=seller.colors, whose=seller.whose, tip_height=facts.tip.height)
    return AcceptableBid(
        received=received, unsigned=unsigned, expectation=expectation, deal=deal, signatures=signatures
    )


def txid_in(received: Received) -> Txid:
    """The id of the bid's transaction."""
    return Txid(received.tx.GetTxid())


def _prevout(fact: CoinFact, seller: Seller, replacing: Txid | None) -> Prevout:
    name = outpoint_text(fact.outpoint)
    path = seller.keys.get(fact.outpoint)
    whose = "the listed coin" if path is not None else "the buyer's coin"
    if path is None and fact.outpoint in seller.own:
        raise OfferError(
            BidCheck.INPUTS, f"it spends {name}, which is the seller's and is not listed in this ask", hint=_HINT
        )
    if fact.txout is None:
        check = BidCheck.SPENT if path is not None else BidCheck.CONFIRMED
        raise OfferTakenError(
            check, f"the chain has no unspent coin {name} ({whose}): it is spent, or not in a block yet", hint=_HINT
        )
    if fact.spender is not None and fact.spender != replacing:
        raise OfferTakenError(
            BidCheck.SPENT, f"{display(fact.spender)}, which waits for a block, spends {whose} {name}", hint=_HINT
        )
    if not fact.mature:
        raise OfferError(BidCheck.CONFIRMED, f"{whose} {name} is a coinbase output that is not mature", hint=_HINT)
    return Prevout(outpoint=fact.outpoint, txout=fact.txout, path=path)


def _signature(received: Received, number: int, prevout: Prevout) -> tuple[bytes, bytes]:
    """The buyer's valid signature of an input, over the coin as the chain has it."""
    entry = received.psbt.inputs[number]
    name = f"input {number} ({outpoint_text(prevout.outpoint)})"
    if entry.spent is not None and entry.spent != prevout.txout:
        raise OfferError(
            BidCheck.AMOUNT,
            f"{name}: the bid says {format_sats(entry.spent.nValue)} on {entry.spent.scriptPubKey.hex()}, and the "
            f"chain has {format_sats(prevout.txout.nValue)} on {prevout.txout.scriptPubKey.hex()}",
            hint=_HINT,
        )
    if not is_p2wpkh(prevout.txout.scriptPubKey):
        raise OfferError(
            BidCheck.SIGNATURES, f"{name} is not P2WPKH: its signature cannot be verified in this version", hint=_HINT
        )
    for public_key, signature in _candidates(entry):
        if is_valid_signature(signature, public_key, received.tx, number, prevout.txout):
            return public_key, signature
    raise OfferError(
        BidCheck.SIGNATURES,
        f"{name} has no valid signature that commits to the whole transaction (SIGHASH_ALL)",
        hint=_HINT,
    )


def _candidates(entry: PsbtInput) -> tuple[tuple[bytes, bytes], ...]:
    final = ((entry.witness[1], entry.witness[0]),) if len(entry.witness) == 2 else ()
    return (*entry.signatures, *final)


def _deal(received: Received, prevouts: tuple[Prevout, ...], seller: Seller) -> Deal:
    ask = received.ask
    sold = []
    for number, coin in enumerate(ask.coins):
        color = seller.colors(coin.outpoint)
        title = ask.sells.has_title and number == 0
        listed = Genuine(genesis=ask.genesis, quantity=coin.quantity, title=title)
        if color != listed or prevouts[number].txout.nValue != coin.value:
            raise OfferError(
                AskCheck.COLOR,
                f"{outpoint_text(coin.outpoint)} is not what the ask says: {color}",
                hint="list it anew",
            )
        sold.append(UnitCoin(prevout=prevouts[number], units=listed))
    return Deal(
        sold=tuple(sold),
        price=Sats(ask.price),
        pay_to=Recipient(script=ask.pay_to, path=seller.pay_to),
        buyer=Recipient(script=received.receiver),
    )


def _list(outpoints: list[COutPoint]) -> str:
    return ", ".join(outpoint_text(outpoint) for outpoint in outpoints) or "nothing"


def _scripts(scripts: set[bytes]) -> str:
    return ", ".join(sorted(script.hex() for script in scripts))
