"""Drafts that wait for cold keys: what is left, what the cold side sees and refuses, and what may come back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxOut
from embit.psbt import PSBT

from assets.coloring.compose import plan_grant, plan_handover, plan_record
from assets.coloring.expect import Funding, expect_grant, expect_handover, expect_record
from assets.coloring.plan import Expectation, Grant, Recipient, UnitCoin
from assets.errors import GuardError
from assets.model import CoinColor, Genuine, Unknown
from assets.remedies import ImageRemedy
from assets.services.spending.bumping import draft_bump
from assets.services.spending.change import change_slot
from assets.services.spending.cold_drafts import HOLD_SECONDS, discard, hand_out, only_one, store_of
from assets.services.spending.cold_returning import send_back, take_back
from assets.services.spending.cold_signing import NOTHING_NAMED, Consent, Review, review
from assets.services.spending.drafts import About, Draft, view_of
from assets.services.spending.paying import draft_payment
from assets.services.spending.signing import sign_and_broadcast
from assets.services.spending.wallet_facts import NodeFacts, WalletFacts
from assets.services.wallets.holds import Reserved
from assets.services.wallets.labels import set_label
from tests.assets.services.fake_session import NOW, FakeWallet, facts_alone
from tests.assets.services.test_bumping import RECORD, Relaying, issued, mine, prepared, title_of
from tests.builders import marker, script
from wallet.advice import Advice
from wallet.coins import AccountKind, KeyPath
from wallet.errors import (
    BusyError,
    ChainUnavailableError,
    EncodingError,
    InsufficientFundsError,
    MissingKeyError,
    RpcError,
    SigningError,
    StateError,
)
from wallet.hashes import Txid, display, txid_of
from wallet.keys.address import address_of, unit_address_of
from wallet.keys.keychain import PrivateKeychain
from wallet.network import REGTEST
from wallet.psbt import Psbt, finalize, to_psbt
from wallet.signer import SoftwareSigner
from wallet.store.cold_drafts import ColdDrafts
from wallet.store.journal import TxState
from wallet.store.kept_hashes import KeptHashStore
from wallet.store.schema import wallet_database
from wallet.transactions import Prevout, UnsignedTransaction, assemble

STRANGER = address_of(script("stranger"), REGTEST)
Change = Callable[[PSBT], None]


@dataclass
class Clock:
    """Unix seconds that a test moves."""

    now: int = NOW

    def __call__(self) -> int:
        return self.now


class Online(FakeWallet):
    """A wallet that leaves drafts for cold keys."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, Relaying())
        self.folder = folder
        self.clock = Clock()
        self.session = replace(self.session, cold_drafts=ColdDrafts(self.database), clock=self.clock)

    def cold(self, raw: bytes) -> bytes:
        """What the machine with the keys makes of it."""
        return SoftwareSigner(self.keychain, REGTEST).sign(raw)

    def refuses_keys(self) -> SoftwareSigner:
        """An online side that must not need any."""
        raise AssertionError("the keys of the online side were asked for")


