"""The guard's checks of bitcoin: the balance to the satoshi, fee and rate, dust, weight."""

from assets.coloring.guard_case import Case, Check, require
from assets.protocols.open_assets.marker import resembles_marker
from wallet.amount import MAX_MONEY, format_sats
from wallet.fees import MIN_RATE
from wallet.transactions import MAX_STANDARD_WEIGHT, dust_limit


def check_money(case: Case) -> None:
    """What the wallet gains or loses, what miners get, and whether nodes relay it."""
    _check_delta(case)
    _check_fee(case)
    for vout, txout in enumerate(case.tx.vout):
        require(
            Check.DUST,
            not (txout.nValue and txout.scriptPubKey[:1] == b"\x6a") or resembles_marker(txout.scriptPubKey),
            f"output {vout} holds {format_sats(txout.nValue)} that nobody can ever spend (OP_RETURN)",
        )
        limit = dust_limit(txout.scriptPubKey)
        require(
            Check.DUST,
            limit <= txout.nValue <= MAX_MONEY,
            f"output {vout} holds {format_sats(txout.nValue)}, at least {format_sats(limit)} are relayed",
        )
    weight = case.unsigned.vsize * 4
    require(
        Check.WEIGHT, weight <= MAX_STANDARD_WEIGHT, f"it weighs {weight:,}, and {MAX_STANDARD_WEIGHT:,} is relayed"
    )


def _check_delta(case: Case) -> None:
    own = dict(case.unsigned.own_outputs)
    gained = sum(case.tx.vout[vout].nValue for vout in own)
    spent = sum(prevout.txout.nValue for prevout in case.unsigned.prevouts if prevout.path is not None)
    expected = case.expectation.btc_delta
    require(
        Check.DELTA,
        gained - spent == expected,
        f"it changes by {format_sats(gained - spent)}, expected {format_sats(expected)}",
    )


def _check_fee(case: Case) -> None:
    fee, vsize, expected = case.unsigned.fee, case.unsigned.vsize, case.expectation
    lowest, highest = MIN_RATE.fee(vsize), expected.max_rate.fee(vsize)
    require(
        Check.FEE,
        0 <= fee <= expected.max_fee,
        f"it pays {format_sats(fee)}, at most {format_sats(expected.max_fee)} was allowed",
    )
    require(
        Check.FEE_RATE,
        lowest <= fee <= highest,
        f"it pays {format_sats(fee)} for {vsize} vB; from {format_sats(lowest)} ({MIN_RATE}) "
        f"to {format_sats(highest)} ({expected.max_rate}) is allowed",
    )
