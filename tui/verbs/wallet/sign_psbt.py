"""PSBTs of others and drafts that came back: looked at, signed, written, given up."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bitcoin.core import CTransaction

from assets.services.spending import cold_drafts, cold_signing
from assets.services.spending.cold_signing import Consent
from assets.services.spending.finished_sending import look_at_finished
from assets.services.spending.wallet_facts import WalletFacts
from tui.verbs.files import read_given, write_new
from tui.verbs.keys import Keys
from tui.verbs.wallet.requests import GivenPsbt
from tui.verbs.wallet.views import LookedAt, SignedPsbt, WaitingDraft
from tui.verbs.workplace import Workplace
from wallet.errors import ChainUnavailableError, EncodingError, StateError
from wallet.hashes import display, txid_of
from wallet.psbt import Psbt, from_text, to_text
from wallet.psbt_text import MAX_TEXT, FinishedTransactionError, read_psbt


def given(request: GivenPsbt) -> bytes:
    """The PSBT's bytes. Raises EncodingError, FinishedTransactionError."""
    text = request.text.strip()
    if (request.file is None) == (not text):
        raise EncodingError("no PSBT, or two of them", hint="name its file, or paste its text")
    return read_psbt(text.encode() if request.file is None else read_given(request.file, MAX_TEXT))


def look(request: GivenPsbt, place: Workplace, *, finished: bool = True) -> LookedAt:
    """What a PSBT would do, as far as the node and the PSBT can tell; one of our own drafts was accepted when made.

    A finished transaction is looked at as well, unless it must not be `finished`. Raises EncodingError for what is
    neither, SigningError and GuardError for what harms.
    """
    try:
        raw = given(request)
    except FinishedTransactionError as found:
        if not finished:
            raise
        return _finished(found.tx, request, place)
    with _facts(place) as facts:
        ours = facts.draft(txid_of(Psbt.parse(raw).tx)) is not None
        seen = cold_signing.review(raw, facts, consent(request, ours=ours))
    return LookedAt(psbt=to_text(raw), draft=seen.view, signs=seen.own, checked=seen.colored, ours=ours)


def sign(request: GivenPsbt, seen: LookedAt, place: Workplace, keys: Keys) -> SignedPsbt:
    """Signs the PSBT that was looked at, once more judged, so that nothing is signed that does another thing by now.

    What hands something over is said anew to the keys, also of a draft of this wallet: whoever has its file at the
    keys need not be who made it.
    """
    raw, signer = from_text(seen.psbt), keys()
    with _facts(place) as facts:
        named = consent(request, ours=False)
        again = cold_signing.review(raw, facts, named)
        if (again.view, again.colored) != (seen.draft, seen.checked):
            raise StateError(
                "the chain has moved on: it would do another thing than was shown", hint="look at it again"
            )
        signed = cold_signing.sign(raw, again, facts, named, signer)
    return SignedPsbt(psbt=to_text(signed), txid=seen.draft.txid, complete=cold_signing.is_complete(signed))


def write(psbt: str, file: Path) -> str:
    """Writes a PSBT into a new file, binary; its path. Raises StoreError where the name is taken."""
    write_new(file, from_text(psbt))
    return str(file)


def waiting(place: Workplace) -> tuple[WaitingDraft, ...]:
    """The drafts that wait for a cold key, oldest first."""
    return tuple(
        WaitingDraft(txid=display(one.txid), kind=one.kind, summary=one.summary, created=one.created, expiry=one.expiry)
        for one in place.house.cold_drafts.entries()
    )


def discard(txid: str, place: Workplace) -> WaitingDraft:
    """Gives a waiting draft up; its coins are free again. Raises StateError where none waits."""
    gone = cold_drafts.discard(txid, place.house.cold_drafts)
    return WaitingDraft(
        txid=display(gone.txid), kind=gone.kind, summary=gone.summary, created=gone.created, expiry=gone.expiry
    )


def consent(request: GivenPsbt, *, ours: bool) -> Consent:
    """What a person accepts; that a draft of this wallet hands something over was accepted when it was made.

    That is enough to look at it and to send it back signed, and never to sign it.
    """
    return Consent(hand_over=request.hand_over or ours, replaces=request.replaces, unjudged=request.unjudged)


def _finished(tx: CTransaction, request: GivenPsbt, place: Workplace) -> LookedAt:
    """What a finished transaction would do. Only a node can tell."""
    place.house.require_node()
    with place.session() as session:
        found = look_at_finished(tx, session, consent(request, ours=False))
    return LookedAt(psbt=tx.serialize().hex(), draft=found.view, signs=(), checked=True, ours=False, finished=True)


@contextmanager
def _facts(place: Workplace) -> Iterator[WalletFacts]:
    """What this machine knows: the wallet's own database, and the node where one answers; a note where none does."""
    try:
        place.house.require_node()
    except ChainUnavailableError as error:
        place.note(f"no node answers here: {error}")
        yield place.house.facts_without_node()
        return
    with place.session() as session:
        yield WalletFacts.of(session)