@pytest.fixture
def wallet(tmp_path: Path) -> Iterator[Online]:
    made = Online(tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def owner(wallet: Online) -> tuple[Online, UnitCoin]:
    """A wallet with a confirmed title."""
    sign_and_broadcast(issued(wallet), wallet.unlock, wallet.session)
    (genesis,) = wallet.chain.mempool
    mine(wallet)
    return wallet, title_of(wallet, genesis, txid_of(genesis), 0)


def payment(wallet: Online, amount: str = "0.0005") -> Draft:
    return draft_payment(wallet.session, STRANGER, amount, rate="2")


def looked(raw: bytes, wallet: Online, consent: Consent = NOTHING_NAMED) -> Review:
    """What is said of a PSBT where a node answers."""
    return review(raw, WalletFacts.of(wallet.session), consent)


def blind(raw: bytes, wallet: Online, consent: Consent = NOTHING_NAMED) -> Review:
    """The same without a node, on a machine that has the same words and no drafts."""
    database = wallet_database(wallet.folder / "cold.db")
    facts = facts_alone(wallet, database)
    try:
        return review(raw, facts, consent)
    finally:
        database.close()


HAND_OVER = Consent(hand_over=True)


def release(wallet: Online, title: UnitCoin) -> Draft:
    plan = plan_record(title=title, record=RECORD, change=change_slot(wallet.session))

    def expect(funding: Funding) -> Expectation:
        return expect_record(title=title, record=RECORD, funding=funding)

    return prepared(wallet, plan, expect, About(kind="release", genesis=title.units.genesis, effects=("1.0 is bound",)))


def handover(wallet: Online, title: UnitCoin) -> Draft:
    to = Recipient(script=script("new owner"))
    plan = plan_handover(title=title, treasury=(), to=to, change=change_slot(wallet.session))

    def expect(funding: Funding) -> Expectation:
        return expect_handover(title=title, treasury=(), to=to, funding=funding)

    return prepared(wallet, plan, expect, About(kind="transfer", genesis=title.units.genesis))


def changed(raw: bytes, change: Change, version: int = 0) -> bytes:
    """The PSBT as somebody else's tool gives it back."""
    psbt = PSBT.parse(raw)
    change(psbt)
    psbt.version = version or None
    return bytes(psbt.serialize())


def unchanged(_: PSBT) -> None:
    """Only written again."""


@pytest.mark.parametrize("version", [0, 2])
def test_a_release_goes_to_the_cold_key_and_back(owner: tuple[Online, UnitCoin], version: int) -> None:
    wallet, title = owner
    draft = release(wallet, title)
    raw = hand_out(draft, wallet.session)
    assert Psbt.parse(raw).tx == draft.unsigned.tx
    assert all(scope.non_witness_utxo is not None for scope in PSBT.parse(raw).inputs)
    given = changed(raw, unchanged, version)
    seen = looked(given, wallet)
    assert (seen.own, seen.colored, seen.view.txid) == ((0,), True, display(draft.txid))
    assert "RELEASE 1.0 stands for sha256:" in seen.view.effects[1]
    assert "title" in seen.view.outputs[1].color
    drafted = view_of(draft, wallet.session).outputs[1]
    assert drafted.place == unit_address_of(title.prevout.txout.scriptPubKey, REGTEST) == seen.view.outputs[1].place
    returned = take_back(wallet.cold(given), wallet.session)
    assert returned.missing == ()
    assert send_back(returned, wallet.refuses_keys, wallet.session) == draft.txid
    entry = wallet.session.journal.entry(draft.txid)
    assert entry is not None
    assert (entry.kind, entry.genesis, entry.state) == ("release", title.units.genesis, TxState.BROADCAST)
    assert '"effects":["1.0 is bound"]' in entry.summary
    assert wallet.chain.mempool == (entry.tx,)
    assert store_of(wallet.session).entries() == ()
    assert wallet.session.reservations.active(NOW) == ()


def test_what_the_journal_says_is_the_same_whoever_signed(tmp_path: Path) -> None:
    summaries = []
    for name in ("warm", "cold"):
        (tmp_path / name).mkdir()
        wallet = Online(tmp_path / name)
        wallet.fund(100_000)
        draft = payment(wallet)
        if name == "warm":
            sign_and_broadcast(draft, wallet.unlock, wallet.session)
        else:
            send_back(
                take_back(wallet.cold(hand_out(draft, wallet.session)), wallet.session),
                wallet.refuses_keys,
                wallet.session,
            )
        (entry,) = wallet.session.journal.entries()
        summaries.append((entry.kind, entry.summary))
        wallet.database.close()
    assert summaries[0] == summaries[1]


def test_kept_scripts_that_were_forged_make_nobody_elses_coin_ours(wallet: Online) -> None:
    wallet.fund(100_000)
    raw = hand_out(payment(wallet), wallet.session)
    kept = KeptHashStore(wallet.database)
    xpub = dict(wallet.account.xpubs)[AccountKind.BTC]
    wallet.session = replace(wallet.session, account=replace(wallet.account, kept=kept))
    honest = looked(raw, wallet)
    hashes = kept.read(xpub, 0)
    kept.write(xpub, 0, hashes[:100] + bytes(script("stranger"))[2:] + hashes[120:])
    wallet.session = replace(wallet.session, account=replace(wallet.account, kept=kept))
    assert looked(raw, wallet) == honest
    assert [out.own for out in honest.view.outputs if out.address == STRANGER] == [False]
    assert kept.read(xpub, 0) == hashes


def sent_cold(wallet: Online, draft: Draft) -> Txid:
    """A draft that went to the cold key and came back."""
    returned = take_back(wallet.cold(hand_out(draft, wallet.session)), wallet.session)
    return send_back(returned, wallet.refuses_keys, wallet.session)


@pytest.mark.parametrize("rate", ["5", "60"])
def test_what_a_cold_key_signed_is_replaced_by_what_it_signs_again(owner: tuple[Online, UnitCoin], rate: str) -> None:
    wallet, title = owner
    first = sent_cold(wallet, release(wallet, title))
    set_label(wallet.session.store, REGTEST, display(first), "1.0")
    better = draft_bump(first, wallet.session, rate=rate)
    assert sent_cold(wallet, better) == better.txid
    assert [txid_of(tx) for tx in wallet.chain.mempool] == [better.txid]
    entries = {entry.txid: entry for entry in wallet.session.journal.entries()}
    assert (entries[first].state, entries[first].replaced_by) == (TxState.REPLACED, better.txid)
    assert entries[better.txid].kind == "release"
    assert {(label.ref, label.label) for label in wallet.session.store.labels()} >= {(display(better.txid), "1.0")}
    assert draft_bump(better.txid, wallet.session, rate="90").replaces == better.txid


def test_a_replacement_for_the_cold_key_is_refused_once_the_first_is_built_upon_or_in_a_block(wallet: Online) -> None:
    wallet.fund(100_000)
    first = sent_cold(wallet, payment(wallet))
    signed = wallet.cold(hand_out(draft_bump(first, wallet.session, rate="20"), wallet.session))
    built = sent_cold(wallet, payment(wallet, "0.0001"))
    with pytest.raises(StateError, match=f"{display(built)} is built on it"):
        take_back(signed, wallet.session)
    mine(wallet)
    with pytest.raises(StateError, match="is in block"):
        take_back(signed, wallet.session)
    assert len(store_of(wallet.session).entries()) == 1


def test_coins_of_a_draft_pay_for_nothing_else_until_it_expires(wallet: Online) -> None:
    wallet.fund(100_000)
    draft = payment(wallet)
    hand_out(draft, wallet.session)
    assert set(wallet.session.held().values()) == {Reserved(f"psbt {display(draft.txid)}")}
    with pytest.raises(InsufficientFundsError):
        payment(wallet, "0.0004")
    wallet.clock.now += HOLD_SECONDS - 1
    with pytest.raises(InsufficientFundsError):
        payment(wallet, "0.0004")
    wallet.clock.now += 1
    assert payment(wallet, "0.0004").unsigned.prevouts == draft.unsigned.prevouts


def test_a_draft_that_comes_back_late_goes_out_while_its_coins_are_free(wallet: Online) -> None:
    wallet.fund(100_000)
    signed = wallet.cold(hand_out(payment(wallet), wallet.session))
    wallet.clock.now += 2 * HOLD_SECONDS
    returned = take_back(signed, wallet.session)
    assert send_back(returned, wallet.refuses_keys, wallet.session) == returned.draft.txid


def test_a_draft_that_comes_back_after_its_coin_was_spent_is_refused(wallet: Online) -> None:
    wallet.fund(100_000)
    signed = wallet.cold(hand_out(payment(wallet), wallet.session))
    wallet.clock.now += 2 * HOLD_SECONDS
    sign_and_broadcast(payment(wallet, "0.0004"), wallet.unlock, wallet.session)
    with pytest.raises(StateError, match="was spent meanwhile"):
        take_back(signed, wallet.session)


def test_discarding_frees_the_coins_and_the_draft_is_unknown_then(wallet: Online) -> None:
    wallet.fund(100_000)
    draft = payment(wallet)
    signed = wallet.cold(hand_out(draft, wallet.session))
    drafts = store_of(wallet.session)
    with pytest.raises(StateError, match="no draft") as refused:
        discard("00" * 32, drafts)
    assert display(draft.txid) in str(refused.value.hint)
    assert discard(display(draft.txid), drafts).kind == "send"
    assert wallet.session.held() == {}
    with pytest.raises(StateError, match="this wallet left no draft"):
        take_back(signed, wallet.session)
    with pytest.raises(EncodingError):
        discard("not a txid", drafts)


def test_two_drafts_do_not_hold_the_same_coin(wallet: Online) -> None:
    wallet.fund(100_000)
    first, second = payment(wallet), payment(wallet, "0.0004")
    hand_out(first, wallet.session)
    with pytest.raises(StateError, match="set aside meanwhile: reserved by psbt"):
        hand_out(second, wallet.session)
    with pytest.raises(BusyError):
        store_of(wallet.session).put(replace(store_of(wallet.session).entries()[0], tx=second.unsigned.tx))
    assert [entry.txid for entry in store_of(wallet.session).entries()] == [first.txid]


def test_what_takes_several_transactions_is_no_psbt(wallet: Online) -> None:
    wallet.fund(100_000)
    draft = payment(wallet)
    assert only_one((draft,)) is draft
    with pytest.raises(EncodingError, match="takes 2 transactions"):
        only_one((draft, draft))


def more_paid(psbt: PSBT) -> None:
    psbt.outputs[0].value += 1


def other_script(psbt: PSBT) -> None:
    psbt.outputs[0].script_pubkey = psbt.outputs[1].script_pubkey


def another_input(psbt: PSBT) -> None:
    extra = PSBT.parse(bytes(psbt.serialize())).inputs[0]
    extra.vout += 1
    extra.non_witness_utxo = None
    psbt.inputs.append(extra)


def output_gone(psbt: PSBT) -> None:
    del psbt.outputs[1]


def final_sequence(psbt: PSBT) -> None:
    psbt.inputs[0].sequence = 0xFFFFFFFF


def other_locktime(psbt: PSBT) -> None:
    psbt.locktime = (psbt.locktime or 0) + 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (more_paid, "output 0 holds 50,001 sat instead of 50,000"),
        (other_script, "output 0 is on "),
        (another_input, "it has 2 inputs instead of 1"),
        (output_gone, "it has 1 outputs instead of 2"),
        (final_sequence, "input 0 has the sequence 0xffffffff"),
        (other_locktime, "its lock time is "),
    ],
)
def test_another_transaction_than_the_draft_is_refused_with_the_difference(
    wallet: Online, change: Change, said: str
) -> None:
    wallet.fund(100_000)
    raw = hand_out(payment(wallet), wallet.session)
    before = wallet.session.reservations.active(NOW), store_of(wallet.session).entries()
    with pytest.raises(StateError, match=said):
        take_back(wallet.cold(changed(raw, change)), wallet.session)
    assert (wallet.session.reservations.active(NOW), store_of(wallet.session).entries()) == before
    assert take_back(wallet.cold(raw), wallet.session).missing == ()


