"""What verbs about wallets answer where no read model of the services does. Frozen and cheap to import."""

from dataclasses import dataclass

from assets.services.read_models.wallet_views import DraftView, WalletCard
from wallet.advice import Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """A PSBT that was looked at. `psbt` is base64; `signs` are the inputs that this wallet signs.

    `checked` tells whether what happens to titles and units was checked by a node; `ours` that it is a draft of this
    wallet, left for a cold key. `finished` that it is no PSBT but a finished transaction: `psbt` is hexadecimal then,
    and nothing is left to sign.
    """

    psbt: str
    draft: DraftView
    signs: tuple[int, ...]
    checked: bool
    ours: bool
    finished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPsbt:
    """A PSBT (base64) with this wallet's signatures. `complete` tells whether no other is missing."""

    psbt: str
    txid: str
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingDraft:
    """A draft that waits for a cold key. `expiry` is unix seconds: until then its coins are held for it."""

    txid: str
    kind: str
    summary: str
    created: int
    expiry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeWallet:
    """A wallet that was made, and what a person should know of it."""

    card: WalletCard
    notes: tuple[Prose, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was written: its file, its size in bytes, and how many repository secrets of sellers are in it."""

    file: str
    bytes: int
    secrets: int
