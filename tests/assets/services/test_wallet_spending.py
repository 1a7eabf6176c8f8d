"""Paying: what may pay, what must not, and in which order things happen."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from bitcoin.core import COutPoint, CTransaction

from assets.coloring.plan import Recipient
from assets.errors import GuardError
from assets.model import CoinColor, Unknown
from assets.services.spending.drafts import About, Draft, fee_rate, prepare, view_of
from assets.services.spending.paying import draft_payment, draft_sweep
from assets.services.spending.payment import Payment, expect_paid, plan_payment
from assets.services.spending.settling import settle
from assets.services.spending.signing import sign_and_broadcast
from assets.services.wallets.addresses import next_change, receive_bitcoin, receive_units
from assets.services.wallets.holdings_view import balance, coins
from tests.assets.services.fake_session import FakeWallet, transaction
from tests.builders import marker, pay, script
from wallet.amount import Sats
from wallet.chain.fake import FakeChain
from wallet.coins import AccountKind, KeyPath
from wallet.errors import (
    AlreadySignedError,
    BusyError,
    ChainUnavailableError,
    CoinTakenError,
    EncodingError,
    InsufficientFundsError,
    KeptError,
    RpcError,
    SigningError,
    StateError,
)
from wallet.hashes import Txid, display, txid_of
from wallet.keys.address import address_of
from wallet.network import REGTEST
from wallet.psbt import to_psbt
from wallet.rebroadcast import Outcome
from wallet.store.journal import TxState

STRANGER = address_of(script("stranger"), REGTEST)


@pytest.fixture
def wallet(tmp_path: Path) -> Iterator[FakeWallet]:
    """A wallet without coins."""
    made = FakeWallet(tmp_path)
    yield made
    made.database.close()


def draft_of(wallet: FakeWallet, amount: str = "0.0005") -> Draft:
    """A payment to a stranger at 2 sat/vB."""
    return draft_payment(wallet.session, STRANGER, amount, rate="2")


def test_a_payment_is_signed_journaled_and_sent(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    draft = draft_of(wallet)
    assert wallet.unlocked == 0, "a password is asked only once the draft was accepted"
    txid = sign_and_broadcast(draft, wallet.unlock, wallet.session)
    entry = wallet.session.journal.entry(txid)
    assert entry is not None
    assert (entry.state, entry.kind) == (TxState.BROADCAST, "send")
    assert [tx.GetTxid() for tx in wallet.chain.mempool] == [txid]
    assert draft.unsigned.fee == 2 * draft.unsigned.vsize
    assert draft.unsigned.tx.nLockTime == wallet.chain.tip().height


def test_the_draft_tells_roles_fee_and_balance(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    draft = draft_of(wallet)
    view = view_of(draft, wallet.session)
    assert [(item.role, item.own) for item in view.outputs] == [("payment", False), ("change", True)]
    assert [(item.role, item.sats, item.color) for item in view.inputs] == [("funding", 100_000, "")]
    assert (view.delta, view.rate, view.rate_source) == (-50_000 - view.fee, 2_000, "set by you")


def test_a_fee_that_eats_the_payment_is_warned_of(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    assert "more than a tenth" in draft_of(wallet, "0.000005").about.warnings[0]
    assert draft_of(wallet).about.warnings == ()


@pytest.mark.parametrize("account", [AccountKind.UNITS, AccountKind.ISSUING])
def test_coins_of_other_accounts_never_pay(wallet: FakeWallet, account: AccountKind) -> None:
    wallet.fund(1_000_000, account=account)
    with pytest.raises(InsufficientFundsError, match="1,000,000 sat are reserved"):
        draft_of(wallet)
    assert balance(wallet.session).reserved == 1_000_000


def colored_coin(wallet: FakeWallet) -> COutPoint:
    """Foreign units that somebody sent to one of the wallet's plain addresses."""
    origin = wallet.chain.fund(script("issuer"), 500_000)
    own = wallet.account.script(KeyPath(AccountKind.BTC, 0, 3))
    return wallet.mined(transaction(origin, pay(own, 400_000), marker([7])), 0)


def test_units_on_a_plain_address_are_reserved(wallet: FakeWallet) -> None:
    colored_coin(wallet)
    with pytest.raises(InsufficientFundsError):
        draft_of(wallet)
    with pytest.raises(InsufficientFundsError):
        draft_sweep(wallet.session, STRANGER, rate="2")
    (coin,) = coins(wallet.session).coins
    assert coin.state == "reserved"
    assert coin.because.startswith("it holds 7 foreign units of asset ")


def test_a_coin_whose_ancestors_are_missing_is_reserved(wallet: FakeWallet) -> None:
    outpoint = colored_coin(wallet)
    parent = wallet.chain.transaction(outpoint.hash)
    assert parent is not None
    wallet.chain.lost.add(parent.tx.vin[0].prevout.hash)
    with pytest.raises(InsufficientFundsError):
        draft_of(wallet)
    assert "its colour is not known" in coins(wallet.session).coins[0].because


