"""What became of this wallet's bids, as the chain has it: open, sold, contested, void, expired, taken back.

A bid is a signed transaction that its seller can complete for as long as all its coins are there, whatever was agreed
and whatever height it names; so the coins are asked about each time.
"""

from dataclasses import replace

from bitcoin.core import COutPoint, CTransaction

from assets.coloring.rivals import Fate, Rivalry, rivalry
from assets.images.bid import Bid, BidPackage
from assets.images.offer import Ask
from assets.remedies import ImageRemedy
from assets.services.market.delivering import what_helps
from assets.services.market.listing import offers_of
from assets.services.read_models.offer_views import BidView, bid_view
from assets.services.wallets.session import Session
from wallet.advice import Prose, joined
from wallet.chain.source import FoundTransaction
from wallet.errors import WalletError
from wallet.hashes import Txid, display
from wallet.psbt import Psbt
from wallet.store.offers import OfferEntry, OfferKind, OfferState

PERHAPS_TAKEN = "perhaps taken"
"""The state of an open bid that went to a shop which gave no answer."""


def bids_of(session: Session, genesis: Txid | None = None) -> tuple[BidView, ...]:
    """The bids of this wallet, the newest first, and what the chain made of them."""
    entries = offers_of(session).entries(OfferKind.BID)
    chosen = [entry for entry in reversed(entries) if genesis in (None, entry.subject)]
    return tuple(_bid(entry, session) for entry in chosen)


def owner_of(id_: bytes) -> str:
    """The name under which a bid's coins are reserved."""
    return f"bid {id_.hex()[:16]}"


def bid_transaction(entry: OfferEntry) -> CTransaction:
    """The transaction that a bid offers, without the seller's signature."""
    return Psbt.parse(BidPackage.parse(entry.companion).psbt).tx


def _bid(entry: OfferEntry, session: Session) -> BidView:
    assert entry.txid is not None, "a bid comes with a transaction"
    bid = Bid.parse(entry.document)
    found = session.source.transaction(entry.txid)
    tip = session.source.tip().height
    if found is not None:
        depth = 0 if found.block is None else tip - found.block.height + 1
        return bid_view(entry, bid, state="sold" if depth else "sold, waiting for a block", confirmations=depth)
    rivals = rivalry(session.source, bid_transaction(entry))
    state, note = _unsettled(entry, rivals, tip)
    return bid_view(
        entry, bid, state=state, confirmations=0, completable=rivals.fate in (Fate.POSSIBLE, Fate.CONTESTED), note=note
    )


def _unsettled(entry: OfferEntry, rivals: Rivalry, tip: int) -> tuple[str, Prose]:
    """State and note of a bid whose transaction is in neither chain nor mempool."""
    whose = _whose(entry, rivals.coin)
    cancel = ImageRemedy.TAKE_BACK_BID.of(bid=entry.id.hex()[:16])
    if entry.state is OfferState.REPLACED:
        both = "the seller can complete this one in the place of the newer one; never both"
        return OfferState.REPLACED.value, both if rivals.fate is Fate.POSSIBLE else ""
    if entry.state is OfferState.WITHDRAWN:
        waits = "until that is in a block, the seller can still complete the sale at a higher fee"
        back = "nothing spends its coins now, so that the seller can complete it: " + cancel
        told: dict[Fate, Prose] = {Fate.CONTESTED: waits, Fate.POSSIBLE: back}
        return OfferState.WITHDRAWN.value, told.get(rivals.fate, "")
    if rivals.fate is Fate.VOID:
        return OfferState.VOID.value, f"{whose} {rivals.words}; nothing was paid"
    if rivals.fate is Fate.CONTESTED:
        return "contested", f"{whose} {rivals.words}; whichever a block holds first counts, and nothing else is lost"
    if entry.state in (OfferState.OPEN, OfferState.EXPIRED, OfferState.VOID) and tip >= entry.expires:
        late = "a seller who ignores that can still complete it; " + cancel + " ends it for good"
        return OfferState.EXPIRED.value, late if rivals.fate is Fate.POSSIBLE else ""
    if entry.state is OfferState.SETTLED:
        return "fell out of the chain", "a reorganisation took the sale away; it is sent again, and can come back"
    if entry.state is OfferState.OPEN and entry.unanswered:
        return PERHAPS_TAKEN, joined("; ", [what_helps(entry.id, shop) for shop in sorted(entry.unanswered)])
    return (OfferState.OPEN if entry.state is OfferState.VOID else entry.state).value, ""


def _whose(entry: OfferEntry, coin: COutPoint | None) -> str:
    if coin in entry.coins:
        return "your coin:"
    return "the seller's coin:" if coin in Ask.parse(entry.answers).outpoints else "a coin:"


def stand_again(entry: OfferEntry, session: Session) -> OfferEntry:
    """A bid that was void is open once more, its coins reserved, where a reorganisation freed them before its height.

    Any other entry stays as it is. Raises BusyError where a coin is reserved for something else since.
    """
    void = entry.kind is OfferKind.BID and entry.state is OfferState.VOID
    if not void or session.source.tip().height >= entry.expires:
        return entry
    if rivalry(session.source, bid_transaction(entry)).fate is not Fate.POSSIBLE:
        return entry
    opened = replace(entry, state=OfferState.OPEN)
    with session.signing():
        session.reservations.reserve(entry.coins, owner_of(entry.id), now=session.clock(), expiry=None)
        offers_of(session).put([opened])
    return opened


def expire(session: Session) -> tuple[Prose, ...]:
    """Frees the coins of bids that are settled, void or past their height; what was done, in words.

    A bid that expired can still be completed by a seller who ignores that, until one of its coins is spent. Never
    raises for what others did: a node that cannot answer leaves everything as it is.
    """
    if session.offers is None:
        return ()
    notes: list[Prose] = []
    for entry in session.offers.entries(OfferKind.BID, state=OfferState.OPEN):
        try:
            state, note = _decided(entry, session)
        except WalletError:
            continue
        if state is not None:
            session.offers.close([entry.id], state)
            session.reservations.release(owner_of(entry.id))
            notes.append(note)
    return tuple(notes)


def _decided(entry: OfferEntry, session: Session) -> tuple[OfferState | None, Prose]:
    assert entry.txid is not None, "a bid comes with a transaction"
    found = session.source.transaction(entry.txid)
    if found is not None:
        return _accepted(entry, found)
    name = entry.id.hex()[:16]
    rivals = rivalry(session.source, bid_transaction(entry))
    if rivals.fate is Fate.VOID:
        whose = _whose(entry, rivals.coin)
        return OfferState.VOID, f"bid {name} is void, and its other coins are free: {whose} {rivals.words}"
    if session.source.tip().height < entry.expires:
        return None, ""
    return OfferState.EXPIRED, (
        f"bid {name} expired at block {entry.expires:,} and its coins are free again; "
        + ImageRemedy.TAKE_BACK_BID.of(bid=name)
        + " makes sure that nobody completes it"
    )


def _accepted(entry: OfferEntry, found: FoundTransaction) -> tuple[OfferState | None, Prose]:
    if found.block is None:
        return None, ""
    name, txid = entry.id.hex()[:16], display(Txid(found.tx.GetTxid()))
    return OfferState.SETTLED, f"bid {name} was accepted: {txid} is in block {found.block.height}"
