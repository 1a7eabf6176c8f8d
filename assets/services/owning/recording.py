"""What all that an owner does with a title has in common: may it be spent now, and the transaction of a record."""

from collections.abc import Iterable

from bitcoin.core import COutPoint

from assets.coloring.expect import Funding, expect_record
from assets.coloring.intents import RecordIntent
from assets.coloring.plan import Expectation, UnitCoin
from assets.protocols.table import RULE
from assets.remedies import ImageRemedy
from assets.services.spending.change import change_slot
from assets.services.spending.drafts import About, Draft, prepare
from assets.services.wallets.holds import Frozen, Hold, Reserved, hold_words
from assets.services.wallets.ownership import OwnedTitle
from assets.services.wallets.session import Session
from wallet.advice import Prose
from wallet.errors import StateError
from wallet.fees import FeeEstimate
from wallet.hashes import Txid, display
from wallet.store.cold_drafts import drafted_by
from wallet.transactions import Prevout

MAX_UNCONFIRMED = 25
"""The longest chain of unconfirmed transactions that every node takes in."""


def require_free(owned: OwnedTitle, session: Session) -> None:
    """Raises StateError where something else is about to spend the title: a draft, a transaction not sent, the user."""
    hold = session.held().get(owned.coin.prevout.outpoint)
    if hold is not None:
        raise StateError(f"the title is set aside: {hold_words(hold)}", hint=_what_to_do(hold))


def _what_to_do(hold: Hold) -> Prose:
    """How whatever set a coin aside is finished or given up."""
    if isinstance(hold, Frozen):
        return ImageRemedy.UNFREEZE.of()
    drafted = drafted_by(hold.owner) if isinstance(hold, Reserved) else None
    if drafted is not None:
        return ImageRemedy.SEND_OR_DISCARD.of(txid=display(drafted))
    return ImageRemedy.FINISH_OR_CANCEL.of()


def require_room(owned: OwnedTitle, wanted: int = 1) -> None:
    """Raises StateError where `wanted` more unconfirmed transactions would be more than nodes take in."""
    pending = sum(step.height is None for step in owned.state.history)
    if pending + wanted > MAX_UNCONFIRMED:
        raise StateError(
            f"{pending} unconfirmed transactions of {owned.state.genesis.name or 'this repository'} follow one another,"
            f" this takes {wanted} more, and nodes take in {MAX_UNCONFIRMED}",
            hint="wait for the next block, then try again; nothing was signed"
            if wanted <= MAX_UNCONFIRMED
            else "say less at once; nothing was signed",
        )


def unconfirmed_ancestors(txids: Iterable[bytes], session: Session) -> frozenset[Txid]:
    """These transactions and those before them, as far as no block holds them. Nodes keep them to `MAX_UNCONFIRMED`."""
    found: set[Txid] = set()
    seen: set[bytes] = set()
    queue = list(txids)
    while queue:
        txid = Txid(queue.pop())
        if txid in seen:
            continue
        seen.add(txid)
        known = session.source.transaction(txid)
        if known is not None and known.block is None:
            found.add(txid)
            queue.extend(txin.prevout.hash for txin in known.tx.vin)
    return frozenset(found)


def draft_record(record: bytes, coin: UnitCoin, session: Session, rate: FeeEstimate, about: About) -> Draft:
    """The title stays on its script, and its holder says `record`. Raises what drafting raises."""
    plan = RULE.compose(RecordIntent(title=coin, record=record), change_slot(session))

    def expect(funding: Funding) -> Expectation:
        return expect_record(title=coin, record=record, funding=funding)

    return prepare(plan, expect, session, rate=rate, about=about)


def next_coin(coin: UnitCoin, draft: Draft) -> UnitCoin:
    """The title after a record that is not sent yet: output 1 of the draft."""
    txout = draft.unsigned.tx.vout[1]
    return UnitCoin(
        prevout=Prevout(outpoint=COutPoint(draft.txid, 1), txout=txout, path=coin.prevout.path), units=coin.units
    )
