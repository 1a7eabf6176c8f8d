"""The guard: each check has a transaction that makes it fire, and the message names the check and the figures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxIn, CTxOut
from bitcoin.core.script import CScript

from assets.coloring.compose import plan_genesis, plan_grant, plan_handover, plan_record
from assets.coloring.expect import (
    Funding,
    expect_genesis,
    expect_grant,
    expect_handover,
    expect_payment,
    expect_record,
)
from assets.coloring.guard import check
from assets.coloring.guard_case import Case, Check
from assets.coloring.guard_units import check_agreement
from assets.coloring.plan import Burn, Expectation, Grant, Recipient, TxPlan, UnitCoin, UnitsAt
from assets.coloring.transfer import apply
from assets.errors import GuardError
from assets.model import AssetId, CoinColor, Foreign, Genuine, OtherColor, Sign, Unknown
from tests.assets.coloring.wallet import (
    CHANGE,
    GENESIS,
    OWNER,
    STRANGER,
    account_script,
    btc_coin,
    funded,
    own,
    prevout,
    unit_coin,
    whose,
)
from tests.builders import genesis_record, marker, pay, segwit, with_witnesses
from wallet.amount import Sats
from wallet.coins import AccountKind
from wallet.fees import FeeRate
from wallet.transactions import Prevout, UnsignedTransaction, assemble

RECORD = b"DC\x01\x02" + bytes(32) + b"1.0"
GENESIS_RECORD = genesis_record()
RATE = FeeRate(2_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A transaction, what is expected of it, and the colours of coins; changed by `replace`-like methods."""

    unsigned: UnsignedTransaction
    expectation: Expectation
    colors: dict[COutPoint, CoinColor]

    def run(self) -> None:
        check(self.unsigned, self.expectation, colors=self.colors.get, whose=whose)

    def expecting(self, **changes: object) -> "Guarded":
        return replace(self, expectation=replace(self.expectation, **changes))  # type: ignore[arg-type]

    def stating(self, **changes: object) -> "Guarded":
        return replace(self, unsigned=replace(self.unsigned, **changes))  # type: ignore[arg-type]

    def paying(self, *outputs: CTxOut) -> "Guarded":
        tx = self.unsigned.tx
        return self.stating(tx=CTransaction(tx.vin, outputs, tx.nLockTime, tx.nVersion))

    def with_output(self, vout: int, txout: CTxOut) -> "Guarded":
        outputs = list(self.unsigned.tx.vout)
        outputs[vout] = txout
        return self.paying(*outputs)

    def spending(self, prevouts: Sequence[Prevout]) -> "Guarded":
        """The same outputs from other coins, which are expected, and the fee difference too."""
        tx = self.unsigned.tx
        inputs = tuple((item.outpoint, self.expectation.sequence) for item in prevouts)
        unsigned = replace(self.unsigned, prevouts=tuple(prevouts), tx=assemble(inputs, tuple(tx.vout)))
        ours = [item for item in prevouts if item.path is not None]
        gained = sum(tx.vout[vout].nValue for vout, _ in unsigned.own_outputs)
        return replace(self, unsigned=unsigned).expecting(
            own_inputs=frozenset(item.outpoint for item in ours),
            foreign_inputs=frozenset(item.outpoint for item in prevouts if item.path is None),
            btc_delta=Sats(gained - sum(item.txout.nValue for item in ours)),
        )

    def colored(self, **colors: CoinColor) -> "Guarded":
        named = {prevout(name, 1, own()).outpoint: color for name, color in colors.items()}
        return replace(self, colors={**self.colors, **named})


TITLE = unit_coin("title", 10_000, title=True)
TREASURY = unit_coin("treasury", 330, 100)
ISSUING = prevout("issuing", 100_000, own(AccountKind.ISSUING, 2))


