"""Own scripts that are kept: cheap where they are whole, derived anew where they are not, and never believed for it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.wallet.signing_cases import ACCOUNT, STRANGER
from wallet.account import Account
from wallet.coins import AccountKind, KeyPath
from wallet.keys import keychain
from wallet.keys.own_scripts import FURTHER, HASH_BYTES, OWN_CHAINS, Used
from wallet.store.database import Database
from wallet.store.kept_hashes import KeptHashStore
from wallet.store.schema import wallet_database

OTHER = Account.of(STRANGER)
XPUB = dict(ACCOUNT.xpubs)[AccountKind.BTC]
FIRST = FURTHER + 100
"""Keys of each chain of a new wallet."""

FOREIGN = bytes.fromhex("0014") + b"\x66" * HASH_BYTES


@dataclass
class Counted:
    """The keychain's derivations of leaves since it was made."""

    def __post_init__(self) -> None:
        keychain._public_key.cache_clear()

    @property
    def derived(self) -> int:
        return keychain._public_key.cache_info().misses


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = wallet_database(tmp_path / "wallet.db", busy_timeout=0.05)
    yield made
    made.close()


def fresh(database: Database, account: Account = ACCOUNT) -> Account:
    """The account as the next command has it."""
    return replace(account, kept=KeptHashStore(database))


def says_the_same(account: Account, used: Used) -> bool:
    """Whether it calls own what an account calls own that keeps nothing; each script is asked for by itself."""
    kept, derived = account.own_scripts(used), replace(account, kept=None).own_scripts(used)
    assert FOREIGN not in derived
    return {one: kept.get(one) for one in (*derived, *kept, FOREIGN)} == {one: derived[one] for one in derived} | {
        FOREIGN: None
    } and len(kept) == len(derived)


def change(database: Database, statement: str, *values: object) -> None:
    with database.transaction() as connection:
        assert connection.execute(statement, values).rowcount > 0


def row(database: Database, xpub: str = XPUB, chain: int = 0) -> tuple[bytes, bytes]:
    with database.snapshot() as connection:
        hashes, checksum = connection.execute(
            "SELECT hashes, checksum FROM key_hashes WHERE xpub = ? AND chain = ?", (xpub, chain)
        ).fetchone()
    return hashes, checksum


def test_the_second_command_derives_none_and_proves_what_it_finds(database: Database) -> None:
    expected = dict(ACCOUNT.own_scripts({}))
    fresh(database).own_scripts({})
    counted = Counted()
    own = fresh(database).own_scripts({})
    assert FOREIGN not in own
    assert (len(own), set(own)) == (len(expected), set(expected))
    assert counted.derived == 0
    path = KeyPath(AccountKind.UNITS, 0, 7)
    script = bytes(ACCOUNT.script(path))
    counted = Counted()
    assert own[script] == own[script] == path
    assert counted.derived == 1


def test_only_what_is_further_is_derived_when_keys_were_used(database: Database) -> None:
    fresh(database).own_scripts({})
    counted = Counted()
    used = {(AccountKind.BTC, 0): 250}
    fresh(database).own_scripts(used)
    assert counted.derived == 200
    assert len(row(database)[0]) == (300 + FURTHER) * HASH_BYTES
    assert says_the_same(fresh(database), used)


def test_what_is_kept_beyond_the_reach_is_not_own(database: Database) -> None:
    beyond = KeyPath(AccountKind.BTC, 0, FIRST)
    fresh(database).own_scripts({}, (beyond,))
    assert len(row(database)[0]) > FIRST * HASH_BYTES
    assert bytes(ACCOUNT.script(beyond)) not in fresh(database).own_scripts({})
    assert bytes(ACCOUNT.script(beyond)) in fresh(database).own_scripts({}, (beyond,))
    assert says_the_same(fresh(database), {})


def test_wallets_do_not_take_each_others_for_theirs(database: Database) -> None:
    theirs = dict(OTHER.xpubs)[AccountKind.BTC]
    fresh(database).own_scripts({})
    assert says_the_same(fresh(database, OTHER), {})
    change(database, "DELETE FROM key_hashes WHERE xpub = ?", theirs)
    change(database, "UPDATE key_hashes SET xpub = ? WHERE xpub = ?", theirs, XPUB)
    assert says_the_same(fresh(database, OTHER), {})


def dropped(hashes: bytes) -> bytes:
    return hashes[HASH_BYTES:]


def shortened(hashes: bytes) -> bytes:
    return hashes[: 500 * HASH_BYTES]


