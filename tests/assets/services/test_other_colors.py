"""Coins that might hold units of another protocol: which they are, what they pay for, and how they are freed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from bitcoin.core import CMutableTransaction, COutPoint, CTransaction, CTxIn, CTxInWitness, CTxOut, CTxWitness
from bitcoin.core.script import CScript, CScriptWitness

from assets.coloring.suspicion import SMALL_COIN
from assets.coloring.walk import ColorWalker
from assets.errors import GuardError
from assets.model import OtherColor, Sign, Unknown
from assets.protocols.table import RULE
from assets.remedies import ImageRemedy
from assets.services.spending.cold_drafts import hand_out
from assets.services.spending.cold_signing import NOTHING_NAMED, Consent, Review, review
from assets.services.spending.paying import draft_payment, draft_sweep
from assets.services.spending.signing import sign_and_broadcast
from assets.services.spending.wallet_facts import WalletFacts
from assets.services.wallets.freezing import freeze, unfreeze, unfreezing
from assets.services.wallets.holdings_view import balance, coins
from assets.services.wallets.labels import export_labels, import_labels
from assets.services.wallets.other_colors import WalletColors
from assets.services.wallets.own_keys import own_scripts
from assets.store.color_store import ColorStore
from tests.assets.services.fake_session import NOW, FakeWallet, facts_alone
from tests.builders import pay, script
from wallet.chain.fake import FakeChain
from wallet.chain.source import FoundTransaction
from wallet.coins import AccountKind, KeyPath
from wallet.errors import InsufficientFundsError, StateError
from wallet.hashes import Txid, outpoint_text, txid_of
from wallet.keys.address import address_of
from wallet.network import REGTEST
from wallet.psbt import Psbt, to_psbt
from wallet.store.cold_drafts import ColdDrafts
from wallet.store.database import Database
from wallet.store.journal import JournalEntry
from wallet.store.schema import wallet_database
from wallet.transactions import RBF_SEQUENCE, Prevout, UnsignedTransaction, assemble

STRANGER = address_of(script("stranger"), REGTEST)
RUNESTONE = CTxOut(0, CScript(b"\x6a\x5d\x01\x00"))
COLORED = CTxOut(0, CScript(b"\x6a\x03CC\x02"))
ENVELOPE = b"\x00\x63\x03ord\x01\x01\x01t\x00\x01h\x68"


class CountingChain(FakeChain):
    """Counts which transactions are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[bytes] = Counter()

    def transaction(self, txid: Txid) -> FoundTransaction | None:
        self.asked[txid] += 1
        return super().transaction(txid)


class Wallet(FakeWallet):
    """A wallet on a chain that counts, with a cache of colours on disk."""

    def __init__(self, folder: Path) -> None:
        self.counting = CountingChain()
        super().__init__(folder, self.counting)
        self.cache = ColorStore(folder / "colors.db")
        self.session = replace(self.session, cold_drafts=ColdDrafts(self.database), color_of=self.colors().color)
        self.folder = folder

    def colors(self) -> WalletColors:
        """The colours as a new process asks for them."""
        return WalletColors(
            ColorWalker(RULE, self.chain, self.cache),
            self.chain,
            store=self.session.store,
            journal=self.session.journal,
            own=lambda: own_scripts(self.session),
            cache=self.cache,
        )

    def script(self, index: int = 0, account: AccountKind = AccountKind.BTC) -> CScript:
        return self.account.script(KeyPath(account, 0, index))

    def paid(
        self,
        sats: int,
        *others: CTxOut,
        spends: tuple[COutPoint, ...] = (),
        sequence: int = RBF_SEQUENCE,
        version: int = 2,
    ) -> COutPoint:
        """A coin of the wallet's in a block, made by a stranger unless told what is spent."""
        inputs = spends or (self.chain.fund(script("stranger"), 10_000_000),)
        return self.mined(
            made(CTxOut(sats, self.script(7)), *others, spends=inputs, sequence=sequence, version=version), 0
        )

    def signs(self, outpoint: COutPoint) -> tuple[Sign, ...]:
        color = self.colors().color(outpoint)
        assert color is None or isinstance(color, OtherColor)
        return () if color is None else color.signs

    def close(self) -> None:
        self.cache.close()
        self.database.close()