def guarded(plan: TxPlan, expect: Callable[[Funding], Expectation], *coins: UnitCoin) -> Guarded:
    unsigned = funded(plan, [btc_coin(number, 100_000) for number in range(3)], RATE)
    colors: dict[COutPoint, CoinColor] = {coin.prevout.outpoint: coin.units for coin in coins}
    return Guarded(unsigned=unsigned, expectation=expect(Funding.of(plan, unsigned)), colors=colors)


def a_record() -> Guarded:
    plan = plan_record(title=TITLE, record=RECORD, change=CHANGE)
    return guarded(plan, lambda funding: expect_record(title=TITLE, record=RECORD, funding=funding), TITLE)


def a_genesis() -> Guarded:
    plan = plan_genesis(issuing=ISSUING, owner=OWNER, units=50, record=GENESIS_RECORD, change=CHANGE)
    return guarded(
        plan,
        lambda funding: expect_genesis(issuing=ISSUING, owner=OWNER, units=50, record=GENESIS_RECORD, funding=funding),
    )


def a_handover(to: Recipient = STRANGER) -> Guarded:
    plan = plan_handover(title=TITLE, treasury=[TREASURY], to=to, change=CHANGE)
    return guarded(
        plan,
        lambda funding: expect_handover(title=TITLE, treasury=[TREASURY], to=to, funding=funding),
        TITLE,
        TREASURY,
    )


def a_grant() -> Guarded:
    grants = [Grant(to=STRANGER, quantity=30)]
    plan = plan_grant(coins=[TREASURY], grants=grants, rest=OWNER, change=CHANGE)
    return guarded(
        plan,
        lambda funding: expect_grant(coins=[TREASURY], grants=grants, rest=OWNER, funding=funding),
        TREASURY,
    )


def a_payment() -> Guarded:
    coins = (prevout("btc", 100_000, own()),)
    unsigned = UnsignedTransaction(
        tx=assemble(((coins[0].outpoint, 0xFFFFFFFD),), (CTxOut(40_000, STRANGER.script), CTxOut(59_000, CHANGE[0]))),
        prevouts=coins,
        own_outputs=((1, CHANGE[1]),),
    )
    funding = Funding(coins=coins, fee=Sats(1_000), change=(1, CHANGE[1]))
    expectation = expect_payment(payments=[(STRANGER, Sats(40_000))], funding=funding)
    return Guarded(unsigned=unsigned, expectation=expectation, colors={})


def refuses(case: Guarded, named: Check, *figures: str) -> None:
    with pytest.raises(GuardError) as refused:
        case.run()
    message = str(refused.value)
    assert message.startswith(f"refused ({named}): "), message
    for figure in figures:
        assert figure in message, message
    assert "nothing was signed" in refused.value.hint


@pytest.mark.parametrize("case", [a_record, a_genesis, a_handover, a_grant, a_payment])
def test_transaction_that_does_its_intent_passes(case: Callable[[], Guarded]) -> None:
    case().run()


def test_handover_to_a_script_of_ones_own_passes() -> None:
    a_handover(OWNER).run()


# Form


def test_version_is_checked() -> None:
    tx = a_record().unsigned.tx
    other = CTransaction(tx.vin, tx.vout, tx.nLockTime, 1)
    refuses(a_record().stating(tx=other), Check.VERSION, "1", "expected 2")


def test_locktime_is_checked() -> None:
    tx = a_record().unsigned.tx
    other = CTransaction(tx.vin, tx.vout, 900_000, tx.nVersion)
    refuses(a_record().stating(tx=other), Check.LOCKTIME, "900000", "expected 0")


def test_every_sequence_is_checked() -> None:
    tx = a_genesis().unsigned.tx
    inputs = [*tx.vin[:-1], CTxIn(tx.vin[-1].prevout, CScript(), 0xFFFFFFFF)]
    other = CTransaction(inputs, tx.vout, tx.nLockTime, tx.nVersion)
    refuses(a_genesis().stating(tx=other), Check.SEQUENCE, "0xffffffff", "0xfffffffd")


