"""Serialised blocks: where their transactions lie, and the proofs that bind these to the header.

Written for speed: only offsets and slices, no transaction objects. Bytes that are no block raise ChainError, since
they come from a node that the user chose and that had the header's hash right.
"""

import hashlib
import struct
from operator import eq
from typing import NamedTuple

from wallet.errors import ChainError
from wallet.hashes import BlockHash, Txid

HEADER_SIZE = 80
_NULL_OUTPOINT = b"\0" * 32 + b"\xff" * 4
_COMMITMENT_HEAD = b"\x6a\x24\xaa\x21\xa9\xed"


class TransactionSpan(NamedTuple):
    """Offsets of one transaction in its block.

    `start` to `stop` is the whole; `body` to `witness` are the inputs and outputs, without the segwit marker in front.
    `witness` to `stop` minus 4 are the witnesses, empty in a transaction without any. `candidate` is true where an
    output script begins with 6a and contains the bytes that were searched for.
    """

    start: int
    body: int
    witness: int
    stop: int
    candidate: bool

    @property
    def has_witness(self) -> bool:
        """Whether the transaction is serialised with witnesses (BIP144)."""
        return self.body != self.start + 4


def double_sha256(data: bytes) -> bytes:
    """32 bytes: the hash of headers, transactions and Merkle nodes."""
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def block_hash_of(raw: bytes) -> BlockHash:
    """The hash of a block's header."""
    return BlockHash(double_sha256(raw[:HEADER_SIZE]))


def previous_hash_of(raw: bytes) -> BlockHash:
    """The hash of the block before, as the header names it."""
    return BlockHash(raw[4:36])


def _compact_size(raw: bytes, pos: int) -> tuple[int, int]:
    """A length of 0xfd or more as the peer protocol writes it, and the offset behind it."""
    first = raw[pos]
    if first < 0xFD:
        return first, pos + 1
    width, code, least = {0xFD: (2, "<H", 0xFD), 0xFE: (4, "<I", 0x1_0000), 0xFF: (8, "<Q", 0x1_0000_0000)}[first]
    value: int = struct.unpack_from(code, raw, pos + 1)[0]
    if value < least:
        raise ChainError("a block holds a length that is not in its shortest form")
    return value, pos + 1 + width


def _span(raw: bytes, start: int, needle: bytes) -> TransactionSpan:
    """The transaction that begins at `start`. Raises IndexError or struct.error past the end of the block."""
    body = start + 4
    if raw[body] == 0:
        if raw[body + 1] != 1:
            raise ChainError("a block holds a transaction without inputs")
        body += 2
    pos = body
    inputs = raw[pos]
    pos += 1
    if inputs >= 0xFD:
        inputs, pos = _compact_size(raw, pos - 1)
    for _ in range(inputs):
        length = raw[pos + 36]
        if length < 0xFD:
            pos += length + 41
        else:
            length, pos = _compact_size(raw, pos + 36)
            pos += length + 4
    outputs = raw[pos]
    pos += 1
    if outputs >= 0xFD:
        outputs, pos = _compact_size(raw, pos - 1)
    candidate = False
    for _ in range(outputs):
        length = raw[pos + 8]
        pos += 9
        if length >= 0xFD:
            length, pos = _compact_size(raw, pos - 1)
        if length and raw[pos] == 0x6A and raw.find(needle, pos, pos + length) >= 0:
            candidate = True
        pos += length
    witness = pos
    if body != start + 4:
        pos = _behind_witnesses(raw, pos, inputs)
    return TransactionSpan(start, body, witness, pos + 4, candidate)


def _behind_witnesses(raw: bytes, pos: int, inputs: int) -> int:
    for _ in range(inputs):
        items = raw[pos]
        pos += 1
        if items >= 0xFD:
            items, pos = _compact_size(raw, pos - 1)
        for _ in range(items):
            length = raw[pos]
            pos += 1
            if length >= 0xFD:
                length, pos = _compact_size(raw, pos - 1)
            pos += length
    return pos


def transaction_spans(raw: bytes, needle: bytes) -> tuple[TransactionSpan, ...]:
    """Every transaction of a serialised block. Raises ChainError where the bytes are no block."""
    try:
        count, pos = _compact_size(raw, HEADER_SIZE)
        spans = []
        for _ in range(count):
            span = _span(raw, pos, needle)
            spans.append(span)
            pos = span.stop
    except (IndexError, struct.error) as error:
        raise ChainError("a block ends inside a transaction") from error
    if pos != len(raw):
        raise ChainError("a block does not end with its last transaction")
    if not spans or not is_coinbase(raw, spans[0]):
        raise ChainError("a block does not begin with a coinbase transaction")
    return tuple(spans)