def test_the_guard_refuses_a_coin_that_turns_out_to_be_unknown(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    draft = draft_of(wallet)

    def color_of(_: COutPoint) -> CoinColor:
        return Unknown(reason="the node forgot")

    with pytest.raises(GuardError, match="unknown colour"):
        sign_and_broadcast(draft, wallet.unlock, replace(wallet.session, color_of=color_of))
    assert wallet.session.journal.entries() == ()


def test_a_plan_that_strays_from_the_intent_is_refused(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    to = Recipient(script=script("stranger"))
    meant = Payment(to=to, amount=Sats(10_000), locktime=0)
    planned = Payment(to=to, amount=Sats(20_000), locktime=0)
    with pytest.raises(GuardError, match="payments"):
        prepare(
            plan_payment(planned, next_change(wallet.session)),
            lambda funding: expect_paid(meant, funding),
            wallet.session,
            rate=fee_rate(wallet.session, "2"),
            about=About(kind="send"),
        )


def test_frozen_reserved_and_journaled_coins_do_not_pay(wallet: FakeWallet) -> None:
    frozen, reserved = wallet.fund(100_000), wallet.fund(200_000, index=1)
    wallet.session.store.freeze(frozen)
    wallet.session.reservations.reserve([reserved], "an offer", now=0, expiry=None)
    with pytest.raises(InsufficientFundsError):
        draft_of(wallet)
    states = {coin.outpoint[:64]: (coin.state, coin.because) for coin in coins(wallet.session).coins}
    assert set(states.values()) == {("frozen", "frozen by you"), ("reserved", "reserved by an offer")}


def test_a_crash_after_the_journal_loses_nothing(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    draft = draft_of(wallet)

    class Gone(FakeChain):
        """A node that is gone once the transaction is to be sent."""

        def broadcast(self, tx: CTransaction) -> Txid:
            raise ChainUnavailableError("gone")

    gone = Gone()
    gone.__dict__.update(wallet.chain.__dict__)
    with pytest.raises(KeptError, match=f"signed and kept as {display(draft.txid)}, not yet sent") as kept:
        sign_and_broadcast(draft, wallet.unlock, replace(wallet.session, source=gone))
    assert (kept.value.kept, kept.value.sent) == ((display(draft.txid),), ())
    assert "do not pay again" in kept.value.hint
    assert not wallet.chain.mempool
    with pytest.raises(AlreadySignedError, match=f"kept as {display(draft.txid)}, and the next command sends it"):
        draft_of(wallet)
    (outcome,) = settle(wallet.session)
    assert outcome.outcome is Outcome.SENT
    (sent,) = wallet.chain.mempool
    assert txid_of(sent) == draft.txid


def test_a_coin_that_was_spent_meanwhile_stops_before_the_signature(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    first, second = draft_of(wallet), draft_of(wallet, "0.0004")
    sign_and_broadcast(first, wallet.unlock, wallet.session)
    for change in wallet.coins.coins():
        wallet.session.store.freeze(change.outpoint)
    with pytest.raises(CoinTakenError, match="was spent meanwhile"):
        sign_and_broadcast(second, wallet.unlock, wallet.session)
    assert len(wallet.session.journal.entries()) == 1


def test_another_coin_takes_the_place_of_one_that_was_spent_meanwhile(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    wallet.fund(90_000, index=1)
    first, second = draft_of(wallet), draft_of(wallet, "0.0004")
    sign_and_broadcast(first, wallet.unlock, wallet.session)
    told: list[Draft] = []
    txid = sign_and_broadcast(second, wallet.unlock, wallet.session, told.append)
    (sent,) = told
    assert sent.txid == txid != second.txid
    assert (sent.rate.rate, sent.unsigned.tx.vout[0]) == (second.rate.rate, second.unsigned.tx.vout[0])
    assert {txid_of(tx) for tx in wallet.chain.mempool} == {first.txid, txid}


def test_other_coins_that_would_cost_half_as_much_again_want_a_new_look(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    first, second = draft_of(wallet), draft_of(wallet, "0.0004")
    sign_and_broadcast(first, wallet.unlock, wallet.session)
    for change in wallet.coins.coins():
        wallet.session.store.freeze(change.outpoint)
    for number in range(1, 6):
        wallet.fund(10_000, index=number)
    with pytest.raises(CoinTakenError, match=r"with other coins the fee would be [0-9,]+ sat instead of"):
        sign_and_broadcast(second, wallet.unlock, wallet.session)
    assert len(wallet.session.journal.entries()) == 1


def test_a_coin_that_was_set_aside_meanwhile_stops_before_the_signature(wallet: FakeWallet) -> None:
    outpoint = wallet.fund(100_000)
    draft = draft_of(wallet)
    wallet.session.store.freeze(outpoint)
    with pytest.raises(StateError, match="set aside meanwhile: frozen by you"):
        sign_and_broadcast(draft, wallet.unlock, wallet.session)


def test_what_the_node_would_refuse_is_not_kept(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    wallet.refusal = RpcError("the node would refuse the transaction: min relay fee not met", code=-26)
    with pytest.raises(RpcError, match="min relay fee"):
        sign_and_broadcast(draft_of(wallet), wallet.unlock, wallet.session)
    assert wallet.session.journal.entries() == ()
    assert wallet.chain.mempool == ()


def test_a_signer_that_gives_back_another_transaction_is_caught(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    wallet.fund(90_000, index=1)
    draft, other = draft_of(wallet), draft_of(wallet, "0.0004")

    class Swapping:
        """Signs something else."""

        @property
        def fingerprint(self) -> bytes:
            """Ours."""
            return wallet.account.fingerprint

        def sign(self, psbt: bytes) -> bytes:
            assert psbt
            return wallet.unlock().sign(to_psbt(other.unsigned, wallet.account))

    with pytest.raises(SigningError, match="another transaction"):
        sign_and_broadcast(draft, lambda: Swapping(), wallet.session)  # noqa: PLW0108 - mypy wants a function
    assert wallet.session.journal.entries() == ()


def test_only_one_process_signs(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    draft = draft_of(wallet)
    with wallet.session.signing(), pytest.raises(BusyError):
        sign_and_broadcast(draft, wallet.unlock, wallet.session)


def test_a_sweep_takes_every_free_coin_and_no_other(wallet: FakeWallet) -> None:
    wallet.fund(50_000)
    wallet.fund(60_000, index=1)
    wallet.fund(70_000, account=AccountKind.UNITS)
    draft = draft_sweep(wallet.session, STRANGER, rate="1")
    assert [txout.nValue for txout in draft.unsigned.tx.vout] == [110_000 - draft.unsigned.fee]


@pytest.mark.parametrize("kind", [AccountKind.UNITS, AccountKind.ISSUING])
def test_bitcoin_is_not_sent_to_own_scripts_for_units_or_issuing(wallet: FakeWallet, kind: AccountKind) -> None:
    wallet.fund(100_000)
    address = address_of(wallet.account.script(KeyPath(kind, 0, 0)), REGTEST)
    with pytest.raises(EncodingError, match="own for units or issuing"):
        draft_payment(wallet.session, address, "0.0005", rate="2")


def test_a_payment_to_oneself_costs_the_fee_alone(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    address = receive_bitcoin(wallet.session).address
    draft = draft_payment(wallet.session, address, "0.0005", rate="2")
    assert draft.expectation.btc_delta == -draft.unsigned.fee
    assert "own" in draft.about.warnings[0]


@pytest.mark.parametrize(
    ("to", "amount", "message"),
    [
        (f"bitcoin:{STRANGER}?amount=0.1", "0.2", "differs from the one in the link"),
        (STRANGER, None, "no amount"),
        (STRANGER, "0.0", "the amount is zero"),
    ],
)
def test_an_unclear_amount_is_refused(wallet: FakeWallet, to: str, amount: str | None, message: str) -> None:
    with pytest.raises(EncodingError, match=message):
        draft_payment(wallet.session, to, amount, rate="2")


def test_addresses_are_given_out_once_and_never_for_issuing(wallet: FakeWallet) -> None:
    given = [receive_bitcoin(wallet.session, label="a").address for _ in range(3)]
    units = [receive_units(wallet.session).address for _ in range(2)]
    assert len({*given, *units}) == 5
    issuing = {bytes(at) for _, at in wallet.account.scripts(AccountKind.ISSUING, 0, 0, 20)}
    assert not issuing & {bytes(wallet.account.script(KeyPath(AccountKind.BTC, 0, index))) for index in range(3)}
    assert receive_bitcoin(wallet.session).unpaid == 4


def test_a_change_key_is_used_once(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    wallet.fund(100_000, index=1)
    first = next_change(wallet.session)
    assert next_change(wallet.session) == first, "a draft leaves no gap"
    sign_and_broadcast(draft_of(wallet), wallet.unlock, wallet.session)
    assert next_change(wallet.session) != first


def test_a_balance_counts_each_coin_once(wallet: FakeWallet) -> None:
    wallet.fund(100_000)
    wallet.fund(40_000, account=AccountKind.UNITS)
    colored_coin(wallet)
    view = balance(wallet.session)
    assert (view.confirmed, view.reserved, view.immature) == (100_000, 440_000, 0)
    assert view.units == ()