def test_transaction_that_is_signed_already_is_refused() -> None:
    case = a_record()
    refuses(case.stating(tx=with_witnesses(case.unsigned.tx, [segwit()])), Check.UNSIGNED)
    tx = case.unsigned.tx
    scripted = CTransaction([CTxIn(tx.vin[0].prevout, CScript(b"\x51"), tx.vin[0].nSequence)], tx.vout, 0, 2)
    refuses(case.stating(tx=scripted), Check.UNSIGNED, "input 0")


def test_coins_must_be_those_of_the_inputs_in_order() -> None:
    case = a_handover()
    refuses(case.stating(prevouts=case.unsigned.prevouts[::-1]), Check.PREVOUTS)
    refuses(case.stating(prevouts=case.unsigned.prevouts[:-1]), Check.PREVOUTS)


def test_coin_that_is_spent_twice_is_refused() -> None:
    case = a_payment()
    refuses(case.spending([*case.unsigned.prevouts] * 2), Check.PREVOUTS, "twice")


def test_own_coin_that_was_not_meant_is_refused() -> None:
    case = a_record()
    extra = prevout("more", 5_000, own(index=4))
    spending = case.spending([*case.unsigned.prevouts, extra])
    refuses(spending.expecting(own_inputs=case.expectation.own_inputs), Check.OWN_INPUTS, ":0, ")


def test_own_coin_that_is_missing_is_refused() -> None:
    case = a_record()
    more = case.expectation.own_inputs | {COutPoint(b"\x77" * 32, 3)}
    refuses(case.expecting(own_inputs=more), Check.OWN_INPUTS, "77:3")


def test_another_ones_coin_that_was_not_meant_is_refused() -> None:
    case = a_record()
    theirs = prevout("theirs", 5_000, to=STRANGER.script)
    spending = case.spending([*case.unsigned.prevouts, theirs]).expecting(foreign_inputs=frozenset())
    refuses(spending, Check.FOREIGN_INPUTS, "expected nothing")


def test_coin_on_a_script_that_its_key_does_not_give_is_refused() -> None:
    case = a_payment()
    lie = replace(case.unsigned.prevouts[0], path=own(index=50))
    refuses(case.spending([lie]), Check.OWN_KEYS, "input 0", "0'/0/50")


def test_own_output_that_its_key_does_not_give_is_refused() -> None:
    case = a_payment()
    lie = ((1, own(index=50)),)
    refuses(case.stating(own_outputs=lie).expecting(own_outputs=lie), Check.OWN_KEYS, "output 1")


def test_change_to_a_stranger_is_refused() -> None:
    refuses(a_payment().with_output(1, CTxOut(59_000, STRANGER.script)), Check.OWN_KEYS, "output 1")
    case = a_payment().with_output(1, CTxOut(59_000, STRANGER.script)).stating(own_outputs=())
    refuses(case, Check.OWN_OUTPUTS, "none")


def test_own_output_that_does_not_exist_is_refused() -> None:
    refuses(a_payment().stating(own_outputs=((7, CHANGE[1]),)), Check.OWN_OUTPUTS, "7")


def test_own_output_that_was_not_meant_is_refused() -> None:
    refuses(a_payment().expecting(own_outputs=()), Check.OWN_OUTPUTS, "expected none")
    doubled = a_payment().unsigned.own_outputs * 2
    refuses(a_payment().stating(own_outputs=doubled), Check.OWN_OUTPUTS)


def test_coin_on_an_issuing_script_pays_for_nothing() -> None:
    case = a_payment()
    issuing = prevout("btc", 100_000, own(AccountKind.ISSUING, 5))
    refuses(case.spending([issuing]), Check.ISSUING_SCRIPT, "input 0", "no genesis was asked for")
    record = a_record()
    refuses(record.spending([*record.unsigned.prevouts, ISSUING]), Check.ISSUING_SCRIPT, "input 1")