def with_signature(raw: bytes, change: Callable[[bytes], bytes]) -> bytes:
    psbt = PSBT.parse(raw)
    ((key, signature),) = psbt.inputs[0].partial_sigs.items()
    psbt.inputs[0].partial_sigs[key] = change(signature)
    return bytes(psbt.serialize())


@pytest.mark.parametrize("sighash", [0x02, 0x03, 0x81, 0x83])
def test_a_signature_that_does_not_commit_to_everything_is_refused(wallet: Online, sighash: int) -> None:
    wallet.fund(100_000)
    raw = hand_out(payment(wallet), wallet.session)
    signed = with_signature(wallet.cold(raw), lambda signature: signature[:-1] + bytes((sighash,)))
    with pytest.raises(SigningError, match="does not commit to the whole transaction"):
        take_back(signed, wallet.session)

    def asked(psbt: PSBT) -> None:
        psbt.inputs[0].sighash_type = sighash

    with pytest.raises(SigningError, match="sighash"):
        take_back(changed(raw, asked), wallet.session)
    with pytest.raises(SigningError, match="does not commit to the whole transaction"):
        looked(changed(raw, asked), wallet)
    assert len(store_of(wallet.session).entries()) == 1


def test_a_signature_of_another_transaction_is_refused(wallet: Online) -> None:
    wallet.fund(100_000)
    raw = hand_out(payment(wallet), wallet.session)
    ((_, other),) = Psbt.parse(wallet.cold(changed(raw, more_paid))).inputs[0].signatures
    with pytest.raises(SigningError, match="not valid for this transaction"):
        take_back(with_signature(wallet.cold(raw), lambda _: other), wallet.session)


