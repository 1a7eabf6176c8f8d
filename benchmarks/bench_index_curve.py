"""How time and memory of the index grow with what a repository has done: 1,000 to 100,000 releases and as many units.

The blocks are synthetic: a chain in memory hands raw blocks of 1,000 transactions through the port that a node stands
behind, so that nothing but the index is measured. Each size runs in a process of its own. Takes about a minute.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bitcoin.core import COutPoint, CTransaction, CTxIn, CTxInWitness, CTxOut, CTxWitness
from bitcoin.core.script import CScript, CScriptWitness

from assets.images.digest import Digest
from assets.images.record import Genesis, RecordName, Release
from assets.images.repository import fold
from assets.images.tag import Tags
from assets.index.image_index import sync
from assets.protocols.open_assets.marker import Marker, marker_script
from assets.store.index_store import IndexStore
from wallet.chain.fake import FakeChain
from wallet.hashes import Txid, sha256, txid_of
from wallet.network import REGTEST

SIZES = (1_000, 10_000, 100_000)
BLOCK = 1_000
"""Transactions in a block."""
SHARES = 20
"""Coins that one transaction hands out."""

OWNER = CScript(b"\x00\x14" + bytes(20))
WITNESS = CTxWitness(
    [
        CTxInWitness(
            CScriptWitness([b"\x30\x44\x02\x20" + b"\x11" * 32 + b"\x02\x20" + b"\x22" * 32 + b"\x01", b"\x02" * 33])
        )
    ]
)


def spend(coin: COutPoint, *outputs: CTxOut) -> CTransaction:
    """A transaction of one input whose signature has the right form."""
    return CTransaction([CTxIn(coin, CScript(), 0xFFFFFFFD)], list(outputs), 0, 2, WITNESS)


def marker(quantities: tuple[int, ...], metadata: bytes = b"") -> CTxOut:
    """A marker output."""
    return CTxOut(0, marker_script(Marker(quantities, metadata)))


def past(born: CTransaction, count: int) -> Iterator[CTransaction]:
    """`count` releases, and as many coins of access units, `SHARES` a transaction, one after the other."""
    title, treasury = COutPoint(txid_of(born), 0), COutPoint(txid_of(born), 1)
    for number in range(count):
        record = Release(digest=Digest(sha256(number.to_bytes(8, "big"))), tags=Tags.of(f"1.{number}", "latest"))
        released = spend(title, marker((1,), record.serialize()), CTxOut(9_000, OWNER))
        title = COutPoint(txid_of(released), 1)
        yield released
        if number % SHARES == SHARES - 1:
            rest = count * 2 - number
            outputs = [CTxOut(330, CScript(b"\x00\x14" + number.to_bytes(20, "big"))) for _ in range(SHARES)]
            granted = spend(treasury, marker((rest, *(1,) * SHARES)), CTxOut(330, OWNER), *outputs)
            treasury = COutPoint(txid_of(granted), 1)
            yield granted


def chain_of(count: int) -> tuple[FakeChain, Txid]:
    """The chain, and the repository's genesis."""
    chain = FakeChain()
    record = Genesis(definition=bytes(32), name=RecordName.of("registry.example/acme/app")).serialize()
    outputs = (CTxOut(9_000, OWNER), CTxOut(330, OWNER), marker((1, count * 3), record))
    born = spend(chain.fund(OWNER, 100_000), *outputs)
    chain.mine(born)
    block: list[CTransaction] = []
    for tx in past(born, count):
        block.append(tx)
        if len(block) == BLOCK:
            chain.mine(*block)
            block = []
    if block:
        chain.mine(*block)
    return chain, txid_of(born)


def peak() -> int:
    """The most memory that this process had since the mark was reset, in bytes (Linux)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def measure(count: int, folder: Path) -> str:
    """One line of the table."""
    chain, genesis = chain_of(count)
    store = IndexStore(folder / f"{count}.db", REGTEST)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before, started = peak(), time.perf_counter()
    report = sync(chain, store, start_height=0)
    seconds, grown = time.perf_counter() - started, peak() - before
    started = time.perf_counter()
    with store.snapshot() as reader:
        fact, movements = reader.genesis(genesis), reader.title_movements(genesis)
        assert fact is not None
        state = fold(fact, movements, settled_height=chain.tip().height)
        assert len(reader.holdings(genesis)) == count + 2
    folded = time.perf_counter() - started
    assert len(state.bindings) == 2 * count
    store.close()
    size = (folder / f"{count}.db").stat().st_size
    return (
        f"{count:>8,} {seconds:>9.2f} {seconds / count * 1e6:>9.0f} {report.bytes_read / 1e6 / seconds:>8.1f} "
        f"{grown / 1e6:>8.0f} {size / 1e6:>8.1f} {folded:>8.2f}"
    )


def in_a_process(count: int, folder: Path) -> None:
    """Measure in a child, so that one size's memory is not another's."""
    child = os.fork()
    if child == 0:
        try:
            print(measure(count, folder), flush=True)
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - the child ends here, and says why
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(1)
    if os.waitpid(child, 0)[1]:
        sys.exit(f"the run with {count} releases failed")


def main() -> None:
    """Print the curve."""
    print("synthetic blocks, handed over in memory; releases, and as many coins of access units")
    print(f"{'releases':>8} {'index s':>9} {'us each':>9} {'MB/s':>8} {'peak MB':>8} {'file MB':>8} {'fold s':>8}")
    with tempfile.TemporaryDirectory(prefix="bench-curve-") as folder:
        for count in SIZES:
            in_a_process(count, Path(folder))


if __name__ == "__main__":
    main()
