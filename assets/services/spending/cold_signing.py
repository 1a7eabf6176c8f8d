"""Use case: look at a PSBT on the machine that holds the keys, and sign it: the one door to the signer for whatever was
not drafted here in the same breath.

Whoever asks for the signature may be anybody, and the PSBT is not believed: whose an input or an output is, the
account's own scripts say; what a coin holds, the node says, or the whole transaction that made it. The transaction is
read, and the guard judges it as it judges ours. Where no node answers, what the coins were made to hold is presumed, so
that burns, mints and merges are refused all the same, and what nothing proves is a doubt that must be accepted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bitcoin.core import CTransaction, CTxOut
from bitcoin.core.script import SIGHASH_ALL

from assets.coloring import guard
from assets.coloring.guard_case import Check, require
from assets.coloring.presumed import presume
from assets.coloring.reading import Reading
from assets.coloring.stated import require_named, stated
from assets.coloring.suspicion import Making
from assets.errors import GuardError
from assets.model import CoinColor, OtherColor, Unknown
from assets.remedies import ImageRemedy
from assets.services.read_models.wallet_views import DraftView
from assets.services.spending.conflicting import require_no_conflict
from assets.services.spending.psbt_view import psbt_view
from assets.services.spending.wallet_facts import NodeFacts, WalletFacts
from assets.services.wallets.holds import Hold, Listed, hold_words
from wallet.account import Account
from wallet.advice import Prose
from wallet.coins import AccountKind, KeyPath
from wallet.errors import ChainError, ChainUnavailableError, MissingKeyError, SigningError, StateError
from wallet.hashes import Txid, outpoint_text, parse_txid, txid_of
from wallet.keys.keychain import key_path
from wallet.keys.own_scripts import FURTHER, MOST_CLAIMED
from wallet.psbt import KeyOrigin, Psbt
from wallet.signatures import is_valid_signature, p2wpkh_script
from wallet.signer import Signer
from wallet.transactions import Prevout, UnsignedTransaction

_LIE = "do not trust this PSBT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What whoever signs has named.

    `hand_over`: a title, or most of the access units that move, leaves this wallet. `replaces`: the pending transaction
    of ours whose place this one takes. `unjudged`: what no node could tell is accepted.
    """

    hand_over: bool = False
    replaces: Txid | None = None
    unjudged: bool = False


