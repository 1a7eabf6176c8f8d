"""Reading: each deed by the least that makes it one, and what is none of them, with the check that says so."""

from collections.abc import Sequence

import pytest
from bitcoin.core import CTxOut
from bitcoin.core.script import CScript

from assets.coloring.guard_case import Check
from assets.coloring.reading import Deed, Reading, read
from assets.errors import GuardError
from assets.model import AssetId, CoinColor, Foreign, Genuine, OtherColor, Sign, Unknown
from tests.assets.coloring.wallet import GENESIS, account_script, own, prevout, whose
from tests.builders import genesis_record, marker, p2pkh, script
from wallet.coins import AccountKind, KeyPath
from wallet.transactions import Prevout, UnsignedTransaction, assemble

TITLE = Genuine(genesis=GENESIS, quantity=1, title=True)
RECORD = b"DC\x01\x03" + bytes(32) + b"\x01"
BTC, CHANGE = own(AccountKind.BTC, 1), own(AccountKind.BTC, 2, 1)
UNITS, NEW = own(AccountKind.UNITS, 1), own(AccountKind.UNITS, 2)
ISSUING, LOT = own(AccountKind.ISSUING, 1), own(AccountKind.SHOP, 1)
STRANGER, LEGACY = "stranger", "legacy"

Coin = tuple[KeyPath | str, CoinColor]
Place = KeyPath | str


def units(quantity: int) -> Genuine:
    return Genuine(genesis=GENESIS, quantity=quantity, title=False)


def at(place: Place) -> CScript:
    if isinstance(place, str):
        return p2pkh(place) if place == LEGACY else script(place)
    return account_script(place)


def reading(coins: Sequence[Coin], outputs: Sequence[Place | CTxOut]) -> Reading:
    """What is read of a transaction whose inputs and outputs lie at these places."""
    prevouts = tuple(
        Prevout(outpoint=prevout(f"coin {number}", 1, BTC).outpoint, txout=CTxOut(9_000, at(place)), path=None)
        for number, (place, _) in enumerate(coins)
    )
    owned = tuple(
        Prevout(outpoint=one.outpoint, txout=one.txout, path=whose(bytes(one.txout.scriptPubKey))) for one in prevouts
    )
    made = tuple(one if isinstance(one, CTxOut) else CTxOut(1_000, at(one)) for one in outputs)
    paths = ((vout, whose(bytes(one.scriptPubKey))) for vout, one in enumerate(made))
    tx = assemble(tuple((one.outpoint, 0) for one in owned), made)
    own_outputs = tuple((vout, path) for vout, path in paths if path is not None)
    return read(UnsignedTransaction(tx=tx, prevouts=owned, own_outputs=own_outputs), [color for _, color in coins])


PLAIN: Coin = (BTC, None)
THEIRS: Coin = (STRANGER, None)
OTHER = OtherColor(signs=(Sign.SMALL,))


@pytest.mark.parametrize(
    ("deed", "coins", "outputs"),
    [
        (Deed.PAYMENT, [PLAIN], [STRANGER, CHANGE]),
        (Deed.SELF_PAYMENT, [PLAIN, PLAIN], [CHANGE]),
        (Deed.JOINT_PAYMENT, [PLAIN, THEIRS], [STRANGER, CHANGE]),
        (Deed.JOINT_PAYMENT, [PLAIN, (STRANGER, Unknown(reason="theirs"))], [STRANGER]),
        (Deed.FUNDING, [PLAIN], [ISSUING, CHANGE]),
        (Deed.CANCEL, [(ISSUING, None)], [CHANGE]),
        (Deed.GENESIS, [(ISSUING, None), PLAIN], [UNITS, UNITS, marker([1, 9], genesis_record()), CHANGE]),
        (Deed.RECORD, [(UNITS, TITLE), PLAIN], [marker([1], RECORD), UNITS, CHANGE]),
        (Deed.HANDOVER, [(UNITS, TITLE), (UNITS, units(5))], [marker([1, 5]), STRANGER, STRANGER]),
        (Deed.HANDOVER, [(UNITS, TITLE)], [marker([1]), NEW]),
        (Deed.GRANT, [(UNITS, units(5)), PLAIN], [marker([2, 3]), STRANGER, UNITS, CHANGE]),
        (Deed.SPLIT, [(UNITS, units(5))], [marker([2, 3]), NEW, UNITS]),
        (Deed.MERGE, [(UNITS, units(5)), (NEW, units(2))], [marker([7]), NEW]),
        (Deed.LOTS, [(UNITS, units(5))], [marker([1, 4]), LOT, UNITS]),
        (Deed.RECALL, [(LOT, units(1))], [marker([1]), UNITS]),
        (Deed.SALE, [(LOT, units(1)), THEIRS], [marker([1]), STRANGER, CHANGE, STRANGER]),
        (Deed.BID, [(STRANGER, units(3)), PLAIN], [marker([3]), UNITS, STRANGER, CHANGE]),
    ],
)
def test_every_deed_is_read(deed: Deed, coins: Sequence[Coin], outputs: Sequence[Place | CTxOut]) -> None:
    assert reading(coins, outputs).deed is deed


