"""Taking back what was set apart for a genesis: all of it comes back, and the guard lets nothing else happen."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from bitcoin.core import CTransaction, CTxOut

from assets.coloring.guard_case import Check
from assets.coloring.plan import Expectation
from assets.errors import GuardError
from assets.services.spending.cancelling import draft_cancel
from assets.services.spending.drafts import Draft, check
from assets.services.spending.signing import sign_and_broadcast
from tests.assets.services.fake_session import FakeWallet
from tests.builders import genesis_record, marker, pay, script
from wallet.coins import AccountKind, KeyPath
from wallet.errors import StateError


@pytest.fixture
def wallet(tmp_path: Path) -> Iterator[FakeWallet]:
    """A wallet with two coins on issuing scripts, one of them on a script that was paid twice."""
    made = FakeWallet(tmp_path)
    made.fund(11_000, account=AccountKind.ISSUING, index=0)
    made.fund(10_900, account=AccountKind.ISSUING, index=1)
    made.fund(50_000)
    yield made
    made.database.close()


def test_every_coin_set_apart_comes_back_less_the_fee(wallet: FakeWallet) -> None:
    draft = draft_cancel(wallet.session, rate="2")
    tx = draft.unsigned.tx
    assert [prevout.txout.nValue for prevout in draft.unsigned.prevouts] == [11_000, 10_900]
    assert [out.nValue for out in tx.vout] == [21_900 - draft.unsigned.fee]
    assert tx.vout[0].scriptPubKey == wallet.account.script(KeyPath(AccountKind.BTC, 1, 0))
    sign_and_broadcast(draft, wallet.unlock, wallet.session)
    assert [one.kind for one in wallet.session.journal.entries()] == ["cancel issuing"]
    with pytest.raises(StateError, match="no coin is set apart"):
        draft_cancel(wallet.session, rate="2")


def test_a_coin_that_a_signed_genesis_spends_is_not_taken_back(wallet: FakeWallet) -> None:
    sign_and_broadcast(draft_cancel(wallet.session, rate="2"), wallet.unlock, wallet.session)
    wallet.fund(10_800, account=AccountKind.ISSUING, index=2)
    assert len(draft_cancel(wallet.session, rate="2").unsigned.prevouts) == 1


def refused(draft: Draft, wallet: FakeWallet, why: Check) -> None:
    """The guard refuses, and names the check."""
    with pytest.raises(GuardError, match=rf"refused \({why}\)"):
        check(draft, wallet.session)


def changed(draft: Draft, *outputs: CTxOut) -> Draft:
    """The draft with other outputs."""
    tx = draft.unsigned.tx
    return replace(draft, unsigned=replace(draft.unsigned, tx=CTransaction(tx.vin, outputs, tx.nLockTime, tx.nVersion)))


def expecting(draft: Draft, expectation: Expectation) -> Draft:
    """The draft with another expectation."""
    return replace(draft, expectation=expectation)


def test_without_the_word_for_it_no_issuing_coin_is_spent(wallet: FakeWallet) -> None:
    draft = draft_cancel(wallet.session, rate="2")
    check(draft, wallet.session)
    refused(expecting(draft, replace(draft.expectation, returned=frozenset())), wallet, Check.ISSUING_SCRIPT)
    partly = frozenset(list(draft.expectation.returned)[:1])
    refused(expecting(draft, replace(draft.expectation, returned=partly)), wallet, Check.ISSUING_SCRIPT)


def test_a_cancellation_never_mints(wallet: FakeWallet) -> None:
    """Input 0 lies on an issuing script, so a marker behind an output would issue units there."""
    draft = draft_cancel(wallet.session, rate="2")
    (back,) = draft.unsigned.tx.vout
    mint = changed(draft, back, marker([1_000_000], b""))
    refused(mint, wallet, Check.MARKER)
    record = genesis_record()
    asked = replace(draft.expectation, record=record)
    refused(expecting(changed(draft, back, marker([1], record)), asked), wallet, Check.ISSUING_SCRIPT)


def test_a_cancellation_pays_nobody_else(wallet: FakeWallet) -> None:
    draft = draft_cancel(wallet.session, rate="2")
    (back,) = draft.unsigned.tx.vout
    refused(changed(draft, CTxOut(back.nValue, script("thief"))), wallet, Check.OWN_KEYS)
    refused(changed(draft, CTxOut(back.nValue - 5_000, back.scriptPubKey), pay("thief", 5_000)), wallet, Check.PAYMENTS)
