"""What must hold of every funded transaction, checked on the finished one.

A violation is a bug of the builder, never a user's mistake, and nothing is signed after it.
"""

from collections.abc import Iterable

from bitcoin.core import COutPoint

from wallet.amount import MAX_MONEY, Sats
from wallet.coins import AccountKind, Coin
from wallet.template import Template
from wallet.transactions import MAX_STANDARD_WEIGHT, UnsignedTransaction, dust_limit

MAX_DATA_SCRIPT = 83
"""Bytes of an OP_RETURN script that every node relays: a push of 80."""


def assert_finished(
    unsigned: UnsignedTransaction,
    *,
    template: Template,
    coins: Iterable[Coin],
    withheld: frozenset[COutPoint],
    fee: tuple[Sats, Sats],
) -> None:
    """Raises AssertionError unless `unsigned` is `template` plus allowed coins and change, sound and relayable.

    `withheld` are the coins that must not pay, `fee` is the least and the most that it may cost.
    """
    _assert_inputs(unsigned, template, {coin.outpoint: coin for coin in coins}, withheld)
    _assert_outputs(unsigned, template)
    tx = unsigned.tx
    _must((tx.nVersion, tx.nLockTime) == (template.version, template.locktime), "version or locktime differ")
    _must(unsigned.vsize * 4 <= MAX_STANDARD_WEIGHT, "the transaction is too large to be relayed")
    _must(fee[0] <= unsigned.fee <= fee[1], "the fee is outside of its bounds")


def _assert_inputs(
    unsigned: UnsignedTransaction, template: Template, coins: dict[COutPoint, Coin], withheld: frozenset[COutPoint]
) -> None:
    spent = [txin.prevout for txin in unsigned.tx.vin]
    _must(spent == [prevout.outpoint for prevout in unsigned.prevouts], "inputs and their coins differ")
    _must(len(set(spent)) == len(spent) > 0, "an input is there twice, or there is none")
    _must(unsigned.prevouts[: len(template.inputs)] == template.inputs, "the planned inputs do not come first")
    _must(all(txin.nSequence == template.sequence for txin in unsigned.tx.vin), "a sequence differs")
    _must(all(len(txin.scriptSig) == 0 for txin in unsigned.tx.vin), "an input has a script already")
    appended = unsigned.prevouts[len(template.inputs) :]
    _must(template.may_append_inputs or not appended, "inputs were appended where none may be")
    for prevout in appended:
        coin = coins.get(prevout.outpoint)
        _must(prevout.outpoint not in withheld, "a coin that must not pay would pay the fee")
        _must(
            coin is not None
            and coin.path.account is AccountKind.BTC
            and (coin.txout, coin.path) == (prevout.txout, prevout.path),
            "an appended input is no coin of the BTC account",
        )


def _assert_outputs(unsigned: UnsignedTransaction, template: Template) -> None:
    outputs, planned = unsigned.tx.vout, template.outputs
    added = outputs[len(planned) :]
    _must(len(outputs) >= len(planned) and len(added) <= 1, "outputs are missing or too many")
    for vout, (txout, plan) in enumerate(zip(outputs, planned, strict=False)):
        _must(txout.scriptPubKey == plan.scriptPubKey, "the script of a planned output differs")
        fee_from = template.fee_from
        if fee_from is not None and fee_from.vout == vout:
            _must(txout.nValue == fee_from.refill or fee_from.minimum <= txout.nValue <= plan.nValue, "fee output")
        else:
            _must(txout.nValue == plan.nValue, "the value of a planned output differs")
    own = dict(unsigned.own_outputs)
    if added:
        change = (added[0].scriptPubKey, own.pop(len(planned), None))
        _must(change == template.change, "the change goes elsewhere")
    _must(own == dict(template.own_outputs), "the keys of own outputs differ")
    data = [txout for txout in outputs if txout.scriptPubKey[:1] == b"\x6a"]
    _must(len(data) <= 1, "more than one OP_RETURN output")
    _must(all(len(txout.scriptPubKey) <= MAX_DATA_SCRIPT for txout in data), "an OP_RETURN output is too large")
    _must(len(data) < len(outputs), "an OP_RETURN output, and nothing else")
    for txout in outputs:
        _must(dust_limit(txout.scriptPubKey) <= txout.nValue <= MAX_MONEY, "an output is dust, or impossible")


def _must(condition: bool, message: str) -> None:  # noqa: FBT001
    if not condition:
        raise AssertionError(f"the transaction was built wrongly and is not used: {message}")
