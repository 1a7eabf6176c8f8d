"""Copies of the wallet, its password, and signed texts."""

import os

from assets.services.read_models.wallet_views import MessageView
from assets.services.wallets.backups import make_backup, renew_password
from assets.services.wallets.messages import judge_message, own_path, require_free_text, sign_text
from tui.app.access_asks import Given
from tui.app.access_views import LeftDraft, PsbtView, SignedPsbt
from tui.app.asks import Kind
from tui.app.backend.access import Access
from tui.app.backend.checks import check
from tui.app.backend.cold import Cold
from tui.verbs.files import require_new, whole_path, write_new
from wallet.keys.keystore import PASSWORD_ENTROPY
from wallet.store.signing_lock import SigningLock
from wallet.store.wallet_store import WalletStore


class HouseKeys:
    """Implements `KeyServices`."""

    def __init__(self, access: Access) -> None:
        self._house = access.house
        self._cold = Cold(access)

    def backup(self, file: str) -> str:
        """Writes the wallet into a new file."""
        house, path = self._house, whole_path(file)
        require_new(path)
        name, keystore = house.wallet_paths.name, house.wallet_paths.keystore
        data = make_backup(name, keystore, house.identity, WalletStore(house.database), now=house.now())
        write_new(path, data)
        return str(path)

    def renew_password(self, old: str, new: str, *, keep_old: bool) -> None:
        """Seals the keystore under another password."""
        check(Kind.PASSWORD, new, None)
        paths = self._house.wallet_paths
        with SigningLock(paths.lock):
            renew_password(paths.keystore, old, new, entropy=os.urandom(PASSWORD_ENTROPY), keep_old=keep_old)

    def own_address(self, address: str) -> str:
        """The path of the key behind an address of this wallet."""
        return str(own_path(address.strip(), self._house.account, WalletStore(self._house.database)))

    def sign_message(self, address: str, message: str, password: str) -> str:
        """A signature over exactly this text."""
        house = self._house
        require_free_text(message)
        path = own_path(address.strip(), house.account, WalletStore(house.database))
        return sign_text(message, path, house.signer(password))

    def judge_message(self, address: str, message: str, signature: str) -> MessageView:
        """Whether the holder of an address signed a text."""
        return judge_message(address.strip(), message, "".join(signature.split()))

    def look(self, given: Given) -> PsbtView:
        """What a PSBT would do."""
        return self._cold.look(given)

    def sign_psbt(self, given: Given, seen: PsbtView, password: str) -> SignedPsbt:
        """Signs the PSBT that was looked at."""
        return self._cold.sign(given, seen, password)

    def write_psbt(self, psbt: str, file: str) -> str:
        """Writes a PSBT into a new file."""
        return self._cold.write(psbt, file)

    def waiting(self) -> tuple[LeftDraft, ...]:
        """The drafts that wait for a cold key."""
        return self._cold.waiting()

    def discard(self, txid: str) -> None:
        """Gives a waiting draft up."""
        self._cold.discard(txid)