def made(
    *outputs: CTxOut,
    spends: tuple[COutPoint, ...],
    sequence: int = RBF_SEQUENCE,
    version: int = 2,
    items: tuple[bytes, ...] = (),
) -> CTransaction:
    inputs = [CTxIn(outpoint, CScript(), sequence) for outpoint in spends]
    witness = CTxWitness([CTxInWitness(CScriptWitness(items))] + [CTxInWitness()] * (len(inputs) - 1))
    return CTransaction.from_tx(CMutableTransaction(inputs, list(outputs), 0, version, witness))


@pytest.fixture
def wallet(tmp_path: Path) -> Iterator[Wallet]:
    opened = Wallet(tmp_path)
    yield opened
    opened.close()


def journaled(wallet: Wallet, tx: CTransaction) -> None:
    wallet.session.journal.record(JournalEntry(tx=tx, kind="send", created=NOW))


@pytest.mark.parametrize(("sats", "signs"), [(SMALL_COIN, (Sign.SMALL,)), (SMALL_COIN + 1, ()), (546, (Sign.SMALL,))])
def test_a_small_coin_of_others_is_reserved(wallet: Wallet, sats: int, signs: tuple[Sign, ...]) -> None:
    coin = wallet.paid(sats)
    assert wallet.signs(coin) == signs
    view = next(one for one in coins(wallet.session).coins if one.outpoint == outpoint_text(coin))
    assert view.state == ("reserved" if signs else "spendable")
    assert view.signs == tuple(map(str, signs))
    assert bool(view.risk) is bool(signs)
    assert balance(wallet.session).reserved == (sats if signs else 0)
    if signs:
        assert view.holds == "perhaps another colour: at most 1,000 sat, from others"
        assert view.because == "it might hold units of another protocol: at most 1,000 sat, from others"


@pytest.mark.parametrize(
    ("others", "sequence", "version", "sign"),
    [
        ((RUNESTONE,), RBF_SEQUENCE, 2, Sign.RUNES),
        ((COLORED,), RBF_SEQUENCE, 2, Sign.COLORED_COINS),
        ((), 51, 1, Sign.EPOBC),
    ],
)
def test_a_sign_reserves_a_coin_of_any_size(
    wallet: Wallet, others: tuple[CTxOut, ...], sequence: int, version: int, sign: Sign
) -> None:
    assert wallet.signs(wallet.paid(5_000_000, *others, sequence=sequence, version=version)) == (sign,)
    assert wallet.signs(wallet.paid(600, *others, sequence=sequence, version=version)) == (Sign.SMALL, sign)


def test_coins_on_other_paths_and_of_strangers_are_not_concerned(wallet: Wallet) -> None:
    funding = wallet.chain.fund(script("stranger"), 10_000_000)
    outputs = [CTxOut(600, wallet.script(0, account)) for account in (AccountKind.UNITS, AccountKind.ISSUING)]
    tx = made(*outputs, pay("stranger"), RUNESTONE, spends=(funding,))
    wallet.chain.mine(tx)
    assert [wallet.signs(COutPoint(txid_of(tx), vout)) for vout in range(4)] == [(), (), (), ()]


def test_what_the_journal_knows_is_free(wallet: Wallet) -> None:
    wallet.fund(100_000)
    own = address_of(wallet.script(9), REGTEST)
    txid = sign_and_broadcast(draft_payment(wallet.session, own, "0.000006", rate="2"), wallet.unlock, wallet.session)
    wallet.chain.mine()
    coin = wallet.coins.give(COutPoint(txid, 0))
    assert wallet.signs(coin) == ()
    joint = made(
        CTxOut(600, wallet.script(7)), RUNESTONE, spends=(wallet.fund(9_000), wallet.chain.fund(script("a"), 9_000))
    )
    journaled(wallet, joint)
    assert wallet.signs(wallet.mined(joint, 0)) == ()


