import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxOut

from tests.wallet.signing_cases import ACCOUNT, KEYCHAIN, RECEIVE, UNIT, funding, unsigned
from wallet.chain.fake import FakeChain
from wallet.coins import KeyPath
from wallet.errors import BusyError, ChainUnavailableError, StateError
from wallet.hashes import BlockHash, Txid, parse_txid, txid_of
from wallet.network import REGTEST
from wallet.psbt import finalize, to_psbt
from wallet.rebroadcast import REORG_HORIZON, Outcome, rebroadcast
from wallet.signer import SoftwareSigner
from wallet.store.database import Database
from wallet.store.journal import Journal, JournalEntry, TxState
from wallet.store.schema import wallet_database
from wallet.store.signing_lock import SigningLock
from wallet.transactions import RBF_SEQUENCE, Prevout, UnsignedTransaction, assemble

TX = finalize(SoftwareSigner(KEYCHAIN, REGTEST).sign(to_psbt(unsigned(), ACCOUNT)))
TXID = txid_of(TX)
GENESIS = Txid(b"\x07" * 32)
BLOCK = BlockHash(b"\x09" * 32)


def entry(tx: CTransaction = TX) -> JournalEntry:
    return JournalEntry(tx=tx, kind="release", created=1_700_000_000, genesis=GENESIS, summary='{"tag":"1.0"}')


def spend(outpoint: COutPoint, value: int, path: KeyPath, fee: int = 500) -> CTransaction:
    """A signed transaction of ours from one coin back to its own script."""
    script = ACCOUNT.script(path)
    tx = assemble(((outpoint, RBF_SEQUENCE),), (CTxOut(value - fee, script),))
    prevout = Prevout(outpoint=outpoint, txout=CTxOut(value, script), path=path)
    raw = to_psbt(UnsignedTransaction(tx=tx, prevouts=(prevout,)), ACCOUNT)
    return finalize(SoftwareSigner(KEYCHAIN, REGTEST).sign(raw))


def spend_both(first: COutPoint, second: COutPoint, value: int) -> CTransaction:
    """A signed transaction of a coin on UNIT and one on RECEIVE, of the same value, back to RECEIVE."""
    coins = ((first, UNIT), (second, RECEIVE))
    script = ACCOUNT.script(RECEIVE)
    tx = assemble(tuple((outpoint, RBF_SEQUENCE) for outpoint, _ in coins), (CTxOut(2 * value - 900, script),))
    prevouts = tuple(
        Prevout(outpoint=outpoint, txout=CTxOut(value, ACCOUNT.script(path)), path=path) for outpoint, path in coins
    )
    raw = to_psbt(UnsignedTransaction(tx=tx, prevouts=prevouts), ACCOUNT)
    return finalize(SoftwareSigner(KEYCHAIN, REGTEST).sign(raw))


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return wallet_database(tmp_path / "wallet.db")


@pytest.fixture
def journal(database: Database) -> Journal:
    return Journal(database)


@pytest.fixture
def chain() -> FakeChain:
    chain = FakeChain()
    chain.mine_empty(3)
    return chain


def test_an_entry_comes_back_with_its_witnesses(journal: Journal) -> None:
    assert journal.entry(TXID) is None
    journal.record(entry())
    journal.record(entry())
    assert journal.entries() == (entry(),)
    found = journal.entry(TXID)
    assert found is not None
    assert found.tx.serialize() == TX.serialize()
    assert journal.spent() == {txin.prevout for txin in TX.vin}


def test_other_signatures_under_the_same_id_are_refused(journal: Journal) -> None:
    journal.record(entry())
    with pytest.raises(StateError, match="other signatures"):
        journal.record(entry(unsigned().tx))


def test_states_follow_the_transaction(journal: Journal) -> None:
    journal.record(entry())
    journal.mark_refused(TXID, "min relay fee not met")
    found = journal.entry(TXID)
    assert found is not None
    assert (found.state, found.reason) == (TxState.SIGNED, "min relay fee not met")
    journal.mark_broadcast(TXID)
    journal.mark_confirmed(TXID, 7, BLOCK)
    found = journal.entry(TXID)
    assert found is not None
    assert (found.state, found.height, found.block, found.reason) == (TxState.CONFIRMED, 7, BLOCK, "")
    assert journal.unconfirmed() == ()
    assert journal.confirmed_since(7) == (found,)
    assert journal.confirmed_since(8) == ()
    journal.mark_broadcast(TXID)
    found = journal.entry(TXID)
    assert found is not None
    assert (found.state, found.height, found.block) == (TxState.BROADCAST, None, None)


