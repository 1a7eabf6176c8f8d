"""What a seller hands over, and what a buyer makes of it, on made-up lineages and a chain in memory."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from bitcoin.core import CTransaction, CTxOut

from assets.errors import ImageError, NotFoundError
from assets.images.bid import Bid, BidPackage
from assets.images.content_key import RepositorySecret, repository_secret
from assets.images.digest import Digest
from assets.images.repository import RepositoryState
from assets.images.secret_ring import SecretRing
from assets.registry.fake import FakeRegistry
from assets.registry.oci import Manifest
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess
from assets.services.repository_secrets.secret_epochs import undone_sales
from assets.services.repository_secrets.secret_forms import reader_of
from assets.services.repository_secrets.secret_handing import (
    HandedOver,
    TitleSale,
    accepted_bid,
    hand_over,
    require_same_sale,
    settled_sale,
)
from assets.services.repository_secrets.secret_receiving import (
    Opened,
    Received,
    check_handed,
    open_handed,
    parse_handed,
)
from assets.services.repository_secrets.secret_wrapping import SecretReceiver, wrap
from assets.store.index_store import IndexStore
from tests.assets.images.lineage import ALICE, BOB, NAME, Lineage
from tests.assets.registry.images import image
from tests.assets.services.fake_session import NOW, FakeWallet, transaction
from tests.assets.services.test_sealed_keys import Forms, seal
from wallet.coins import AccountKind, KeyPath
from wallet.errors import StateError
from wallet.hashes import Txid, display, txid_of
from wallet.network import REGTEST
from wallet.psbt import bare_psbt
from wallet.secret_store import SeedSecrets
from wallet.store.handovers import HandoverStore
from wallet.transactions import Prevout, UnsignedTransaction

SELLER, BUYER = SeedSecrets(b"s" * 64), SeedSecrets(b"b" * 64)
PLAIN = Digest.of(b"plain")


class Trade:
    """Alice seals, sells to Bob, and hands over."""

    def __init__(self) -> None:
        self.lineage = Lineage()
        self.forms = Forms()

    @property
    def genesis(self) -> Txid:
        return self.lineage.txid

    def sealed(self, secret: RepositorySecret, generation: int = 1, plaintext: Digest = PLAIN) -> Digest:
        form = self.forms.add(secret, plaintext, generation)
        seal(self.lineage, plaintext, form)
        return form

    def own(self, epoch: int = 1) -> RepositorySecret:
        return repository_secret(SELLER, self.genesis, epoch)

    def sale(self) -> TitleSale:
        """The last time that Alice sold."""
        state = self.lineage.state()
        by_alice = [one for one in state.history if one.author == ALICE and one.target is not None]
        step = next(one for one in reversed(by_alice) if one.target is not None and one.target.script == BOB)
        to = SecretReceiver(BUYER, self.genesis, bytes(BOB)).public
        return TitleSale(state=state, step=step, to=to, own=frozenset({bytes(ALICE)}))

    def hand(self, *received: RepositorySecret) -> HandedOver:
        return hand_over(self.sale(), SecretRing(SELLER, received), self.forms.read)

    def take(self, document: str, state: RepositoryState | None = None) -> Received:
        titles = ((state or self.lineage.state(), (bytes(BOB),)),)
        found, opened = open_handed(parse_handed(document.encode()), titles, BUYER)
        return check_handed(found, opened, self.forms.read)


def test_every_secret_that_sealed_something_before_the_sale_goes_to_the_buyer() -> None:
    trade = Trade()
    received = RepositorySecret(genesis=trade.genesis, value=b"r" * 32)
    forms = [
        trade.sealed(trade.own()),
        trade.sealed(trade.own(), 2),
        trade.sealed(trade.own(4)),
        trade.sealed(received),
    ]
    trade.lineage.handover(BOB)
    later = trade.sealed(repository_secret(BUYER, trade.genesis))
    handed = trade.hand(received)
    assert set(handed.ids) == {trade.own().id, trade.own(4).id, received.id}
    assert not handed.notes
    taken = trade.take(handed.document)
    assert set(taken.opens) == set(forms)
    assert taken.closed == ((later, "another secret made it"),)
    assert {one.secret.id for one in taken.secrets} == set(handed.ids)


def test_what_cannot_be_read_is_covered_by_the_secrets_of_the_times_before_the_sale_only() -> None:
    trade = Trade()
    seal(trade.lineage, PLAIN, Digest.of(b"gone"))
    trade.lineage.handover(BOB)
    handed = trade.hand()
    assert handed.ids == (trade.own(1).id,)
    assert "cannot be read: it is gone" in handed.notes[0]
    trade.lineage.handover(ALICE)
    later = RepositorySecret(genesis=trade.genesis, value=b"l" * 32)
    assert trade.hand(later).ids == (trade.own(1).id,)
    trade.lineage.handover(BOB)
    assert trade.own(2).id in trade.hand().ids


def test_a_form_of_somebody_elses_secret_is_told_and_none_at_all_is_refused() -> None:
    trade = Trade()
    foreign = trade.sealed(repository_secret(BUYER, trade.genesis))
    trade.lineage.handover(BOB)
    with pytest.raises(StateError, match="no secret of the repository"):
        trade.hand()
    other = Trade()
    other.sealed(repository_secret(BUYER, other.genesis))
    other.sealed(other.own())
    other.lineage.handover(BOB)
    assert other.hand().notes == (f"{foreign} was sealed with a secret that this wallet does not have",)


def test_a_secret_that_opens_nothing_is_not_kept() -> None:
    trade = Trade()
    trade.sealed(trade.own())
    trade.lineage.handover(BOB)
    to = trade.sale().to
    wrong = wrap(trade.own(9), to)
    with pytest.raises(ImageError, match="none of the repository's sealed forms"):
        trade.take(wrong)
    taken = trade.take(f"{wrong}\n{wrap(trade.own(), to)}\n")
    assert [one.secret for one in taken.secrets] == [trade.own()]


def test_a_secret_that_cannot_be_checked_yet_is_not_kept() -> None:
    trade = Trade()
    seal(trade.lineage, PLAIN, Digest.of(b"gone"))
    trade.lineage.handover(BOB)
    with pytest.raises(StateError, match="cannot be checked yet"):
        trade.take(wrap(trade.own(), trade.sale().to))


def test_a_form_that_commits_to_another_key_than_its_secret_makes_stays_closed() -> None:
    trade = Trade()
    form = trade.forms.add(trade.own(), Digest.of(b"another"), 1)
    seal(trade.lineage, PLAIN, form)
    trade.lineage.handover(BOB)
    with pytest.raises(ImageError, match="none of the repository's sealed forms"):
        trade.take(wrap(trade.own(), trade.sale().to))
    good = Trade()
    bad = good.forms.add(good.own(), Digest.of(b"another"), 1)
    seal(good.lineage, PLAIN, bad)
    opens = good.sealed(good.own(), 2)
    good.lineage.handover(BOB)
    taken = good.take(wrap(good.own(), good.sale().to))
    assert taken.opens == (opens,)
    assert taken.closed[0][0] == bad
    assert "commits to another key" in taken.closed[0][1]


def test_a_secret_of_another_repository_in_the_right_envelope_is_refused() -> None:
    trade = Trade()
    trade.sealed(trade.own())
    trade.lineage.handover(BOB)
    other = RepositorySecret(genesis=Txid(bytes(32)), value=trade.own().value)
    with pytest.raises(ImageError, match="hands over a secret of 0000"):
        trade.take(wrap(other, trade.sale().to))


def test_a_document_about_two_repositories_is_refused() -> None:
    one, two = Lineage("one", owner=BOB), Lineage("two", owner=BOB)
    lines = [
        wrap(RepositorySecret(genesis=each.txid, value=b"x" * 32), SecretReceiver(BUYER, each.txid, bytes(BOB)).public)
        for each in (one, two)
    ]
    titles = tuple((each.state(), (bytes(BOB),)) for each in (one, two))
    with pytest.raises(ImageError, match="several repositories"):
        open_handed(lines, titles, BUYER)
    state, opened = open_handed(lines[1:], titles, BUYER)
    assert state.genesis.txid == two.txid
    assert isinstance(opened[0], Opened)


def test_manifests_are_looked_for_under_every_name_that_the_repository_had() -> None:
    lineage = Lineage().define("registry.example/acme/new")
    registry = FakeRegistry()
    old, new = image("old"), image("new")
    registry.put(NAME, None, old.manifest)
    registry.put("registry.example/acme/new", None, new.manifest)
    read = reader_of(registry, lineage.state())
    documents: list[Manifest] = [read(old.digest), read(new.digest)]
    assert len(documents) == 2
    with pytest.raises(NotFoundError):
        read(Digest.of(b"gone"))


def test_a_long_name_is_found_among_those_that_were_typed() -> None:
    name = "registry.example/acme/a-name-that-records-only-hash"
    lineage, registry = Lineage().define(name), FakeRegistry()
    one = image("one")
    registry.put(name, None, one.manifest)
    assert reader_of(registry, lineage.state(), ("registry.example/other", name))(one.digest) is not None
    with pytest.raises(NotFoundError):
        reader_of(registry, lineage.state(), ("registry.example/other",))(one.digest)


class Sale:
    """A payment that is called a sale, on a chain in memory."""

    def __init__(self, folder: Path) -> None:
        self.wallet = FakeWallet(folder)
        self.index = IndexStore(folder / "index.db", REGTEST)
        coin = self.wallet.fund(10_000)
        script = self.wallet.account.script(KeyPath(AccountKind.UNITS, 0, 0))
        self.tx: CTransaction = transaction(coin, CTxOut(0, b"\x6a"), CTxOut(9_000, script))
        spent = Prevout(outpoint=coin, txout=CTxOut(10_000, script), path=None)
        psbt = bare_psbt(UnsignedTransaction(tx=self.tx, prevouts=(spent,), own_outputs=()))
        to = SecretReceiver(BUYER, Txid(bytes(32)), bytes(script)).public
        self.package = BidPackage(bid=Bid(ask=bytes(32), expires=9, secret_to=to, signature="c2ln"), psbt=psbt)

    @property
    def chain(self) -> ChainAccess:
        return ChainAccess(
            network=REGTEST, source=self.wallet.chain, store=self.index, catch_up=lambda: None, clock=lambda: NOW
        )

    def settled(self, package: BidPackage | None = None, confirmations: int = 6) -> NoReturn:
        settled_sale(
            package or self.package, self.wallet.session, self.chain, lambda *_: None, confirmations=confirmations
        )
        raise AssertionError("no title was sold")


@pytest.fixture
def sale(tmp_path: Path) -> Iterator[Sale]:
    made = Sale(tmp_path)
    yield made
    made.index.close()
    made.wallet.database.close()


def test_confirmations_are_counted_and_a_sale_that_is_gone_is_told(sale: Sale) -> None:
    with pytest.raises(StateError, match="the chain has no sale"):
        sale.settled()
    sale.wallet.chain.broadcast(sale.tx)
    with pytest.raises(StateError, match="has 0 of 6 confirmations"):
        sale.settled()
    sale.wallet.chain.mine(sale.tx)
    sale.wallet.chain.mine_empty(4)
    with pytest.raises(StateError, match="has 5 of 6 confirmations"):
        sale.settled()
    sale.wallet.chain.mine_empty()
    with pytest.raises(StateError, match="sold no title"):
        sale.settled()


def test_a_bid_without_a_key_gets_nothing(sale: Sale) -> None:
    bare = BidPackage(bid=Bid(ask=bytes(32), expires=9, signature="c2ln"), psbt=sale.package.psbt)
    with pytest.raises(StateError, match="asks for no secret"):
        sale.settled(bare)


def test_a_sale_that_was_undone_after_the_secret_went_out_is_warned_of(sale: Sale) -> None:
    store, txid = HandoverStore(sale.wallet.database), txid_of(sale.tx)
    store.keep_bid(txid, sale.package.serialize())
    assert store.handed() == ()
    assert store.unhanded() == ((txid, sale.package.serialize()),)
    store.mark_handed(txid)
    store.mark_handed(txid)
    assert store.handed() == ((txid, sale.package.serialize()),)
    assert store.unhanded() == ()
    lineage = Lineage()
    assert undone_sales(lineage.state(), store.handed(), 1) == ()
    title = replace(lineage.title, outpoint=sale.tx.vin[0].prevout)
    lineage.genesis = replace(lineage.genesis, title=title)
    (warning,) = undone_sales(lineage.state(), store.handed(), 1)
    assert f"the sale {display(txid)} was undone" in warning
    assert str(ImageRemedy.SEAL_NEW_EPOCH.of(epoch=1, next=2)) in warning


def test_a_kept_bid_is_found_by_its_sale(sale: Sale) -> None:
    store = HandoverStore(sale.wallet.database)
    session = replace(sale.wallet.session, handovers=store)
    txid = txid_of(sale.tx)
    with pytest.raises(StateError, match="has no bid for"):
        accepted_bid(txid, session)
    store.keep_bid(txid, sale.package.serialize())
    store.keep_bid(txid, b"another one")
    assert accepted_bid(txid, session) == sale.package
    require_same_sale(sale.package, txid)
    with pytest.raises(StateError, match=display(Txid(bytes(32)))):
        require_same_sale(sale.package, Txid(bytes(32)))
