"""Colours where no node answers: what the transactions that made the coins prove, and what stays unknown.

A marker is part of what a txid commits to, so the transaction that made a coin says how many units it can hold at most.
Whether they descend from a genesis it does not say; it is presumed, since the guard then refuses what would burn, mint
or merge them if they do. What the guard's answer hangs on, and nothing proves, is a doubt.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bitcoin.core import COutPoint, CTransaction

from assets.coloring.genesis import TITLE_OUTPUT, TREASURY_OUTPUT, GenesisClaim, claim_of
from assets.coloring.reading import has_marker
from assets.coloring.suspicion import signs_of
from assets.model import CoinColor, Genuine, OtherColor, Sign
from assets.protocols.open_assets.marker import parse_closed
from assets.protocols.open_assets.rule import markers_in, quantity_of
from wallet.coins import AccountKind
from wallet.hashes import Txid, outpoint_text, txid_of
from wallet.transactions import Prevout, UnsignedTransaction

_UNIT_KEYS = (AccountKind.UNITS, AccountKind.SHOP)

Cleared = Callable[[COutPoint], bool]
"""Whether a coin is plain bitcoin, by what this wallet knows of it."""


def _nothing(_: COutPoint) -> bool:
    """Where nothing is known of any coin."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Presumed:
    """The colours that coins have if what their makers say came true; one for each input. `doubts` are in words."""

    colors: tuple[CoinColor, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What a coin can hold. `root` names the transaction from which its units are known to come: coins of one root are
    of one repository, and a root that is a `genesis` is that repository. `title` is None where it cannot be told.
    """

    quantity: int
    root: Txid
    genesis: bool
    title: bool | None


def presume(unsigned: UnsignedTransaction, previous: Sequence[CTransaction], cleared: Cleared = _nothing) -> Presumed:
    """The presumed colours of the coins; `previous` are the transactions that made them, one for each input.

    `cleared` tells coins of this wallet's that hold no colour of another protocol whatever their transactions show. Of
    the others a small one is a doubt, since nobody here can tell who made it, and any other sign a colour.
    """
    known = {txid_of(tx): tx for tx in previous}
    colors: list[CoinColor] = []
    doubts: list[str] = []
    first: _Held | None = None
    for number, (prevout, tx) in enumerate(zip(unsigned.prevouts, previous, strict=True)):
        held = _held(tx, prevout.outpoint, known) if _matters(unsigned, prevout) else None
        doubt, color = _judged(unsigned, number, tx, held, first)
        if color is None and not doubt and _pays(prevout) and not cleared(prevout.outpoint):
            doubt, color = _other(tx, prevout.outpoint)
        doubts += [f"input {number} ({outpoint_text(prevout.outpoint)}) {doubt}"] if doubt else []
        colors.append(color)
        if color is not None and first is None:
            first = held
    return Presumed(colors=tuple(colors), doubts=tuple(doubts))


def _pays(prevout: Prevout) -> bool:
    return prevout.path is not None and prevout.path.account is AccountKind.BTC


def _other(tx: CTransaction, outpoint: COutPoint) -> tuple[str, CoinColor]:
    """What speaks for a colour of another protocol: a doubt, or a colour."""
    signs = signs_of(tx, outpoint.n) if outpoint.n < len(tx.vout) else ()
    if signs == (Sign.SMALL,):
        return "holds at most 1,000 sat and may hold units of another protocol, if others made it", None
    return "", OtherColor(signs=signs) if signs else None


def _matters(unsigned: UnsignedTransaction, prevout: Prevout) -> bool:
    """Others' coins only where a marker could move what they hold."""
    return prevout.path is not None or has_marker(unsigned)


def _judged(
    unsigned: UnsignedTransaction, number: int, tx: CTransaction, held: _Held | None, first: _Held | None
) -> tuple[str, CoinColor]:
    """What is not known of a coin, and its presumed colour."""
    path = unsigned.prevouts[number].path
    if not _matters(unsigned, unsigned.prevouts[number]):
        return "", None
    if held is None:
        vout = unsigned.prevouts[number].outpoint.n
        foreign = any(quantity_of(vout, marker.quantities, at) for at, marker in markers_in(tx))
        return ("may hold foreign units" if foreign else ""), None
    if path is not None and path.account not in _UNIT_KEYS:
        return f"may hold {held.quantity:,} units, though it lies among bitcoin", None
    title, doubt = _title(unsigned, number, held)
    if path is None:
        doubt = doubt or f"is somebody else's and may hold {held.quantity:,} units"
    genesis = held.root
    if first is not None and first.root != held.root and not (first.genesis and held.genesis):
        doubt = doubt or "may be of another repository than the inputs before it, and would end with them"
        genesis = first.root
    return doubt, Genuine(genesis=genesis, quantity=held.quantity, title=title)


def _title(unsigned: UnsignedTransaction, number: int, held: _Held) -> tuple[bool, str]:
    """Whether a coin is taken for a title, and the doubt about it."""
    if held.title is not None:
        return held.title, ""
    if number:
        return False, "may hold a repository's title, which is kept only on input 0"
    found = parse_closed(unsigned.tx)
    moves = isinstance(found, tuple) and next((one for one in found[1].quantities if one), 0) == 1
    if moves or not isinstance(found, tuple):
        return True, ""
    return False, "may hold a repository's title, which would become an access unit"


def _held(tx: CTransaction, outpoint: COutPoint, known: dict[Txid, CTransaction]) -> _Held | None:
    """None where the coin can hold no genuine units: no closed transfer issues any, and only a genesis does."""
    found = parse_closed(tx)
    if not isinstance(found, tuple) or outpoint.n >= len(tx.vout):
        return None
    at, marker = found
    quantity = quantity_of(outpoint.n, marker.quantities, at)
    if not quantity:
        return None
    if isinstance(claim_of(tx), GenesisClaim):
        if outpoint.n not in (TITLE_OUTPUT, TREASURY_OUTPUT):
            return None
        return _Held(quantity=quantity, root=txid_of(tx), genesis=True, title=outpoint.n == TITLE_OUTPUT)
    if any(marker.quantities[:at]):
        return None
    root, genesis = _root(tx, known)
    takers = [vout for vout in range(at + 1, len(tx.vout)) if quantity_of(vout, marker.quantities, at)]
    may = quantity == 1 and bool(takers) and takers[0] == outpoint.n
    return _Held(quantity=quantity, root=root, genesis=genesis, title=None if may else False)


def _root(tx: CTransaction, known: dict[Txid, CTransaction]) -> tuple[Txid, bool]:
    """The oldest transaction that a closed transfer's units are known to come through, and whether it is a genesis.

    All units of a closed transfer are of the genesis of its input 0.
    """
    seen: set[Txid] = set()
    while True:
        parent = Txid(bytes(tx.vin[0].prevout.hash))
        if parent not in known or parent in seen:
            return parent, False
        seen.add(parent)
        tx = known[parent]
        if isinstance(claim_of(tx), GenesisClaim):
            return parent, True
        if not isinstance(parse_closed(tx), tuple):
            return parent, False
