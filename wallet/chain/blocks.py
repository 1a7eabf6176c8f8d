"""Whole blocks from a node, in height order, each checked against its hash and the block before."""

from collections.abc import Iterator

from bitcoin.core import Hash

from wallet.chain.answers import block_hash_of, bytes_of, convert
from wallet.chain.rest import Rest
from wallet.chain.rpc import NOT_FOUND, Rpc
from wallet.chain.source import BlockRef
from wallet.errors import ChainError, RpcError
from wallet.hashes import BlockHash, display

HEADER_BYTES = 80

_WINDOW = 500
"""How many hashes are asked for at once."""

_NO_SUCH_HEIGHT = -8
_MISC_ERROR = -1


def checked_blocks(rpc: Rpc, rest: Rest, start: int, stop: int) -> Iterator[tuple[BlockRef, bytes]]:
    """The blocks of the heights start..stop of the best chain, as `BlockSource.blocks` describes them."""
    before: BlockHash | None = None
    while start <= stop:
        last = min(start + _WINDOW - 1, stop)
        hashes = _hashes(rpc, start, last)
        for height, block in enumerate(hashes, start):
            raw = _fetch(rpc, rest, height, block)
            if before is not None and raw[4:36] != before:
                return
            yield BlockRef(height, block), raw
            before = block
        if len(hashes) <= last - start:
            return
        start = last + 1


def _hashes(rpc: Rpc, start: int, last: int) -> tuple[BlockHash, ...]:
    """Hashes of the best chain from `start` to `last`, or to its tip where that is lower."""
    tip = convert(rpc.call("getblockcount"), int, "getblockcount")
    calls = tuple(("getblockhash", (height,)) for height in range(max(start, 0), min(last, tip) + 1))
    try:
        found = rpc.batch(calls)
    except RpcError as error:
        if error.code == _NO_SUCH_HEIGHT:
            return ()
        raise
    return tuple(block_hash_of(convert(text, str, "getblockhash")) for text in found)


def _fetch(rpc: Rpc, rest: Rest, height: int, block: BlockHash) -> bytes:
    raw = rest.block(block)
    if raw is None:
        raw = _fetch_by_rpc(rpc, height, block)
    if len(raw) <= HEADER_BYTES or Hash(raw[:HEADER_BYTES]) != block:
        raise ChainError(f"the node answered another block than {display(block)}")
    return raw


def _fetch_by_rpc(rpc: Rpc, height: int, block: BlockHash) -> bytes:
    try:
        return bytes_of(convert(rpc.call("getblock", display(block), 0), str, "getblock"))
    except RpcError as error:
        if error.code not in (_MISC_ERROR, NOT_FOUND):
            raise
        raise ChainError(
            f"the node does not have block {height}: {error}",
            hint="a pruned node has thrown it away: start the index at a later height, or use a node with all blocks",
        ) from error
