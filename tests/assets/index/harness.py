"""A publisher on a chain in memory, and the index of that chain."""

from collections.abc import Sequence
from pathlib import Path

from bitcoin.core import COutPoint, CTransaction, CTxIn, CTxOut
from bitcoin.core.script import CScript

from assets.images.digest import Digest
from assets.images.record import Define, RecordName, Release, Revoke, RevokeReason
from assets.images.tag import Tags
from assets.index.image_index import SyncReport, sync
from assets.store.index_store import IndexStore
from tests.builders import NAME, genesis_record, marker, pay, script, segwit, with_witnesses
from wallet.chain.fake import FakeChain
from wallet.hashes import txid_of
from wallet.network import REGTEST
from wallet.transactions import RBF_SEQUENCE

RELEASE = Release(digest=Digest(b"\x11" * 32), tags=Tags.of("1.0", "latest")).serialize()
REVOKE = Revoke(digest=Digest(b"\x11" * 32), reason=RevokeReason.COMPROMISED).serialize()


def define(name: str) -> bytes:
    """The bytes of a DEFINE record."""
    return Define(definition=b"\xee" * 32, name=RecordName.of(name)).serialize()


def spend(
    inputs: Sequence[COutPoint],
    outputs: Sequence[CTxOut],
    witness: Sequence[bytes] | None = None,
    *,
    locktime: int = 0,
) -> CTransaction:
    """A transaction of P2WPKH spends; `witness` replaces the first input's."""
    tx = CTransaction([CTxIn(outpoint, CScript(), RBF_SEQUENCE) for outpoint in inputs], list(outputs), locktime, 2)
    stacks = [segwit() for _ in inputs]
    return with_witnesses(tx, [witness if witness is not None else stacks[0], *stacks[1:]])


def out(tx: CTransaction, vout: int) -> COutPoint:
    """An output's outpoint."""
    return COutPoint(txid_of(tx), vout)


def genesis(
    chain: FakeChain, issuer: str = "issuer", *, owner: str = "owner", units: int = 1_000_000, name: str = NAME
) -> CTransaction:
    """A genesis on a fresh coin; not broadcast yet."""
    coin = chain.fund(script(issuer), 100_000)
    return genesis_on(coin, owner=owner, units=units, name=name)


def genesis_on(coin: COutPoint, *, owner: str = "owner", units: int = 1_000_000, name: str = NAME) -> CTransaction:
    """A genesis on a given coin."""
    record = genesis_record(name)
    return spend([coin], [pay(owner, 10_000), pay(owner, 330), marker([1, units], record), pay("change")])


def record(
    title: COutPoint, metadata: bytes, *, owner: str = "owner", witness: Sequence[bytes] | None = None
) -> CTransaction:
    """A transaction that moves the title alone and carries a record."""
    return spend([title], [marker([1], metadata), pay(owner, 9_000), pay("change")], witness)


class Indexed:
    """A chain in memory and its index."""

    def __init__(self, folder: Path) -> None:
        self.chain = FakeChain()
        self.store = IndexStore(folder / "index.db", REGTEST, lock_wait=0.2)

    def mine(self, *txs: CTransaction) -> None:
        """One block with these transactions."""
        self.chain.mine(*txs)

    def sync(self, start_height: int = 0) -> SyncReport:
        """Bring the index to the tip."""
        return sync(self.chain, self.store, start_height=start_height)