NOTHING_NAMED = Consent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A PSBT that may be signed. `own` are the numbers of the inputs that this wallet signs.

    `colored` tells whether a node said what the coins hold; else it was presumed.
    """

    view: DraftView
    own: tuple[int, ...]
    colored: bool
    reading: Reading


def review(raw: bytes, facts: WalletFacts, consent: Consent = NOTHING_NAMED) -> Review:
    """What a PSBT would do.

    Raises EncodingError for what is no PSBT, SigningError for one that lies or hides something, MissingKeyError where
    no input is this wallet's, GuardError for what must not be signed, ChainError.
    """
    psbt = Psbt.parse(raw)
    _require_sighash(psbt)
    spent = [_spent(number, psbt, facts.node) for number in range(len(psbt.inputs))]
    own = _own_scripts(psbt, spent, facts)
    unsigned = _unsigned(psbt, spent, own)
    ours = tuple(number for number, prevout in enumerate(unsigned.prevouts) if prevout.path is not None)
    if not ours:
        raise MissingKeyError(
            f"no input names a key of this wallet ({facts.account.fingerprint.hex()})", hint="is it another wallet's?"
        )
    _require_named_keys(psbt, unsigned, facts.account)
    if unsigned.fee < 0:
        raise SigningError("its outputs hold more than its inputs", hint=_LIE)
    drafted = facts.draft(unsigned.txid) is not None
    colors, doubts = _colors(psbt, unsigned, facts, unjudged=consent.unjudged)
    reading = guard.check(
        unsigned,
        stated(unsigned, colors, ours=drafted),
        colors=dict(zip((one.outpoint for one in unsigned.prevouts), colors, strict=True)).__getitem__,
        whose=own.get,
        tip_height=None if facts.node is None else facts.node.source.tip().height,
    )
    require_named(reading, hand_over=consent.hand_over, presumed=facts.node is None)
    _require_free(unsigned, facts, drafted=drafted)
    source = None if facts.node is None else facts.node.source
    replaces = consent.replaces or _replaced_by_draft(unsigned, facts)
    notes = require_no_conflict(unsigned.tx, source, facts.journal, own.get, replaces=replaces)
    known = None if facts.node is None else colors
    view = psbt_view(unsigned, facts.account, known, reading, notes=notes, doubts=doubts)
    return Review(view=view, own=ours, colored=facts.node is not None, reading=reading)


def sign(raw: bytes, seen: Review, facts: WalletFacts, consent: Consent, signer: Signer) -> bytes:
    """The PSBT with this wallet's signatures, if it would still do what was shown.

    Raises StateError where it would do another thing by now, and what `review` and the signer raise.
    """
    with facts.signing():
        again = review(raw, facts, consent)
        if (again.view, again.colored) != (seen.view, seen.colored):
            raise StateError(
                "the chain or the wallet has moved on: it would do another thing than was shown",
                hint="nothing was signed; look at it again",
            )
        return signer.sign(raw)


def is_complete(raw: bytes) -> bool:
    """Whether every input carries a signature."""
    return all(entry.signatures or entry.witness for entry in Psbt.parse(raw).inputs)


def _require_sighash(psbt: Psbt) -> None:
    for number, entry in enumerate(psbt.inputs):
        if entry.sighash not in (None, SIGHASH_ALL):
            raise SigningError(
                f"input {number} asks for a signature that does not commit to the whole transaction "
                f"(sighash {entry.sighash:#x})",
                hint="such signatures can be reused by others; ask for SIGHASH_ALL",
            )


def _spent(number: int, psbt: Psbt, node: NodeFacts | None) -> CTxOut:
    """What an input spends, by the node or by the whole transaction that made it; what the PSBT says must agree.

    A bare output is believed by nobody: two PSBTs that each lie about one amount would else be signed for one huge fee.
    """
    entry, outpoint = psbt.inputs[number], psbt.tx.vin[number].prevout
    parent = entry.previous if node is None else _found(Txid(bytes(outpoint.hash)), node) or entry.previous
    name = f"input {number} ({outpoint_text(outpoint)})"
    if entry.spent is None:
        raise SigningError(f"{name} does not say what it spends", hint="make the PSBT again, with UTXO data")
    require(
        Check.PREVOUTS,
        parent is not None,
        f"{name} comes without the transaction that made its coin, and "
        + ("the node does not have it" if node is not None else "no node answers that could tell its amount"),
        hint="nothing was signed; make the PSBT again, with whole previous transactions (non_witness_utxo)",
    )
    assert parent is not None
    if outpoint.n >= len(parent.vout):
        raise SigningError(f"{name} spends an output that there is not", hint=_LIE)
    txout = parent.vout[outpoint.n]
    if entry.spent != txout:
        raise SigningError(
            f"{name} is said to hold {entry.spent.nValue:,} sat on {entry.spent.scriptPubKey.hex()}, and holds "
            f"{txout.nValue:,} sat on {txout.scriptPubKey.hex()}",
            hint=_LIE,
        )
    return txout


def _found(txid: Txid, node: NodeFacts) -> CTransaction | None:
    """None also where the node has no transaction index and cannot tell: the PSBT may then bring it along."""
    try:
        found = node.source.transaction(txid)
    except ChainUnavailableError:
        raise
    except ChainError:
        return None
    return None if found is None else found.tx


def _own_scripts(psbt: Psbt, spent: list[CTxOut], facts: WalletFacts) -> Mapping[bytes, KeyPath]:
    """The account's own scripts. A key that the PSBT names, and that does hold what it is said to hold, was used."""
    account, claimed = facts.account, list[KeyPath]()
    named = [
        *((f"input {number}", entry.origins, spent[number]) for number, entry in enumerate(psbt.inputs)),
        *(
            (f"output {vout}", origins, txout)
            for vout, (origins, txout) in enumerate(zip(psbt.outputs, psbt.tx.vout, strict=True))
        ),
    ]
    for where, origins, txout in named:
        path = _named_key(origins, account, where)
        if path is None:
            continue
        if path.index >= facts.used.get((path.account, path.chain), 0) + MOST_CLAIMED:
            raise MissingKeyError(f"{where} names the key {path}, far beyond those that were used", hint=_LIE)
        if account.script(path) != txout.scriptPubKey:
            holds = "which does not hold that coin" if where.startswith("input") else "and does not"
            claims = "claims" if where.startswith("input") else "claims to pay"
            raise SigningError(f"{where} {claims} the key {path}, {holds}", hint=_LIE)
        claimed.append(path)
    return account.own_scripts(facts.used, claimed)


def _unsigned(psbt: Psbt, spent: list[CTxOut], own: Mapping[bytes, KeyPath]) -> UnsignedTransaction:
    """The transaction with our keys, as our own scripts tell."""
    return UnsignedTransaction(
        tx=psbt.tx,
        prevouts=tuple(
            Prevout(outpoint=txin.prevout, txout=txout, path=own.get(bytes(txout.scriptPubKey)))
            for txin, txout in zip(psbt.tx.vin, spent, strict=True)
        ),
        own_outputs=tuple(_own_outputs(psbt.tx, own)),
    )


def _own_outputs(tx: CTransaction, own: Mapping[bytes, KeyPath]) -> Iterator[tuple[int, KeyPath]]:
    for vout, txout in enumerate(tx.vout):
        path = own.get(bytes(txout.scriptPubKey))
        if path is not None:
            yield vout, path


