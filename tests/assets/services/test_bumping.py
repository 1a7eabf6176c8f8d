"""Replacing what waits for a block: where the fee comes from, what must stay, and what is never replaced."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxOut

from assets.coloring.compose import plan_genesis, plan_grant, plan_handover, plan_record
from assets.coloring.expect import Funding, expect_genesis, expect_grant, expect_handover, expect_record
from assets.coloring.plan import Expectation, Grant, Recipient, TxPlan, UnitCoin
from assets.errors import GuardError
from assets.model import Genuine
from assets.remedies import ImageRemedy
from assets.services.spending.bumping import draft_bump
from assets.services.spending.change import change_slot
from assets.services.spending.drafts import About, Draft, check, fee_rate, prepare, view_of
from assets.services.spending.paying import draft_payment, draft_sweep
from assets.services.spending.settling import settle
from assets.services.spending.signing import sign_and_broadcast
from assets.services.wallets.ownership import ISSUE
from tests.assets.services.fake_session import FakeWallet, transaction
from tests.builders import genesis_record, pay, script
from wallet.chain.fake import FakeChain
from wallet.coins import AccountKind, KeyPath
from wallet.errors import ChainUnavailableError, FeeError, InsufficientFundsError, KeptError, StateError
from wallet.fees import FeeRate
from wallet.hashes import Txid, display, txid_of
from wallet.history import State, WatchedTransaction
from wallet.keys.address import address_of
from wallet.network import REGTEST
from wallet.rebroadcast import Outcome
from wallet.store.journal import TxState
from wallet.transactions import Prevout, assemble, vsize_of

SOMEBODY = address_of(script("somebody"), REGTEST)
RECORD = bytes.fromhex("4443010201") + bytes(31) + b"1.0"


class Relaying(FakeChain):
    """A chain whose mempool lets the newcomer replace what spends the same coins. `silent` drops what is sent."""

    silent = False

    def broadcast(self, tx: CTransaction) -> Txid:
        if self.silent:
            raise ChainUnavailableError("switched off by a test")
        for txin in tx.vin:
            rival = self.spender(txin.prevout)
            if rival is not None and txid_of(rival) != txid_of(tx):
                self.evict(txid_of(rival))
        return super().broadcast(tx)


@pytest.fixture
def wallet(tmp_path: Path) -> Iterator[FakeWallet]:
    made = FakeWallet(tmp_path, Relaying())
    yield made
    made.database.close()


def sent(wallet: FakeWallet, draft: Draft) -> CTransaction:
    """The signed transaction of a draft that was sent."""
    txid = sign_and_broadcast(draft, wallet.unlock, wallet.session)
    entry = wallet.session.journal.entry(txid)
    assert entry is not None
    return entry.tx


def paid(wallet: FakeWallet, amount: str = "0.0005", rate: str = "2") -> CTransaction:
    """A payment to somebody that waits for a block."""
    return sent(wallet, draft_payment(wallet.session, SOMEBODY, amount, rate=rate))


def bumped(wallet: FakeWallet, old: CTransaction, rate: str = "10") -> tuple[Draft, CTransaction]:
    """The replacement of `old`, sent."""
    draft = draft_bump(txid_of(old), wallet.session, rate=rate)
    return draft, sent(wallet, draft)


def states(wallet: FakeWallet, *txs: CTransaction) -> list[TxState]:
    """What the journal says of transactions."""
    entries = [wallet.session.journal.entry(txid_of(tx)) for tx in txs]
    return [entry.state for entry in entries if entry is not None]


def own(wallet: FakeWallet, account: AccountKind, index: int) -> Recipient:
    """One of the wallet's scripts."""
    path = KeyPath(account, 0, index)
    return Recipient(script=wallet.account.script(path), path=path)


def issued(wallet: FakeWallet, units: int = 1000) -> Draft:
    """A genesis of the wallet that is drafted and not sent."""
    coin = wallet.fund(12_000, account=AccountKind.ISSUING)
    wallet.fund(200_000)
    path = KeyPath(AccountKind.ISSUING, 0, 0)
    issuing = Prevout(outpoint=coin, txout=CTxOut(12_000, wallet.account.script(path)), path=path)
    owner = own(wallet, AccountKind.UNITS, 0)
    record = genesis_record()
    plan = plan_genesis(issuing=issuing, owner=owner, units=units, record=record, change=change_slot(wallet.session))

    def expect(funding: Funding) -> Expectation:
        return expect_genesis(issuing=issuing, owner=owner, units=units, record=record, funding=funding)

    return prepared(wallet, plan, expect, About(kind=ISSUE))


