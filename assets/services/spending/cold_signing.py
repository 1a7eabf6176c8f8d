"""Use case: look at a PSBT on the machine that holds the keys, before it is signed.

Whoever asks for the signature may be anybody: only what the PSBT proves, and what a node confirms, is believed. Where a
node answers, the transaction is recoloured and refused if it would burn or mint units, or freeze a title. Without one
its colour cannot be known, and that is said loudly; what may be the theft of a title is refused all the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bitcoin.core import COutPoint
from bitcoin.core.script import SIGHASH_ALL

from assets.coloring.guard_case import Case
from assets.coloring.guard_units import check_units
from assets.coloring.plan import Expectation, UnitsAt
from assets.coloring.transfer import apply
from assets.errors import GuardError
from assets.model import CoinColor, Genuine
from assets.protocols.open_assets.marker import parse_closed
from assets.services.read_models.wallet_views import DraftView
from assets.services.spending.blind_signing import check_blind
from assets.services.spending.psbt_view import psbt_view
from wallet.account import Account
from wallet.amount import Sats
from wallet.coins import KeyPath
from wallet.errors import MissingKeyError, SigningError
from wallet.hashes import display
from wallet.keys.keychain import key_path
from wallet.psbt import KeyOrigin, Psbt
from wallet.signatures import p2wpkh_script
from wallet.transactions import Prevout, UnsignedTransaction

ColorOf = Callable[[COutPoint], CoinColor]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A PSBT that may be signed. `own` are the numbers of the inputs that this wallet signs.

    `colored` tells whether what happens to units was checked.
    """

    view: DraftView
    own: tuple[int, ...]
    colored: bool


def review(raw: bytes, account: Account, color_of: ColorOf | None, *, hand_over: bool = False) -> Review:
    """What a PSBT would do, as far as can be known here; `color_of` is None where no node answers.

    `hand_over` accepts that a title, or what may be one, leaves this wallet. Raises EncodingError for what is no PSBT,
    SigningError for one that must not be signed, MissingKeyError where no input is this wallet's, GuardError for what
    would harm units.
    """
    psbt = Psbt.parse(raw)
    _require_sighash(psbt)
    unsigned = _unsigned(psbt, account)
    own = tuple(number for number, prevout in enumerate(unsigned.prevouts) if prevout.path is not None)
    if not own:
        raise MissingKeyError(
            f"no input names a key of this wallet ({account.fingerprint.hex()})", hint="is it another wallet's?"
        )
    if unsigned.fee < 0:
        raise SigningError("its outputs hold more than its inputs", hint="do not trust this PSBT")
    colors = None if color_of is None else [color_of(prevout.outpoint) for prevout in unsigned.prevouts]
    if colors is None:
        check_blind(unsigned, [entry.previous for entry in psbt.inputs], hand_over=hand_over)
    after = () if colors is None else _judged(unsigned, account, colors, hand_over=hand_over)
    return Review(view=psbt_view(unsigned, account, colors, after), own=own, colored=colors is not None)


def _require_sighash(psbt: Psbt) -> None:
    for number, entry in enumerate(psbt.inputs):
        if entry.sighash not in (None, SIGHASH_ALL):
            raise SigningError(
                f"input {number} asks for a signature that does not commit to the whole transaction "
                f"(sighash {entry.sighash:#x})",
                hint="such signatures can be reused by others; ask for SIGHASH_ALL",
            )


def _unsigned(psbt: Psbt, account: Account) -> UnsignedTransaction:
    """The transaction with our keys, each of which was derived anew and holds what the PSBT says it holds."""
    prevouts = []
    for number, (txin, entry) in enumerate(zip(psbt.tx.vin, psbt.inputs, strict=True)):
        if entry.spent is None:
            raise SigningError(
                f"input {number} does not say what it spends", hint="make the PSBT again, with UTXO data"
            )
        path = _own_key(entry.origins, account, f"input {number}")
        if path is not None and account.script(path) != entry.spent.scriptPubKey:
            raise SigningError(
                f"input {number} claims the key {path}, which does not hold that coin", hint="do not trust this PSBT"
            )
        prevouts.append(Prevout(outpoint=txin.prevout, txout=entry.spent, path=path))
    return UnsignedTransaction(tx=psbt.tx, prevouts=tuple(prevouts), own_outputs=tuple(_own_outputs(psbt, account)))


def _own_outputs(psbt: Psbt, account: Account) -> Iterator[tuple[int, KeyPath]]:
    for vout, (txout, origins) in enumerate(zip(psbt.tx.vout, psbt.outputs, strict=True)):
        path = _own_key(origins, account, f"output {vout}")
        if path is None:
            continue
        if account.script(path) != txout.scriptPubKey:
            raise SigningError(
                f"output {vout} claims to pay the key {path}, and does not", hint="do not trust this PSBT"
            )
        yield vout, path


def _own_key(origins: tuple[KeyOrigin, ...], account: Account, where: str) -> KeyPath | None:
    own = [origin for origin in origins if origin.fingerprint == account.fingerprint]
    if not own:
        return None
    path = key_path(own[0].derivation, account.network) if len(own) == 1 else None
    if path is None:
        raise MissingKeyError(
            f"{where} names a key where this wallet keeps none", hint="another wallet of the same words?"
        )
    if p2wpkh_script(own[0].public_key) != account.script(path):
        raise SigningError(f"{where} names another key than this wallet has at {path}", hint="do not trust this PSBT")
    return path


def _judged(
    unsigned: UnsignedTransaction, account: Account, colors: list[CoinColor], *, hand_over: bool
) -> tuple[UnitsAt, ...]:
    """Where the units go. Raises GuardError where any end or begin, or where a title leaves without leave."""
    tx = unsigned.tx
    marker = parse_closed(tx)
    moved = apply(tx, [color if isinstance(color, Genuine) else None for color in colors])
    units = tuple(
        UnitsAt(vout=vout, script=tx.vout[vout].scriptPubKey, units=after)
        for vout, after in enumerate(moved.outputs)
        if after is not None
    )
    expectation = Expectation(
        own_inputs=frozenset(prevout.outpoint for prevout in unsigned.prevouts if prevout.path is not None),
        own_outputs=unsigned.own_outputs,
        btc_delta=Sats(0),
        record=marker[1].metadata if isinstance(marker, tuple) else None,
        units=units,
    )
    check_units(Case(unsigned=unsigned, expectation=expectation, account_script=account.script), colors)
    own = dict(unsigned.own_outputs)
    for at in units:
        if at.units.title and at.vout not in own and not hand_over:
            raise GuardError(
                f"refused (title): output {at.vout} takes the title of {display(at.units.genesis)} away from this "
                "wallet",
                hint="nothing was signed; if you hand the repository over, say --hand-over",
            )
    return units