def txids_of(raw: bytes, spans: tuple[TransactionSpan, ...]) -> tuple[Txid, ...]:
    """The transaction ids, witnesses not counted (BIP141)."""
    sha256 = hashlib.sha256
    return tuple(
        Txid(sha256(sha256(raw[start : start + 4] + raw[body:witness] + raw[stop - 4 : stop]).digest()).digest())
        for start, body, witness, stop, _ in spans
    )


def merkle_root(leaves: tuple[bytes, ...]) -> tuple[bytes, bool]:
    """The Merkle root, and whether two neighbours were equal.

    Equal neighbours let different lists of transactions share one root (CVE-2012-2459), so such a list is refused.
    """
    level, mutated, sha256 = list(leaves), False, hashlib.sha256
    while len(level) > 1:
        left, right = level[::2], level[1::2]
        mutated = mutated or any(map(eq, left, right))
        if len(level) % 2:
            right.append(level[-1])
        level = [sha256(sha256(a + b).digest()).digest() for a, b in zip(left, right, strict=True)]
    return level[0], mutated


def check_merkle_root(raw: bytes, txids: tuple[Txid, ...]) -> None:
    """Raises ChainError unless the header commits to exactly these transactions.

    A leaf of 64 bytes could pass for a pair of inner hashes. Since the first leaf must be a coinbase, whose null
    outpoint no pair of hashes can imitate, all leaves are on the level they seem to be on.
    """
    root, mutated = merkle_root(txids)
    if mutated or root != raw[36:68]:
        raise ChainError(
            "the transactions of a block are not those that its header commits to",
            hint="the node's block files may be damaged; it repairs them when it is started with -reindex",
        )


def witnesses_proven(raw: bytes, spans: tuple[TransactionSpan, ...], txids: tuple[Txid, ...]) -> bool:
    """Whether the coinbase commits to every witness in the block as it stands here (BIP141).

    False too in a block without a commitment: no transaction in it can hold a witness.
    """
    root, _ = merkle_root(witness_leaves(raw, spans, txids))
    return _commits(raw, spans[0], root)


def witness_leaves(raw: bytes, spans: tuple[TransactionSpan, ...], txids: tuple[Txid, ...]) -> tuple[bytes, ...]:
    """The wtxid of every transaction of a block, zeros for the coinbase (BIP141)."""
    leaves = [
        double_sha256(raw[span.start : span.stop]) if span.has_witness else txid
        for span, txid in zip(spans[1:], txids[1:], strict=True)
    ]
    return (b"\0" * 32, *leaves)


def coinbase_commits(coinbase: bytes, root: bytes) -> bool:
    """Whether a serialised coinbase commits to this root of wtxids. Raises ChainError where it is no coinbase."""
    return _commits(coinbase, single_span(coinbase), root)


def single_span(raw: bytes) -> TransactionSpan:
    """The offsets of one serialised transaction. Raises ChainError where the bytes are none."""
    try:
        span = _span(raw, 0, b"")
    except (IndexError, struct.error) as error:
        raise ChainError("a transaction ends too early") from error
    if span.stop != len(raw):
        raise ChainError("a transaction does not end with its bytes")
    return span


def is_coinbase(raw: bytes, span: TransactionSpan) -> bool:
    """Whether a serialised transaction spends nothing but the null outpoint."""
    return raw[span.body : span.body + 37] == b"\1" + _NULL_OUTPOINT


def _commits(raw: bytes, coinbase: TransactionSpan, root: bytes) -> bool:
    commitment, reserved = _commitment(raw, coinbase), _reserved_value(raw, coinbase)
    return commitment is not None and reserved is not None and double_sha256(root + reserved) == commitment


def _reserved_value(raw: bytes, coinbase: TransactionSpan) -> bytes | None:
    """The coinbase's only witness item, of 32 bytes, or None."""
    stack = raw[coinbase.witness : coinbase.stop - 4]
    return stack[2:] if len(stack) == 34 and stack[:2] == b"\x01\x20" else None


def _commitment(raw: bytes, coinbase: TransactionSpan) -> bytes | None:
    """The hash in the last output of the coinbase that holds a witness commitment, or None."""
    _, pos = _compact_size(raw, coinbase.body)
    length, pos = _compact_size(raw, pos + 36)
    count, pos = _compact_size(raw, pos + length + 4)
    found = None
    for _ in range(count):
        length, pos = _compact_size(raw, pos + 8)
        if length >= 38 and raw[pos : pos + 6] == _COMMITMENT_HEAD:
            found = raw[pos + 6 : pos + 38]
        pos += length
    return found
