"""What a transaction would put out of the mempool, and what of that nobody may put out.

Nodes let the one that pays more take the place of another that spends the same coin, with everything built on it. So
who signs has to know: a transaction of ours gives way only to what is named as its replacement, and a REVOKE that waits
for a block to nothing but its own bump.
"""

from collections.abc import Callable, Iterator

from bitcoin.core import COutPoint, CTransaction

from assets.coloring.guard_case import Check, Whose, require
from assets.coloring.port import Layout
from assets.images.record import Revoke, parse_record
from assets.protocols.table import RULE
from assets.remedies import ImageRemedy
from wallet.chain.source import TxSource
from wallet.hashes import Txid, display, outpoint_text, txid_of
from wallet.store.journal import Journal

_MOST = 1_000
"""Transactions built on one another that are looked at; nodes keep far fewer."""


def require_no_conflict(
    tx: CTransaction, source: TxSource | None, journal: Journal, whose: Whose, *, replaces: Txid | None
) -> tuple[str, ...]:
    """What else is worth knowing of the transactions that `tx` would put out. Raises GuardError for those of ours.

    `replaces` is the one whose place `tx` takes by name. Without a node (`source` is None) only what this wallet signed
    itself is known.
    """
    spender = _spenders(source, journal)
    notes = []
    for txin in tx.vin:
        rival = spender(txin.prevout)
        if rival is None or txid_of(rival) == txid_of(tx):
            continue
        name, named = display(txid_of(rival)), txid_of(rival) == replaces
        for gone in _with_descendants(rival, spender):
            _require_no_revoke(gone, tx, by_name=named and gone is rival)
            if gone is not rival:
                require(
                    Check.CONFLICT,
                    not _is_ours(gone, source, journal, whose),
                    f"{outpoint_text(txin.prevout)} is spent by {name}, which waits for a block, and on which "
                    f"{display(txid_of(gone))} of this wallet is built: it would be lost",
                )
        require(
            Check.CONFLICT,
            named or not _is_ours(rival, source, journal, whose),
            f"{outpoint_text(txin.prevout)} is spent by {name}, a transaction of this wallet that waits for a block "
            "and would be lost",
            hint="nothing was signed; " + ImageRemedy.NAME_REPLACED.of(txid=name),
        )
        if not named:
            notes.append(f"it would take the place of {name}, which others sent and which waits for a block")
    return tuple(dict.fromkeys(notes))


def revocation_in(tx: CTransaction) -> Revoke | None:
    """The REVOKE that a transaction's marker holds, whether it counts or not."""
    layout = RULE.layout(tx)
    record = parse_record(layout.record) if isinstance(layout, Layout) and layout.record else None
    return record if isinstance(record, Revoke) else None


def require_revocation_kept(old: CTransaction, new: CTransaction) -> None:
    """A transaction that takes the place of a pending REVOKE says the same, by the same title. Raises GuardError."""
    _require_no_revoke(old, new, by_name=True)


def _require_no_revoke(gone: CTransaction, tx: CTransaction, *, by_name: bool) -> None:
    revoke = revocation_in(gone)
    if revoke is None:
        return
    same = by_name and revocation_in(tx) == revoke and tx.vin[0].prevout == gone.vin[0].prevout
    require(
        Check.CONFLICT,
        same,
        f"{display(txid_of(gone))}, which waits for a block, revokes {revoke.digest}, and would be put out: a pending "
        "revocation gives way to nothing but its own bump",
    )


def _spenders(source: TxSource | None, journal: Journal) -> Callable[[COutPoint], CTransaction | None]:
    """Who spends a coin: by the mempool, else by what this wallet signed and nobody has yet."""
    signed = {txin.prevout: entry.tx for entry in journal.unconfirmed() for txin in entry.tx.vin}

    def spender(outpoint: COutPoint) -> CTransaction | None:
        found = None if source is None else source.spender(outpoint)
        return found if found is not None else signed.get(outpoint)

    return spender


def _with_descendants(tx: CTransaction, spender: Callable[[COutPoint], CTransaction | None]) -> Iterator[CTransaction]:
    seen, queue = {txid_of(tx)}, [tx]
    while queue and len(seen) <= _MOST:
        one = queue.pop(0)
        yield one
        for vout in range(len(one.vout)):
            child = spender(COutPoint(txid_of(one), vout))
            if child is not None and txid_of(child) not in seen:
                seen.add(txid_of(child))
                queue.append(child)


def _is_ours(tx: CTransaction, source: TxSource | None, journal: Journal, whose: Whose) -> bool:
    """Whether this wallet signed it, is paid by it, or had a coin spent by it."""
    if journal.entry(txid_of(tx)) is not None or any(whose(bytes(one.scriptPubKey)) for one in tx.vout):
        return True
    return source is not None and any(_spends_ours(txin.prevout, source, whose) for txin in tx.vin)


def _spends_ours(outpoint: COutPoint, source: TxSource, whose: Whose) -> bool:
    found = source.transaction(Txid(bytes(outpoint.hash)))
    if found is None or outpoint.n >= len(found.tx.vout):
        return False
    return whose(bytes(found.tx.vout[outpoint.n].scriptPubKey)) is not None