def torn(hashes: bytes) -> bytes:
    return hashes[:-7]


def flipped(hashes: bytes) -> bytes:
    return bytes((hashes[0] ^ 1,)) + hashes[1:]


def zeroed(hashes: bytes) -> bytes:
    return hashes[:4096] + bytes(len(hashes) - 4096)


def emptied(_: bytes) -> bytes:
    return b""


def text(hashes: bytes) -> str:
    return hashes.hex()


def number(_: bytes) -> int:
    return 7


@pytest.mark.parametrize("damage", [dropped, shortened, torn, flipped, zeroed, emptied, text, number])
def test_a_damaged_row_is_found_and_mended(database: Database, damage: Callable[[bytes], object]) -> None:
    fresh(database).own_scripts({})
    whole = row(database)
    change(database, "UPDATE key_hashes SET hashes = ? WHERE xpub = ? AND chain = 0", damage(whole[0]), XPUB)
    assert says_the_same(fresh(database), {})
    assert row(database) == whole


@pytest.mark.parametrize("checksum", [b"", bytes(32), "text", 7])
def test_a_row_with_another_checksum_is_none(database: Database, checksum: object) -> None:
    fresh(database).own_scripts({})
    whole = row(database)
    change(database, "UPDATE key_hashes SET checksum = ? WHERE xpub = ? AND chain = 0", checksum, XPUB)
    counted = Counted()
    fresh(database).own_scripts({})
    assert counted.derived == FIRST
    assert row(database) == whole


def test_rows_that_are_missing_or_of_another_chain_are_derived(database: Database) -> None:
    fresh(database).own_scripts({})
    change(database, "DELETE FROM key_hashes WHERE xpub = ? AND chain = 1", XPUB)
    change(database, "UPDATE key_hashes SET chain = 1 WHERE xpub = ?", XPUB)
    assert says_the_same(fresh(database), {})
    change(database, "DELETE FROM key_hashes")
    assert says_the_same(fresh(database), {})


@pytest.mark.parametrize("number", [0, 3, FIRST - 1])
def test_a_foreign_script_that_was_forged_into_a_row_is_not_own(database: Database, number: int) -> None:
    fresh(database).own_scripts({})
    whole = row(database)
    start = number * HASH_BYTES
    KeptHashStore(database).write(XPUB, 0, whole[0][:start] + FOREIGN[2:] + whole[0][start + HASH_BYTES :])
    own = fresh(database).own_scripts({})
    assert FOREIGN not in own
    path = KeyPath(AccountKind.BTC, 0, number)
    assert own[bytes(ACCOUNT.script(path))] == path
    assert row(database) == whole


def test_a_script_under_another_key_than_its_own_is_derived_anew(database: Database) -> None:
    fresh(database).own_scripts({})
    hashes, _ = row(database)
    KeptHashStore(database).write(XPUB, 0, hashes[HASH_BYTES : 2 * HASH_BYTES] + hashes[:HASH_BYTES] + hashes[40:])
    path = KeyPath(AccountKind.BTC, 0, 1)
    assert fresh(database).own_scripts({})[bytes(ACCOUNT.script(path))] == path
    assert row(database)[0] == hashes


def test_while_somebody_else_writes_they_are_derived_and_not_kept(database: Database) -> None:
    with closing(wallet_database(database.path)) as other, other.transaction():
        assert says_the_same(fresh(database), {})
        assert KeptHashStore(database).read(XPUB, 0) == b""
    assert says_the_same(fresh(database), {})
    assert KeptHashStore(database).read(XPUB, 0) != b""


def test_known_lots_are_own_and_not_kept(database: Database) -> None:
    key = STRANGER.public_key(KeyPath(AccountKind.SHOP, 0, 3))
    account = fresh(database).with_lots([(3, key)])
    script = bytes(account.script(KeyPath(AccountKind.SHOP, 0, 3)))
    assert account.own_scripts({})[script] == KeyPath(AccountKind.SHOP, 0, 3)
    assert script not in fresh(database).own_scripts({})


def test_every_chain_has_a_row(database: Database) -> None:
    fresh(database).own_scripts({})
    xpubs = dict(ACCOUNT.xpubs)
    for account, chain in OWN_CHAINS:
        hashes = KeptHashStore(database).read(xpubs[account], chain)
        assert len(hashes) == FIRST * HASH_BYTES
        last = bytes(ACCOUNT.script(KeyPath(account, chain, FIRST - 1)))
        assert hashes[-HASH_BYTES:] == last[2:]
