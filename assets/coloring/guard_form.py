"""The guard's checks of a transaction's form: its fields, its inputs, its outputs, and whose keys they are."""

from collections import Counter
from collections.abc import Iterable

from bitcoin.core import COutPoint

from assets.coloring.guard_case import Case, Check, require
from assets.protocols.open_assets.marker import resembles_marker
from wallet.amount import format_sats
from wallet.coins import AccountKind, KeyPath
from wallet.hashes import outpoint_text

LOCKTIME_THRESHOLD = 500_000_000
"""From here on a lock time is unix seconds, below it a height (consensus)."""

FARTHEST_BLOCK = 2_000_000
"""Where no node says how high the chain is: no chain is higher before about the year 2046."""

SEQUENCE_FINAL_FLAG = 1 << 31
SEQUENCE_LOCK_MASK = 0xFFFF
"""BIP68: without the flag the low bits keep the input out of blocks for a time."""


def check_form(case: Case) -> None:
    """Version, locktime, sequences; the exact inputs and outputs; own ones derive from own keys."""
    _check_fields(case)
    _check_final(case)
    _check_inputs(case)
    _check_own_keys(case)
    _check_issuing_scripts(case)
    _check_outputs(case)


def _check_fields(case: Case) -> None:
    tx, expected = case.tx, case.expectation
    require(Check.VERSION, tx.nVersion == expected.version, f"it has {tx.nVersion}, expected {expected.version}")
    require(Check.LOCKTIME, tx.nLockTime == expected.locktime, f"it has {tx.nLockTime}, expected {expected.locktime}")
    sequences = expected.sequences or (expected.sequence,) * len(tx.vin)
    for number, (txin, sequence) in enumerate(zip(tx.vin, sequences, strict=True)):
        require(
            Check.SEQUENCE,
            txin.nSequence == sequence,
            f"input {number} has {txin.nSequence:#x}, expected {sequence:#x}",
        )
        require(Check.UNSIGNED, not txin.scriptSig, f"input {number} already carries a signature")
    require(Check.UNSIGNED, tx.wit.is_null(), "it already carries a witness")


def _check_final(case: Case) -> None:
    """The next block may take it: a signature that waits is a signature that somebody else decides about."""
    tx, tip = case.tx, case.tip_height
    require(
        Check.LOCKTIME,
        tx.nLockTime < LOCKTIME_THRESHOLD,
        f"it has {tx.nLockTime:,}, a time in unix seconds, and only blocks that are there are taken",
    )
    highest = FARTHEST_BLOCK if tip is None else tip
    require(
        Check.LOCKTIME,
        tx.nLockTime <= highest,
        f"no block before {tx.nLockTime + 1:,} may hold it, and {'any' if tip is None else 'the'} chain is at "
        f"{highest:,}{' at most' if tip is None else ''}",
    )
    for number, txin in enumerate(tx.vin):
        waits = not txin.nSequence & SEQUENCE_FINAL_FLAG and bool(txin.nSequence & SEQUENCE_LOCK_MASK)
        require(
            Check.SEQUENCE,
            not waits,
            f"input {number} has {txin.nSequence:#x}, which keeps it out of blocks for a time (BIP68)",
        )


def _check_inputs(case: Case) -> None:
    spent = [prevout.outpoint for prevout in case.unsigned.prevouts]
    named = [txin.prevout for txin in case.tx.vin]
    require(
        Check.PREVOUTS,
        bool(named) and spent == named,
        f"its inputs are {_list(named)}, and the coins that are stated for them {_list(spent)}",
    )
    doubled = [outpoint for outpoint, times in Counter(named).items() if times > 1]
    require(Check.PREVOUTS, not doubled, f"it spends {_list(doubled)} twice")
    own = {prevout.outpoint for prevout in case.unsigned.prevouts if prevout.path is not None}
    foreign = set(named) - own
    expected = case.expectation
    require(
        Check.OWN_INPUTS, own == expected.own_inputs, f"it spends {_list(own)}, expected {_list(expected.own_inputs)}"
    )
    require(
        Check.FOREIGN_INPUTS,
        foreign == expected.foreign_inputs,
        f"it spends {_list(foreign)}, expected {_list(expected.foreign_inputs)}",
    )


