"""How fast the index reads full blocks, against the bare transfer of the same blocks in the same run.

Builds a regtest chain of full blocks of ordinary payments (P2WPKH, one input, two outputs, really signed). The first
blocks hold a genesis or a release each, so that they are parsed and proven; the others hold no marker. Prints MB/s of
the bare REST transfer, of the index over each kind, and the ratios. Takes about half a minute.
"""

import hashlib
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path

from bitcoin.core import CTransaction, Hash160
from coincurve import PrivateKey

from assets.images.digest import Digest
from assets.images.record import Genesis, RecordName, Release
from assets.images.tag import Tags
from assets.index.image_index import sync
from assets.protocols.open_assets.marker import Marker, marker_script
from assets.store.index_store import IndexStore
from regtest.node import Node
from wallet.chain.bitcoind import Bitcoind
from wallet.chain.endpoint import CookieFile, Endpoint
from wallet.chain.rest import Rest
from wallet.hashes import BlockHash
from wallet.network import REGTEST

HIT_BLOCKS = 6
PLAIN_BLOCKS = 18
PAYMENTS = 6_900
"""Payments of 561 weight units in a block; the limit is 4,000,000."""
ROUNDS = 5

_KEY = PrivateKey(b"\x07" * 32)
_PUBLIC = _KEY.public_key.format()
_PROGRAM = Hash160(_PUBLIC)
_SCRIPT = b"\x00\x14" + _PROGRAM
_CODE = b"\x19\x76\xa9\x14" + _PROGRAM + b"\x88\xac"
_DUST = 546

Coin = tuple[bytes, int, int]
"""Txid in internal order, output number, sats."""


def _double(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def _output(script: bytes, sats: int) -> bytes:
    return sats.to_bytes(8, "little") + bytes([len(script)]) + script


def payment(coin: Coin, outputs: Sequence[bytes]) -> tuple[bytes, bytes]:
    """A signed transaction with one input, and its txid (BIP143, written out because there are so many)."""
    txid, number, sats = coin
    outpoint, sequence = txid + number.to_bytes(4, "little"), b"\xfd\xff\xff\xff"
    paid = b"".join(outputs)
    digest = _double(
        b"\x02\0\0\0" + _double(outpoint) + _double(sequence) + outpoint + _CODE + sats.to_bytes(8, "little")
        + sequence + _double(paid) + bytes(4) + b"\x01\0\0\0"
    )  # fmt: skip
    signature = _KEY.sign(digest, hasher=None) + b"\x01"
    body = b"\x01" + outpoint + b"\0" + sequence + bytes([len(outputs)]) + paid
    witness = b"\x02" + bytes([len(signature)]) + signature + b"\x21" + _PUBLIC
    return b"\x02\0\0\0\0\x01" + body + witness + bytes(4), _double(b"\x02\0\0\0" + body + bytes(4))


def full_block(coin: Coin) -> tuple[list[str], Coin]:
    """The payments of one block, each spending the one before, and the last one's change."""
    block = []
    for _ in range(PAYMENTS):
        left = coin[2] - _DUST
        raw, made = payment(coin, (_output(_SCRIPT, left), _output(_SCRIPT, _DUST)))
        block.append(raw.hex())
        coin = (made, 0, left)
    return block, coin


def build(node: Node) -> tuple[int, int]:
    """Mine the chain; the heights of the first block with a marker and of the first one without."""
    node.mine(101)
    address = str(node.rpc("decodescript", _SCRIPT.hex())["address"])
    coins = [_funded(node, address, sats) for sats in (1_000_000_000, 1_000_000)]
    node.mine()
    coin, title = coins
    first = node.height() + 1
    for number in range(HIT_BLOCKS + PLAIN_BLOCKS):
        block, coin = full_block(coin)
        if number < HIT_BLOCKS:
            raw, title = _title_step(title, first=number == 0)
            block.append(raw.hex())
        node.mine_only(block, address)
    return first, first + HIT_BLOCKS


def _funded(node: Node, address: str, sats: int) -> Coin:
    txid = node.fund(address, sats)
    tx = CTransaction.deserialize(bytes.fromhex(node.rpc("getrawtransaction", txid)))
    number = next(n for n, txout in enumerate(tx.vout) if bytes(txout.scriptPubKey) == _SCRIPT)
    return tx.GetTxid(), number, tx.vout[number].nValue


def _title_step(coin: Coin, *, first: bool) -> tuple[bytes, Coin]:
    """The genesis, or a release on its title."""
    sats = coin[2]
    if first:
        record = Genesis(definition=bytes(32), name=RecordName.of("registry.example/acme/app")).serialize()
        marker = bytes(marker_script(Marker((1, 1_000), record)))
        outputs = (_output(_SCRIPT, sats - 2_000), _output(_SCRIPT, 1_000), _output(marker, 0))
        raw, txid = payment(coin, outputs)
        return raw, (txid, 0, sats - 2_000)
    record = Release(digest=Digest(bytes(32)), tags=Tags.of("1.0")).serialize()
    raw, txid = payment(coin, (_output(bytes(marker_script(Marker((1,), record))), 0), _output(_SCRIPT, sats - 500)))
    return raw, (txid, 1, sats - 500)


Measure = tuple[int, float]
"""Bytes and seconds."""


def median_rate(run: Callable[[], Measure]) -> float:
    """MB/s: the median of some rounds."""
    measures = [run() for _ in range(ROUNDS)]
    return statistics.median(size / 1e6 / seconds for size, seconds in measures)


def transfer(rest: Rest, blocks: Sequence[BlockHash]) -> Measure:
    """The blocks' bytes from the node, and nothing else."""
    started = time.perf_counter()
    found = [len(raw) for block in blocks if (raw := rest.block(block)) is not None]
    assert len(found) == len(blocks)
    return sum(found), time.perf_counter() - started


def index(source: Bitcoind, folder: Path, heights: range) -> Measure:
    """Read the blocks into an index that exists and is empty."""
    with tempfile.TemporaryDirectory(dir=folder) as where:
        store = IndexStore(Path(where) / "index.db", REGTEST)
        store.begin(heights.start)
        seen = count()
        started = time.perf_counter()
        report = sync(source, store, start_height=heights.start, stop_requested=lambda: next(seen) == len(heights) - 1)
        seconds = time.perf_counter() - started
        store.close()
        assert report.connected == len(heights)
        return report.bytes_read, seconds


def main() -> None:
    """Build, measure, print."""
    with tempfile.TemporaryDirectory(prefix="bench-index-") as folder, Node(Path(folder) / "node") as node:
        started = time.perf_counter()
        first, plain = build(node)
        endpoint = Endpoint(host="127.0.0.1", port=node.rpc_port, credentials=CookieFile(node.cookie))
        rest = Rest(endpoint)
        source = Bitcoind.at(endpoint, REGTEST)
        marked, unmarked = range(first, plain), range(plain, source.tip().height + 1)
        hashes = [block for height in unmarked if (block := source.block_hash(height)) is not None]
        print(f"built {len(marked) + len(unmarked)} full blocks in {time.perf_counter() - started:.1f} s")
        bare = median_rate(partial(transfer, rest, hashes))
        print(f"bare REST transfer                 {bare:6.0f} MB/s")
        for words, heights in (("blocks without a marker ", unmarked), ("a marker in every block ", marked)):
            rate = median_rate(partial(index, source, Path(folder), heights))
            print(f"index, {words}    {rate:6.0f} MB/s   {rate / bare:6.1%} of the transfer")
        rest.close()


if __name__ == "__main__":
    main()
