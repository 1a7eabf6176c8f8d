"""The port for what concerns the wallet's keys themselves: copies, password, signed texts, PSBTs of cold keys."""

from typing import Protocol

from assets.services.read_models.wallet_views import MessageView
from tui.verbs.wallet.requests import GivenPsbt
from tui.verbs.wallet.views import LookedAt, SignedPsbt, WaitingDraft


class KeyServices(Protocol):
    """The wallet's keys. Passwords go into one call each and are kept nowhere."""

    def backup(self, file: str) -> str:
        """Writes the wallet into a new file; its whole path. Raises StoreError where the name is taken."""

    def renew_password(self, old: str, new: str, *, keep_old: bool) -> None:
        """Seals the keystore under another password. Raises WrongPasswordError, BusyError."""

    def own_address(self, address: str) -> str:
        """The path of the key behind an address of this wallet. Raises EncodingError, MissingKeyError."""

    def sign_message(self, address: str, message: str, password: str) -> str:
        """A signature (BIP322) over exactly this text. It moves nothing."""

    def judge_message(self, address: str, message: str, signature: str) -> MessageView:
        """Whether the holder of an address signed a text."""

    def look(self, given: GivenPsbt) -> LookedAt:
        """What a PSBT would do. Raises EncodingError for what is none, SigningError and GuardError for what harms."""

    def sign_psbt(self, given: GivenPsbt, seen: LookedAt, password: str) -> SignedPsbt:
        """Signs the PSBT that was looked at, and no other."""

    def write_psbt(self, psbt: str, file: str) -> str:
        """Writes a PSBT into a new file, binary; its whole path."""

    def waiting(self) -> tuple[WaitingDraft, ...]:
        """The drafts that wait for a cold key."""

    def discard(self, txid: str) -> None:
        """Gives a waiting draft up; its coins are free again."""