def test_what_leaves_and_what_stays_is_counted() -> None:
    found = reading([(UNITS, units(5))], [marker([2, 3]), STRANGER, UNITS])
    assert (found.title_leaves, found.leaving, found.kept) == (None, 2, 3)
    found = reading([(UNITS, TITLE), (UNITS, units(5))], [marker([1, 5]), STRANGER, STRANGER])
    assert (found.title_leaves, found.leaving, found.kept) == (GENESIS, 5, 0)
    assert reading([(UNITS, TITLE)], [marker([1], RECORD), UNITS]).words == "revoke record"


@pytest.mark.parametrize(
    ("check", "coins", "outputs"),
    [
        (Check.BURN, [(UNITS, TITLE)], [CHANGE]),
        (Check.FOREIGN_UNITS, [(BTC, Foreign(asset=AssetId(bytes(20)), quantity=1))], [CHANGE]),
        (Check.UNKNOWN_COLOR, [(BTC, Unknown(reason="gone"))], [CHANGE]),
        (Check.OTHER_COLOR, [(BTC, OTHER)], [CHANGE]),
        (Check.OTHER_COLOR, [(BTC, OTHER), THEIRS], [STRANGER]),
        (Check.OTHER_COLOR, [(UNITS, TITLE), (BTC, OTHER)], [marker([1], RECORD), UNITS, CHANGE]),
        (Check.OTHER_COLOR, [(ISSUING, None), (BTC, OTHER)], [UNITS, UNITS, marker([1, 9], genesis_record())]),
        (Check.PLACE, [(UNITS, None)], [CHANGE]),
        (Check.PLACE, [PLAIN], [UNITS]),
        (Check.ISSUING_SCRIPT, [(ISSUING, None)], [STRANGER]),
        (Check.ISSUING_SCRIPT, [(ISSUING, None), PLAIN], [CHANGE]),
        (Check.ISSUING_SCRIPT, [PLAIN], [ISSUING, STRANGER]),
        (Check.ISSUING_SCRIPT, [PLAIN, THEIRS], [ISSUING]),
        (Check.ISSUING_SCRIPT, [PLAIN], [UNITS, UNITS, marker([1, 9], genesis_record())]),
        (Check.MINT, [(ISSUING, None)], [UNITS, STRANGER, marker([1, 9], genesis_record())]),
        (Check.MINT, [(ISSUING, None)], [STRANGER, STRANGER, marker([1, 9], genesis_record())]),
        (Check.DEED, [(ISSUING, None), THEIRS], [UNITS, UNITS, marker([1, 9], genesis_record())]),
        (Check.DEED, [PLAIN], [marker([1]), CHANGE]),
        (Check.DEED, [PLAIN, (UNITS, units(3))], [marker([3]), UNITS]),
        (Check.RECORD, [(UNITS, TITLE)], [marker([1], b"DC\x01\x08abc"), UNITS]),
        (Check.RECORD, [(UNITS, TITLE)], [marker([1], genesis_record()), UNITS]),
        (Check.DEED, [(UNITS, TITLE)], [marker([1], RECORD), UNITS, STRANGER]),
        (Check.DEED, [(UNITS, TITLE), (UNITS, units(5))], [marker([1, 5]), UNITS, STRANGER]),
        (Check.DEED, [(UNITS, units(5))], [marker([5]), UNITS, STRANGER]),
        (Check.PLACE, [(UNITS, TITLE)], [marker([1]), LOT]),
        (Check.PLACE, [(UNITS, TITLE)], [marker([1]), BTC]),
        (Check.PLACE, [(UNITS, units(2))], [marker([2]), ISSUING]),
        (Check.PLACE, [(UNITS, units(2)), (LOT, None)], [marker([2]), UNITS]),
        (Check.DEED, [(UNITS, units(2)), (STRANGER, units(2))], [marker([4]), UNITS]),
        (Check.DEED, [(UNITS, units(2)), THEIRS], [marker([1, 1]), STRANGER, UNITS]),
        (Check.DEED, [(UNITS, units(2)), PLAIN, THEIRS], [marker([2]), STRANGER]),
        (Check.DEED, [(UNITS, TITLE), THEIRS], [marker([1], RECORD), UNITS]),
        (Check.DEED, [(STRANGER, units(2)), PLAIN], [marker([1, 1]), UNITS, STRANGER]),
        (Check.DEED, [(STRANGER, units(2)), PLAIN, THEIRS], [marker([2]), UNITS]),
        (Check.SEGWIT, [(UNITS, TITLE), (LEGACY, None)], [marker([1]), UNITS]),
    ],
)
def test_what_is_none_of_them_is_refused_with_what_was_found(
    check: Check, coins: Sequence[Coin], outputs: Sequence[Place | CTxOut]
) -> None:
    with pytest.raises(GuardError) as refused:
        reading(coins, outputs)
    assert str(refused.value).startswith(f"refused ({check}): "), refused.value