def test_another_account_of_a_spent_coin_is_refused(wallet: Online) -> None:
    wallet.fund(100_000)
    raw = hand_out(payment(wallet), wallet.session)

    def richer(psbt: PSBT) -> None:
        psbt.inputs[0].non_witness_utxo = None
        psbt.inputs[0].witness_utxo.value += 1

    with pytest.raises(SigningError, match="another account of the coin"):
        take_back(wallet.cold(changed(raw, richer)), wallet.session)


def test_a_finalised_psbt_is_taken_back_too(wallet: Online) -> None:
    wallet.fund(100_000)
    raw = hand_out(payment(wallet), wallet.session)
    signed = wallet.cold(raw)
    tx = finalize(signed)

    def final(psbt: PSBT) -> None:
        from embit.script import Witness

        psbt.inputs[0].partial_sigs.clear()
        psbt.inputs[0].final_scriptwitness = Witness(list(tx.wit.vtxinwit[0].scriptWitness.stack))

    returned = take_back(changed(signed, final), wallet.session)
    send_back(returned, wallet.refuses_keys, wallet.session)
    assert wallet.chain.mempool == (tx,)


def test_signatures_that_miss_are_made_by_the_keys_at_hand(wallet: Online) -> None:
    wallet.fund(100_000)
    returned = take_back(hand_out(payment(wallet), wallet.session), wallet.session)
    assert returned.missing == (0,)
    before = wallet.unlocked
    send_back(returned, wallet.unlock, wallet.session)
    assert wallet.unlocked == before + 1
    assert len(wallet.chain.mempool) == 1


