"""Use case: accept a bid. The seller checks it, signs the own coins last, and broadcasts the sale.

Only the newest ask for a coin counts. Nothing of the bid's PSBT is signed as it came: the transaction is taken from it,
every spent coin from the node, and the buyer's signatures are verified over those before ours are added.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bitcoin.core import COutPoint

from assets.coloring.asks import VerifyMessage
from assets.coloring.bids import AcceptableBid, BidCheck, Received, Seller, judge, receive
from assets.coloring.coin_facts import CoinFacts, coin_facts
from assets.coloring.intents import SaleIntent
from assets.errors import OfferError, OfferTakenError
from assets.images.bid import BidPackage
from assets.images.offer import Ask
from assets.protocols.table import RULE
from assets.remedies import ImageRemedy
from assets.services.market.listing import coins_at_shop, offers_of
from assets.services.spending.change import change_slot
from assets.services.spending.drafts import About, Draft
from assets.services.spending.signing import Done, Unlock, sign_and_broadcast
from assets.services.wallets.own_keys import own_scripts
from assets.services.wallets.session import Session
from wallet.advice import Prose
from wallet.amount import format_btc, format_sats
from wallet.coins import KeyPath
from wallet.errors import StateError
from wallet.fees import FeeEstimate, FeeRate
from wallet.hashes import Txid, display, outpoint_text, txid_of
from wallet.keys.address import unit_address_of
from wallet.store.offers import OfferEntry, OfferState

SALE = "sale"
"""The journal's word for a sale that this wallet completed."""

