"""What a transaction would put out of the mempool, on a chain in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxOut

from assets.errors import GuardError
from assets.images.digest import Digest
from assets.images.record import Revoke, RevokeReason
from assets.remedies import ImageRemedy
from assets.services.spending.conflicting import require_no_conflict, require_revocation_kept
from assets.services.wallets.own_keys import own_scripts
from tests.assets.services.fake_session import FakeWallet, transaction
from tests.builders import marker, pay, script
from wallet.coins import AccountKind, KeyPath
from wallet.hashes import Txid, display, txid_of
from wallet.store.journal import JournalEntry
from wallet.transactions import assemble


@pytest.fixture
def wallet(tmp_path: Path) -> Iterator[FakeWallet]:
    made = FakeWallet(tmp_path)
    yield made
    made.database.close()


def revoking(what: bytes = b"bad", *, value: int = 5_000) -> tuple[CTxOut, ...]:
    record = Revoke(digest=Digest.of(what), reason=RevokeReason.BROKEN).serialize()
    return marker([1], record), pay("owner", value)


def judged(wallet: FakeWallet, tx: CTransaction, replaces: Txid | None = None, *, node: bool = True) -> tuple[str, ...]:
    source, whose = (wallet.chain if node else None), own_scripts(wallet.session).get
    return require_no_conflict(tx, source, wallet.session.journal, whose, replaces=replaces)


def sent(wallet: FakeWallet, tx: CTransaction) -> CTransaction:
    wallet.chain.broadcast(tx)
    return tx


def test_a_payment_of_ours_gives_way_only_by_name(wallet: FakeWallet) -> None:
    coin = wallet.fund(100_000)
    first = sent(wallet, transaction(coin, pay("somebody", 99_000)))
    second = transaction(coin, pay("somebody else", 90_000))
    with pytest.raises(GuardError, match="a transaction of this wallet that waits") as refused:
        judged(wallet, second)
    assert refused.value.advice == "nothing was signed; " + ImageRemedy.NAME_REPLACED.of(txid=display(txid_of(first)))
    assert judged(wallet, second, txid_of(first)) == ()
    assert judged(wallet, first) == (), "the same one again puts nothing out"


def test_what_pays_us_is_ours_too_and_what_is_others_is_only_told(wallet: FakeWallet) -> None:
    theirs = wallet.chain.fund(script("partner"), 50_000)
    ours = wallet.account.script(KeyPath(AccountKind.BTC, 0, 700))
    sent(wallet, transaction(theirs, CTxOut(49_000, ours)))
    with pytest.raises(GuardError, match="a transaction of this wallet"):
        judged(wallet, transaction(theirs, pay("thief", 40_000)))
    other = wallet.chain.fund(script("another"), 50_000)
    rival = sent(wallet, transaction(other, pay("somebody", 49_000)))
    (note,) = judged(wallet, transaction(other, pay("thief", 40_000)))
    assert display(txid_of(rival)) in note


@pytest.mark.parametrize("by_name", [False, True])
def test_a_revocation_that_is_built_on_what_goes_is_put_out_by_nothing(wallet: FakeWallet, by_name: bool) -> None:
    coin = wallet.fund(100_000)
    paid = sent(wallet, transaction(coin, pay("somebody", 99_000)))
    between = sent(wallet, transaction(COutPoint(txid_of(paid), 0), pay("title", 98_000)))
    sent(wallet, transaction(COutPoint(txid_of(between), 0), *revoking()))
    with pytest.raises(GuardError, match="a pending revocation gives way to nothing but its own bump"):
        judged(wallet, transaction(coin, pay("thief", 50_000)), txid_of(paid) if by_name else None)


def test_what_is_built_on_the_named_one_is_not_lost_in_passing(wallet: FakeWallet) -> None:
    coin = wallet.fund(100_000)
    paid = sent(wallet, transaction(coin, CTxOut(99_000, wallet.account.script(KeyPath(AccountKind.BTC, 0, 1)))))
    child = sent(wallet, transaction(COutPoint(txid_of(paid), 0), pay("somebody", 98_000)))
    sent(
        wallet,
        transaction(
            COutPoint(txid_of(child), 0), CTxOut(97_000, wallet.account.script(KeyPath(AccountKind.BTC, 0, 2)))
        ),
    )
    with pytest.raises(GuardError, match="of this wallet is built: it would be lost"):
        judged(wallet, transaction(coin, pay("thief", 50_000)), txid_of(paid))


def test_a_revocation_is_bumped_by_the_same_words_and_the_same_title_alone(wallet: FakeWallet) -> None:
    coin, more = wallet.fund(100_000), wallet.fund(100_000, index=1)
    old = sent(wallet, transaction(coin, *revoking()))
    bump = transaction(coin, *revoking(value=4_000))
    assert judged(wallet, bump, txid_of(old)) == ()
    require_revocation_kept(old, bump)
    for other in (
        transaction(coin, *revoking(b"another")),
        transaction(coin, pay("owner", 4_000)),
        assemble(((more, 0), (coin, 0)), revoking()),
    ):
        with pytest.raises(GuardError, match="its own bump"):
            judged(wallet, other, txid_of(old))
        with pytest.raises(GuardError, match="its own bump"):
            require_revocation_kept(old, other)
    with pytest.raises(GuardError, match="its own bump"):
        judged(wallet, bump)


def test_without_a_node_what_this_wallet_signed_itself_is_known(wallet: FakeWallet) -> None:
    coin = wallet.fund(100_000)
    signed = transaction(coin, pay("somebody", 99_000))
    wallet.session.journal.record(JournalEntry(tx=signed, kind="send", created=1))
    for node in (True, False):
        with pytest.raises(GuardError, match="a transaction of this wallet"):
            judged(wallet, transaction(coin, pay("thief", 50_000)), node=node)
