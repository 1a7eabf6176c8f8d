"""Each assertion on a finished transaction fires when it is violated."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from bitcoin.core import CTransaction, CTxIn, CTxOut
from bitcoin.core.script import CScript

from tests.wallet.purses import CHANGE_SLOT, MARKER, STRANGER, TIP, coin, payment, prevout, release
from wallet.amount import Sats
from wallet.builder import fund
from wallet.coins import AccountKind, Coin
from wallet.fees import FeeRate
from wallet.finished import assert_finished
from wallet.template import Template
from wallet.transactions import UnsignedTransaction

TITLE = coin(1, 700, account=AccountKind.UNITS)
PURSE = (coin(2, 90_000), coin(3, 50_000))
TEMPLATE = release(TITLE)
GOOD = fund(TEMPLATE, coins=PURSE, reserved=frozenset(), rate=FeeRate(2_000), tip_height=TIP)
ANY_FEE = (Sats(0), Sats(10_000_000))


def check(
    unsigned: UnsignedTransaction,
    template: Template = TEMPLATE,
    *,
    coins: tuple[Coin, ...] = PURSE,
    withheld: tuple[Coin, ...] = (),
    fee: tuple[Sats, Sats] = ANY_FEE,
) -> None:
    assert_finished(
        unsigned, template=template, coins=coins, withheld=frozenset(each.outpoint for each in withheld), fee=fee
    )


def with_tx(
    *,
    vin: Callable[[tuple[CTxIn, ...]], tuple[CTxIn, ...]] = lambda vin: vin,
    vout: Callable[[tuple[CTxOut, ...]], tuple[CTxOut, ...]] = lambda vout: vout,
    locktime: int = 0,
    version: int = 2,
) -> UnsignedTransaction:
    tx = GOOD.tx
    return replace(GOOD, tx=CTransaction(vin(tx.vin), vout(tx.vout), locktime, version))


def with_output(at: int, value: int, script: CScript) -> UnsignedTransaction:
    return with_tx(vout=lambda vout: (*vout[:at], CTxOut(value, script), *vout[at + 1 :]))


def test_the_good_transaction_passes() -> None:
    check(GOOD)


@pytest.mark.parametrize(
    ("unsigned", "message"),
    [
        (with_tx(vin=lambda vin: vin[::-1]), "inputs and their coins differ"),
        (replace(GOOD, prevouts=GOOD.prevouts[:1]), "inputs and their coins differ"),
        (
            replace(with_tx(vin=lambda vin: (vin[0], vin[0])), prevouts=(GOOD.prevouts[0], GOOD.prevouts[0])),
            "an input is there twice",
        ),
        (replace(with_tx(vin=lambda vin: ()), prevouts=()), "there is none"),
        (
            replace(with_tx(vin=lambda vin: vin[::-1]), prevouts=GOOD.prevouts[::-1]),
            "the planned inputs do not come first",
        ),
        (with_tx(vin=lambda vin: (CTxIn(vin[0].prevout, CScript(), 5), *vin[1:])), "a sequence differs"),
        (
            with_tx(vin=lambda vin: (CTxIn(vin[0].prevout, CScript(b"\x51"), 0xFFFFFFFD), *vin[1:])),
            "an input has a script already",
        ),
        (with_tx(locktime=1), "version or locktime differ"),
        (with_tx(version=1), "version or locktime differ"),
        (with_tx(vout=lambda vout: vout[:1]), "outputs are missing or too many"),
        (with_tx(vout=lambda vout: (*vout, vout[2])), "outputs are missing or too many"),
        (with_tx(vout=lambda vout: (vout[1], vout[0], vout[2])), "the script of a planned output differs"),
        (with_output(0, 1, MARKER.scriptPubKey), "the value of a planned output differs"),
        (with_output(1, 545, TITLE.script_pubkey), "fee output"),
        (with_output(1, 9_999, TITLE.script_pubkey), "fee output"),
        (with_output(2, 50_000, STRANGER), "the change goes elsewhere"),
        (replace(GOOD, own_outputs=((1, TITLE.path),)), "the change goes elsewhere"),
        (replace(GOOD, own_outputs=((2, CHANGE_SLOT[1]),)), "the keys of own outputs differ"),
        (with_output(2, 293, CHANGE_SLOT[0]), "an output is dust"),
        (with_output(2, 21_000_001 * 10**8, CHANGE_SLOT[0]), "an output is dust, or impossible"),
    ],
)
def test_a_changed_transaction_fires(unsigned: UnsignedTransaction, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check(unsigned)


def test_an_appended_coin_must_be_allowed_free_and_of_the_btc_account() -> None:
    with pytest.raises(AssertionError, match="none may be"):
        check(GOOD, replace(TEMPLATE, may_append_inputs=False))
    with pytest.raises(AssertionError, match="must not pay"):
        check(GOOD, withheld=PURSE)
    with pytest.raises(AssertionError, match="no coin of the BTC account"):
        check(GOOD, coins=())
    units = tuple(replace(each, path=replace(each.path, account=AccountKind.UNITS)) for each in PURSE)
    with pytest.raises(AssertionError, match="no coin of the BTC account"):
        check(GOOD, coins=units)
    cheaper = tuple(replace(each, value=Sats(1_000)) for each in PURSE)
    with pytest.raises(AssertionError, match="no coin of the BTC account"):
        check(GOOD, coins=cheaper)


def test_a_fee_outside_of_its_bounds_fires() -> None:
    check(GOOD, fee=(GOOD.fee, GOOD.fee))
    for bounds in ((Sats(GOOD.fee + 1), Sats(GOOD.fee + 2)), (Sats(0), Sats(GOOD.fee - 1))):
        with pytest.raises(AssertionError, match="the fee is outside"):
            check(GOOD, fee=bounds)


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ((MARKER, MARKER, CTxOut(9_000, STRANGER)), "more than one OP_RETURN"),
        ((CTxOut(0, CScript(b"\x6a\x4c\x51" + bytes(81))), CTxOut(9_000, STRANGER)), "OP_RETURN output is too large"),
        ((MARKER,), "an OP_RETURN output, and nothing else"),
    ],
)
def test_data_outputs_that_are_not_relayed_fire(outputs: tuple[CTxOut, ...], message: str) -> None:
    template = Template(inputs=(prevout(coin(1, 10_000)),), outputs=outputs)
    tx = CTransaction([CTxIn(template.inputs[0].outpoint, CScript(), 0xFFFFFFFD)], outputs, 0, 2)
    with pytest.raises(AssertionError, match=message):
        check(UnsignedTransaction(tx=tx, prevouts=template.inputs), template)


def test_a_transaction_that_is_too_large_fires() -> None:
    outputs = (CTxOut(400, STRANGER),) * 3_300
    template = replace(payment(1), outputs=outputs, inputs=(prevout(coin(1, 5_000_000)),))
    tx = CTransaction([CTxIn(template.inputs[0].outpoint, CScript(), 0xFFFFFFFD)], outputs, 0, 2)
    with pytest.raises(AssertionError, match="too large to be relayed"):
        check(UnsignedTransaction(tx=tx, prevouts=template.inputs), template)
