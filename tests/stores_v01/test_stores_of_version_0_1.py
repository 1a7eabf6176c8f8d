"""What version 0.1.0 left on a disk is read, or upgraded, with everything in it that still counts."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from assets.coloring.walk import ColorWalker
from assets.images.digest import Digest
from assets.images.shop_sale import SaleState
from assets.index.image_index import sync
from assets.model import Genuine
from assets.protocols.table import RULE
from assets.services.wallets.backups import restore_backup
from assets.services.wallets.opening import card_of
from assets.services.wallets.unlocking import unlock
from assets.store.color_store import COLOR_SCHEMA, ColorStore
from assets.store.gate_store import GATE_SCHEMA, GateStore
from assets.store.image_store import ImageStore
from assets.store.index_schema import INDEX_SCHEMA
from assets.store.index_store import IndexStore
from assets.store.name_store import NameStore
from assets.store.session_store import SessionStore
from assets.store.shop_journal import SHOP_SCHEMA, ShopJournal
from assets.store.trust_store import PinStore, read_lock
from tests.assets.index.harness import REVOKE, out, record
from tests.builders import NAME, script
from tests.stores_v01.contents import FOLDER, NOW, PASSWORD, WORDS, Contents, contents
from tui.settings import load
from wallet.hashes import display, sha256, txid_of
from wallet.keys.keystore import open_
from wallet.network import REGTEST
from wallet.store.database import Schema
from wallet.store.journal import Journal, TxState
from wallet.store.keystore_file import KeystoreFile
from wallet.store.reservations import Reservations
from wallet.store.schema import WALLET_SCHEMA, wallet_database
from wallet.store.wallet_store import WalletStore


@pytest.fixture(scope="module")
def old() -> Contents:
    """What is in the stores."""
    return contents()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the stores, as private as they were."""
    for file in FOLDER.iterdir():
        if file.suffix not in (".py", ".md") and file.is_file():
            shutil.copy(file, tmp_path / file.name)
            (tmp_path / file.name).chmod(0o600)
    return tmp_path


def version(file: Path) -> int:
    """The schema's version that a database says it has."""
    connection = sqlite3.connect(file)
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    connection.close()
    return found


@pytest.mark.parametrize(
    ("name", "then", "schema"),
    [
        ("wallet.db", 6, WALLET_SCHEMA),
        ("index.db", 1, INDEX_SCHEMA),
        ("colors.db", 1, COLOR_SCHEMA),
        ("shop.db", 1, SHOP_SCHEMA),
        ("gate.db", 1, GATE_SCHEMA),
    ],
)
def test_the_databases_are_those_of_version_0_1_and_no_step_from_them_was_taken_away(
    home: Path, name: str, then: int, schema: Schema
) -> None:
    assert version(home / name) == then
    assert len(schema.migrations) >= then


def test_the_wallet_is_whole(home: Path, old: Contents) -> None:
    database = wallet_database(home / "wallet.db")
    store = WalletStore(database)
    identity = store.identity()
    assert identity is not None
    assert (identity.network, identity.birth_height, identity.created) == (REGTEST, 7, NOW)
    assert [one.label for one in store.labels()] == ["the first release"]
    assert store.frozen() == {out(old.genesis, 1)}
    assert Reservations(database).reserved(NOW) == {out(old.release, 1)}
    (entry,) = Journal(database).entries()
    found = old.chain.transaction(entry.txid)
    assert found is not None
    assert found.block is not None
    assert (entry.tx, entry.state, entry.genesis) == (old.release, TxState.CONFIRMED, txid_of(old.genesis))
    assert (entry.height, entry.block) == (found.block.height, found.block.hash)
    assert unlock(KeystoreFile(home / "keystore.json"), PASSWORD, identity) is not None
    assert card_of("old", identity).fingerprint == "73c5da0a"
    database.close()
    assert version(home / "wallet.db") == len(WALLET_SCHEMA.migrations)


def test_the_keystore_opens_with_its_password(home: Path) -> None:
    assert open_((home / "keystore.json").read_bytes(), PASSWORD).secret.words == WORDS


