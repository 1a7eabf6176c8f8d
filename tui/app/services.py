"""The ports of the app: everything that screens may ask, of the machine (`Lobby`) and of one open wallet (`Services`).

Every call may block and is made in a thread worker, except `check` and `completions`, which only look at text. Every
call raises `WalletError` where it cannot answer. `backend` implements both over the same services as the command line;
tests implement them without a chain.
"""

from collections.abc import Callable
from typing import Any, Protocol

from assets.services.read_models.access_views import HoldersView
from assets.services.read_models.image_views import PinView, RepositoriesView, VerificationView
from assets.services.read_models.trace_views import TraceView
from assets.services.read_models.transaction_views import OverviewView, TransactionView
from assets.services.read_models.wallet_views import (
    BalanceView,
    ChainView,
    CoinsView,
    DoctorView,
    HistoryView,
    ReceiveView,
    SentView,
    SyncView,
    WalletCard,
)
from tui.app.access_services import AccessServices, Stop
from tui.app.key_services import KeyServices
from tui.app.kinds import Kind
from tui.app.market_services import MarketServices
from tui.app.views import (
    IdentityView,
    NetworkChoice,
    SettingsView,
    WalletChoice,
)
from tui.verbs.deed_requests import DeedRequest
from tui.verbs.deeds import Offered
from tui.verbs.image.pin import Proposed
from tui.verbs.image.reader_requests import Pin, Verify
from tui.verbs.image.served import ServedTag
from tui.verbs.image.show import RepositoryDetail
from tui.verbs.prepared import Prepared
from tui.verbs.progress import Report
from tui.verbs.review import KeysFirst, LeftPsbt, Outcome
from tui.verbs.settings import LogView
from tui.verbs.wallet.requests import FromBackup, NewWords, OldWords, ReceiveBitcoin, ReceiveUnits
from tui.verbs.wallet.views import MadeWallet
from wallet.advice import Prose


class Checks(Protocol):
    """Whether a text may stand in a field. Pure."""

    def check(self, kind: Kind, text: str) -> str:
        """A short note on a good text (what it means), or an empty one. Raises EncodingError or FeeError."""


class Lobby(Checks, Protocol):
    """The machine, before a wallet is open."""

    def wallets(self) -> tuple[WalletChoice, ...]:
        """The wallets that may be opened, in the order in which they are offered."""

    def networks(self) -> tuple[NetworkChoice, ...]:
        """The networks that there are."""

    def node(self, network: str) -> DoctorView:
        """What the node of a network can do, and what to fix. An unreachable node is a finding."""

    def new_words(self, count: int) -> str:
        """12 or 24 new recovery words."""

    def check_words(self, words: str) -> None:
        """Raises EncodingError that says what is wrong with recovery words."""

    def completions(self, beginning: str) -> tuple[str, ...]:
        """The words of the list that begin so."""

    def identity(self, network: str, words: str, passphrase: str) -> IdentityView:
        """What a person compares before restoring."""

    def create(self, choice: WalletChoice, request: NewWords | OldWords, password: str) -> MadeWallet:
        """Makes a wallet, new or restored. Raises StateError where it exists."""

    def restore_backup(self, choice: WalletChoice, request: FromBackup, password: str) -> MadeWallet:
        """Makes the wallet of a backup. Raises StoreError, WrongPasswordError, StateError where it exists."""

    def open(self, choice: WalletChoice) -> "Services":
        """The services of a wallet. Cheap: nothing is asked of anybody yet."""


class ChainServices(Protocol):
    """Node and index."""

    def status(self) -> ChainView:
        """How far node and index are."""

    def sync(self, progress: Report, stop: Stop) -> SyncView:
        """Brings the index to the tip, and sends again what had not arrived."""

    def reindex(self, progress: Report, stop: Stop) -> SyncView:
        """Forgets the index and reads the chain again."""

    def doctor(self) -> DoctorView:
        """What the node can do, and what to fix."""


