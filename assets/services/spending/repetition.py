"""Whether something is about to be done a second time, by somebody who was never told that it was done.

What a transaction does for others is its *deed*: one text, made here for every kind of transaction, and kept in the
journal. A transaction whose sender was told that it was sent may be repeated: paying the same again is nothing unusual.
One whose sender got an error for an answer may not, unless it is asked for in so many words.
"""

from bitcoin.core import CTransaction, CTxIn

from assets.coloring.plan import Role, TxPlan
from assets.coloring.port import Layout
from assets.images.record import Seal, parse_record
from assets.protocols.table import RULE
from assets.remedies import ImageRemedy
from assets.services.wallets.session import Session
from wallet.documents import read_json
from wallet.errors import AlreadySignedError
from wallet.hashes import Txid, display, outpoint_text
from wallet.store.journal import JournalEntry, TxState

STILL_NEWS = 24 * 60 * 60
"""Seconds for which a transaction that nobody was told of is remembered once a block holds it."""


def deed_of(plan: TxPlan, kind: str, genesis: Txid | None, *, record: bool = True) -> str:
    """What a transaction does for others, in a canonical text: two with the same do the same twice.

    - a payment, and an issuing coin: script and sats;
    - a record: its bytes, but of a SEAL what it seals alone, since each sealing makes another ciphertext;
    - units for somebody else: script and quantity; for fresh keys of one's own (lots): the quantity alone;
    - where there is nothing of that kind (a bid taken back, a sale sped up): the coins that it is about.

    What stays on a script that the transaction spends (a title under a record, the rest of a treasury), change, and the
    coins that pay are no part of it. Without `record`, what the marker says is none either.
    """
    stays = {bytes(planned.prevout.txout.scriptPubKey) for planned in plan.inputs}
    layout = RULE.layout(_bare(plan))
    said = layout if isinstance(layout, Layout) else None
    quantities = said.quantities if said is not None else (0,) * len(plan.outputs)
    parts = []
    for out, quantity in zip(plan.outputs, quantities, strict=True):
        if out.role is Role.MARKER:
            continue
        script = bytes(out.txout.scriptPubKey)
        if out.role in (Role.PAYMENT, Role.ISSUING):
            parts.append(f"{out.role} {script.hex()} {out.txout.nValue}")
        elif script not in stays:
            parts.append(f"{out.role} {script.hex() if out.path is None else 'own'} {quantity}")
    words = _words(said.record) if said is not None and record else ""
    if not parts and said is None:
        parts = [outpoint_text(planned.prevout.outpoint) for planned in plan.inputs]
    return "; ".join((kind, genesis.hex() if genesis is not None else "", words, *sorted(parts)))


def _words(record: bytes) -> str:
    parsed = parse_record(record)
    return f"seals {parsed.plaintext.hex}" if isinstance(parsed, Seal) else record.hex()


def _bare(plan: TxPlan) -> CTransaction:
    """The planned inputs and outputs alone, for a rule to read."""
    spent = [CTxIn(planned.prevout.outpoint) for planned in plan.inputs]
    return CTransaction(spent, [out.txout for out in plan.outputs])


def twin_of(deed: str, session: Session) -> JournalEntry | None:
    """The newest transaction that did the same, and of which nobody was told that it was sent."""
    for entry in reversed(session.journal.untold(session.clock() - STILL_NEWS)):
        if _deed_in(entry) == deed:
            return entry
    return None


def already_signed(twin: JournalEntry) -> AlreadySignedError:
    """The error, with how far the other one is."""
    txid = display(twin.txid)
    where = {
        TxState.SIGNED: f"is signed and kept as {txid}, and the next command sends it",
        TxState.BROADCAST: f"was signed before and is sent, as {txid}, which waits for a block",
        TxState.CONFIRMED: f"was signed before and is sent, as {txid}, which block {twin.height} holds",
    }[twin.state]
    if twin.state in (TxState.SIGNED, TxState.BROADCAST) and twin.reason:
        where = f"is signed and kept as {txid}, which the node refuses now: {twin.reason}"
    return AlreadySignedError(
        f"the same {twin.kind} {where}",
        txid=txid,
        hint=ImageRemedy.SAY_AGAIN.of(),
    )


def _deed_in(entry: JournalEntry) -> str | None:
    """What the journal noted; None for what an older version wrote."""
    try:
        noted = read_json(entry.summary, what="the journal's entry")
    except ValueError:
        return None
    deed = noted.get("deed") if isinstance(noted, dict) else None
    return deed if isinstance(deed, str) else None