def test_second_issuing_coin_in_a_genesis_is_refused() -> None:
    case = a_genesis()
    other = prevout("issuing2", 50_000, own(AccountKind.ISSUING, 9))
    refuses(case.spending([*case.unsigned.prevouts, other]), Check.ISSUING_SCRIPT)


def test_genesis_from_another_coin_is_refused() -> None:
    case = a_genesis()
    refuses(case.spending([prevout("plain", 100_000, own())]), Check.ISSUING_SCRIPT, "does not spend")


def test_issuing_script_never_receives_anything() -> None:
    path = own(AccountKind.ISSUING, 8)
    case = a_payment().with_output(1, CTxOut(59_000, account_script(path)))
    refuses(case.stating(own_outputs=((1, path),)).expecting(own_outputs=((1, path),)), Check.ISSUING_SCRIPT, "17476")
    back = a_genesis()
    refuses(
        back.paying(*back.unsigned.tx.vout, CTxOut(1_000, ISSUING.txout.scriptPubKey)),
        Check.OWN_KEYS,
        "17476'/0/2 of this wallet, and it is stated as somebody else's",
    )


def test_payments_are_exact() -> None:
    case = a_payment()
    refuses(case.with_output(0, CTxOut(39_999, STRANGER.script)), Check.PAYMENTS, "39,999 sat", "40,000 sat")
    refuses(case.with_output(0, pay("thief", 40_000)), Check.PAYMENTS, "40,000 sat")
    refuses(case.paying(*case.unsigned.tx.vout, pay("thief", 600)), Check.PAYMENTS, "600 sat")


def test_units_for_a_stranger_hold_exactly_the_meant_sats() -> None:
    refuses(a_grant().with_output(1, CTxOut(331, STRANGER.script)), Check.PAYMENTS, "331 sat", "330 sat")


# Money


def test_bitcoin_balance_is_exact_to_the_satoshi() -> None:
    refuses(a_payment().with_output(1, CTxOut(58_999, CHANGE[0])), Check.DELTA, "-41,001 sat", "-41,000 sat")
    refuses(a_record().expecting(btc_delta=Sats(0)), Check.DELTA, "expected 0 sat")


def test_fee_has_bounds() -> None:
    low = a_payment().with_output(1, CTxOut(59_999, CHANGE[0])).expecting(btc_delta=Sats(-40_001))
    refuses(low, Check.FEE_RATE, "1 sat for 141 vB", "141 sat")
    negative = a_payment().with_output(1, CTxOut(60_001, CHANGE[0])).expecting(btc_delta=Sats(-39_999))
    refuses(negative, Check.FEE, "-1 sat")
    refuses(a_payment().expecting(max_fee=Sats(999)), Check.FEE, "1,000 sat", "999 sat")
    refuses(a_payment().expecting(max_rate=FeeRate(5_000)), Check.FEE_RATE, "1,000 sat", "705 sat")


def test_dust_is_refused() -> None:
    coins = (prevout("btc", 100_000, own()),)
    payment = CTxOut(293, STRANGER.script)
    dust = a_payment().with_output(0, payment).with_output(1, CTxOut(98_707, CHANGE[0]))
    case = dust.spending(coins).expecting(payments=((STRANGER.script, Sats(293)),))
    refuses(case, Check.DUST, "output 0", "293 sat", "294 sat")


@pytest.mark.parametrize(("vout", "value", "minimum"), [(1, 545, "546 sat"), (2, 329, "330 sat")])
def test_coins_with_units_hold_enough_to_be_told_from_dust(vout: int, value: int, minimum: str) -> None:
    case = a_handover(OWNER).with_output(vout, CTxOut(value, OWNER.script))
    refuses(case.spending(case.unsigned.prevouts), Check.DUST, f"output {vout}", minimum)


def test_poor_title_of_a_genesis_is_refused() -> None:
    case = a_genesis().with_output(0, CTxOut(400, OWNER.script))
    refuses(case.spending(case.unsigned.prevouts), Check.DUST, "400 sat", "546 sat")


