"""What workers and widgets tell screens, and screens the app. Messages carry views, never secrets."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from textual.message import Message

from assets.errors import RegistryError
from assets.services.read_models.wallet_views import ChainView, SyncView, WalletCard
from tui.app.services import Services
from tui.app.text import told
from tui.app.views import WalletChoice
from tui.verbs.prepared import Prepared, StaleDraftError
from tui.verbs.progress import Progress, StoppedError
from tui.verbs.review import KeysFirst
from wallet.errors import ChainUnavailableError, UnfinishedError, WalletError, WrongPasswordError


class Trouble(StrEnum):
    """What kind of thing went wrong: it decides where it is shown."""

    NODE = "node"
    REGISTRY = "registry"
    PASSWORD = "password"  # noqa: S105 - the name of a trouble
    STALE = "stale"
    SIGNED = "signed"
    STOPPED = "stopped"
    REFUSED = "refused"
    BUG = "bug"

    @classmethod
    def of(cls, error: Exception) -> "Trouble":
        """The kind of an error."""
        match error:
            case StaleDraftError():
                return cls.STALE
            case UnfinishedError():
                return cls.SIGNED
            case StoppedError():
                return cls.STOPPED
            case WrongPasswordError():
                return cls.PASSWORD
            case ChainUnavailableError():
                return cls.NODE
            case RegistryError():
                return cls.REGISTRY
            case WalletError():
                return cls.REFUSED
            case _:
                return cls.BUG


class Answered(Message):
    """A worker's work is done. `job` names it, `answer` is a view or None."""

    def __init__(self, job: str, answer: object) -> None:
        super().__init__()
        self.job = job
        self.answer = answer


class Refused(Message):
    """A worker could not do its work; `text` says why and what to do."""

    def __init__(self, job: str, trouble: Trouble, text: str) -> None:
        super().__init__()
        self.job = job
        self.trouble = trouble
        self.text = text

    @classmethod
    def by(cls, job: str, error: Exception) -> "Refused":
        """From what was raised."""
        return cls(job, Trouble.of(error), told(error))


class Broke(Message):
    """A bug showed itself in a worker."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Progressed(Message):
    """Long work has come this far."""

    def __init__(self, job: str, progress: Progress) -> None:
        super().__init__()
        self.job = job
        self.progress = progress


@dataclass
class WalletMade(Message):
    """First run ended with a wallet."""

    choice: WalletChoice


@dataclass
class Unlocked(Message):
    """The password of this wallet was right."""

    services: Services
    card: WalletCard


class NewWalletWanted(Message):
    """A person wants to make or restore a wallet."""


@dataclass
class ReviewWanted(Message):
    """A form made a draft that a person should look at."""

    offered: Prepared[Any] | KeysFirst


class Spent(Message):
    """Transactions of this wallet went out, or an image came in: what was shown before is old."""


@dataclass
class ChainSeen(Message):
    """The node told its tip."""

    chain: ChainView
    services: Services


@dataclass
class Synced(Message):
    """The index stands at the tip."""

    report: SyncView
    services: Services


class NodeLost(Message):
    """The node does not answer."""

    def __init__(self, text: str, services: Services) -> None:
        super().__init__()
        self.text = text
        self.services = services


class Banner(Message):
    """Something that all screens show until it is over; an empty text takes it away."""

    def __init__(self, about: Trouble, text: str) -> None:
        super().__init__()
        self.about = about
        self.text = text


@dataclass
class Opened(Message):
    """A person wants to see a repository (by its genesis) or a transaction."""

    genesis: str = ""
    txid: str = ""


@dataclass
class OffersWanted(Message):
    """A person wants to see what is for sale of the repository on the screen; `repository` is its name there."""

    genesis: str
    repository: str