_HINTS = {
    OfferState.REPLACED: "the coins were listed anew; the buyer bids on the newest listing",
    OfferState.WITHDRAWN: "the listing was withdrawn",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A sale that passed every check and waits for the seller's yes and signature."""

    ask: Ask
    package: BidPackage
    draft: Draft


def draft_acceptance(package: BidPackage, session: Session, verify: VerifyMessage) -> Acceptance:
    """Everything up to the signature.

    Raises OfferError that names the check and the figures, GuardError, EncodingError for a malformed PSBT. Nothing is
    written, so a refusal changes nothing.
    """
    ask = _own_ask(package, session)
    received = receive(ask, package, session.source.tip().height)
    _require_new(received, session)
    facts = coin_facts(session.source, received.outpoints)
    replacing = _earlier_sale(received, facts, session)
    scripts = own_scripts(session)
    judged = judge(received, facts, _seller(ask, facts, scripts, session, verify), replacing=replacing)
    _require_better(judged, replacing, session)
    return Acceptance(ask=ask, package=package, draft=_draft(judged, session, replacing))


def complete_sale(acceptance: Acceptance, unlock: Unlock, session: Session, done: Done) -> Txid:
    """Signs and sends a sale that was said yes to; `done` is told. Raises what signing raises.

    A bid that names a key for the repository's secret is kept, for handing that over after the sale: it is written with
    the journal or not at all.
    """

    def keep() -> None:
        if acceptance.package.bid.secret_to is not None and session.handovers is not None:
            session.handovers.keep_bid(acceptance.draft.txid, acceptance.package.serialize())

    return sign_and_broadcast(acceptance.draft, unlock, session, done, along=keep)


def _own_ask(package: BidPackage, session: Session) -> Ask:
    entry = offers_of(session).entry(package.bid.ask)
    if entry is None:
        raise OfferError(
            BidCheck.ASK,
            f"this wallet has no listing {package.bid.ask.hex()}",
            hint=ImageRemedy.SEE_LISTINGS.of(),
        )
    if entry.state is not OfferState.OPEN:
        raise OfferTakenError(BidCheck.ASK, _closed(entry, session), hint=_HINTS.get(entry.state, ""))
    _require_not_exported(entry, session)
    return Ask.parse(entry.document)


def _require_new(received: Received, session: Session) -> None:
    """The same bid once more changes nothing: what became of it is said."""
    txid = txid_of(received.tx)
    found = session.source.transaction(txid)
    if found is not None:
        where = "waits for a block" if found.block is None else f"is in block {found.block.height}"
        raise OfferTakenError(
            BidCheck.SPENT, f"this bid was accepted already: {display(txid)} {where}", hint="there is nothing to do"
        )


def _closed(entry: OfferEntry, session: Session) -> str:
    name, ask = entry.id.hex()[:16], Ask.parse(entry.document)
    newer = [other for coin in entry.coins for other in offers_of(session).on(coin)]
    if newer:
        price = format_sats(Ask.parse(newer[-1].document).price)
        return (
            f"the bid answers listing {name} at {format_sats(ask.price)}, which was replaced by "
            f"{newer[-1].id.hex()[:16]} at {price}"
        )
    return f"the bid answers listing {name}, which is {entry.state}"


def _require_not_exported(entry: OfferEntry, session: Session) -> None:
    at_shop = coins_at_shop(session)
    for outpoint in entry.coins:
        if outpoint in at_shop:
            raise StateError(
                f"the lot {outpoint_text(outpoint)} is at a shop, which may sell it at any moment",
                hint=ImageRemedy.BID_TO_SHOP.of(),
            )


def _seller(
    ask: Ask, facts: CoinFacts, scripts: Mapping[bytes, KeyPath], session: Session, verify: VerifyMessage
) -> Seller:
    sold = set(ask.outpoints)
    paths: dict[COutPoint, KeyPath] = {}
    for fact in facts.facts:
        path = None if fact.txout is None else scripts.get(bytes(fact.txout.scriptPubKey))
        if path is not None:
            paths[fact.outpoint] = path
    missing = [outpoint for outpoint in ask.outpoints if outpoint not in paths]
    if missing:
        raise OfferTakenError(
            BidCheck.SPENT,
            f"the chain has no unspent coin {outpoint_text(missing[0])} of this wallet (the listed coin): it was spent",
            hint="nothing was signed; list what is left anew",
        )
    return Seller(
        keys={outpoint: path for outpoint, path in paths.items() if outpoint in sold},
        own=frozenset(paths) - sold,
        pay_to=scripts.get(bytes(ask.pay_to)),
        whose=scripts.get,
        colors=session.color_of,
        verify=verify,
    )


def _earlier_sale(received: Received, facts: CoinFacts, session: Session) -> Txid | None:
    """A sale of the same coins to the same receiver that we completed and that still waits for a block."""
    spender = facts.of(received.ask.coins[0].outpoint).spender
    entry = None if spender is None else session.journal.entry(spender)
    if entry is None or entry.kind != SALE or entry.txid == txid_of(received.tx):
        return None
    same = len(entry.tx.vout) > 1 and entry.tx.vout[1].scriptPubKey == received.receiver
    return entry.txid if same else None


def _require_better(judged: AcceptableBid, replacing: Txid | None, session: Session) -> None:
    if replacing is None:
        return
    entry = session.journal.entry(replacing)
    assert entry is not None, "it was found there"
    spent = {prevout.outpoint for prevout in judged.unsigned.prevouts}
    kept = {txin.prevout for txin in entry.tx.vin}
    if not kept <= spent:
        names = ", ".join(outpoint_text(outpoint) for outpoint in kept - spent)
        raise OfferError(
            "replacement",
            f"it leaves out {names}, which the sale {display(replacing)} spends",
            hint="a new bid spends the same coins, so that only one of the two can ever be mined",
        )


def _draft(judged: AcceptableBid, session: Session, replacing: Txid | None) -> Draft:
    unsigned, ask = judged.unsigned, judged.received.ask
    rate = FeeRate(unsigned.fee * 1000 // unsigned.vsize)
    address = unit_address_of(judged.received.receiver, session.network)
    what = "the title" if ask.sells.has_title else f"{ask.units:,} access unit{'s' if ask.units != 1 else ''}"
    if ask.sells.has_title and ask.units:
        what = f"the title and {ask.units:,} access units"
    about = About(
        kind=SALE,
        genesis=ask.genesis,
        effects=(f"{what} of genesis {display(ask.genesis)} to {address}, for {format_btc(ask.price)} BTC",),
        notes=_notes(judged),
        warnings=_warnings(ask, judged),
    )
    return Draft(
        about=about,
        plan=RULE.compose(SaleIntent(deal=judged.deal), change_slot(session)),
        unsigned=unsigned,
        expectation=judged.expectation,
        rate=FeeEstimate(rate=rate, source="set by the buyer", age=0),
        replaces=replacing,
        signatures=tuple(judged.signatures.items()),
    )


def _notes(judged: AcceptableBid) -> tuple[Prose, ...]:
    notes: list[Prose] = ["the buyer pays the fee, and the coins' own sats come back to you beside the price"]
    if judged.received.bid.secret_to is not None and judged.received.ask.sells.has_title:
        txid = display(txid_of(judged.received.tx))
        notes.append("the buyer asks for the repository's secret, with which its sealed images open")
        notes.append("once the sale has its confirmations: " + ImageRemedy.HAND_OVER_TO_BUYER.of(txid=txid))
    return tuple(notes)


def _warnings(ask: Ask, judged: AcceptableBid) -> tuple[str, ...]:
    warnings = []
    if ask.sells.has_title:
        warnings.append("you can then neither release nor revoke, and nobody can undo it")
    if judged.deal.pay_to.path is None:
        warnings.append("the price goes to a script that is not this wallet's, as the listing says")
    return tuple(warnings)
