"""Finding the transactions of a block that may move units, without parsing the others.

Units move only by a transaction with an output script that begins with 6a and contains the rule's needle, so a block
without these bytes is passed over at the speed of a byte search. Pure.
"""

from dataclasses import dataclass

from bitcoin.core import CTransaction
from bitcoin.core.serialize import SerializationError

from assets.index.blocks import (
    TransactionSpan,
    check_merkle_root,
    transaction_spans,
    txids_of,
    witnesses_proven,
)
from assets.protocols.table import RULE
from wallet.errors import ChainError
from wallet.hashes import Txid

MARKER_BYTES = RULE.needle
"""What every message of the colour rule contains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A transaction with a marker-like output: its number in the block, and its id as the Merkle root proves it.

    The witnesses are in `tx` only where the block's witness commitment proves them: an unproven witness is treated as
    a missing one, because a txid does not cover it.
    """

    index: int
    txid: Txid
    tx: CTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockHits:
    """The hits of one block in block order; the other transactions stay within reach for their outputs."""

    hits: tuple[Hit, ...]
    witnesses_proven: bool
    raw: bytes
    spans: tuple[TransactionSpan, ...]
    txids: tuple[Txid, ...]

    def transaction(self, txid: Txid) -> CTransaction | None:
        """A transaction of this block by its id, or None."""
        try:
            span = self.spans[self.txids.index(txid)]
        except ValueError:
            return None
        return _parse(self.raw, span, witnesses=False)


def find_hits(raw_block: bytes) -> BlockHits | None:
    """The transactions of a block that may move units; None where there is none.

    Raises ChainError where the bytes are no block, or where the header does not commit to the transactions. Neither is
    looked at in a block that does not contain the marker's bytes.
    """
    if raw_block.find(MARKER_BYTES) < 0:
        return None
    spans = transaction_spans(raw_block, MARKER_BYTES)
    candidates = [index for index, span in enumerate(spans) if span.candidate]
    if not candidates:
        return None
    txids = txids_of(raw_block, spans)
    check_merkle_root(raw_block, txids)
    proven = witnesses_proven(raw_block, spans, txids)
    hits = tuple(
        Hit(index=index, txid=txids[index], tx=_parse(raw_block, spans[index], witnesses=proven))
        for index in candidates
    )
    return BlockHits(hits=hits, witnesses_proven=proven, raw=raw_block, spans=spans, txids=txids)


def _parse(raw: bytes, span: TransactionSpan, *, witnesses: bool) -> CTransaction:
    if witnesses:
        data = raw[span.start : span.stop]
    else:
        data = raw[span.start : span.start + 4] + raw[span.body : span.witness] + raw[span.stop - 4 : span.stop]
    try:
        return CTransaction.deserialize(data)
    except (SerializationError, ValueError) as error:
        raise ChainError("a block holds a transaction that cannot be read") from error