def test_without_a_journal_a_small_coin_is_free_where_every_input_was_ours(wallet: Wallet) -> None:
    """As after a restore from the words."""

    def ours() -> COutPoint:
        return wallet.fund(50_000)

    def theirs() -> COutPoint:
        return wallet.chain.fund(script("stranger"), 50_000)

    assert wallet.signs(wallet.paid(600, spends=(ours(),))) == ()
    assert wallet.signs(wallet.paid(600, spends=(ours(), wallet.fund(9_000, account=AccountKind.UNITS)))) == ()
    assert wallet.signs(wallet.paid(600, spends=(ours(), theirs()))) == (Sign.SMALL,)
    assert wallet.signs(wallet.paid(600, spends=(theirs(), ours()))) == (Sign.SMALL,)


def test_without_a_journal_a_sign_counts_whoever_made_the_coin(wallet: Wallet) -> None:
    """Another program with the same words may know those colours."""
    assert wallet.signs(wallet.paid(600, RUNESTONE, spends=(wallet.fund(50_000),))) == (Sign.RUNES,)


def test_a_reserved_coin_pays_for_nothing_and_funds_that_lack_are_explained(wallet: Wallet) -> None:
    wallet.paid(600)
    wallet.paid(5_000_000, RUNESTONE)
    for _ in range(2):
        with pytest.raises(InsufficientFundsError) as short:
            draft_payment(wallet.session, STRANGER, "0.01", rate="1")
        told = (
            "5,000,600 sat (2 of the coins) might hold units of another protocol: at most 1,000 sat, from others; its "
        )
        assert told in str(short.value)
        assert str(ImageRemedy.FREE_OTHER_COLORS.of()) in short.value.hint
        with pytest.raises(InsufficientFundsError, match="might hold units of another protocol"):
            draft_sweep(wallet.session, STRANGER, rate="1")
    plain = wallet.fund(90_000)
    swept = draft_sweep(wallet.session, STRANGER, rate="1")
    assert [prevout.outpoint for prevout in swept.unsigned.prevouts] == [plain]
    with pytest.raises(InsufficientFundsError):
        draft_payment(wallet.session, STRANGER, "0.01", rate="1")


def test_a_coin_that_was_freed_pays_until_it_is_frozen(wallet: Wallet) -> None:
    coin = wallet.paid(5_000_000, RUNESTONE)
    store, color_of = wallet.session.store, wallet.session.color_of
    (chosen,) = unfreezing([coin], store, color_of)
    assert chosen.signs == ("runes",)
    assert chosen.words == f"{outpoint_text(coin)}: a payment with it may lose for ever runes on it"
    assert store.freed() == frozenset(), "nothing is written before the yes"
    unfreeze([chosen], store)
    assert draft_payment(wallet.session, STRANGER, "0.01", rate="1").unsigned.prevouts[0].outpoint == coin
    with pytest.raises(StateError, match="is not frozen"):
        unfreezing([coin], store, color_of)
    freeze([coin], wallet.session)
    assert store.freed() == frozenset()
    (again,) = unfreezing([coin], store, color_of)
    assert again.risk, "it is asked again"
    unfreeze([again], store)
    assert not store.frozen()
    assert store.freed() == {coin}


def test_without_a_node_what_is_not_frozen_is_freed_untold(wallet: Wallet) -> None:
    coin, frozen = wallet.paid(600), wallet.fund(50_000)
    freeze([frozen], wallet.session)
    untold, plain = unfreezing([coin, frozen], wallet.session.store, None)
    assert "no node answers" in untold.risk
    assert not plain.risk
    unfreeze([untold, plain], wallet.session.store)
    assert not wallet.session.store.frozen()
    assert wallet.session.store.freed() == {coin}


def test_no_file_of_labels_frees_a_coin(wallet: Wallet) -> None:
    coin = wallet.paid(600)
    lines = export_labels(wallet.session)
    assert '"spendable":false' in lines.replace(" ", "")
    freeing = lines.replace("false", "true")
    import_labels(freeing.encode(), wallet.session.store, lambda: wallet.session)
    assert wallet.signs(coin) == (Sign.SMALL,)