def test_a_confirmed_transaction_is_not_given_up(journal: Journal) -> None:
    journal.record(entry())
    journal.mark_confirmed(TXID, 7, BLOCK)
    with pytest.raises(StateError, match="is confirmed, it cannot become abandoned"):
        journal.mark_abandoned(TXID)
    with pytest.raises(StateError):
        journal.mark_replaced(TXID, TXID)


def test_what_was_given_up_is_not_sent_but_may_confirm(journal: Journal) -> None:
    journal.record(entry())
    journal.mark_abandoned(TXID)
    assert journal.unconfirmed() == ()
    with pytest.raises(StateError):
        journal.mark_broadcast(TXID)
    journal.mark_confirmed(TXID, 7, BLOCK)


def test_a_replacement_must_be_written_down_first(journal: Journal) -> None:
    journal.record(entry())
    bumped = spend(COutPoint(funding().GetTxid(), 0), 60_000, RECEIVE)
    with pytest.raises(StateError, match="does not have"):
        journal.mark_replaced(TXID, txid_of(bumped))
    journal.record(entry(bumped))
    journal.mark_replaced(TXID, txid_of(bumped))
    assert [found.txid for found in journal.unconfirmed()] == [txid_of(bumped)]
    found = journal.entry(TXID)
    assert found is not None
    assert found.replaced_by == txid_of(bumped)


def test_what_the_node_does_not_have_is_sent_parents_first(journal: Journal, chain: FakeChain) -> None:
    coin = chain.fund(ACCOUNT.script(RECEIVE), 50_000)
    parent = spend(coin, 50_000, RECEIVE)
    child = spend(COutPoint(parent.GetTxid(), 0), 49_500, RECEIVE)
    journal.record(entry(parent))
    journal.record(entry(child))
    assert [done.outcome for done in rebroadcast(journal, chain)] == [Outcome.SENT, Outcome.SENT]
    assert [found.state for found in journal.entries()] == [TxState.BROADCAST] * 2
    assert {txid_of(tx) for tx in chain.mempool} == {txid_of(parent), txid_of(child)}
    assert [done.outcome for done in rebroadcast(journal, chain)] == [Outcome.WAITING, Outcome.WAITING]


def test_what_is_in_a_block_is_confirmed(journal: Journal, chain: FakeChain) -> None:
    tx = spend(chain.fund(ACCOUNT.script(UNIT), 50_000), 50_000, UNIT)
    journal.record(entry(tx))
    rebroadcast(journal, chain)
    block = chain.mine(tx)
    assert [done.outcome for done in rebroadcast(journal, chain)] == [Outcome.CONFIRMED]
    found = journal.entry(txid_of(tx))
    assert found is not None
    assert (found.state, found.height, found.block) == (TxState.CONFIRMED, block.height, block.hash)


def test_a_deep_confirmation_is_believed_only_while_its_block_is_in_the_chain(
    journal: Journal, chain: FakeChain
) -> None:
    """Far below what every command looks at, a deeper reorganisation takes two of three."""
    txs = []
    for _ in range(3):
        tx = spend(chain.fund(ACCOUNT.script(UNIT), 50_000), 50_000, UNIT)
        journal.record(entry(tx))
        rebroadcast(journal, chain)
        chain.mine()
        txs.append(tx)
    rebroadcast(journal, chain)
    chain.mine_empty(2 * REORG_HORIZON)
    assert rebroadcast(journal, chain) == (), "nothing of it is looked up while the newest stands in its block"
    chain.reorg(2 * REORG_HORIZON + 3, resurrect=False)
    found = {done.txid: done.outcome for done in rebroadcast(journal, chain)}
    assert set(found) == {txid_of(tx) for tx in txs[1:]}
    first, *later = (one.state for one in journal.entries())
    assert first is TxState.CONFIRMED
    assert TxState.CONFIRMED not in later


