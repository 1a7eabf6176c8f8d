"""Use case: leave a draft for keys that lie elsewhere, as a PSBT, and hold its coins until it comes back.

Nothing is signed here. What the transaction is meant to do is written down with it, so that what comes back can be
held to it.
"""

import json
from collections.abc import Iterable, Sequence

from bitcoin.core import CTransaction

from assets.coloring.plan import UnitsAt
from assets.services.spending.drafts import Draft, check
from assets.services.spending.free_coins import require_free_coins
from assets.services.spending.signing import journal_entry, mark_keys
from assets.services.wallets.session import Session
from wallet.errors import EncodingError, StateError
from wallet.hashes import Txid, display, parse_txid
from wallet.psbt import to_psbt
from wallet.store.cold_drafts import ColdDraft, ColdDrafts

HOLD_SECONDS = 7 * 24 * 60 * 60
"""How long the coins of a draft wait for its signatures: a week."""


def only_one(drafts: Sequence[Draft]) -> Draft:
    """The one draft that a PSBT can hold. Raises EncodingError where there are several."""
    if len(drafts) != 1:
        raise EncodingError(
            f"this takes {len(drafts)} transactions, and a PSBT holds one", hint="ask for less at a time, then the rest"
        )
    return drafts[0]


def hand_out(draft: Draft, session: Session) -> bytes:
    """The draft as a PSBT (version 0), remembered, its coins reserved for a week.

    The previous transactions are in it, since hardware signers want them. Raises StateError where a coin was spent or
    set aside meanwhile, GuardError, BusyError.
    """
    if draft.signatures:
        raise StateError("a draft that others signed cannot wait for a cold key")
    raw = to_psbt(draft.unsigned, session.account, tuple(_previous(draft, session)))
    now = session.clock()
    entry = journal_entry(draft.unsigned.tx, draft, now)
    cold = ColdDraft(
        tx=draft.unsigned.tx,
        kind=entry.kind,
        genesis=entry.genesis,
        summary=entry.summary,
        units=units_text(draft.expectation.units),
        created=now,
        expiry=now + HOLD_SECONDS,
        replaces=draft.replaces,
    )
    with session.signing():
        require_free_coins(draft, session)
        check(draft, session)
        with session.journal.together():
            store_of(session).put(cold)
            mark_keys(draft, session)
    return raw


def discard(text: str, drafts: ColdDrafts) -> ColdDraft:
    """Forgets the draft with this txid, and its coins are free again.

    Whoever has the PSBT signed can still broadcast it, until one of its coins is spent. Raises StateError where no such
    draft waits, EncodingError for text that is no txid.
    """
    found = drafts.entry(parse_txid(text))
    if found is None:
        raise StateError(f"no draft {text} waits for a signature", hint=waiting_words(drafts))
    drafts.remove(found.txid)
    return found


def waiting_words(drafts: ColdDrafts) -> str:
    """Which drafts wait, for a hint."""
    named = ", ".join(f"{entry.kind} {display(entry.txid)}" for entry in drafts.entries())
    return f"these wait: {named}" if named else "none waits"


def units_text(units: Iterable[UnitsAt]) -> str:
    """Which output is meant to hold which units, as canonical JSON."""
    listed = [[at.vout, display(at.units.genesis), at.units.quantity, at.units.title] for at in units]
    return json.dumps(sorted(listed), separators=(",", ":"))


def store_of(session: Session) -> ColdDrafts:
    """Where this session remembers such drafts."""
    assert session.cold_drafts is not None, "the composition root gives every wallet its store"
    return session.cold_drafts


def _previous(draft: Draft, session: Session) -> Iterable[CTransaction]:
    """The transactions that made the coins, as far as the journal or the node has them."""
    for txid in {Txid(prevout.outpoint.hash) for prevout in draft.unsigned.prevouts}:
        known = session.journal.entry(txid)
        if known is not None:
            yield known.tx
            continue
        found = session.source.transaction(txid)
        if found is not None:
            yield found.tx