def test_what_was_found_is_remembered_by_block(wallet: Wallet) -> None:
    found = [wallet.paid(600), wallet.paid(700_000), wallet.paid(700_000, RUNESTONE)]
    first = [wallet.signs(coin) for coin in found]
    wallet.counting.asked.clear()
    assert [wallet.signs(coin) for coin in found] == first == [(Sign.SMALL,), (), (Sign.RUNES,)]
    assert not wallet.counting.asked


def test_a_thousand_coins_of_one_transaction_are_one_look(wallet: Wallet) -> None:
    """Dust costs a stranger little, and must not cost its receiver a transaction for every coin."""
    funding = wallet.chain.fund(script("stranger"), 10_000_000)
    tx = made(*[CTxOut(546, wallet.script(7))] * 1_000, spends=(funding,))
    wallet.chain.mine(tx)
    wallet.counting.asked.clear()
    colors = wallet.colors()
    found = [colors.color(COutPoint(txid_of(tx), vout)) for vout in range(1_000)]
    assert set(found) == {OtherColor(signs=(Sign.SMALL,))}
    assert wallet.counting.asked.total() <= 3


def test_a_witness_that_a_reorganisation_exchanges_is_read_again(wallet: Wallet) -> None:
    """A txid does not cover it: whoever signs may show a plain one first."""
    funding = wallet.chain.fund(script("stranger"), 1_000_000)
    plain, inscribed = (
        made(CTxOut(900_000, wallet.script(7)), spends=(funding,), items=(b"sig", item)) for item in (b"key", ENVELOPE)
    )
    assert txid_of(plain) == txid_of(inscribed)
    coin = wallet.mined(plain, 0)
    assert wallet.signs(coin) == ()
    wallet.chain.reorg(1, [[inscribed], []])
    assert wallet.signs(coin) == (Sign.INSCRIPTION,)
    wallet.chain.reorg(2, [[plain], [], []])
    assert wallet.signs(coin) == ()


def test_nothing_of_the_mempool_is_remembered(wallet: Wallet) -> None:
    coin = wallet.chain.fund_unconfirmed(wallet.script(7), 600)
    for _ in range(2):
        wallet.counting.asked.clear()
        assert wallet.signs(coin) == (Sign.SMALL,)
        assert wallet.counting.asked[coin.hash]


def test_a_coin_whose_maker_is_lost_is_unknown_and_so_reserved(wallet: Wallet) -> None:
    coin = wallet.paid(5_000_000)
    assert wallet.signs(coin) == ()
    wallet.cache.forget(wallet.chain.tip().hash)
    wallet.chain.lost.add(Txid(coin.hash))
    assert isinstance(wallet.colors().color(coin), Unknown)
    wallet.chain.lost.clear()
    other = wallet.paid(600)
    assert ColorWalker(RULE, wallet.chain, wallet.cache).color(other) is None
    wallet.chain.lost.add(Txid(other.hash))
    assert wallet.colors().color(other) == Unknown(reason="the transaction that made it cannot be had")
    swept = draft_sweep(wallet.session, STRANGER, rate="1")
    assert [prevout.outpoint for prevout in swept.unsigned.prevouts] == [coin]


def test_signs_that_a_newer_version_wrote_are_read_anew(wallet: Wallet) -> None:
    coin = wallet.paid(600)
    assert wallet.signs(coin) == (Sign.SMALL,)
    database: Database = wallet.cache._database
    with database.transaction() as connection:
        connection.execute("UPDATE suspicion SET signs = 'small,of tomorrow'")
    assert wallet.signs(coin) == (Sign.SMALL,)


def psbt_of(wallet: Wallet, coin: COutPoint, index: int = 7) -> bytes:
    """A stranger's wish: one coin of the wallet's, all to the stranger."""
    found = wallet.chain.transaction(Txid(bytes(coin.hash)))
    assert found is not None
    prevout = Prevout(outpoint=coin, txout=found.tx.vout[coin.n], path=KeyPath(AccountKind.BTC, 0, index))
    tx = assemble(((coin, RBF_SEQUENCE),), (CTxOut(prevout.txout.nValue - 300, script("stranger")),))
    return to_psbt(UnsignedTransaction(tx=tx, prevouts=(prevout,)), wallet.account, (found.tx,))


