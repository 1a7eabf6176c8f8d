"""Use cases: names for transactions, addresses and coins; taking them to another wallet and back (BIP329)."""

import re
from collections.abc import Callable

from bitcoin.core import COutPoint

from assets.remedies import ImageRemedy
from assets.services.read_models.wallet_views import LabelImportView
from assets.services.wallets.holds import Frozen, Hold
from assets.services.wallets.reserve import Reason, color_words, reason_words, reserved_coins
from assets.services.wallets.session import Session
from wallet.bip329 import MAX_LABEL, check_ref, read_labels, write_labels
from wallet.coins import Coin
from wallet.errors import EncodingError, StateError
from wallet.hashes import Txid, display, outpoint_text, parse_outpoint
from wallet.keys.address import address_of, parse_unit_address
from wallet.network import Network
from wallet.store.wallet_store import Label, LabelType, WalletStore

_TXID = re.compile(r"[0-9a-f]{64}")
_XPUB = re.compile(r"[a-zA-Z]pub[1-9A-HJ-NP-Za-km-z]{90,}")


def what_is(ref: str, network: Network) -> tuple[LabelType, str]:
    """What a person means: a transaction by its id, a coin by TXID:VOUT, an address, an extended public key.

    A unit address stands for its script, and is kept as the Bitcoin address that other wallets know. Raises
    EncodingError.
    """
    ref = ref.strip()
    if _TXID.fullmatch(ref):
        return LabelType.TX, ref
    if ":" in ref:
        return LabelType.OUTPUT, check_ref(LabelType.OUTPUT, ref)
    if _XPUB.fullmatch(ref):
        return LabelType.XPUB, check_ref(LabelType.XPUB, ref)
    if ref.lower().startswith(f"{network.unit_hrp}1"):
        return LabelType.ADDR, address_of(parse_unit_address(ref, network), network)
    return LabelType.ADDR, check_ref(LabelType.ADDR, ref)


def set_label(store: WalletStore, network: Network, ref: str, text: str) -> Label:
    """Names something, whatever it was called before. Raises EncodingError."""
    if not text or len(text) > MAX_LABEL:
        raise EncodingError(f"a label has 1 to {MAX_LABEL} characters", hint=ImageRemedy.REMOVE_LABEL.of())
    kind, checked = what_is(ref, network)
    label = Label(type=kind, ref=checked, label=text)
    store.put_label(label)
    return label


def remove_label(store: WalletStore, network: Network, ref: str) -> None:
    """Takes a label away. Raises StateError where there is none."""
    kind, checked = what_is(ref, network)
    if all((label.type, label.ref) != (kind, checked) for label in store.labels()):
        raise StateError(f"there is no label on {checked}", hint=ImageRemedy.SEE_LABELS.of())
    store.remove_label(kind, checked)


def carry_over(store: WalletStore, old: Txid, new: Txid) -> None:
    """The name of a transaction goes on to the one that replaces it, unless that has one already."""
    labels = {label.ref: label for label in store.labels() if label.type is LabelType.TX}
    named = labels.get(display(old))
    if named is not None and display(new) not in labels:
        store.put_label(Label(type=LabelType.TX, ref=display(new), label=named.label, origin=named.origin))


def export_labels(session: Session) -> str:
    """All labels, and every coin that another wallet must not spend, as JSON lines.

    A coin that has, or might have, colour is written as not spendable, whether it has a label or not; and so is one
    that the user froze.
    """
    labels = {(label.type, label.ref): label for label in session.store.labels()}
    coins = session.coins.coins()
    frozen: dict[COutPoint, Hold] = dict.fromkeys(session.store.frozen(), Frozen())
    reasons: dict[COutPoint, Reason] = dict(frozen)
    reasons |= reserved_coins(coins, color_of=session.color_of, held=frozen)
    present = {coin.outpoint: coin for coin in coins}
    for outpoint, reason in reasons.items():
        key = LabelType.OUTPUT, outpoint_text(outpoint)
        words = _words(present.get(outpoint), reason, session)
        labels[key] = _marked(labels.get(key), key[1], words, spendable=False)
    for outpoint in present.keys() - reasons.keys():
        key = LabelType.OUTPUT, outpoint_text(outpoint)
        if key in labels:
            labels[key] = _marked(labels[key], key[1], "", spendable=True)
    return write_labels(labels[key] for key in sorted(labels))


def import_labels(data: bytes, store: WalletStore, session: Callable[[], Session]) -> LabelImportView:
    """Takes in all labels of a file or none; a key that a line leaves out stays as it was.

    `spendable` freezes a coin or frees it again. A coin that is reserved anyway is not frozen by it: a coin with colour
    is written as not spendable for the sake of other wallets, and its owner goes on releasing and granting with it.
    `session` is asked for only where a file wants coins frozen. Raises EncodingError that names the damaged lines, and
    what `session` raises.
    """
    read = read_labels(data)
    wanted = {parse_outpoint(label.ref): label.spendable for label in read.labels if label.spendable is not None}
    withheld = {outpoint for outpoint, spendable in wanted.items() if not spendable}
    reserved = withheld & _reserved(session()) if withheld else set()
    freeze = withheld - reserved
    unfreeze = {outpoint for outpoint, spendable in wanted.items() if spendable}
    frozen = store.frozen()
    store.take_in([_without_spendable(label) for label in read.labels], freeze=freeze, unfreeze=unfreeze)
    return LabelImportView(
        labels=len(read.labels),
        skipped=read.skipped,
        frozen=len(freeze - frozen),
        unfrozen=len(unfreeze & frozen),
        reserved=len(reserved),
    )


def _reserved(session: Session) -> set[COutPoint]:
    """The wallet's coins that have, or might have, colour."""
    return set(reserved_coins(session.coins.coins(), color_of=session.color_of, held={}))


def _words(coin: Coin | None, reason: Reason, session: Session) -> str:
    """What a coin carries, for whoever looks at it in another wallet; that it is frozen is no name for it."""
    carried = "" if coin is None else color_words(session.color_of(coin.outpoint))
    return carried or ("" if isinstance(reason, Frozen) else reason_words(reason))


def _marked(label: Label | None, ref: str, words: str, *, spendable: bool) -> Label:
    named = label.label if label is not None and label.label else words
    origin = label.origin if label is not None else None
    return Label(type=LabelType.OUTPUT, ref=ref, label=named or None, origin=origin, spendable=spendable)


def _without_spendable(label: Label) -> Label:
    """Frozen coins have a table of their own."""
    return Label(type=label.type, ref=label.ref, label=label.label, origin=label.origin)