def prepared(wallet: FakeWallet, plan: TxPlan, expect: object, about: About, rate: str = "2") -> Draft:
    """A plan made a draft."""
    return prepare(plan, expect, wallet.session, rate=fee_rate(wallet.session, rate), about=about)  # type: ignore[arg-type]


def title_of(wallet: FakeWallet, tx: CTransaction, genesis: Txid, vout: int) -> UnitCoin:
    """The title in an output of `tx`."""
    path = KeyPath(AccountKind.UNITS, 0, 0)
    prevout = Prevout(outpoint=COutPoint(txid_of(tx), vout), txout=tx.vout[vout], path=path)
    return UnitCoin(prevout=prevout, units=Genuine(genesis=genesis, quantity=1, title=True))


def record_on(wallet: FakeWallet, title: UnitCoin, record: bytes = RECORD, rate: str = "2") -> CTransaction:
    """A record that waits for a block."""
    plan = plan_record(title=title, record=record, change=change_slot(wallet.session))
    about = About(kind="release", genesis=title.units.genesis)

    def expect(funding: Funding) -> Expectation:
        return expect_record(title=title, record=record, funding=funding)

    return sent(wallet, prepared(wallet, plan, expect, about, rate))


@pytest.fixture
def owner(wallet: FakeWallet) -> tuple[FakeWallet, CTransaction]:
    """A wallet with a confirmed genesis."""
    genesis = sent(wallet, issued(wallet))
    mine(wallet)
    return wallet, genesis


def mine(wallet: FakeWallet) -> None:
    """The mempool into a block; the node goes on seeing the wallet's coins."""
    waiting = wallet.chain.mempool
    wallet.chain.mine()
    for tx in waiting:
        for vout, txout in enumerate(tx.vout):
            if wallet.account.find(txout.scriptPubKey, 30) is not None:
                wallet.coins.give(COutPoint(txid_of(tx), vout))


def fee_of(wallet: FakeWallet, tx: CTransaction) -> int:
    """Sats that a transaction pays."""
    known = [wallet.chain.transaction(Txid(txin.prevout.hash)) for txin in tx.vin]
    values = [found.tx.vout[txin.prevout.n].nValue for found, txin in zip(known, tx.vin, strict=True) if found]
    return int(sum(values) - sum(txout.nValue for txout in tx.vout))


def same_places(old: CTransaction, new: CTransaction, *, but: Sequence[int] = ()) -> bool:
    """Whether inputs and outputs of `old` are in `new` where they were, with their values but those in `but`."""
    inputs = [txin.prevout for txin in new.vin][: len(old.vin)] == [txin.prevout for txin in old.vin]
    outputs = all(
        before.scriptPubKey == after.scriptPubKey and (before.nValue == after.nValue or vout in but)
        for vout, (before, after) in enumerate(zip(old.vout, new.vout, strict=False))
    )
    return inputs and outputs and len(new.vout) >= len(old.vout)