def looked(raw: bytes, wallet: Wallet) -> Review:
    return review(raw, WalletFacts.of(wallet.session), NOTHING_NAMED)


def blind(raw: bytes, wallet: Wallet, *, unjudged: bool = False, freed: COutPoint | None = None) -> Review:
    """Without a node, on a machine that has the same words."""
    database = wallet_database(wallet.folder / "cold.db")
    facts = facts_alone(wallet, database)
    if freed is not None:
        facts.store.free(freed)
    try:
        return review(raw, facts, Consent(unjudged=unjudged))
    finally:
        database.close()


@pytest.mark.parametrize("others", [(RUNESTONE,), (COLORED,), ()])
def test_no_psbt_takes_a_reserved_coin_before_it_is_freed(wallet: Wallet, others: tuple[CTxOut, ...]) -> None:
    coin = wallet.paid(1_000 if not others else 50_000, *others)
    raw = psbt_of(wallet, coin)
    with pytest.raises(GuardError, match=r"refused \(another protocol\): input 0 .* might hold") as refused:
        looked(raw, wallet)
    assert str(ImageRemedy.UNFREEZE_OTHER_COLOR.of(coin=outpoint_text(coin))) in refused.value.hint
    unfreeze(unfreezing([coin], wallet.session.store, wallet.session.color_of), wallet.session.store)
    assert looked(raw, wallet).own == (0,)


@pytest.mark.parametrize("index", [1_050, 1_150, 9_000])
def test_a_key_that_only_the_psbt_names_hides_no_sign(wallet: Wallet, index: int) -> None:
    """Beyond the keys that a wallet looks at, whoever asks for the signature says where its coins lie."""
    funding = wallet.chain.fund(script("stranger"), 1_000_000)
    tx = made(CTxOut(50_000, wallet.script(index)), RUNESTONE, spends=(funding,))
    wallet.chain.mine(tx)
    coin = COutPoint(txid_of(tx), 0)
    with pytest.raises(GuardError, match=r"refused \(another protocol\): .* might hold runes on it"):
        looked(psbt_of(wallet, coin, index), wallet)
    wallet.session.store.free(coin)
    assert looked(psbt_of(wallet, coin, index), wallet).own == (0,)


def test_without_a_node_a_sign_refuses_and_a_small_coin_is_a_doubt(wallet: Wallet) -> None:
    signed, small = psbt_of(wallet, wallet.paid(50_000, RUNESTONE)), psbt_of(wallet, wallet.paid(1_000))
    for unjudged in (False, True):
        with pytest.raises(GuardError, match=r"refused \(another protocol\): .* might hold runes on it"):
            blind(signed, wallet, unjudged=unjudged)
    with pytest.raises(
        GuardError, match=r"refused \(unknown colour\): .* may hold units of another protocol, if others"
    ):
        blind(small, wallet)
    assert any("if others made it" in one for one in blind(small, wallet, unjudged=True).view.warnings)
    coin = COutPoint(review_input(signed), 0)
    assert blind(signed, wallet, freed=coin).own == (0,)


def review_input(raw: bytes) -> bytes:
    """The txid that input 0 of a PSBT spends."""
    return bytes(Psbt.parse(raw).tx.vin[0].prevout.hash)


def test_a_draft_left_for_a_cold_key_is_refused_once_its_coin_is_found_to_be_reserved(wallet: Wallet) -> None:
    """A witness may come to light between the draft and the signature."""
    funding = wallet.chain.fund(script("stranger"), 1_000_000)
    plain, inscribed = (
        made(CTxOut(900_000, wallet.script(7)), spends=(funding,), items=(b"sig", item)) for item in (b"key", ENVELOPE)
    )
    wallet.mined(plain, 0)
    raw = hand_out(draft_payment(wallet.session, STRANGER, "0.001", rate="1"), wallet.session)
    assert looked(raw, wallet).own == (0,)
    wallet.chain.reorg(1, [[inscribed], []])
    with pytest.raises(GuardError, match="an inscription on it"):
        looked(raw, wallet)
