"""Use case: where the units on a coin come from, step by step back to the genesis that made them."""

from collections import deque
from collections.abc import Callable, Container

from bitcoin.core import COutPoint

from assets.coloring.walk import TransactionSource
from assets.images.record import parse_record
from assets.model import CoinColor, Genuine
from assets.protocols.table import RULE
from assets.services.read_models.trace_views import TraceStep, TraceView
from assets.services.spending.psbt_view import record_words
from assets.services.wallets.own_keys import own_scripts
from assets.services.wallets.reserve import color_words
from assets.services.wallets.session import Session
from wallet.chain.source import FoundTransaction
from wallet.errors import StateError
from wallet.hashes import Txid, display, outpoint_text, parse_outpoint

ColorOf = Callable[[COutPoint], CoinColor]
STEPS = 500
"""Coins that a trace shows before it stops."""


def trace(text: str, session: Session, *, limit: int = STEPS) -> TraceView:
    """The way back from a coin (`txid:vout`). A coin without genuine units has one step: the one that made it.

    Units that were put together have several ways back; they are followed side by side. Raises EncodingError,
    StateError where a transaction is nowhere to be had.
    """
    return way_back(parse_outpoint(text), session.source, session.color_of, own_scripts(session), limit=limit)


def way_back(
    start: COutPoint, source: TransactionSource, color_of: ColorOf, own: Container[bytes], *, limit: int = STEPS
) -> TraceView:
    """`trace`, over the questions that it asks. `own` are scripts of this wallet."""
    waiting, seen = deque([start]), {start}
    steps: list[TraceStep] = []
    while waiting and len(steps) < limit:
        coin = waiting.popleft()
        color, found = color_of(coin), _found(coin, source)
        made, what = _parents(coin, color, found, color_of)
        steps.append(_step(coin, color, found, what, own))
        fresh = [one for one in made if one not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    holds = color_words(color_of(start))
    return TraceView(outpoint=outpoint_text(start), holds=holds, steps=tuple(steps), complete=not waiting)


def _found(coin: COutPoint, source: TransactionSource) -> FoundTransaction:
    found = source.transaction(Txid(coin.hash))
    if found is None or coin.n >= len(found.tx.vout):
        raise StateError(f"the node has no coin {outpoint_text(coin)}", hint="it may have been replaced; ask again")
    return found


def _parents(
    coin: COutPoint, color: CoinColor, found: FoundTransaction, color_of: ColorOf
) -> tuple[list[COutPoint], str]:
    """The coins whose units came to this one, and what the transaction did."""
    if not isinstance(color, Genuine):
        return [], ""
    if coin.hash == color.genesis:
        return [], "genesis"
    tx = found.tx
    spent = [one if isinstance(one, Genuine) else None for one in (color_of(txin.prevout) for txin in tx.vin)]
    moved = RULE.move(tx, spent)
    came = dict.fromkeys(tx.vin[one.input].prevout for one in moved.segments if one.output == coin.n)
    metadata = moved.marker.metadata if moved.marker is not None else b""
    return list(came), record_words(parse_record(metadata)) if metadata else "moved"


def _step(coin: COutPoint, color: CoinColor, found: FoundTransaction, what: str, own: Container[bytes]) -> TraceStep:
    txout = found.tx.vout[coin.n]
    return TraceStep(
        outpoint=outpoint_text(coin),
        txid=display(Txid(coin.hash)),
        sats=txout.nValue,
        holds=color_words(color),
        what=what,
        height=None if found.block is None else found.block.height,
        own=bytes(txout.scriptPubKey) in own,
    )
