"""PSBTs: drafts that are left for a cold key, and those of others that this wallet signs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bitcoin.core import CTransaction

from assets.services.spending.cold_drafts import discard
from assets.services.spending.cold_returning import send_back, take_back
from assets.services.spending.cold_signing import Consent, is_complete, replaced, review, sign
from assets.services.spending.drafts import Draft
from assets.services.spending.finished_sending import look_at_finished, send_finished
from assets.services.spending.wallet_facts import WalletFacts
from assets.services.wallets.session import Session
from tui.app.access_asks import Given, SendSigned
from tui.app.access_views import LeftDraft, PsbtView, SignedPsbt
from tui.app.backend.access import Access
from tui.app.backend.prepared import Shown
from tui.verbs.files import read_given, whole_path, write_new
from tui.verbs.keys import Keys
from wallet.amount import Sats, format_btc
from wallet.errors import ChainUnavailableError, EncodingError, StateError
from wallet.hashes import display, txid_of
from wallet.psbt import Psbt, from_text, to_text
from wallet.psbt_text import MAX_TEXT, FinishedTransactionError, read_psbt
from wallet.store.cold_drafts import ColdDrafts


class Cold:
    """What the app does with PSBTs, over one wallet."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._house = access.house

    def look(self, given: Given) -> PsbtView:
        """What a PSBT would do, as far as the node and the PSBT can tell; one of our own drafts is not judged here."""
        try:
            raw = _read(given)
        except FinishedTransactionError as finished:
            return self._finished(finished.tx, given)
        with self._facts() as facts:
            ours = facts.draft(txid_of(Psbt.parse(raw).tx)) is not None
            seen = review(raw, facts, _consent(given, ours=ours))
        return PsbtView(psbt=to_text(raw), draft=seen.view, signs=seen.own, checked=seen.colored, ours=ours)

    def _finished(self, tx: CTransaction, given: Given) -> PsbtView:
        """What a finished transaction would do. Only a node can tell."""
        self._house.require_node()
        with self._access.session() as session:
            found = look_at_finished(tx, session, _consent(given, ours=False))
        return PsbtView(psbt=tx.serialize().hex(), draft=found.view, signs=(), checked=True, ours=False, finished=True)

    def sign(self, given: Given, seen: PsbtView, password: str) -> SignedPsbt:
        """Looks again, so that nothing is signed that the chain has made another matter since it was shown."""
        raw = from_text(seen.psbt)
        signer = self._house.signer(password)
        with self._facts() as facts:
            consent = _consent(given, ours=seen.ours)
            again = review(raw, facts, consent)
            if (again.view, again.colored) != (seen.draft, seen.checked):
                raise StateError(
                    "the chain has moved on: it would do another thing than was shown", hint="look at it again"
                )
            signed = sign(raw, again, facts, consent, signer)
        return SignedPsbt(psbt=to_text(signed), txid=seen.draft.txid, complete=is_complete(signed))

    def write(self, psbt: str, file: str) -> str:
        """Writes a PSBT into a new file, binary."""
        path = whole_path(file)
        write_new(path, from_text(psbt))
        return str(path)

    def waiting(self) -> tuple[LeftDraft, ...]:
        """The drafts that wait, oldest first."""
        entries = ColdDrafts(self._house.database).entries()
        return tuple(
            LeftDraft(
                txid=display(one.txid), kind=one.kind, summary=one.summary, created=one.created, expiry=one.expiry
            )
            for one in entries
        )

    def discard(self, txid: str) -> None:
        """Gives a draft up."""
        discard(txid, ColdDrafts(self._house.database))

    @contextmanager
    def _facts(self) -> Iterator[WalletFacts]:
        """What this machine knows, with the node where one answers."""
        try:
            self._house.require_node()
        except ChainUnavailableError:
            yield self._house.facts_without_node()
            return
        with self._access.session() as session:
            yield WalletFacts.of(session)


def _consent(given: Given, *, ours: bool) -> Consent:
    """What a person accepts; a draft of this wallet was accepted when it was made."""
    return Consent(hand_over=given.hand_over or ours, replaces=replaced(given.replaces), unjudged=given.unjudged)


def prepare_returned(ask: SendSigned, session: Session) -> Shown:
    """A draft of this wallet that came back, exactly as it was left, with its signatures; or a finished transaction."""
    try:
        returned = take_back(from_text(ask.psbt), session)
    except FinishedTransactionError as finished:
        return _prepare_finished(finished.tx, ask, session)

    def finish(unlock: Keys, now: Session, done: Callable[[Draft], None]) -> tuple[str, ...]:
        send_back(returned, unlock, now)
        done(returned.draft)
        return ()

    missing = ", ".join(map(str, returned.missing))
    return Shown(
        drafts=(returned.draft,),
        finish=finish,
        warnings=(f"not signed yet: input {missing}; the keys of this machine are asked",) if missing else (),
        deed="Sign and send" if missing else "Send",
        fee_is_set=True,
        signed=not missing,
    )


def _prepare_finished(tx: CTransaction, ask: SendSigned, session: Session) -> Shown:
    found = look_at_finished(tx, session, Consent(hand_over=ask.hand_over, replaces=replaced(ask.replaces)))
    view = found.view

    def finish(unlock: Keys, now: Session, done: Callable[[Draft], None]) -> tuple[str, ...]:
        return (f"sent {display(send_finished(found, now))}",)

    return Shown(
        finish=finish,
        heading="A finished transaction: it is sent as it is",
        facts=(
            ("transaction", view.txid),
            ("is", view.kind),
            *((f"output {one.vout}", f"{one.sats:,} sat to {one.unit_address or one.address}") for one in view.outputs),
            ("this wallet", f"{format_btc(Sats(view.delta))} BTC"),
            ("fee", f"{view.fee:,} sat, {view.vsize:,} vB"),
        ),
        warnings=view.warnings,
        deed="Send",
        fee_is_set=True,
        signed=True,
    )


def _read(given: Given) -> bytes:
    """A PSBT in any form, from a file or as text. Raises EncodingError, FinishedTransactionError."""
    if bool(given.file.strip()) == bool(given.text.strip()):
        raise EncodingError("no PSBT, or two of them", hint="name its file, or paste its text")
    if given.text.strip():
        return from_text(given.text)
    return read_psbt(read_given(whole_path(given.file), MAX_TEXT))
