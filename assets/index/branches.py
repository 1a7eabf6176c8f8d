"""Merkle branches of single transactions: made from a whole block, and climbed without it. Pure."""

from collections.abc import Sequence

from assets.images.evidence import EvidenceStep, WitnessProof
from assets.index.blocks import (
    block_hash_of,
    check_merkle_root,
    double_sha256,
    transaction_spans,
    txids_of,
    witness_leaves,
    witnesses_proven,
)
from assets.index.scan import MARKER_BYTES
from wallet.errors import ChainError
from wallet.hashes import Txid, display


def branch_of(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The sibling on every level from a leaf up to the root; an odd last node is its own sibling."""
    level, found = list(leaves), []
    while len(level) > 1:
        if len(level) % 2:
            level.append(level[-1])
        found.append(level[index ^ 1])
        level = [double_sha256(left + right) for left, right in zip(level[::2], level[1::2], strict=True)]
        index //= 2
    return tuple(found)


def climb(leaf: bytes, index: int, branch: Sequence[bytes]) -> bytes | None:
    """The root that a branch leads to; None where there is no such leaf.

    An odd last node is doubled to the right of itself, where no leaf is: a node that stands on the right of its equal
    is such a double (CVE-2012-2459).
    """
    if not 0 <= index < 1 << len(branch):
        return None
    node = leaf
    for sibling in branch:
        if index % 2 and sibling == node:
            return None
        node = double_sha256(sibling + node if index % 2 else node + sibling)
        index //= 2
    return node


def step_of(raw_block: bytes, txid: Txid) -> EvidenceStep:
    """A transaction of a block with everything that proves it. Raises ChainError where the block is damaged."""
    spans = transaction_spans(raw_block, MARKER_BYTES)
    txids = txids_of(raw_block, spans)
    check_merkle_root(raw_block, txids)
    if txid not in txids:
        raise ChainError(
            f"the node's block does not hold {display(txid)}", hint="try again: the chain changed meanwhile"
        )
    index = txids.index(txid)
    witness = None
    if witnesses_proven(raw_block, spans, txids):
        witness = WitnessProof(
            coinbase=raw_block[spans[0].start : spans[0].stop],
            coinbase_branch=branch_of(txids, 0),
            branch=branch_of(witness_leaves(raw_block, spans, txids), index),
        )
    return EvidenceStep(
        tx=raw_block[spans[index].start : spans[index].stop],
        block=block_hash_of(raw_block),
        index=index,
        branch=branch_of(txids, index),
        witness=witness,
    )
