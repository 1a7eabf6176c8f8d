"""The history adds up, and tells what each transaction did."""

from dataclasses import replace

from bitcoin.core import CMutableTransaction, COutPoint, CTransaction, CTxIn, CTxOut
from bitcoin.core.script import CScript
from hypothesis import given
from hypothesis import strategies as st

from wallet.hashes import BlockHash, txid_of
from wallet.history import Category, HistoryEntry, State, WatchedTransaction, history

OURS, THEIRS = CScript(b"\x00\x14" + b"\x01" * 20), CScript(b"\x00\x14" + b"\x02" * 20)


def watched(
    inputs: list[COutPoint], outputs: list[tuple[CScript, int]], *, height: int | None, index: int = 1, time: int = 0
) -> WatchedTransaction:
    tx = CTransaction.from_tx(
        CMutableTransaction([CTxIn(spent) for spent in inputs], [CTxOut(sats, script) for script, sats in outputs])
    )
    return WatchedTransaction(
        tx=tx,
        height=height,
        block=None if height is None else BlockHash(bytes([height % 256]) * 32),
        index=index,
        time=time,
        own_outputs=tuple(vout for vout, (script, _) in enumerate(outputs) if script == OURS),
    )


def out(transaction: WatchedTransaction, vout: int) -> COutPoint:
    return COutPoint(transaction.txid, vout)


def foreign(number: int) -> COutPoint:
    return COutPoint(bytes([number]) * 32, 0)


FIRST = watched([foreign(1)], [(THEIRS, 5), (OURS, 1_000)], height=10)
SECOND = watched([out(FIRST, 1)], [(THEIRS, 300), (OURS, 600)], height=20)
TIDY = watched([out(SECOND, 1)], [(CScript(b"\x6a"), 0), (OURS, 550)], height=20, index=3)
PENDING = watched([out(TIDY, 1), foreign(3)], [(OURS, 700), (THEIRS, 9_000)], height=None, time=77)


def entries(*transactions: WatchedTransaction) -> dict[bytes, HistoryEntry]:
    return {entry.txid: entry for entry in history(transactions, tip_height=25)}


def test_a_receipt_a_payment_and_a_move_within_the_wallet() -> None:
    found = entries(FIRST, SECOND, TIDY)
    first, second, tidy = (found[each.txid] for each in (FIRST, SECOND, TIDY))
    assert (first.delta, first.fee, first.category, first.confirmations) == (1_000, None, Category.RECEIVED, 16)
    assert (second.delta, second.fee, second.category) == (-400, 100, Category.SENT)
    assert (tidy.delta, tidy.fee, tidy.category) == (-50, 50, Category.INTERNAL)


def test_a_joint_transaction_has_no_known_fee() -> None:
    entry = entries(FIRST, SECOND, TIDY, PENDING)[PENDING.txid]
    assert (entry.delta, entry.fee, entry.category, entry.confirmations) == (150, None, Category.SENT, 0)


def test_unconfirmed_comes_first_and_then_the_newest_block() -> None:
    order = [entry.txid for entry in history((SECOND, FIRST, PENDING, TIDY), tip_height=25)]
    assert order == [PENDING.txid, TIDY.txid, SECOND.txid, FIRST.txid]


def test_a_replaced_or_evicted_transaction_says_what_it_would_have_moved() -> None:
    for state, category in ((State.DEAD, Category.DEAD), (State.EVICTED, Category.EVICTED)):
        entry = entries(FIRST, SECOND, TIDY, replace(PENDING, state=state))[PENDING.txid]
        assert (entry.delta, entry.category) == (150, category)


def test_a_mined_coin_is_called_so_and_labels_are_shown() -> None:
    coinbase = watched([COutPoint()], [(OURS, 5_000)], height=3)
    (entry,) = history([coinbase], tip_height=25, labels={coinbase.txid: "first block"})
    assert (entry.category, entry.delta, entry.label) == (Category.MINED, 5_000, "first block")


@given(st.lists(st.tuples(st.integers(1, 1_000), st.booleans()), min_size=1, max_size=12))
def test_the_deltas_add_up_to_the_coins_that_are_left(steps: list[tuple[int, bool]]) -> None:
    transactions: list[WatchedTransaction] = []
    coins: dict[COutPoint, int] = {}
    for number, (sats, spend) in enumerate(steps):
        inputs = list(coins)[:1] if spend and coins else [foreign(number + 1)]
        outputs = [(OURS, sats), (THEIRS, 7)]
        made = watched(inputs, outputs, height=number)
        coins.pop(inputs[0], None)
        coins[COutPoint(txid_of(made.tx), 0)] = sats
        transactions.append(made)
    assert sum(entry.delta for entry in history(transactions, tip_height=99)) == sum(coins.values())