def test_what_the_node_refuses_leaves_the_draft(wallet: Online) -> None:
    wallet.fund(100_000)
    signed = wallet.cold(hand_out(payment(wallet), wallet.session))
    wallet.refusal = RpcError("the node would refuse the transaction: min relay fee not met", code=-26)
    with pytest.raises(RpcError):
        send_back(take_back(signed, wallet.session), wallet.refuses_keys, wallet.session)
    assert wallet.session.journal.entries() == ()
    assert len(store_of(wallet.session).entries()) == 1
    wallet.refusal = None
    send_back(take_back(signed, wallet.session), wallet.refuses_keys, wallet.session)


def test_a_draft_that_went_out_is_not_sent_twice(wallet: Online) -> None:
    wallet.fund(100_000)
    signed = wallet.cold(hand_out(payment(wallet), wallet.session))
    returned = take_back(signed, wallet.session)
    wallet.chain.down = True
    with pytest.raises(ChainUnavailableError):
        send_back(returned, wallet.refuses_keys, wallet.session)
    wallet.chain.down = False
    assert len(store_of(wallet.session).entries()) == 1, "the node was gone before anything was journalled"
    send_back(returned, wallet.refuses_keys, wallet.session)
    with pytest.raises(StateError, match="was sent already"):
        take_back(signed, wallet.session)


def test_a_colour_that_changed_since_is_refused(owner: tuple[Online, UnitCoin]) -> None:
    wallet, title = owner
    signed = wallet.cold(hand_out(release(wallet, title), wallet.session))
    known = wallet.session.color_of

    def forgotten(outpoint: COutPoint) -> CoinColor:
        return None if outpoint == title.prevout.outpoint else known(outpoint)

    with pytest.raises(GuardError, match="refused \\(units\\)"):
        take_back(signed, replace(wallet.session, color_of=forgotten))
    assert take_back(signed, wallet.session).draft.expectation.units[0].units == title.units


def test_a_title_leaves_only_where_that_is_accepted(owner: tuple[Online, UnitCoin]) -> None:
    wallet, title = owner
    raw = hand_out(handover(wallet, title), wallet.session)
    with pytest.raises(GuardError, match="takes the title of"):
        looked(raw, wallet)
    assert looked(raw, wallet, HAND_OVER).colored
    returned = take_back(wallet.cold(raw), wallet.session)
    send_back(returned, wallet.refuses_keys, wallet.session)


def spending(wallet: Online, title: UnitCoin, *outputs: CTxOut) -> bytes:
    """A PSBT that somebody made up, which spends the title."""
    tx = assemble(((title.prevout.outpoint, 0xFFFFFFFD),), outputs)
    unsigned = UnsignedTransaction(tx=tx, prevouts=(title.prevout,))
    return to_psbt(unsigned, wallet.account, (made(wallet, title.prevout.outpoint),))


def made(wallet: Online, outpoint: COutPoint) -> CTransaction:
    """The transaction that made a coin."""
    found = wallet.chain.transaction(Txid(outpoint.hash))
    assert found is not None
    return found.tx


