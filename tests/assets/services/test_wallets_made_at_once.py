"""Two processes that make a wallet of one name: one of them makes it, and the other replaces nothing."""

from pathlib import Path

import pytest

from assets.services.wallets.opening import NewWallet, create
from wallet.errors import StateError
from wallet.keys.keystore import KdfCost
from wallet.network import REGTEST
from wallet.store.new_wallet import DATABASE, write_wallet
from wallet.store.schema import wallet_database
from wallet.store.wallet_store import WalletStore

WORDS = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
NEW = NewWallet(name="default", network=REGTEST, words=WORDS, passphrase="", birth_height=0)


def test_whoever_is_second_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "default"
    create(NEW, folder, password="correct horse", now=1, cost=KdfCost(passes=1, memory=8192, lanes=1))
    made = {file.name: file.read_bytes() for file in folder.iterdir()}
    database = wallet_database(folder / DATABASE)
    identity = WalletStore(database).identity()
    database.close()
    assert identity is not None
    with pytest.raises(StateError, match="another process made a wallet 'default' at the same moment") as caught:
        write_wallet(folder, None, identity)
    assert "recovery words are of no use" in caught.value.hint
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == made
    assert [one.name for one in tmp_path.iterdir()] == ["default"]
