"""Use case: a PSBT that this wallet left comes back signed, and is broadcast.

It must be exactly a draft that is remembered. Of what came back only the signatures are taken, each verified; they are
put on the transaction as it was written down here, which is guarded once more before it goes out.
"""

import contextlib
from dataclasses import dataclass

from bitcoin.core import CTransaction
from bitcoin.core.script import SIGHASH_ALL

from assets.errors import GuardError
from assets.services.spending.cold_drafts import store_of, units_text, waiting_words
from assets.services.spending.drafts import About, Draft, check
from assets.services.spending.free_coins import require_free_coins
from assets.services.spending.replaced_intent import expect_again, plan_again, read_sent
from assets.services.spending.signing import Unlock, sign_and_broadcast
from assets.services.wallets.session import Session
from wallet.errors import SigningError, StateError, StoreError
from wallet.fees import FeeEstimate, FeeRate
from wallet.hashes import Txid, display, outpoint_text, txid_of
from wallet.psbt import Psbt, PsbtInput
from wallet.remedies import WalletRemedy
from wallet.signatures import is_valid_signature
from wallet.store.cold_drafts import ColdDraft
from wallet.store.journal import JournalEntry, TxState
from wallet.transactions import UnsignedTransaction

_KEPT = "nothing was sent; the draft still waits: sign the PSBT that this wallet wrote"


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A remembered draft with the signatures that came back, guarded. `missing` are inputs that nobody signed yet."""

    draft: Draft
    missing: tuple[int, ...]


class _SignedElsewhere:
    """Stands where a signer stands, once every signature is there."""

    def __init__(self, fingerprint: bytes) -> None:
        self.fingerprint = fingerprint

    def sign(self, psbt: bytes) -> bytes:
        """The PSBT as it is."""
        return psbt


def take_back(raw: bytes, session: Session) -> Returned:
    """Compares a PSBT with the draft that was left, and guards it. Nothing is written.

    Raises EncodingError for what is no PSBT, StateError where it is no remembered draft (naming the difference), was
    sent already or spends what was spent meanwhile, SigningError for signatures that do not hold, GuardError.
    """
    psbt = Psbt.parse(raw)
    cold = _remembered(psbt.tx, session)
    entry = JournalEntry(tx=cold.tx, kind=cold.kind, created=cold.created, genesis=cold.genesis, summary=cold.summary)
    sent = read_sent(entry, session)
    unsigned = sent.previous
    signatures = _signatures(psbt, unsigned)
    draft = Draft(
        about=About(kind=sent.kind, genesis=sent.genesis, effects=sent.effects),
        plan=plan_again(sent, unsigned, session.color_of),
        unsigned=unsigned,
        expectation=expect_again(sent, unsigned, session.color_of),
        rate=FeeEstimate(rate=FeeRate(unsigned.fee * 1000 // unsigned.vsize), source="as it was drafted", age=0),
        replaces=cold.replaces,
        signatures=tuple(sorted(signatures.items())),
        holders=(cold.owner,),
    )
    if units_text(draft.expectation.units) != cold.units:
        raise GuardError(
            f"refused (units): {display(cold.txid)} would move {units_text(draft.expectation.units)}, and was drafted "
            f"to move {cold.units}",
            hint="the chain changed since; nothing was sent; discard the draft and make it again",
        )
    require_free_coins(draft, session)
    check(draft, session)
    missing = tuple(number for number in range(len(unsigned.prevouts)) if number not in signatures)
    return Returned(draft=draft, missing=missing)


def send_back(returned: Returned, unlock: Unlock, session: Session) -> Txid:
    """Journals and broadcasts the transaction; the keys of this machine are asked only for signatures that miss.

    What the node refuses leaves the draft where it was. Raises what signing raises.
    """
    account = session.account
    signer: Unlock = unlock if returned.missing else lambda: _SignedElsewhere(account.fingerprint)
    try:
        return sign_and_broadcast(returned.draft, signer, session)
    finally:
        if returned.draft.txid in session.signed:
            with contextlib.suppress(StoreError):
                store_of(session).remove(returned.draft.txid)


def _remembered(tx: CTransaction, session: Session) -> ColdDraft:
    drafts, txid = store_of(session), txid_of(tx)
    entry = session.journal.entry(txid)
    if entry is not None:
        drafts.remove(txid)
        kept = entry.state is TxState.SIGNED
        done = "is signed and kept, and the next command sends it" if kept else "was sent already"
        raise StateError(f"{display(txid)} {done}", hint=WalletRemedy.SEE_HISTORY.of())
    found = drafts.entry(txid)
    if found is not None:
        return found
    coins = {txin.prevout for txin in tx.vin}
    near = [draft for draft in drafts.entries() if coins & {txin.prevout for txin in draft.tx.vin}]
    if near:
        raise StateError(
            f"this is not the {near[0].kind} {display(near[0].txid)} as it was drafted: {difference(near[0].tx, tx)}",
            hint=_KEPT,
        )
    raise StateError(f"this wallet left no draft {display(txid)}", hint=waiting_words(drafts))


def difference(meant: CTransaction, tx: CTransaction) -> str:
    """The first thing in which a transaction differs from the one that was drafted, in words."""
    if len(tx.vin) != len(meant.vin):
        return f"it has {len(tx.vin)} inputs instead of {len(meant.vin)}"
    if len(tx.vout) != len(meant.vout):
        return f"it has {len(tx.vout)} outputs instead of {len(meant.vout)}"
    for number, (old_in, new_in) in enumerate(zip(meant.vin, tx.vin, strict=True)):
        if new_in.prevout != old_in.prevout:
            return f"input {number} is {outpoint_text(new_in.prevout)} instead of {outpoint_text(old_in.prevout)}"
        if new_in.nSequence != old_in.nSequence:
            return f"input {number} has the sequence {new_in.nSequence:#x} instead of {old_in.nSequence:#x}"
    for vout, (old, new) in enumerate(zip(meant.vout, tx.vout, strict=True)):
        if new.nValue != old.nValue:
            return f"output {vout} holds {new.nValue:,} sat instead of {old.nValue:,}"
        if new.scriptPubKey != old.scriptPubKey:
            return f"output {vout} is on {new.scriptPubKey.hex()} instead of {old.scriptPubKey.hex()}"
    if tx.nLockTime != meant.nLockTime:
        return f"its lock time is {tx.nLockTime} instead of {meant.nLockTime}"
    return f"its version is {tx.nVersion} instead of {meant.nVersion}"


def _signatures(psbt: Psbt, unsigned: UnsignedTransaction) -> dict[int, tuple[bytes, bytes]]:
    """The signatures that came back, by input number, each checked against what this wallet knows of the coin."""
    found = {}
    for number, (entry, prevout) in enumerate(zip(psbt.inputs, unsigned.prevouts, strict=True)):
        if entry.spent is not None and entry.spent != prevout.txout:
            raise SigningError(f"input {number} came back with another account of the coin that it spends", hint=_KEPT)
        if entry.sighash not in (None, SIGHASH_ALL):
            raise SigningError(f"input {number} came back asking for sighash {entry.sighash:#x}", hint=_KEPT)
        for public_key, signature in _given(entry):
            if signature[-1:] != bytes((SIGHASH_ALL,)):
                raise SigningError(
                    f"the signature of input {number} does not commit to the whole transaction "
                    f"(sighash 0x{signature[-1:].hex()})",
                    hint=_KEPT,
                )
            if not is_valid_signature(signature, public_key, unsigned.tx, number, prevout.txout):
                raise SigningError(f"the signature of input {number} is not valid for this transaction", hint=_KEPT)
            found[number] = public_key, signature
    return found


def _given(entry: PsbtInput) -> tuple[tuple[bytes, bytes], ...]:
    """Signatures as they stand, and those in an input that was finalised already."""
    final = ((entry.witness[1], entry.witness[0]),) if len(entry.witness) == 2 else ()
    return (*entry.signatures, *final)