class ImageServices(Protocol):
    """Repositories, verdicts and pins."""

    def repositories(self) -> RepositoriesView:
        """The repositories whose title this wallet holds or held."""

    def repository(self, genesis: str) -> RepositoryDetail:
        """A repository by its genesis."""

    def holders(self, genesis: str, progress: Report) -> HoldersView:
        """Who holds access units, the treasury first. Raises ImageError before the genesis is in a block."""

    def find(self, text: str) -> str:
        """The genesis that a name means, or itself. Raises AmbiguousNameError where the name fits several."""

    def tags(self, name: str) -> tuple[str, ...]:
        """The tags that the registry has."""

    def served(self, genesis: str, name: str, tags: tuple[str, ...]) -> tuple[ServedTag, ...]:
        """What each tag stands for, on the chain, in the registry and on this machine."""

    def publish(self, genesis: str, name: str) -> str:
        """Pushes a repository's definition to its registry again; says what was done."""

    def verify(self, request: Verify, progress: Report) -> VerificationView:
        """The verdict on an image."""

    def propose_pin(self, request: Pin) -> Proposed:
        """What pinning would mean."""

    def pin(self, proposed: Proposed) -> PinView:
        """Takes a pin. Raises StateError where it is another one by now than was shown."""

    def unpin(self, shown: PinView) -> PinView:
        """Forgets a pin. Raises TrustError where it is another one by now than was shown."""


class MoneyServices(Protocol):
    """What the wallet holds and did."""

    def overview(self) -> OverviewView:
        """The wallet at a glance."""

    def balance(self) -> BalanceView:
        """Sums of what the wallet holds."""

    def coins(self) -> CoinsView:
        """Every coin."""

    def label_coin(self, outpoint: str, label: str) -> None:
        """Writes on a coin what it is; an empty label is taken off."""

    def freeze_coin(self, outpoint: str, *, frozen: bool, risk: str = "") -> None:
        """Keeps a coin out of every payment, or lets it in again; `risk` is what may be lost then, as it was accepted.

        Raises StateError where another risk is found than that.
        """

    def history(self) -> HistoryView:
        """The wallet's transactions."""

    def transaction(self, txid: str) -> TransactionView:
        """One transaction."""

    def trace(self, outpoint: str) -> TraceView:
        """Where the units on a coin come from, back to the genesis."""

    def receive(self, request: ReceiveBitcoin | ReceiveUnits) -> ReceiveView:
        """A new address."""


class DraftServices(Protocol):
    """Deeds: from what a person asks to what is sent."""

    def draft(self, request: DeedRequest) -> Offered:
        """What would be signed, guarded and complete; or what has to be answered first."""

    def opened(self, asked: KeysFirst, password: str) -> Offered:
        """What would be signed, where that can only be said with the keys open. Nothing is signed.

        Raises WrongPasswordError.
        """

    def send(self, prepared: Prepared[Any], password: str, told: Callable[[SentView], None]) -> Outcome[Any]:
        """Signs and sends exactly what was reviewed; `told` hears of each transaction that went out.

        Raises WrongPasswordError, and StaleDraftError where it no longer holds; nothing is signed then. Raises
        UnfinishedError for whatever comes after a signature that stands.
        """

    def leave(self, prepared: Prepared[Any], file: str) -> LeftPsbt:
        """Leaves what was reviewed for a cold key: into a new file, or, where none is named, as text.

        Raises StaleDraftError where it no longer holds; then nothing is reserved.
        """


class MachineServices(Protocol):
    """Settings and log."""

    def settings(self) -> SettingsView:
        """What is set, where that comes from, and what is pinned."""

    def set_setting(self, key: str, value: str) -> tuple[Prose, ...]:
        """Writes a setting into the settings file; an empty value takes it out. It counts from the next start on; what
        else it needs before it counts is answered in words."""

    def log(self) -> LogView:
        """The end of the log file."""


class Services(Checks, Protocol):
    """One open wallet."""

    @property
    def choice(self) -> WalletChoice:
        """Which wallet it is."""

    @property
    def chain(self) -> ChainServices:
        """Node and index."""

    @property
    def images(self) -> ImageServices:
        """Repositories, verdicts and pins."""

    @property
    def money(self) -> MoneyServices:
        """What the wallet holds and did."""

    @property
    def access(self) -> AccessServices:
        """What is held, pulling, sealing, logins."""

    @property
    def keys(self) -> KeyServices:
        """Copies, password, signed texts, PSBTs."""

    @property
    def market(self) -> MarketServices:
        """Listings, bids and sales."""

    @property
    def drafts(self) -> DraftServices:
        """Deeds: from what a person asks to what is sent."""

    @property
    def machine(self) -> MachineServices:
        """Settings and log."""

    def unlock(self, password: str) -> WalletCard:
        """Proves the password; the keys are forgotten at once. Raises WrongPasswordError."""

    def close(self) -> None:
        """Lets go of files. Nothing is asked afterwards."""
