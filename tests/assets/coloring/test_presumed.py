"""Colours where no node answers: what the makers of coins prove, and what stays a doubt."""

from collections.abc import Sequence

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxOut

from assets.coloring.presumed import Presumed, presume
from assets.model import Genuine
from tests.assets.coloring.wallet import account_script, own
from tests.builders import genesis_record, marker
from wallet.coins import AccountKind, KeyPath
from wallet.hashes import sha256, txid_of
from wallet.transactions import Prevout, UnsignedTransaction, assemble

UNITS, BTC, LOT = own(AccountKind.UNITS, 3), own(AccountKind.BTC, 3), own(AccountKind.SHOP, 3)
HERE = CTxOut(5_000, account_script(UNITS))


def made(name: str, *outputs: CTxOut, spends: COutPoint | None = None) -> CTransaction:
    return assemble(((spends or COutPoint(sha256(name.encode()), 0), 0),), outputs)


GENESIS = made("genesis", HERE, HERE, marker([1, 1_000], genesis_record()), HERE)
OTHER = made("other genesis", HERE, HERE, marker([1, 1_000], genesis_record()))
RELEASED = made("release", marker([1], b"x"), HERE, HERE, spends=COutPoint(txid_of(GENESIS), 0))
GRANTED = made("grant", marker([7, 1, 992]), HERE, HERE, HERE, HERE)
PLAIN = made("plain", CTxOut(9_000, account_script(BTC)))
FLAWED = made("flawed", HERE, marker([5]), HERE)


def presumed(
    coins: Sequence[tuple[CTransaction, int, KeyPath | None]], quantities: Sequence[int] | None = (1,)
) -> Presumed:
    """Coins by maker, number and key, spent by a transaction whose marker gives these quantities, or has none."""
    prevouts = tuple(
        Prevout(outpoint=COutPoint(txid_of(tx), vout), txout=tx.vout[vout], path=path) for tx, vout, path in coins
    )
    given = [] if quantities is None else [marker(list(quantities))]
    tx = assemble(tuple((one.outpoint, 0) for one in prevouts), (*given, HERE, HERE, HERE))
    return presume(UnsignedTransaction(tx=tx, prevouts=prevouts), [tx for tx, _, _ in coins])


def title_of(genesis: CTransaction) -> Genuine:
    return Genuine(genesis=txid_of(genesis), quantity=1, title=True)


def test_title_and_treasury_of_a_genesis_are_told() -> None:
    found = presumed([(GENESIS, 0, UNITS), (GENESIS, 1, UNITS)], [1, 1_000])
    assert found.doubts == ()
    assert found.colors == (title_of(GENESIS), Genuine(genesis=txid_of(GENESIS), quantity=1_000, title=False))


def test_what_no_marker_gave_anything_is_plain() -> None:
    found = presumed([(PLAIN, 0, BTC), (GENESIS, 3, UNITS), (RELEASED, 2, BTC)])
    assert (found.colors, found.doubts) == ((None, None, None), ())


def test_units_of_two_geneses_are_not_taken_for_one_repository() -> None:
    found = presumed([(GENESIS, 1, UNITS), (OTHER, 1, UNITS)], [2_000])
    assert found.doubts == ()
    assert len({color.genesis for color in found.colors if isinstance(color, Genuine)}) == 2


def test_a_released_title_and_its_treasury_are_of_one_repository_as_the_release_shows() -> None:
    found = presumed([(RELEASED, 1, UNITS), (GENESIS, 1, UNITS)], [1, 1_000])
    assert found.doubts == ()
    assert {color.genesis for color in found.colors if isinstance(color, Genuine)} == {txid_of(GENESIS)}


def test_units_that_nothing_shows_to_be_of_one_repository_are_a_doubt() -> None:
    found = presumed([(GENESIS, 1, UNITS), (GRANTED, 3, UNITS)], [1_992])
    (doubt,) = found.doubts
    assert "may be of another repository" in doubt


def test_a_single_unit_that_came_first_may_be_a_title_and_one_that_came_later_is_none() -> None:
    moved = presumed([(RELEASED, 1, UNITS)])
    assert moved.doubts == ()
    assert isinstance(moved.colors[0], Genuine)
    assert moved.colors[0].title
    later = presumed([(GRANTED, 2, UNITS)])
    assert later.doubts == ()
    assert isinstance(later.colors[0], Genuine)
    assert not later.colors[0].title
    assert "which would become an access unit" in presumed([(RELEASED, 1, UNITS)], [5]).doubts[0]
    assert "kept only on input 0" in presumed([(GRANTED, 1, UNITS), (RELEASED, 1, UNITS)], [8]).doubts[0]


@pytest.mark.parametrize(
    ("coin", "said"),
    [
        ((GRANTED, 1, BTC), "may hold 7 units, though it lies among bitcoin"),
        ((FLAWED, 0, UNITS), "may hold foreign units"),
        ((FLAWED, 0, BTC), "may hold foreign units"),
        ((GRANTED, 1, None), "is somebody else's and may hold 7 units"),
    ],
)
def test_what_might_have_colour_and_lies_elsewhere_is_a_doubt(
    coin: tuple[CTransaction, int, KeyPath | None], said: str
) -> None:
    (doubt,) = presumed([coin]).doubts
    assert said in doubt


def test_what_others_hold_matters_only_to_a_marker() -> None:
    assert presumed([(GRANTED, 1, None), (PLAIN, 0, BTC)], None).doubts == ()
    assert presumed([(GRANTED, 1, LOT)], None).colors[0] is not None
