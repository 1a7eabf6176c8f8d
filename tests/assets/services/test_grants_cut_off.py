"""A list of recipients takes several transactions: what is said where it ends in the middle."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.services.owning.granting import GrantDraft, grant
from assets.services.spending.drafts import Draft
from assets.services.spending.paying import draft_payment
from assets.services.spending.settling import settle
from tests.assets.services.fake_session import FakeWallet
from tests.assets.services.test_bumping import Relaying
from wallet.coins import AccountKind, KeyPath
from wallet.errors import ChainUnavailableError, KeptError, RpcError, UnfinishedError, WrongPasswordError
from wallet.hashes import Txid
from wallet.keys.address import address_of
from wallet.network import REGTEST
from wallet.signer import SoftwareSigner


@pytest.fixture
def wallet(tmp_path: Path) -> Iterator[FakeWallet]:
    made = FakeWallet(tmp_path, Relaying())
    yield made
    made.database.close()


@pytest.fixture
def draft(wallet: FakeWallet) -> GrantDraft:
    """Three transactions that do not hang on one another; what they move is the same to whoever sends them."""
    drafts = []
    for number in range(3):
        wallet.fund(100_000 * (number + 1), index=number)
        to = address_of(wallet.account.script(KeyPath(AccountKind.BTC, 0, 20 + number)), REGTEST)
        drafts.append(draft_payment(wallet.session, to, f"0.000{number + 5}", rate="2"))
        for prevout in drafts[-1].unsigned.prevouts:
            wallet.session.store.freeze(prevout.outpoint)
    for outpoint in wallet.session.store.frozen():
        wallet.session.store.unfreeze(outpoint)
    return GrantDraft(
        genesis=Txid(bytes(32)), given=3, left=0, drafts=tuple(drafts), starts=("dcrt1a", "dcrt1b", "dcrt1c")
    )


def test_a_refusal_in_the_middle_names_where_to_go_on(wallet: FakeWallet, draft: GrantDraft) -> None:
    def after_one(_: Draft) -> None:
        wallet.refusal = RpcError("the node would refuse the transaction: mempool full", code=-26)

    with pytest.raises(UnfinishedError, match=r"mempool full.*1 of 3 transactions are signed") as refused:
        grant(draft, wallet.unlock, wallet.session, after_one)
    assert "begins with dcrt1b" in refused.value.hint
    assert (len(refused.value.sent), refused.value.kept, refused.value.left) == (1, (), ("send", "send"))
    assert len(wallet.chain.mempool) == 1


def test_a_node_that_goes_away_at_the_end_leaves_nobody_out(wallet: FakeWallet, draft: GrantDraft) -> None:
    chain = wallet.chain
    assert isinstance(chain, Relaying)

    def after_two(_: Draft) -> None:
        chain.silent = len(chain.mempool) == 2

    with pytest.raises(KeptError, match="all recipients get theirs") as kept:
        grant(draft, wallet.unlock, wallet.session, after_two)
    assert (len(kept.value.sent), len(kept.value.kept), kept.value.left) == (2, 1, ())
    chain.silent = False
    settle(wallet.session)
    assert len(wallet.chain.mempool) == 3


def test_what_fails_before_anything_is_signed_stays_what_it_is(wallet: FakeWallet, draft: GrantDraft) -> None:
    def wrong() -> SoftwareSigner:
        raise WrongPasswordError("the password is wrong")

    with pytest.raises(WrongPasswordError):
        grant(draft, wrong, wallet.session, lambda _: None)
    wallet.chain.down = True
    with pytest.raises(ChainUnavailableError):
        grant(draft, wallet.unlock, wallet.session, lambda _: None)