def treasury_of(wallet: Online, title: UnitCoin) -> UnitCoin:
    """The treasury of a genesis that nothing has moved yet."""
    outpoint = COutPoint(title.prevout.outpoint.hash, 1)
    prevout = Prevout(outpoint=outpoint, txout=made(wallet, outpoint).vout[1], path=title.prevout.path)
    return UnitCoin(prevout=prevout, units=Genuine(genesis=title.units.genesis, quantity=1000, title=False))


def grant(wallet: Online, title: UnitCoin, *quantities: int) -> Draft:
    coins, rest = (
        [treasury_of(wallet, title)],
        Recipient(script=title.prevout.txout.scriptPubKey, path=title.prevout.path),
    )
    grants = [
        Grant(to=Recipient(script=script(f"holder {number}")), quantity=one) for number, one in enumerate(quantities)
    ]
    plan = plan_grant(coins=coins, grants=grants, rest=rest, change=change_slot(wallet.session))

    def expect(funding: Funding) -> Expectation:
        return expect_grant(coins=coins, grants=grants, rest=rest, funding=funding)

    return prepared(wallet, plan, expect, About(kind="grant", genesis=title.units.genesis))


def test_a_psbt_that_would_burn_a_title_is_refused_where_colours_are_known(owner: tuple[Online, UnitCoin]) -> None:
    wallet, title = owner
    raw = spending(wallet, title, CTxOut(5_000, script("thief")))
    with pytest.raises(GuardError, match="burn"):
        looked(raw, wallet)


def test_without_a_node_a_title_is_neither_burnt_nor_given_away_in_passing(owner: tuple[Online, UnitCoin]) -> None:
    wallet, title = owner
    with pytest.raises(GuardError, match=r"the title of .* would end"):
        blind(spending(wallet, title, CTxOut(9_000, script("thief"))), wallet)
    raw = hand_out(handover(wallet, title), wallet.session)
    with pytest.raises(GuardError, match="output 1 takes what may be a repository's title away") as refused:
        blind(raw, wallet)
    assert isinstance(refused.value.advice, Advice)
    assert refused.value.advice.remedies == (ImageRemedy.NAME_HAND_OVER,)
    assert not blind(raw, wallet, HAND_OVER).colored


def test_without_a_node_no_amount_is_believed_that_no_transaction_proves(owner: tuple[Online, UnitCoin]) -> None:
    wallet, title = owner
    for draft in (handover(wallet, title), payment(wallet)):
        raw = changed(hand_out(draft, wallet.session), without_previous)
        with pytest.raises(GuardError, match="comes without the transaction that made its coin"):
            blind(raw, wallet, Consent(hand_over=True, unjudged=True))
        discard(display(draft.txid), store_of(wallet.session))


def test_without_a_node_a_title_is_not_taken_away_from_behind_another_input(owner: tuple[Online, UnitCoin]) -> None:
    wallet, title = owner
    coin = wallet.chain.fund(script("thief"), 5_000)
    foreign = Prevout(outpoint=coin, txout=CTxOut(5_000, script("thief")), path=None)
    tx = assemble(
        ((foreign.outpoint, 0xFFFFFFFD), (title.prevout.outpoint, 0xFFFFFFFD)),
        (marker([1]), CTxOut(14_000, script("thief"))),
    )
    previous = (made(wallet, title.prevout.outpoint), made(wallet, coin))
    raw = to_psbt(UnsignedTransaction(tx=tx, prevouts=(foreign, title.prevout)), wallet.account, previous)
    with pytest.raises(GuardError, match=r"the title of .* would end"):
        blind(raw, wallet, Consent(hand_over=True, unjudged=True))


def test_without_a_node_records_and_grants_are_signed_with_a_warning(owner: tuple[Online, UnitCoin]) -> None:
    wallet, title = owner
    granted, released = grant(wallet, title, 1, 2), release(wallet, title)
    for draft in (granted, released):
        seen = blind(hand_out(draft, wallet.session), wallet)
        assert not seen.colored
        assert "CANNOT be checked" in seen.view.warnings[-1]
        assert seen.view.inputs[0].color == "unknown"
        assert seen.view.outputs[1].place.startswith("dcrt1"), "as the recipient named it"
        assert seen.view.outputs[0].place == ""
        discard(display(draft.txid), store_of(wallet.session))
    assert (
        "3 access units leave this wallet, 997 of the spent ones stay"
        in blind(hand_out(granted, wallet.session), wallet).view.effects
    )


