"""Use case: send a transaction that is finished already, whoever made it: look at what it does first.

Nothing is signed here. Where it spends coins of this wallet the guard judges it as if it were to be signed now, so that
what must not be signed is not sent by mistake either. Whoever has it can send it all the same.
"""

from dataclasses import dataclass, replace

from bitcoin.core import CTransaction

from assets.coloring.reading import Deed, Reading, moved_units
from assets.services.read_models.wallet_views import DraftView
from assets.services.spending.cold_signing import Consent, review
from assets.services.spending.conflicting import require_no_conflict
from assets.services.spending.psbt_view import psbt_view
from assets.services.spending.wallet_facts import WalletFacts
from assets.services.wallets.session import Session
from wallet.amount import Sats
from wallet.errors import StateError
from wallet.hashes import Txid, display, outpoint_text, txid_of
from wallet.psbt import to_psbt
from wallet.transactions import Prevout, UnsignedTransaction, assemble, vsize_of

OTHERS = "a transaction of others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A finished transaction that may be sent, and what it does. `mine` where it spends coins of this wallet."""

    tx: CTransaction
    view: DraftView
    mine: bool


def look_at_finished(tx: CTransaction, session: Session, consent: Consent) -> Finished:
    """What a finished transaction would do. Nothing is written or sent.

    Raises StateError where it was sent already or spends what is not there, GuardError for what must not be done with
    coins of this wallet, RpcError with the reason for which the node would not take it.
    """
    _require_unsent(txid_of(tx), session)
    facts = WalletFacts.of(session)
    own = facts.account.own_scripts(facts.used)
    made = tuple(_made(Txid(bytes(txin.prevout.hash)), session) for txin in tx.vin)
    prevouts = []
    for txin, parent in zip(tx.vin, made, strict=True):
        if txin.prevout.n >= len(parent.vout):
            raise StateError(f"it spends {outpoint_text(txin.prevout)}, and there is no such output")
        txout = parent.vout[txin.prevout.n]
        prevouts.append(Prevout(outpoint=txin.prevout, txout=txout, path=own.get(bytes(txout.scriptPubKey))))
    inputs = tuple((txin.prevout, txin.nSequence) for txin in tx.vin)
    unsigned = UnsignedTransaction(
        tx=assemble(inputs, tuple(tx.vout), version=tx.nVersion, locktime=tx.nLockTime),
        prevouts=tuple(prevouts),
        own_outputs=tuple(
            (vout, own[bytes(txout.scriptPubKey)])
            for vout, txout in enumerate(tx.vout)
            if bytes(txout.scriptPubKey) in own
        ),
    )
    mine = any(prevout.path is not None for prevout in prevouts)
    if mine:
        view = review(to_psbt(unsigned, session.account, made), facts, consent).view
    else:
        notes = require_no_conflict(tx, session.source, session.journal, own.get, replaces=consent.replaces)
        colors = [session.color_of(prevout.outpoint) for prevout in prevouts]
        reading = Reading(deed=Deed.PAYMENT, units=moved_units(unsigned, colors)[1])
        view = replace(psbt_view(unsigned, session.account, colors, reading, notes=notes), kind=OTHERS)
    refusal = session.refusal(tx)
    if refusal is not None:
        raise refusal
    size = vsize_of(tx)
    rate = Sats(unsigned.fee * 1000 // size)
    return Finished(
        tx=tx, view=replace(view, txid=display(txid_of(tx)), vsize=size, rate=rate, rate_source="as it is"), mine=mine
    )


def send_finished(finished: Finished, session: Session) -> Txid:
    """Hands it to the node. Raises what the node answers; the transaction stays where it came from."""
    txid = txid_of(finished.tx)
    _require_unsent(txid, session)
    session.source.broadcast(finished.tx)
    return txid


def _require_unsent(txid: Txid, session: Session) -> None:
    found = session.source.transaction(txid)
    if found is not None:
        where = "waits for a block" if found.block is None else f"is in block {found.block.height:,}"
        raise StateError(f"{display(txid)} was sent already: it {where}", hint="there is nothing to do")


def _made(txid: Txid, session: Session) -> CTransaction:
    """The transaction that made a coin."""
    found = session.source.transaction(txid)
    if found is None:
        raise StateError(
            f"the node does not know {display(txid)}, which made a coin that it spends",
            hint="nothing was sent; is it for another network, or does it follow one that is to be sent first?",
        )
    return found.tx