def test_transaction_that_nodes_do_not_relay_is_refused() -> None:
    case = a_payment()
    coins = [prevout(f"c{number}", 100_000, own(index=number)) for number in range(1_500)]
    many = case.spending(coins).with_output(1, CTxOut(149_400_000, CHANGE[0]))
    refuses(many.spending(coins), Check.WEIGHT, "400,000")


# Units


def test_coin_of_unknown_colour_is_refused() -> None:
    refuses(a_payment().colored(btc=Unknown(reason="ancestor missing")), Check.UNKNOWN_COLOR, "ancestor missing")


def test_foreign_units_are_refused() -> None:
    foreign = Foreign(asset=AssetId(b"\xab" * 20), quantity=77)
    refuses(a_payment().colored(btc=foreign), Check.FOREIGN_UNITS, "77", "ab" * 20)
    refuses(a_handover().colored(treasury=foreign), Check.FOREIGN_UNITS, "input 1")


def test_what_might_hold_another_colour_is_refused_with_what_was_found_and_the_remedy() -> None:
    found = OtherColor(signs=(Sign.SMALL, Sign.RUNES))
    for draft in (a_payment().colored(btc=found), a_handover().colored(btc0=found)):
        refuses(
            draft, Check.OTHER_COLOR, "at most 1,000 sat, from others; its transaction moves runes", "an inscription"
        )


def test_units_of_two_repositories_are_refused() -> None:
    other = Genuine(genesis=type(GENESIS)(b"\x22" * 32), quantity=100, title=False)
    refuses(a_handover().colored(treasury=other), Check.MIXED_REPOSITORIES, "11" * 32, "22" * 32)


def test_plain_payment_from_a_coin_with_units_is_refused() -> None:
    refuses(a_payment().colored(btc=TITLE.units), Check.BURN, "the title of", "expected nothing")
    refuses(a_payment().colored(btc=TREASURY.units), Check.BURN, "100 access units")


def test_funding_from_a_coin_with_units_is_refused() -> None:
    case = a_handover()
    last = case.unsigned.prevouts[-1].outpoint
    colors = {**case.colors, last: Genuine(genesis=GENESIS, quantity=3, title=False)}
    refuses(replace(case, colors=colors), Check.BURN, "3 access units")


def test_marker_in_a_plain_payment_is_refused() -> None:
    case = a_payment()
    refuses(case.paying(*case.unsigned.tx.vout, marker([])), Check.MARKER, "none was meant")


def test_missing_marker_is_refused() -> None:
    case = a_record().paying(*a_record().unsigned.tx.vout[1:]).stating(own_outputs=((0, TITLE.prevout.path),))
    refuses(
        case.expecting(own_outputs=((0, TITLE.prevout.path),)),
        Check.MARKER,
        "there is none",
    )


def test_second_marker_is_refused() -> None:
    case = a_record()
    refuses(case.paying(*case.unsigned.tx.vout, marker([1])), Check.MARKER, "more than one")


def test_marker_in_another_spelling_is_refused() -> None:
    case = a_record()
    payload = bytes(case.unsigned.tx.vout[0].scriptPubKey)[2:]
    padded = CTxOut(0, CScript(b"\x6a\x4c" + bytes([len(payload)]) + payload))
    refuses(case.with_output(0, padded), Check.MARKER, "shortest form")


def test_marker_that_holds_sats_is_refused() -> None:
    case = a_record()
    costly = case.with_output(0, CTxOut(5, case.unsigned.tx.vout[0].scriptPubKey))
    refuses(costly, Check.MARKER, "5 sat")


def test_marker_in_another_place_is_refused() -> None:
    _, title, treasury, change = a_handover().unsigned.tx.vout
    places = ((0, CHANGE[1]),)
    case = a_handover().paying(change, marker([0, 1, 100]), title, treasury)
    refuses(case.stating(own_outputs=places).expecting(own_outputs=places), Check.MARKER, "output 1, expected 0")


