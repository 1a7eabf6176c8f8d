"""What counts as the same once more, and what the journal remembers of who was told."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from bitcoin.core import COutPoint, CTxOut
from bitcoin.core.script import CScript

from assets.coloring.compose import plan_grant, plan_record
from assets.coloring.plan import Grant, PlannedInput, PlannedOutput, Recipient, Role, TxPlan, UnitCoin
from assets.images.digest import Digest
from assets.images.record import Seal
from assets.model import Genuine
from assets.protocols.open_assets.compose import compose_marker
from assets.services.spending.paying import draft_payment
from assets.services.spending.payment import Payment, plan_payment
from assets.services.spending.repetition import STILL_NEWS, deed_of
from assets.services.spending.settling import settle
from assets.services.spending.signing import sign_and_broadcast
from tests.assets.services.fake_session import NOW, FakeWallet
from tests.builders import script
from wallet.amount import Sats
from wallet.coins import AccountKind, KeyPath
from wallet.errors import AlreadySignedError, ChainUnavailableError, KeptError
from wallet.hashes import Txid
from wallet.keys.address import address_of
from wallet.network import REGTEST
from wallet.store.journal import TxState
from wallet.transactions import Prevout

CHANGE = (script("change"), KeyPath(AccountKind.BTC, 1, 0))
GENESIS = Txid(b"\x07" * 32)


def payment(to: str, sats: int) -> TxPlan:
    paid = Payment(to=Recipient(script=script(to)), amount=Sats(sats), locktime=7)
    return plan_payment(paid, Recipient(script=CHANGE[0], path=CHANGE[1]))


def coin(number: int, quantity: int, *, title: bool = False, on: str = "treasury") -> UnitCoin:
    prevout = Prevout(outpoint=COutPoint(bytes([number]) * 32, 0), txout=CTxOut(600, script(on)), path=CHANGE[1])
    return UnitCoin(prevout=prevout, units=Genuine(genesis=GENESIS, quantity=quantity, title=title))


def grant(held: int, *shares: tuple[str, int]) -> TxPlan:
    grants = [Grant(to=Recipient(script=script(to)), quantity=quantity) for to, quantity in shares]
    rest = Recipient(script=script("treasury"), path=CHANGE[1])
    return plan_grant(coins=[coin(held % 200, held)], grants=grants, rest=rest, change=CHANGE)


def lots(first: int, count: int) -> TxPlan:
    """Units on fresh keys of one's own."""
    grants = [
        Grant(to=Recipient(script=script(f"lot {n}"), path=KeyPath(AccountKind.SHOP, 0, n)), quantity=1)
        for n in range(first, first + count)
    ]
    rest = Recipient(script=script("treasury"), path=CHANGE[1])
    return plan_grant(coins=[coin(first, 100)], grants=grants, rest=rest, change=CHANGE)


def record(said: bytes, number: int = 1) -> TxPlan:
    return plan_record(title=coin(number, 1, title=True, on="owner"), record=said, change=CHANGE)


def sealing(plaintext: bytes, ciphertext: bytes) -> TxPlan:
    return record(Seal(plaintext=Digest(plaintext * 32), ciphertext=Digest(ciphertext * 32)).serialize())


def taken_back(number: int) -> TxPlan:
    spent = coin(number, 1).prevout
    return TxPlan(
        inputs=(PlannedInput(prevout=spent, role=Role.FUNDING, color=None),),
        outputs=(),
        may_append_inputs=True,
        change=CHANGE,
    )