def test_the_backup_is_restored(home: Path) -> None:
    data = (home / "backup.json").read_bytes()
    card = restore_backup(data, "again", REGTEST, home / "again", lambda: PASSWORD)
    assert card.fingerprint == "73c5da0a"


def test_the_index_answers_and_follows_the_chain_on(home: Path, old: Contents) -> None:
    index, genesis = IndexStore(home / "index.db", REGTEST), txid_of(old.genesis)
    with index.snapshot() as reader:
        fact, title = reader.genesis(genesis), reader.title(genesis)
        assert fact is not None
        assert (fact.block, fact.name) == (old.block.hash, NAME)
        assert title is not None
        assert title.outpoint == out(old.release, 1)
    fresh = contents()
    revoked = record(out(fresh.release, 1), REVOKE)
    fresh.chain.mine(revoked)
    assert sync(fresh.chain, index, start_height=0).connected == 1
    fresh.chain.reorg(2, resurrect=False)
    dropped = sync(fresh.chain, index, start_height=0).dropped
    assert [one.txid for one in dropped] == [txid_of(fresh.release), txid_of(revoked)]
    index.close()


def test_the_colour_cache_is_emptied_since_its_rows_name_no_block(home: Path, old: Contents) -> None:
    store, coin = ColorStore(home / "colors.db"), out(old.release, 1)
    assert store.load(coin) is None
    expected = Genuine(genesis=txid_of(old.genesis), quantity=1, title=True)
    assert ColorWalker(RULE, old.chain, store).color(coin) == expected
    placed = store.load(coin)
    assert placed is not None
    assert placed.block.height == old.block.height + 1
    store.close()
    assert version(home / "colors.db") == len(COLOR_SCHEMA.migrations)


def test_pins_and_lock_file_vouch_for_what_they_vouched_for(home: Path, old: Contents) -> None:
    for pins in (PinStore(home / "pins.json", REGTEST).load(), read_lock(home / "dockchains.lock", REGTEST)):
        (pin,) = pins.pins
        assert (pin.name, pin.genesis, pin.owners) == (NAME, txid_of(old.genesis), (script("owner"),))
        assert (pin.height, pin.block) == (old.block.height, old.block.hash)


def test_the_shops_sale_stands_and_is_looked_up_anew(home: Path, old: Contents) -> None:
    """Its height came without a block, so nothing is believed of it."""
    journal = ShopJournal(home / "shop.db", REGTEST.genesis)
    with journal.serving():
        (sale,) = journal.sales()
    assert (sale.bid, sale.ask, sale.tx, sale.created) == (sha256(b"bid"), sha256(b"ask"), old.release, NOW)
    assert (sale.state, sale.block) == (SaleState.CONFIRMED, None)
    assert journal.sold() == {out(old.genesis, 0)}
    journal.close()


def test_sessions_and_logins_go_on(home: Path) -> None:
    gate = GateStore(home / "gate.db")
    assert gate.scripts(b"\x02" + bytes(32), NOW + 1) == (script("holder"),)
    gate.close()
    logins = home / "logins"
    logins.mkdir(mode=0o700)
    (home / "login.json").rename(logins / "registry.example+349a826b875192f4.json")
    (login,) = SessionStore(logins).all()
    assert (login.host, login.image, login.key) == ("registry.example", NAME, sha256(b"a session of a test"))


def test_kept_images_names_and_settings_are_read(home: Path, old: Contents) -> None:
    kept = home / "images" / "kept"
    kept.mkdir(parents=True, mode=0o700)
    name = sha256(f"{NAME}:@sha256:{'11' * 32}".encode()).hex()
    (home / "kept.json").rename(kept / f"{name}.json")
    (image,) = ImageStore(home / "images").kept()
    assert (image.name, image.digest, display(image.genesis)) == (
        NAME,
        Digest(b"\x11" * 32),
        display(txid_of(old.genesis)),
    )
    assert NameStore(home / "names").names() == (NAME,)
    settings = load({}, {}, home / "settings.toml")
    assert (settings.network, settings.index_start, settings.fee_rate) == ("regtest", 3, "2.5")