def test_an_evicted_transaction_is_sent_again(journal: Journal, chain: FakeChain) -> None:
    tx = spend(chain.fund(ACCOUNT.script(UNIT), 50_000), 50_000, UNIT)
    journal.record(entry(tx))
    rebroadcast(journal, chain)
    chain.evict(txid_of(tx))
    assert chain.mempool == ()
    assert [done.outcome for done in rebroadcast(journal, chain)] == [Outcome.SENT]


def test_a_refused_transaction_stays_with_the_nodes_reason(journal: Journal, chain: FakeChain) -> None:
    journal.record(entry())
    (done,) = rebroadcast(journal, chain)
    assert done.outcome is Outcome.REFUSED
    found = journal.entry(TXID)
    assert found is not None
    assert found.state is TxState.SIGNED
    assert found.reason == done.reason != ""


def test_a_node_that_is_down_changes_nothing(journal: Journal, chain: FakeChain) -> None:
    journal.record(entry())
    chain.down = True
    with pytest.raises(ChainUnavailableError):
        rebroadcast(journal, chain)
    assert journal.entries() == (entry(),)


def test_a_transaction_that_a_reorganisation_threw_out_is_sent_again(journal: Journal, chain: FakeChain) -> None:
    tx = spend(chain.fund(ACCOUNT.script(UNIT), 50_000), 50_000, UNIT)
    journal.record(entry(tx))
    rebroadcast(journal, chain)
    block = chain.mine(tx)
    rebroadcast(journal, chain)
    chain.reorg(1)
    chain.evict(txid_of(tx))
    assert [done.outcome for done in rebroadcast(journal, chain)] == [Outcome.SENT]
    again = chain.mine(tx)
    rebroadcast(journal, chain)
    found = journal.entry(txid_of(tx))
    assert found is not None
    assert found.block == again.hash != block.hash


