"""Use case: look at one transaction: what it spends and makes, in whose hands, in which colour."""

from collections.abc import Container

from bitcoin.core import COutPoint, CTransaction, CTxOut

from assets.coloring import guard
from assets.coloring.reading import read
from assets.errors import GuardError
from assets.services.read_models.transaction_views import TransactionInput, TransactionOutput, TransactionView
from assets.services.spending.drafts import address_or_nothing
from assets.services.wallets.own_keys import own_scripts
from assets.services.wallets.reserve import color_words
from assets.services.wallets.session import Session
from wallet.documents import read_json
from wallet.errors import StateError
from wallet.hashes import Txid, display, outpoint_text
from wallet.store.journal import PENDING, JournalEntry
from wallet.transactions import Prevout, UnsignedTransaction, vsize_of

_MARKER = b"\x6a"


def transaction_view(txid: Txid, session: Session) -> TransactionView:
    """A transaction of the chain, the mempool or the journal. Raises StateError where nobody has it, ChainError."""
    entry = session.journal.entry(txid)
    found = session.source.transaction(txid)
    if found is None and entry is None:
        raise StateError(
            f"neither the node nor this wallet has {display(txid)}", hint="it may have been replaced, or never sent"
        )
    tx = found.tx if found is not None else entry.tx  # type: ignore[union-attr]
    height = found.block.height if found is not None and found.block is not None else None
    own = own_scripts(session)
    parents = _parents(tx, session)
    spent = [
        None if parent is None else parent.vout[txin.prevout.n] for txin, parent in zip(tx.vin, parents, strict=True)
    ]
    return TransactionView(
        txid=display(txid),
        kind=entry.kind if entry is not None else _deed(tx, spent, session),
        state=_state(height, entry, in_mempool=found is not None),
        height=height,
        confirmations=0 if height is None else max(1, session.source.tip().height - height + 1),
        fee=_fee(tx, spent),
        vsize=vsize_of(tx),
        inputs=_inputs(tx, spent, entry, session, own),
        outputs=_outputs(tx, txid, entry, session, own),
        effects=_meant(entry, "effects"),
        reason=entry.reason if entry is not None else "",
        can_bump=height is None and entry is not None and entry.state in PENDING,
    )


def _deed(tx: CTransaction, spent: list[CTxOut | None], session: Session) -> str:
    """What a transaction of this wallet does that was not drafted here; empty where it is none of the known deeds."""
    own = own_scripts(session)
    known = [txout for txout in spent if txout is not None]
    if len(known) < len(tx.vin) or not any(bytes(txout.scriptPubKey) in own for txout in known):
        return ""
    unsigned = UnsignedTransaction(
        tx=CTransaction(tx.vin, tx.vout, tx.nLockTime, tx.nVersion),
        prevouts=tuple(
            Prevout(outpoint=txin.prevout, txout=txout, path=own.get(bytes(txout.scriptPubKey)))
            for txin, txout in zip(tx.vin, known, strict=True)
        ),
        own_outputs=tuple(
            (vout, own[bytes(txout.scriptPubKey)])
            for vout, txout in enumerate(tx.vout)
            if bytes(txout.scriptPubKey) in own
        ),
    )
    try:
        return read(unsigned, guard.colors_of(unsigned, session.color_of)).words
    except GuardError:
        return ""


def _parents(tx: CTransaction, session: Session) -> list[CTransaction | None]:
    """The transactions whose outputs `tx` spends, each asked for once; None where nobody has one."""
    known: dict[Txid, CTransaction | None] = {}
    for txin in tx.vin:
        parent = Txid(txin.prevout.hash)
        if parent not in known:
            found = None if txin.prevout.is_null() else session.source.transaction(parent)
            entry = None if found is not None else session.journal.entry(parent)
            known[parent] = found.tx if found is not None else entry.tx if entry is not None else None
    return [known[Txid(txin.prevout.hash)] for txin in tx.vin]


def _inputs(
    tx: CTransaction, spent: list[CTxOut | None], entry: JournalEntry | None, session: Session, own: Container[bytes]
) -> tuple[TransactionInput, ...]:
    roles = _meant(entry, "inputs")
    return tuple(
        TransactionInput(
            outpoint="newly mined" if txin.prevout.is_null() else outpoint_text(txin.prevout),
            role=_role(roles, number, default="funding" if entry is not None else ""),
            sats=None if txout is None else int(txout.nValue),
            address="" if txout is None else address_or_nothing(txout.scriptPubKey, session.network),
            own=txout is not None and bytes(txout.scriptPubKey) in own,
            color="" if txin.prevout.is_null() else color_words(session.color_of(txin.prevout)),
        )
        for number, (txin, txout) in enumerate(zip(tx.vin, spent, strict=True))
    )


def _outputs(
    tx: CTransaction, txid: Txid, entry: JournalEntry | None, session: Session, own: Container[bytes]
) -> tuple[TransactionOutput, ...]:
    roles = _meant(entry, "outputs")
    return tuple(
        TransactionOutput(
            vout=vout,
            role=_role(roles, vout, default="change" if entry is not None else ""),
            sats=int(txout.nValue),
            address=address_or_nothing(txout.scriptPubKey, session.network),
            own=bytes(txout.scriptPubKey) in own,
            color=""
            if bytes(txout.scriptPubKey[:1]) == _MARKER
            else color_words(session.color_of(COutPoint(txid, vout))),
        )
        for vout, txout in enumerate(tx.vout)
    )


def _role(roles: tuple[str, ...], number: int, *, default: str) -> str:
    return roles[number] if number < len(roles) else default


def _meant(entry: JournalEntry | None, key: str) -> tuple[str, ...]:
    """What the journal says that a transaction was meant to do; empty where it does not say."""
    if entry is None:
        return ()
    try:
        listed = read_json(entry.summary, what="the journal's entry").get(key, [])
    except (ValueError, AttributeError):
        return ()
    return tuple(str(one) for one in listed) if isinstance(listed, list) else ()


def _fee(tx: CTransaction, spent: list[CTxOut | None]) -> int | None:
    values = [int(txout.nValue) for txout in spent if txout is not None]
    return sum(values) - sum(int(txout.nValue) for txout in tx.vout) if len(values) == len(spent) else None


def _state(height: int | None, entry: JournalEntry | None, *, in_mempool: bool) -> str:
    if height is not None:
        return "confirmed"
    if in_mempool:
        return "pending"
    assert entry is not None, "somebody has it"
    return "refused by the node" if entry.reason else entry.state.value
