"""A record counts with its proven witness, and is undecided without (a txid does not cover the signature)."""

from collections.abc import Callable, Iterator
from pathlib import Path

from bitcoin.core import CTransaction

from assets.index.image_index import reindex, sync
from assets.model import Authorship
from assets.store.index_store import IndexStore
from tests.assets.index.harness import REVOKE, genesis, out, record
from tests.builders import ANYONECANPAY, SINGLE, segwit, with_witnesses
from wallet.chain.fake import FakeChain
from wallet.chain.source import BlockRef
from wallet.hashes import txid_of
from wallet.network import REGTEST


class _Tampering(FakeChain):
    """A node that serves one transaction with other witnesses than the chain has."""

    def __init__(self) -> None:
        super().__init__()
        self.honest, self.served = b"", b""

    def tamper(self, tx: CTransaction, witness: tuple[bytes, ...]) -> None:
        """From now on `tx` comes with this witness of its only input."""
        self.honest, self.served = tx.serialize(), with_witnesses(tx, [witness]).serialize()

    def blocks(self, start: int, stop: int) -> Iterator[tuple[BlockRef, bytes]]:
        """Blocks with the same headers and the same txids."""
        for ref, raw in super().blocks(start, stop):
            yield ref, raw.replace(self.honest, self.served)


def _authorship(folder: Path, metadata: bytes, tamper: Callable[[_Tampering, CTransaction], None]) -> Authorship:
    chain = _Tampering()
    born = genesis(chain)
    chain.mine(born)
    revoke = record(out(born, 0), metadata)
    chain.mine(revoke)
    tamper(chain, revoke)
    store = IndexStore(folder / "index.db", REGTEST)
    report = sync(chain, store, start_height=0)
    with store.snapshot() as reader:
        movement = reader.title_movements(txid_of(born))[-1]
        assert movement.txid == txid_of(revoke)
        assert reader.title(txid_of(born)) is not None
    assert report.unproven == (movement.authorship is Authorship.UNPROVEN)
    store.close()
    return movement.authorship


def test_an_untouched_revoke_counts(tmp_path: Path) -> None:
    assert _authorship(tmp_path, REVOKE, lambda _chain, _tx: None) is Authorship.AUTHORISED


def test_a_revoke_without_its_witness_is_unproven_and_not_ignored(tmp_path: Path) -> None:
    assert _authorship(tmp_path, REVOKE, lambda chain, tx: chain.tamper(tx, ())) is Authorship.UNPROVEN


def test_a_forged_sighash_byte_does_not_turn_a_revoke_into_an_ignored_record(tmp_path: Path) -> None:
    forged = segwit(sighash=SINGLE | ANYONECANPAY)
    assert _authorship(tmp_path, REVOKE, lambda chain, tx: chain.tamper(tx, forged)) is Authorship.UNPROVEN


def test_a_forged_sighash_byte_does_not_make_a_foreign_record_count(tmp_path: Path) -> None:
    chain = _Tampering()
    born = genesis(chain)
    chain.mine(born)
    lifted = record(out(born, 0), REVOKE, witness=segwit(sighash=SINGLE | ANYONECANPAY))
    chain.mine(lifted)
    chain.tamper(lifted, segwit())
    store = IndexStore(tmp_path / "index.db", REGTEST)
    sync(chain, store, start_height=0)
    with store.snapshot() as reader:
        assert reader.title_movements(txid_of(born))[-1].authorship is Authorship.UNPROVEN
    store.close()


def test_a_move_without_a_record_needs_no_witness(tmp_path: Path) -> None:
    assert _authorship(tmp_path, b"", lambda chain, tx: chain.tamper(tx, ())) is Authorship.NO_RECORD


def test_a_genesis_without_its_witness_gives_no_units_until_the_chain_is_read_again(tmp_path: Path) -> None:
    chain = _Tampering()
    born = genesis(chain)
    chain.mine(born)
    chain.tamper(born, ())
    store = IndexStore(tmp_path / "index.db", REGTEST)
    assert sync(chain, store, start_height=0).unproven == 2
    with store.snapshot() as reader:
        assert reader.genesis(txid_of(born)) is not None
        assert [item.authorship for item in reader.title_movements(txid_of(born))] == [Authorship.UNPROVEN]
        assert reader.holdings(txid_of(born)) == ()
        assert reader.unit(out(born, 0)) is None
    chain.honest = chain.served = b""
    assert reindex(chain, store, start_height=0).unproven == 0
    with store.snapshot() as reader:
        assert len(reader.holdings(txid_of(born))) == 2
    store.close()