@pytest.mark.parametrize("quantities", [(1000,), (999,), (500, 1)])
def test_most_of_a_treasury_leaves_only_by_name(owner: tuple[Online, UnitCoin], quantities: tuple[int, ...]) -> None:
    wallet, title = owner
    raw = hand_out(grant(wallet, title, *quantities), wallet.session)
    for look in (looked, blind):
        with pytest.raises(GuardError, match=r"refused \(treasury\): .* access units leave this wallet"):
            look(raw, wallet, NOTHING_NAMED)
        assert look(raw, wallet, HAND_OVER).reading.leaving == sum(quantities)


def without_previous(psbt: PSBT) -> None:
    """As tools give a PSBT back that keep only the spent outputs."""
    for scope in psbt.inputs:
        scope.non_witness_utxo = None


def test_a_psbt_that_would_freeze_a_repository_is_refused(owner: tuple[Online, UnitCoin]) -> None:
    wallet, title = owner
    units = UnitCoin(
        prevout=Prevout(
            outpoint=COutPoint(title.prevout.outpoint.hash, 1),
            txout=CTxOut(600, wallet.account.script(KeyPath(AccountKind.UNITS, 0, 0))),
            path=title.prevout.path,
        ),
        units=Genuine(genesis=title.units.genesis, quantity=1000, title=False),
    )
    tx = assemble(
        ((units.prevout.outpoint, 0xFFFFFFFD), (title.prevout.outpoint, 0xFFFFFFFD)),
        (marker([1000, 1]), CTxOut(600, script("a")), CTxOut(700, script("b"))),
    )
    found = wallet.chain.transaction(Txid(units.prevout.outpoint.hash))
    assert found is not None
    prevouts = (replace(units.prevout, txout=found.tx.vout[1]), title.prevout)
    raw = to_psbt(UnsignedTransaction(tx=tx, prevouts=prevouts), wallet.account)
    with pytest.raises(GuardError):
        looked(raw, wallet)


def test_a_coin_of_unknown_colour_is_not_signed_away(wallet: Online) -> None:
    wallet.fund(100_000)
    raw = hand_out(payment(wallet), wallet.session)
    facts = WalletFacts.of(wallet.session)
    forgetful = replace(facts, node=NodeFacts(source=wallet.chain, color_of=lambda _: Unknown(reason="forgotten")))
    with pytest.raises(GuardError, match="unknown colour"):
        review(raw, forgetful)


def test_a_psbt_without_a_key_of_ours_is_not_ours(wallet: Online) -> None:
    wallet.fund(100_000)
    raw = hand_out(payment(wallet), wallet.session)
    other = type(wallet.account).of(PrivateKeychain(bytes(range(1, 33)), REGTEST))
    with pytest.raises(MissingKeyError, match="no input names a key"):
        review(raw, replace(WalletFacts.of(wallet.session), account=other))


def test_false_claims_about_keys_are_found_out(wallet: Online) -> None:
    wallet.fund(100_000)
    raw = hand_out(payment(wallet), wallet.session)

    def input_of_others(psbt: PSBT) -> None:
        psbt.inputs[0].non_witness_utxo = None
        psbt.inputs[0].witness_utxo.script_pubkey = psbt.outputs[0].script_pubkey

    def change_of_others(psbt: PSBT) -> None:
        psbt.outputs[1].script_pubkey = psbt.outputs[0].script_pubkey

    def silent(psbt: PSBT) -> None:
        psbt.inputs[0].non_witness_utxo = psbt.inputs[0].witness_utxo = None

    def poor(psbt: PSBT) -> None:
        psbt.outputs[0].value = 200_000

    for change, said in (
        (input_of_others, "is said to hold"),
        (change_of_others, "claims to pay"),
        (silent, "does not say what it spends"),
        (poor, "more than its inputs"),
    ):
        with pytest.raises(SigningError, match=said):
            looked(changed(raw, change), wallet)


def test_what_others_signed_too_is_not_left_for_a_cold_key(wallet: Online) -> None:
    wallet.fund(100_000)
    draft = payment(wallet)
    with pytest.raises(StateError, match="cannot wait for a cold key"):
        hand_out(replace(draft, signatures=((0, (b"", b"")),)), wallet.session)
    assert store_of(wallet.session).entries() == ()