def test_marker_that_nodes_do_not_relay_is_refused() -> None:
    long = b"DC\x01\x02" + bytes(90)
    case = a_record().with_output(0, marker([1], long)).expecting(record=long, max_rate=FeeRate(600_000))
    refuses(case, Check.MARKER, "101 bytes")


def test_record_is_compared_byte_for_byte() -> None:
    other = RECORD[:-1] + b"1"
    refuses(a_record().with_output(0, marker([1], other)), Check.RECORD, other.hex(), RECORD.hex())
    refuses(a_handover().with_output(0, marker([1, 100], RECORD)), Check.RECORD, "expected nothing")


def test_record_that_moves_more_than_the_title_is_refused() -> None:
    case = a_handover(OWNER).with_output(0, marker([1, 100], RECORD)).expecting(record=RECORD)
    refuses(case, Check.RECORD, "[1, 100]", "not the title alone")


def test_record_that_would_not_count_is_refused() -> None:
    title = TITLE.prevout
    moved = a_record().with_output(1, CTxOut(a_record().unsigned.tx.vout[1].nValue, OWNER.script))
    places = ((1, OWNER.path),)
    case = moved.stating(own_outputs=places).expecting(
        own_outputs=places, units=(UnitsAt(vout=1, script=OWNER.script, units=TITLE.units),)
    )
    assert title.txout.scriptPubKey != OWNER.script
    refuses(case, Check.RECORD, "another script")


def test_title_that_would_be_frozen_is_refused() -> None:
    case = a_handover().with_output(0, marker([101]))
    refuses(case, Check.TITLE, "frozen for ever")
    behind = a_handover().with_output(0, marker([1, 100]))
    prevouts = behind.unsigned.prevouts
    swapped = behind.spending([prevouts[1], prevouts[0], *prevouts[2:]])
    refuses(swapped, Check.TITLE, "frozen for ever")


def test_frozen_title_is_refused_even_where_it_was_declared() -> None:
    burns = (Burn(genesis=GENESIS, quantity=1, title=True),)
    refuses(a_handover().with_output(0, marker([101])).expecting(burns=burns), Check.TITLE)


def test_burn_that_was_not_asked_for_is_refused() -> None:
    refuses(a_handover().with_output(0, marker([1])), Check.BURN, "100 access units", "expected nothing")
    refuses(a_handover().with_output(0, marker([1, 99])), Check.BURN, "1 access units")
    refuses(
        a_handover().with_output(0, marker([1, 101])), Check.BURN, "the title of", "more units than the inputs hold"
    )


def test_burn_that_was_asked_for_must_happen_exactly() -> None:
    burns = (Burn(genesis=GENESIS, quantity=10, title=False),)
    refuses(a_handover().expecting(burns=burns), Check.BURN, "expected 10 access units")
    units = a_handover().expectation.units
    fewer = (units[0], replace(units[1], units=replace(units[1].units, quantity=90)))
    a_handover().with_output(0, marker([1, 90])).expecting(burns=burns, units=fewer).run()


def test_units_in_the_wrong_output_or_number_are_refused() -> None:
    refuses(a_grant().with_output(0, marker([31, 69])), Check.UNITS, "31 access units", "30 access units")
    refuses(a_handover().with_output(0, marker([0, 1, 100])), Check.UNITS, "output 2", "output 1")


def test_units_to_another_script_are_refused() -> None:
    case = a_grant().expecting(
        units=(
            UnitsAt(vout=1, script=OWNER.script, units=Genuine(genesis=GENESIS, quantity=30, title=False)),
            a_grant().expectation.units[1],
        )
    )
    refuses(case, Check.UNITS, STRANGER.script.hex(), OWNER.script.hex())