def test_the_change_pays_for_a_payment(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    old = paid(wallet)
    draft, new = bumped(wallet, old)
    assert same_places(old, new, but=[1])
    assert len(new.vin) == len(old.vin)
    assert draft.unsigned.fee == FeeRate(10_000).fee(draft.unsigned.vsize) == fee_of(wallet, new)
    assert wallet.chain.mempool == (new,)
    assert states(wallet, old, new) == [TxState.REPLACED, TxState.BROADCAST]
    view = view_of(draft, wallet.session)
    assert view.kind == "send"
    assert str(view.notes[0]).startswith(f"in place of {display(txid_of(old))}: the fee rises from ")


def test_a_coin_is_appended_where_the_change_is_too_small(wallet: FakeWallet) -> None:
    wallet.fund(52_000)
    old = paid(wallet)
    wallet.fund(90_000, index=1)
    draft, new = bumped(wallet, old, "30")
    assert len(new.vin) == len(old.vin) + 1
    assert same_places(old, new, but=[1])
    assert new.vout[1].scriptPubKey == old.vout[1].scriptPubKey, "the change is last, on the script that it had"
    assert draft.unsigned.fee == fee_of(wallet, new)


def test_a_transaction_without_change_gets_some(wallet: FakeWallet) -> None:
    wallet.fund(50_250)
    old = paid(wallet)
    assert len(old.vout) == 1
    wallet.fund(90_000, index=1)
    _, new = bumped(wallet, old)
    assert same_places(old, new)
    assert (len(new.vin), len(new.vout)) == (2, 2)


def test_without_any_coin_it_says_what_is_missing(wallet: FakeWallet) -> None:
    wallet.fund(50_250)
    old = paid(wallet)
    with pytest.raises(InsufficientFundsError):
        draft_bump(txid_of(old), wallet.session, rate="10")
    assert states(wallet, old) == [TxState.BROADCAST]


def test_neither_frozen_nor_unconfirmed_coins_pay(wallet: FakeWallet) -> None:
    wallet.fund(50_250)
    old = paid(wallet)
    wallet.session.store.freeze(wallet.fund(90_000, index=1))
    wallet.chain.fund_unconfirmed(wallet.account.script(KeyPath(AccountKind.BTC, 0, 2)), 90_000)
    with pytest.raises(InsufficientFundsError):
        draft_bump(txid_of(old), wallet.session, rate="10")


def test_everything_sent_shrinks_and_says_so(wallet: FakeWallet) -> None:
    wallet.fund(60_000)
    old = sent(wallet, draft_sweep(wallet.session, SOMEBODY, rate="2"))
    draft, new = bumped(wallet, old)
    assert same_places(old, new, but=[0])
    assert new.vout[0].nValue == 60_000 - draft.unsigned.fee
    less = old.vout[0].nValue - new.vout[0].nValue
    assert draft.about.warnings == (f"the recipient gets {less:,} sat less: everything was sent",)


def test_the_title_pays_for_its_record(owner: tuple[FakeWallet, CTransaction]) -> None:
    wallet, genesis = owner
    old = record_on(wallet, title_of(wallet, genesis, txid_of(genesis), 0))
    _, new = bumped(wallet, old)
    assert same_places(old, new, but=[1])
    assert (len(new.vin), len(new.vout)) == (1, 2)
    assert 546 <= new.vout[1].nValue < old.vout[1].nValue
    color = wallet.session.color_of(COutPoint(txid_of(new), 1))
    assert color == Genuine(genesis=txid_of(genesis), quantity=1, title=True)


def test_a_title_never_falls_below_its_least_value(owner: tuple[FakeWallet, CTransaction]) -> None:
    wallet, genesis = owner
    old = record_on(wallet, title_of(wallet, genesis, txid_of(genesis), 0))
    _, new = bumped(wallet, old, "150")
    assert same_places(old, new)
    assert (len(new.vin), len(new.vout)) == (2, 3)
    assert wallet.session.color_of(COutPoint(txid_of(new), 1)) is not None
    assert wallet.session.color_of(COutPoint(txid_of(new), 2)) is None


def test_a_replacement_can_be_replaced(owner: tuple[FakeWallet, CTransaction]) -> None:
    wallet, genesis = owner
    first = record_on(wallet, title_of(wallet, genesis, txid_of(genesis), 0))
    _, second = bumped(wallet, first, "150")
    _, third = bumped(wallet, second, "200")
    assert same_places(second, third, but=[2])
    assert states(wallet, first, second, third) == [TxState.REPLACED, TxState.REPLACED, TxState.BROADCAST]
    with pytest.raises(StateError, match=f"was replaced by {display(txid_of(second))} already"):
        draft_bump(txid_of(first), wallet.session, rate="300")


def test_handovers_and_grants_keep_their_outputs(owner: tuple[FakeWallet, CTransaction]) -> None:
    wallet, genesis = owner
    title = title_of(wallet, genesis, txid_of(genesis), 0)
    held = Genuine(genesis=txid_of(genesis), quantity=1000, title=False)
    treasury = UnitCoin(
        prevout=Prevout(outpoint=COutPoint(txid_of(genesis), 1), txout=genesis.vout[1], path=title.prevout.path),
        units=held,
    )
    buyer = Recipient(script=script("buyer"))
    grants, rest = [Grant(to=buyer, quantity=3)], own(wallet, AccountKind.UNITS, 0)
    granted = sent(
        wallet,
        prepared(
            wallet,
            plan_grant(coins=[treasury], grants=grants, rest=rest, change=change_slot(wallet.session)),
            lambda funding: expect_grant(coins=[treasury], grants=grants, rest=rest, funding=funding),
            About(kind="grant", genesis=txid_of(genesis)),
        ),
    )
    _, new = bumped(wallet, granted)
    assert same_places(granted, new, but=[3])
    assert wallet.session.color_of(COutPoint(txid_of(new), 1)) == replace(held, quantity=3)
    assert wallet.session.color_of(COutPoint(txid_of(new), 2)) == replace(held, quantity=997)
    mine(wallet)
    handed = sent(
        wallet,
        prepared(
            wallet,
            plan_handover(title=title, treasury=[], to=buyer, change=change_slot(wallet.session)),
            lambda funding: expect_handover(title=title, treasury=[], to=buyer, funding=funding),
            About(kind="transfer", genesis=txid_of(genesis)),
        ),
    )
    _, moved = bumped(wallet, handed)
    assert same_places(handed, moved, but=[2])
    assert wallet.session.color_of(COutPoint(txid_of(moved), 1)) == title.units


def test_a_genesis_can_be_replaced_and_warns_of_its_new_identity(wallet: FakeWallet) -> None:
    old = sent(wallet, issued(wallet))
    draft, new = bumped(wallet, old)
    assert same_places(old, new, but=[3])
    assert "another identity" in draft.about.warnings[0]
    assert wallet.session.color_of(COutPoint(txid_of(new), 1)) == Genuine(
        genesis=txid_of(new), quantity=1000, title=False
    )


def test_what_others_are_built_on_is_not_replaced_and_the_last_one_pays_for_all(
    owner: tuple[FakeWallet, CTransaction],
) -> None:
    wallet, genesis = owner
    first = record_on(wallet, title_of(wallet, genesis, txid_of(genesis), 0))
    second = record_on(wallet, title_of(wallet, first, txid_of(genesis), 1))
    third = record_on(wallet, title_of(wallet, second, txid_of(genesis), 1))
    with pytest.raises(StateError, match="are built on it and would be lost") as refused:
        draft_bump(txid_of(first), wallet.session, rate="20")
    assert refused.value.advice == ImageRemedy.BUMP_LAST.of(txid=display(txid_of(third)))
    assert display(txid_of(second)) in str(refused.value)
    draft, new = bumped(wallet, third, "20")
    fees = sum(fee_of(wallet, tx) for tx in (first, second, new))
    size = sum(vsize_of(tx) for tx in (first, second, new))
    assert FeeRate(20_000).fee(size) <= fees <= FeeRate(20_100).fee(size + 3)
    assert draft.unsigned.fee > FeeRate(20_000).fee(draft.unsigned.vsize)
    assert str(draft.about.notes[1]).startswith("with the 2 that must be mined before it, 20")
    assert same_places(third, new, but=[1])


def test_what_somebody_else_spends_already_is_not_replaced(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    old = paid(wallet)
    wallet.chain.broadcast(transaction(COutPoint(txid_of(old), 0), pay("shop", 40_000)))
    with pytest.raises(StateError, match="is built on it") as refused:
        draft_bump(txid_of(old), wallet.session, rate="20")
    assert "somebody else spends it" in refused.value.hint


def test_what_is_reserved_is_not_replaced(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    old = paid(wallet)
    wallet.session.reservations.reserve([COutPoint(txid_of(old), 1)], "a draft", now=0, expiry=None)
    with pytest.raises(StateError, match=r"output 1 of .* is reserved by a draft"):
        draft_bump(txid_of(old), wallet.session, rate="20")


def test_what_was_sent_from_elsewhere_is_bumped_there_or_built_upon(wallet: FakeWallet) -> None:
    there = transaction(
        wallet.chain.fund(script("payer"), 90_200), pay(wallet.account.script(KeyPath(AccountKind.BTC, 0, 0)), 90_000)
    )
    wallet.chain.broadcast(there)
    seen = WatchedTransaction(tx=there, height=None, block=None, index=0, time=0, own_outputs=(0,))
    object.__setattr__(wallet.coins, "transactions", lambda: (seen,))
    with pytest.raises(StateError, match="was not sent from here") as refused:
        draft_bump(txid_of(there), wallet.session, rate="20")
    assert "bump that, which pays for both" in refused.value.hint
    child = paid(wallet)
    draft = draft_bump(txid_of(child), wallet.session, rate="20")
    together = draft.unsigned.vsize + vsize_of(there)
    assert draft.unsigned.fee + 200 >= 20 * together, "the payer's 200 sat are counted in"


def test_only_what_waits_can_be_replaced(wallet: FakeWallet) -> None:
    with pytest.raises(StateError, match="has not sent"):
        draft_bump(Txid(b"\x01" * 32), wallet.session, rate="20")
    wallet.fund(100_000)
    old = paid(wallet)
    wallet.session.journal.mark_abandoned(txid_of(old))
    with pytest.raises(StateError, match="is abandoned"):
        draft_bump(txid_of(old), wallet.session, rate="20")
    mine(wallet)
    with pytest.raises(StateError, match=r"is in block \d+ already"):
        draft_bump(txid_of(old), wallet.session, rate="20")


def test_somebody_elses_coin_in_it_is_refused(wallet: FakeWallet) -> None:
    coin = wallet.fund(100_000)
    old = paid(wallet)
    entry = wallet.session.journal.entry(txid_of(old))
    assert entry is not None
    foreign = wallet.chain.fund(script("shop"), 5_000)
    mixed = assemble(((coin, 0xFFFFFFFD), (foreign, 0xFFFFFFFD)), tuple(old.vout))
    wallet.session.journal.record(replace(entry, tx=mixed), replaces=txid_of(old))
    with pytest.raises(StateError, match=r"input 1 of .* is not this wallet's to sign"):
        draft_bump(txid_of(mixed), wallet.session, rate="20")


@pytest.mark.parametrize("summary", ["{}", "[]", '{"inputs":[],"outputs":["a word"]}', '{"inputs":[],"outputs":[]}'])
def test_a_journal_that_does_not_say_how_it_was_made_is_refused(wallet: FakeWallet, summary: str) -> None:
    wallet.fund(100_000)
    old = paid(wallet)
    entry = wallet.session.journal.entry(txid_of(old))
    assert entry is not None
    wallet.session.journal.mark_abandoned(txid_of(old))
    other = assemble(((old.vin[0].prevout, 0xFFFFFFFD),), (*old.vout, old.vout[1]))
    wallet.session.journal.record(replace(entry, tx=other, summary=summary))
    with pytest.raises(StateError, match="journal"):
        draft_bump(txid_of(other), wallet.session, rate="20")


def test_a_rate_that_is_no_higher_is_refused_and_the_default_is_the_least_that_replaces(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    old = paid(wallet, rate="5")
    with pytest.raises(FeeError, match="is no more than the"):
        draft_bump(txid_of(old), wallet.session, rate="5")
    draft = draft_bump(txid_of(old), wallet.session, rate=None)
    assert draft.rate.source == "1 sat/vB more than it pays"
    assert draft.unsigned.fee >= fee_of(wallet, old) + draft.unsigned.vsize
    wallet.chain.rate = FeeRate(40_000)
    assert draft_bump(txid_of(old), wallet.session, rate=None).rate.rate == FeeRate(40_000)


def test_what_happens_between_draft_and_signature_stops_it(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    old = paid(wallet)
    draft = draft_bump(txid_of(old), wallet.session, rate="10")
    child = paid(wallet, "0.0001")
    assert child.vin[0].prevout.hash == txid_of(old)
    with pytest.raises(StateError, match="is built on it"):
        sign_and_broadcast(draft, wallet.unlock, wallet.session)
    mine(wallet)
    with pytest.raises(StateError, match="in block"):
        sign_and_broadcast(draft, wallet.unlock, wallet.session)
    assert wallet.session.journal.entry(draft.txid) is None


def test_a_coin_that_another_program_spends_is_never_signed_again(wallet: FakeWallet) -> None:
    coin = wallet.fund(100_000)
    draft = draft_payment(wallet.session, SOMEBODY, "0.0005", rate="2")
    present = wallet.coins.coins()
    wallet.chain.broadcast(transaction(coin, pay("somewhere", 90_000)))

    class Stale:
        """The node's wallet, a moment behind its mempool."""

        coins = staticmethod(lambda: present)
        first_unused = staticmethod(wallet.coins.first_unused)
        transactions = staticmethod(wallet.coins.transactions)

    with pytest.raises(StateError, match="which waits for a block"):
        sign_and_broadcast(draft, wallet.unlock, replace(wallet.session, coins=Stale()))
    assert wallet.session.journal.entries() == ()


def test_the_guard_refuses_a_replacement_that_strays(owner: tuple[FakeWallet, CTransaction]) -> None:
    wallet, genesis = owner
    old = record_on(wallet, title_of(wallet, genesis, txid_of(genesis), 0))
    draft = draft_bump(txid_of(old), wallet.session, rate="10")
    tx = draft.unsigned.tx
    swapped = replace(draft.unsigned, tx=CTransaction(tx.vin, tx.vout[::-1], tx.nLockTime, tx.nVersion))
    cheaper = replace(
        draft.unsigned,
        tx=CTransaction(tx.vin, (tx.vout[0], CTxOut(546, tx.vout[1].scriptPubKey)), tx.nLockTime, tx.nVersion),
    )
    for unsigned in (swapped, cheaper):
        with pytest.raises(GuardError):
            check(replace(draft, unsigned=unsigned), wallet.session)


def test_units_of_another_repository_than_the_journal_says_are_refused(owner: tuple[FakeWallet, CTransaction]) -> None:
    wallet, genesis = owner
    old = record_on(wallet, title_of(wallet, genesis, txid_of(genesis), 0))
    entry = wallet.session.journal.entry(txid_of(old))
    assert entry is not None
    with wallet.database.transaction() as connection:
        connection.execute("UPDATE journal SET genesis = ? WHERE txid = ?", (b"\x07" * 32, txid_of(old)))
    with pytest.raises(GuardError, match="another repository"):
        draft_bump(txid_of(old), wallet.session, rate="10")


def test_a_crash_after_the_journal_sends_the_replacement_and_not_the_old_one(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    old = paid(wallet)
    draft = draft_bump(txid_of(old), wallet.session, rate="10")
    assert isinstance(wallet.chain, Relaying)
    wallet.chain.silent = True
    with pytest.raises(KeptError):
        sign_and_broadcast(draft, wallet.unlock, wallet.session)
    wallet.chain.silent = False
    (outcome,) = settle(wallet.session)
    assert (outcome.txid, outcome.outcome) == (draft.txid, Outcome.SENT)
    assert [txid_of(tx) for tx in wallet.chain.mempool] == [draft.txid]


def test_what_hangs_on_somebody_elses_payment_comes_back_with_it(wallet: FakeWallet) -> None:
    """The chain loses two payments to the wallet, one built on the other, and what the wallet made of the second."""
    there = pay(wallet.account.script(KeyPath(AccountKind.BTC, 0, 1)), 100_000)
    first = transaction(wallet.chain.fund(script("payer"), 110_000), pay(script("payer"), 105_000))
    second = transaction(COutPoint(txid_of(first), 0), there)
    wallet.chain.mine(first)
    wallet.mined(second, 0)
    ours = paid(wallet)
    wallet.chain.reorg(2, resurrect=False)
    for tx in wallet.chain.mempool:
        wallet.chain.evict(txid_of(tx))
    gone = tuple(
        WatchedTransaction(tx=tx, height=None, block=None, index=0, time=0, own_outputs=(), state=State.EVICTED)
        for tx in (second, first)
    )
    object.__setattr__(wallet.session, "evicted", lambda: gone)
    outcomes = {one.txid: one.outcome for one in settle(wallet.session)}
    assert outcomes == {txid_of(tx): Outcome.SENT for tx in (first, second, ours)}
    assert {txid_of(tx) for tx in wallet.chain.mempool} == outcomes.keys()


def test_the_old_one_may_be_mined_after_all_and_a_reorganisation_may_change_that(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    old = paid(wallet)
    _, new = bumped(wallet, old)
    child = paid(wallet, "0.0001")
    wallet.chain.mine(old)
    lost = {outcome.txid: outcome.outcome for outcome in settle(wallet.session)}
    assert lost == {txid_of(new): Outcome.LOST, txid_of(child): Outcome.LOST}
    assert states(wallet, old, new, child) == [TxState.CONFIRMED, TxState.REPLACED, TxState.ABANDONED]
    assert settle(wallet.session)[0].outcome is Outcome.CONFIRMED
    assert wallet.session.journal.spent() == frozenset()
    wallet.chain.reorg(1, [[new], []], resurrect=False)
    settle(wallet.session)
    assert states(wallet, new)[0] is TxState.CONFIRMED
    assert states(wallet, old)[0] is not TxState.CONFIRMED
