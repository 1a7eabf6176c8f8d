"""One transaction: whose coins, which roles, which colours, and what may be done about it."""

from pathlib import Path

import pytest
from bitcoin.core import CTxOut

from assets.services.spending.paying import draft_payment
from assets.services.spending.signing import sign_and_broadcast
from assets.services.spending.transactions import transaction_view
from tests.assets.services.fake_session import FakeWallet, transaction
from tests.builders import marker, pay, script
from wallet.coins import AccountKind, KeyPath
from wallet.errors import StateError
from wallet.hashes import Txid, txid_of
from wallet.keys.address import address_of
from wallet.network import REGTEST


@pytest.fixture
def wallet(tmp_path: Path) -> FakeWallet:
    made = FakeWallet(tmp_path)
    made.fund(1_000_000)
    return made


def paid(wallet: FakeWallet) -> Txid:
    """A payment to somebody else."""
    to = address_of(script("somebody else"), REGTEST)
    draft = draft_payment(wallet.session, to, "0.001", rate="2")
    return sign_and_broadcast(draft, wallet.unlock, wallet.session)


def test_a_payment_that_waits_shows_its_roles_and_its_fee_and_may_be_bumped(wallet: FakeWallet) -> None:
    txid = paid(wallet)
    view = transaction_view(txid, wallet.session)
    assert (view.kind, view.state, view.height, view.can_bump) == ("send", "pending", None, True)
    (spent,) = view.inputs
    assert (spent.role, spent.sats, spent.own, spent.color) == ("funding", 1_000_000, True, "")
    assert [(one.role, one.own) for one in view.outputs] == [("payment", False), ("change", True)]
    assert view.fee == 1_000_000 - sum(one.sats for one in view.outputs)
    assert view.fee == 2 * view.vsize


def test_in_a_block_there_is_nothing_to_bump(wallet: FakeWallet) -> None:
    txid = paid(wallet)
    block = wallet.chain.mine()
    wallet.chain.mine()
    view = transaction_view(txid, wallet.session)
    assert (view.state, view.height, view.confirmations, view.can_bump) == ("confirmed", block.height, 2, False)


def test_a_transaction_of_somebody_else_has_no_roles(wallet: FakeWallet) -> None:
    coin = wallet.fund(5_000, index=3)
    view = transaction_view(Txid(coin.hash), wallet.session)
    assert view.kind == ""
    assert not view.can_bump
    assert [one.own for one in view.outputs] == [True]
    assert {one.role for one in view.inputs} | {one.role for one in view.outputs} == {""}


def test_what_nobody_has_is_an_error_that_says_so(wallet: FakeWallet) -> None:
    with pytest.raises(StateError, match="neither the node nor this wallet"):
        transaction_view(Txid(bytes(32)), wallet.session)


def test_what_was_not_drafted_here_is_read_for_what_it_does(wallet: FakeWallet) -> None:
    """A PSBT that this wallet signed for others, or what another device with the same words sent."""
    coin = wallet.fund(90_000, index=4)
    change = CTxOut(29_000, wallet.account.script(KeyPath(AccountKind.BTC, 1, 3)))
    paid = transaction(coin, pay("somebody", 60_000), change)
    wallet.chain.broadcast(paid)
    assert transaction_view(txid_of(paid), wallet.session).kind == "payment"
    minting = transaction(wallet.fund(50_000, index=5), pay("somebody", 1_000), marker([5]))
    wallet.chain.broadcast(minting)
    assert transaction_view(txid_of(minting), wallet.session).kind == "", "it is none of the deeds"