def _require_named_keys(psbt: Psbt, unsigned: UnsignedTransaction, account: Account) -> None:
    """Every coin of ours is spent with our knowledge: its input names our key, or we signed it already."""
    for number, (entry, prevout) in enumerate(zip(psbt.inputs, unsigned.prevouts, strict=True)):
        if prevout.path is None or any(one.fingerprint == account.fingerprint for one in entry.origins):
            continue
        signed = len(entry.witness) == 2 and is_valid_signature(
            entry.witness[0], entry.witness[1], psbt.tx, number, prevout.txout
        )
        if not signed:
            raise SigningError(
                f"input {number} ({outpoint_text(prevout.outpoint)}) spends a coin of this wallet ({prevout.path}), "
                "and the PSBT names no key for it",
                hint=f"nothing was signed; whoever made it hides what this wallet pays: {_LIE}",
            )


def _named_key(origins: tuple[KeyOrigin, ...], account: Account, where: str) -> KeyPath | None:
    own = [origin for origin in origins if origin.fingerprint == account.fingerprint]
    if not own:
        return None
    path = key_path(own[0].derivation, account.network) if len(own) == 1 else None
    if path is None:
        raise MissingKeyError(
            f"{where} names a key where this wallet keeps none", hint="another wallet of the same words?"
        )
    if p2wpkh_script(own[0].public_key) != account.script(path):
        raise SigningError(f"{where} names another key than this wallet has at {path}", hint=_LIE)
    return path


def _colors(
    psbt: Psbt, unsigned: UnsignedTransaction, facts: WalletFacts, *, unjudged: bool
) -> tuple[list[CoinColor], tuple[str, ...]]:
    """The colours of the coins, or the presumed ones with what is doubtful about them. Raises GuardError for doubts
    that were not accepted.
    """
    if facts.node is not None:
        colors = guard.colors_of(unsigned, facts.node.color_of)
        pairs = zip(unsigned.prevouts, colors, strict=True)
        return [_claimed_color(one, color, facts, facts.node) for one, color in pairs], ()
    previous = [entry.previous for entry in psbt.inputs]
    presumed = presume(unsigned, [one for one in previous if one is not None], facts.is_cleared)
    if presumed.doubts and not unjudged:
        raise GuardError(
            f"refused ({Check.UNKNOWN_COLOR}): {'; '.join(presumed.doubts)}",
            hint="nothing was signed; " + ImageRemedy.ACCEPT_UNJUDGED.of(),
        )
    return list(presumed.colors), presumed.doubts


def _claimed_color(prevout: Prevout, color: CoinColor, facts: WalletFacts, node: NodeFacts) -> CoinColor:
    """Of a coin on a key far beyond those in use only this PSBT says that it is ours: all its signs count."""
    path = prevout.path
    if color is not None or path is None or path.account is not AccountKind.BTC:
        return color
    if path.index < facts.used.get((path.account, path.chain), 0) + FURTHER or facts.is_cleared(prevout.outpoint):
        return None
    making = Making.read(Txid(bytes(prevout.outpoint.hash)), node.source)
    found = None if making is None else making.suspicion(prevout.outpoint.n)
    if found is None:
        return Unknown(reason="the transaction that made it cannot be had")
    return OtherColor(signs=found.signs) if found.signs else None


def _require_free(unsigned: UnsignedTransaction, facts: WalletFacts, *, drafted: bool) -> None:
    """Coins that are frozen, reserved, listed or at a shop go nowhere, but by what was drafted here."""
    held = facts.set_aside(but=unsigned.txid)
    for number, prevout in enumerate(unsigned.prevouts):
        if prevout.path is None:
            continue
        name = f"input {number} ({outpoint_text(prevout.outpoint)})"
        hold = held.get(prevout.outpoint) or (None if drafted else facts.listing_of(prevout.outpoint))
        require(Check.HELD, hold is None, f"{name} is {hold_words(hold)}" if hold else "", hint=_to_free(hold))
        require(
            Check.HELD,
            drafted or prevout.path.account is not AccountKind.SHOP,
            f"{name} is a lot ({prevout.path}), which no PSBT from elsewhere moves",
            hint="nothing was signed; " + ImageRemedy.LOTS_MOVE_BY.of(),
        )
        _require_unspent(name, prevout, facts.node)


def _to_free(hold: Hold | None) -> Prose:
    if isinstance(hold, Listed):
        return "nothing was signed; " + ImageRemedy.TAKE_BACK_LISTING.of(listing=hold.listing)
    return "nothing was signed; " + ImageRemedy.SEE_COINS.of()


def _require_unspent(name: str, prevout: Prevout, node: NodeFacts | None) -> None:
    """A coin of ours that a block has spent already is nothing to sign for."""
    if node is None or node.source.unspent(prevout.outpoint).txout is not None:
        return
    found = node.source.transaction(Txid(bytes(prevout.outpoint.hash)))
    require(Check.PREVOUTS, found is None or found.block is None, f"{name} is spent already")


def _replaced_by_draft(unsigned: UnsignedTransaction, facts: WalletFacts) -> Txid | None:
    """What one of our own drafts was made to take the place of."""
    draft = facts.draft(txid_of(unsigned.tx))
    return None if draft is None else draft.replaces


def replaced(text: str) -> Txid | None:
    """The transaction that somebody names as replaced; None for nothing. Raises EncodingError."""
    return parse_txid(text.strip().lower()) if text.strip() else None
