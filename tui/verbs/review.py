"""What a person sees before a yes, and what came of it. Frozen values, cheap to import."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from assets.services.read_models.wallet_views import DraftView, SentView
from wallet.advice import Prose
from wallet.errors import WalletError

R = TypeVar("R")

SIGN_AND_SEND = "Sign and send"
"""What the yes does with transactions that this wallet signs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What would be done: drafts in the order in which they are sent, and what is signed beside them.

    What is no transaction is said by `heading`, `facts` (names and values) and `warnings`; `deed` is what the yes does.
    `signed` where every signature is there already, so that no keys are needed; `may_wait` where it may be left for a
    cold key. `twice` says that the same is signed already, and that whoever signed it was not told that it was sent: it
    is signed only after a second yes. `fee_is_set` where no estimate of ours decides the fee. `details` are the verb's
    own view of what is no transaction, for programs.
    """

    drafts: tuple[DraftView, ...]
    heading: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    warnings: tuple[Prose, ...] = ()
    deed: str = SIGN_AND_SEND
    signed: bool = False
    may_wait: bool = False
    twice: str = ""
    fee_is_set: bool = False
    details: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPaper:
    """What the keys made beside transactions: `kind` is bid, listing, bundle, login, secret or kept secret.

    `text` is the document where nothing else keeps it: a secret that is encrypted to its buyer.
    """

    kind: str
    ids: tuple[str, ...]
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Generic[R]):
    """What was done: the verb's own `result`, the transactions that were sent, and documents that were signed.

    `notes` are for a person; `to_do` is what could not be done after the transactions went out, and how to do it.
    `failure` is what went wrong after the deed, which stands: the command ends with it, and the app tells it.
    """

    result: R
    sent: tuple[SentView, ...] = ()
    notes: tuple[Prose, ...] = ()
    papers: tuple[SignedPaper, ...] = ()
    to_do: tuple[Prose, ...] = ()
    failure: WalletError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftPsbt:
    """A draft just left for a cold key: its PSBT (base64), the file it was written to, and until when it waits.

    `notes` are for a person.
    """

    txid: str
    psbt: str
    file: str
    expiry: int
    draft: DraftView | None = None
    notes: tuple[Prose, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysFirst:
    """A question: nothing can be shown before the keys have said what only they know. `why` is for a person."""

    request: object
    why: str
    deed: str

    @property
    def review(self) -> Review:
        """Nothing yet but what the yes does."""
        return Review(drafts=(), deed=self.deed)