SAME = {
    "a payment, whatever the block": (payment("ann", 5_000), replace(payment("ann", 5_000), locktime=9)),
    "a grant out of what is left": (grant(100, ("ann", 5)), grant(95, ("ann", 5))),
    "a list in another order": (grant(100, ("ann", 5), ("bob", 1)), grant(100, ("bob", 1), ("ann", 5))),
    "as many lots on other keys": (lots(0, 3), lots(3, 3)),
    "a sealing, whatever its ciphertext": (sealing(b"\x01", b"\x02"), sealing(b"\x01", b"\x03")),
    "a record on the next coin of the title": (record(b"DC\x01\x02" + bytes(40)), record(b"DC\x01\x02" + bytes(40), 2)),
}
OTHER = {
    "another payee": (payment("ann", 5_000), payment("bob", 5_000)),
    "another amount": (payment("ann", 5_000), payment("ann", 5_001)),
    "more units": (grant(100, ("ann", 5)), grant(100, ("ann", 6))),
    "one holder more": (grant(100, ("ann", 5)), grant(100, ("ann", 5), ("bob", 1))),
    "more lots": (lots(0, 3), lots(0, 4)),
    "another record": (record(b"DC\x01\x02" + bytes(40)), record(b"DC\x01\x02" + bytes(39) + b"\x01")),
    "another bid that is taken back": (taken_back(1), taken_back(2)),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_what_is_the_same(one: TxPlan, other: TxPlan) -> None:
    assert deed_of(one, "deed", GENESIS) == deed_of(other, "deed", GENESIS)


@pytest.mark.parametrize(("one", "other"), OTHER.values(), ids=OTHER)
def test_what_is_not(one: TxPlan, other: TxPlan) -> None:
    assert deed_of(one, "deed", GENESIS) != deed_of(other, "deed", GENESIS)


def test_another_repository_or_another_word_is_not_the_same() -> None:
    plan = grant(100, ("ann", 5))
    deeds = {deed_of(plan, "grant", GENESIS), deed_of(plan, "grant", None), deed_of(plan, "lots", GENESIS)}
    assert len(deeds) == 3


def test_without_its_record_a_genesis_is_the_same_for_every_coin() -> None:
    def genesis(said: bytes) -> TxPlan:
        marker = PlannedOutput(txout=compose_marker([1, 5], [], said), role=Role.MARKER)
        title = PlannedOutput(txout=CTxOut(600, CScript(script("owner"))), role=Role.TITLE, path=CHANGE[1])
        return TxPlan(inputs=(), outputs=(title, title, marker), may_append_inputs=True, change=CHANGE)

    one, other = genesis(b"a"), genesis(b"b")
    assert deed_of(one, "issue", None) != deed_of(other, "issue", None)
    assert deed_of(one, "issue", None, record=False) == deed_of(other, "issue", None, record=False)


@pytest.fixture
def wallet(tmp_path: Path) -> Iterator[FakeWallet]:
    made = FakeWallet(tmp_path)
    for number in range(3):
        made.fund(100_000, index=number)
    yield made
    made.database.close()


def keep(wallet: FakeWallet, monkeypatch: pytest.MonkeyPatch) -> str:
    """A payment that is signed and that no node has; its id as people read it."""

    def gone(_: object) -> None:
        raise ChainUnavailableError("no answer")

    draft = draft_payment(wallet.session, address_of(script("ann"), REGTEST), "0.0005", rate="2")
    with monkeypatch.context() as patch:
        patch.setattr(wallet.chain, "broadcast", gone)
        with pytest.raises(KeptError) as kept:
            sign_and_broadcast(draft, wallet.unlock, wallet.session)
    return kept.value.kept[0]


def pay_again(wallet: FakeWallet, *, later: int = 0, again: bool = False) -> None:
    session = replace(wallet.session, clock=lambda: NOW + later, again=again)
    draft_payment(session, address_of(script("ann"), REGTEST), "0.0005", rate="2")


def test_what_nobody_was_told_of_is_refused_until_a_day_after_its_block(
    wallet: FakeWallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    txid = keep(wallet, monkeypatch)
    with pytest.raises(AlreadySignedError, match=f"kept as {txid}, and the next command sends it"):
        pay_again(wallet)
    settle(wallet.session)
    with pytest.raises(AlreadySignedError, match=f"is sent, as {txid}, which waits for a block"):
        pay_again(wallet, later=10 * STILL_NEWS)
    wallet.chain.mine()
    settle(wallet.session)
    with pytest.raises(AlreadySignedError, match=f"is sent, as {txid}, which block [0-9]+ holds"):
        pay_again(wallet, later=STILL_NEWS)
    pay_again(wallet, again=True)
    pay_again(wallet, later=STILL_NEWS + 1)


def test_a_killed_command_told_nobody(wallet: FakeWallet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing could even be noted after the journal, the next look at the journal does."""
    monkeypatch.setattr(type(wallet.session.journal), "mark_untold", lambda *_: None)
    txid = keep(wallet, monkeypatch)
    monkeypatch.undo()
    (entry,) = wallet.session.journal.entries()
    assert (entry.state, entry.untold) == (TxState.SIGNED, False)
    settle(wallet.session)
    with pytest.raises(AlreadySignedError, match=txid):
        pay_again(wallet)


def test_what_was_told_is_no_matter(wallet: FakeWallet) -> None:
    for _ in range(2):
        draft = draft_payment(wallet.session, address_of(script("ann"), REGTEST), "0.0005", rate="2")
        sign_and_broadcast(draft, wallet.unlock, wallet.session)
    assert all(not entry.untold for entry in wallet.session.journal.entries())