CRASH = """
import os, signal, sys
from pathlib import Path
from bitcoin.core import CTransaction
from wallet.store.journal import Journal, JournalEntry
from wallet.store.schema import wallet_database
from wallet.store.signing_lock import SigningLock
folder = Path(sys.argv[1])
with SigningLock(folder / "signing.lock"):
    tx = CTransaction.deserialize(bytes.fromhex(sys.argv[2]))
    Journal(wallet_database(folder / "wallet.db")).record(JournalEntry(tx=tx, kind="send", created=1))
    if sys.argv[3] == "wait":
        print("signed", flush=True)
        sys.stdin.read()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def crash_command(folder: Path, tx: CTransaction, mode: str) -> list[str]:
    return [sys.executable, "-c", CRASH, str(folder), tx.serialize().hex(), mode]


def test_a_signed_transaction_survives_a_kill_before_its_broadcast(tmp_path: Path, chain: FakeChain) -> None:
    tx = spend(chain.fund(ACCOUNT.script(UNIT), 50_000), 50_000, UNIT)
    died = subprocess.run(crash_command(tmp_path, tx, "die"), check=False)
    assert died.returncode == -signal.SIGKILL
    journal = Journal(wallet_database(tmp_path / "wallet.db"))
    (found,) = journal.unconfirmed()
    assert found.state is TxState.SIGNED
    assert found.tx.serialize() == tx.serialize()
    with SigningLock(tmp_path / "signing.lock"):
        assert [done.outcome for done in rebroadcast(journal, chain)] == [Outcome.SENT]


def test_two_processes_do_not_sign_at_once(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        crash_command(tmp_path, TX, "wait"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "signed\n"
        with pytest.raises(BusyError, match=f"pid {holder.pid}"), SigningLock(tmp_path / "signing.lock"):
            raise AssertionError
        assert len(Journal(wallet_database(tmp_path / "wallet.db")).entries()) == 1
    finally:
        holder.communicate("")
    assert holder.returncode == -signal.SIGKILL
    with SigningLock(tmp_path / "signing.lock"):
        assert int((tmp_path / "signing.lock").read_text()) == os.getpid()


def test_ids_in_the_journal_are_in_internal_order(journal: Journal, database: Database) -> None:
    journal.record(entry())
    with database.snapshot() as connection:
        (stored,) = connection.execute("SELECT txid FROM journal").fetchone()
    assert bytes(stored) == parse_txid(TXID[::-1].hex())


def test_what_lost_a_coin_to_a_block_is_given_up_and_frees_its_others(journal: Journal, chain: FakeChain) -> None:
    """Another machine with the same words, or a reorganisation, put something else into a block."""
    shared, other = chain.fund(ACCOUNT.script(UNIT), 50_000), chain.fund(ACCOUNT.script(RECEIVE), 50_000)
    ours = spend_both(shared, other, 50_000)
    child = spend(COutPoint(ours.GetTxid(), 0), 99_100, RECEIVE)
    for tx in (ours, child):
        journal.record(entry(tx))
        journal.mark_broadcast(txid_of(tx))
    theirs = spend(shared, 50_000, UNIT)
    chain.mine(theirs)
    assert {shared, other} <= journal.spent()
    done = {one.txid: one.outcome for one in rebroadcast(journal, chain)}
    assert done == {txid_of(ours): Outcome.CONFLICTED, txid_of(child): Outcome.CONFLICTED}
    assert journal.spent() == frozenset()
    assert [found.state for found in journal.entries()] == [TxState.ABANDONED] * 2
    assert rebroadcast(journal, chain) == (), "said once"


def test_what_lost_a_coin_in_the_mempool_only_is_kept(journal: Journal, chain: FakeChain) -> None:
    shared = chain.fund(ACCOUNT.script(UNIT), 50_000)
    ours = spend(shared, 50_000, RECEIVE)
    journal.record(entry(ours))
    chain.broadcast(spend(shared, 50_000, UNIT))
    for _ in range(2):
        assert [done.outcome for done in rebroadcast(journal, chain)] == [Outcome.REFUSED]
    assert shared in journal.spent()


def test_what_was_given_up_and_mined_after_all_is_confirmed(journal: Journal, chain: FakeChain) -> None:
    shared = chain.fund(ACCOUNT.script(UNIT), 50_000)
    ours = spend(shared, 50_000, RECEIVE)
    journal.record(entry(ours))
    chain.mine(spend(shared, 50_000, UNIT))
    assert [done.outcome for done in rebroadcast(journal, chain)] == [Outcome.CONFLICTED]
    chain.reorg(1, [[ours], []], resurrect=False)
    rebroadcast(journal, chain)
    found = journal.entry(txid_of(ours))
    assert found is not None
    assert found.state is TxState.CONFIRMED


def test_what_was_taken_out_is_gone_and_what_it_replaced_is_sent_again(database: Database) -> None:
    journal, chain = Journal(database), FakeChain()
    old = spend(chain.fund(ACCOUNT.script(RECEIVE), 50_000), 50_000, RECEIVE)
    new = spend(old.vin[0].prevout, 50_000, RECEIVE, fee=900)
    journal.record(entry(old))
    journal.mark_told(txid_of(old))
    journal.record(entry(new), replaces=txid_of(old))
    journal.take_out(txid_of(new))
    (left,) = journal.entries()
    assert (left.txid, left.state, left.replaced_by) == (txid_of(old), TxState.BROADCAST, None)
    journal.take_out(txid_of(old))
    assert journal.entries() == (left,), "what a node had is never forgotten"


def test_what_is_written_together_is_written_whole_or_not_at_all(database: Database) -> None:
    journal = Journal(database)

    def together(then: str) -> None:
        with journal.together():
            journal.record(entry())
            if then:
                raise StateError(then)

    with pytest.raises(StateError, match="what belongs to it failed"):
        together("what belongs to it failed")
    assert journal.entries() == ()
    together("")
    assert [one.txid for one in journal.entries()] == [TXID]


def test_the_journal_remembers_of_what_nobody_was_told(database: Database) -> None:
    journal = Journal(database)
    journal.record(entry())
    assert journal.untold(0) == ()
    journal.mark_untold([TXID])
    assert [one.txid for one in journal.untold(0)] == [TXID]
    journal.mark_confirmed(TXID, 5, BLOCK)
    assert [one.txid for one in journal.untold(1_700_000_000)] == [TXID]
    assert journal.untold(1_700_000_001) == ()
    journal.mark_told(TXID)
    assert journal.untold(0) == ()