def test_title_for_access_units_is_refused() -> None:
    units = a_handover().expectation.units
    lie = (replace(units[0], units=replace(units[0].units, title=False)), units[1])
    refuses(a_handover().expecting(units=lie), Check.UNITS, "the title to output 1")


def test_genesis_that_was_not_asked_for_is_refused() -> None:
    case = a_genesis().spending([prevout("plain", 100_000, own()), *a_genesis().unsigned.prevouts[1:]])
    refuses(case.expecting(mint=None), Check.MINT, "none was asked for")
    refuses(case.expecting(mint=None, record=None), Check.MINT, "none was asked for")


def test_genesis_differs_from_what_was_asked_in_nothing() -> None:
    case = a_genesis()
    mint = case.expectation.mint
    assert mint is not None
    refuses(case.with_output(2, marker([1, 51], GENESIS_RECORD)), Check.MINT, "51", "50")
    refuses(case.with_output(2, marker([2, 50], GENESIS_RECORD)), Check.MINT, "[1, N]")
    refuses(case.with_output(2, marker([1, 50], RECORD)), Check.MINT, "no GENESIS record")
    other = prevout("issuing3", 100_000, own(AccountKind.ISSUING, 3))
    refuses(case.spending([other]), Check.MINT, "input 0 is")
    twin = replace(mint, asset=AssetId(b"\xcc" * 20))
    refuses(case.expecting(mint=twin), Check.MINT, "cc" * 20)
    refuses(case.expecting(mint=replace(mint, title_script=STRANGER.script)), Check.MINT, "output 0")
    refuses(case.expecting(mint=replace(mint, treasury_script=STRANGER.script)), Check.MINT, "output 1")
    altered = genesis_record(definition=b"\xee" * 32)
    refuses(case.with_output(2, marker([1, 50], altered)), Check.RECORD, altered.hex())


def test_genesis_that_spends_units_is_refused() -> None:
    refuses(a_genesis().colored(issuing=TREASURY.units), Check.MINT, "hold units")


def test_genesis_with_units_for_the_change_is_refused() -> None:
    case = a_genesis().with_output(2, marker([1, 50, 1], GENESIS_RECORD))
    refuses(case, Check.MINT)


def test_both_colourings_must_agree() -> None:
    case = a_record()
    built = Case(unsigned=case.unsigned, expectation=case.expectation, whose=whose)
    transfer = apply(case.unsigned.tx, [TITLE.units])
    check_agreement(built, transfer, [TITLE.units])
    with pytest.raises(GuardError, match=r"output 1 holds 1 of 0+ by the reference and nothing by closed transfers"):
        check_agreement(built, replace(transfer, outputs=(None, None)), [TITLE.units])
    with pytest.raises(GuardError, match="two colourings"):
        check_agreement(built, transfer, [None])


@pytest.mark.parametrize(
    ("locktime", "tip", "said"),
    [
        (500_000_000, 800_000, "a time in unix seconds"),
        (2_000_000_000, None, "a time in unix seconds"),
        (800_001, 800_000, "no block before 800,002 may hold it"),
        (2_000_001, None, "no block before 2,000,002"),
    ],
)
def test_what_was_meant_to_wait_is_not_signed_either(locktime: int, tip: int | None, said: str) -> None:
    case = a_payment()
    tx = case.unsigned.tx
    waiting = case.stating(tx=CTransaction(tx.vin, tx.vout, locktime, tx.nVersion)).expecting(locktime=locktime)
    with pytest.raises(GuardError, match=said):
        check(waiting.unsigned, waiting.expectation, colors=waiting.colors.get, whose=whose, tip_height=tip)


def test_sats_that_nobody_can_spend_are_refused() -> None:
    case = a_payment()
    lost = CTxOut(case.unsigned.tx.vout[0].nValue, CScript(b"\x6a\x01\x07"))
    burnt = case.with_output(0, lost).expecting(payments=((lost.scriptPubKey, Sats(lost.nValue)),))
    refuses(burnt, Check.DUST, "that nobody can ever spend")