def _check_own_keys(case: Case) -> None:
    """Whose an input or an output is, the wallet's own scripts say, and not whoever made the transaction."""
    for number, prevout in enumerate(case.unsigned.prevouts):
        script = prevout.txout.scriptPubKey
        _require_key(case, f"input {number} spends {script.hex()}", script, prevout.path)
    stated = dict(case.unsigned.own_outputs)
    for vout in stated:
        require(Check.OWN_OUTPUTS, 0 <= vout < len(case.tx.vout), f"there is no output {vout}")
    for vout, txout in enumerate(case.tx.vout):
        script = txout.scriptPubKey
        _require_key(case, f"output {vout} pays {script.hex()}", script, stated.get(vout))


def _require_key(case: Case, what: str, script: bytes, stated: KeyPath | None) -> None:
    found = case.whose(bytes(script))
    own = f"which is the key {found} of this wallet" if found is not None else "which is not this wallet's"
    as_said = f"it is stated as {stated}" if stated is not None else "it is stated as somebody else's"
    require(Check.OWN_KEYS, found == stated, f"{what}, {own}, and {as_said}")


def _check_issuing_scripts(case: Case) -> None:
    """Only input 0 of an asked-for genesis spends from an issuing script, and only its funding pays to one.

    A coin there that no genesis will spend may go back to bitcoin, by a transaction that has no marker and so moves or
    makes no units whatever others think of it.
    """
    issuing = set()
    returned = case.expectation.returned
    if returned:
        plain = case.expectation.record is None and case.expectation.mint is None
        require(Check.ISSUING_SCRIPT, plain, "a transaction with a marker returns no issuing coins")
    for number, prevout in enumerate(case.unsigned.prevouts):
        if prevout.path is not None and prevout.path.account is AccountKind.ISSUING:
            issuing.add(bytes(prevout.txout.scriptPubKey))
            require(
                Check.ISSUING_SCRIPT,
                prevout.outpoint in returned or (number == 0 and case.expectation.mint is not None),
                f"input {number} spends {outpoint_text(prevout.outpoint)} from one, and no genesis was asked for there",
            )
    if case.expectation.mint is not None:
        require(Check.ISSUING_SCRIPT, bool(issuing), "input 0 of the genesis does not spend from one of ours")
    asked = case.expectation.issuing_coin if case.expectation.record is None else None
    paid = [path for _, path in case.unsigned.own_outputs if path.account is AccountKind.ISSUING]
    expected = [] if asked is None else [asked]
    require(
        Check.ISSUING_SCRIPT,
        paid == expected,
        f"it pays to {_paths(paid)}, expected {_paths(expected)}",
    )
    for vout, txout in enumerate(case.tx.vout):
        require(Check.ISSUING_SCRIPT, bytes(txout.scriptPubKey) not in issuing, f"output {vout} pays back to it")


def _check_outputs(case: Case) -> None:
    """Every output is an expected own one, an expected payment or the marker."""
    own, expected = dict(case.unsigned.own_outputs), dict(case.expectation.own_outputs)
    require(
        Check.OWN_OUTPUTS,
        own == expected and len(own) == len(case.unsigned.own_outputs),
        f"it has {_places(own.items())}, expected {_places(expected.items())}",
    )
    paid = Counter(
        (bytes(txout.scriptPubKey), txout.nValue)
        for vout, txout in enumerate(case.tx.vout)
        if vout not in own and not resembles_marker(txout.scriptPubKey)
    )
    asked = Counter((bytes(script), int(value)) for script, value in case.expectation.payments)
    require(
        Check.PAYMENTS, paid == asked, f"it pays {_sums(paid - asked)} too much, and {_sums(asked - paid)} is missing"
    )


def _paths(paths: Iterable[KeyPath]) -> str:
    return ", ".join(map(str, paths)) or "none"


def _list(outpoints: Iterable[COutPoint]) -> str:
    return ", ".join(sorted(outpoint_text(outpoint) for outpoint in outpoints)) or "nothing"


def _places(outputs: Iterable[tuple[int, object]]) -> str:
    return ", ".join(f"{vout} to {path}" for vout, path in sorted(outputs, key=lambda item: item[0])) or "none"


def _sums(payments: Counter[tuple[bytes, int]]) -> str:
    return ", ".join(f"{format_sats(value)} to {script.hex()}" for script, value in payments.elements()) or "nothing"
