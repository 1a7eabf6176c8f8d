"""Services without a chain: they answer what a test put there, and remember what they were asked.

Text is checked by the real checks, since these are pure.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from assets.services.read_models.access_views import HoldersView
from assets.services.read_models.image_views import PinProposalView, PinView, RepositoriesView, VerificationView
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
from tests.tui.app import samples
from tests.tui.app.access_samples import LEFT, LOGIN, LOGIN_REVIEW, TRACE
from tests.tui.app.failing import Failing
from tests.tui.app.fake_access import PASSWORD, FakeAccess, FakeKeys
from tests.tui.app.fake_market import FakeMarket
from tests.tui.app.prepared_samples import prepared_of
from tui.app.access_services import Stop
from tui.app.house.checks import check
from tui.app.kinds import Kind
from tui.app.services import Services
from tui.app.views import (
    IdentityView,
    NetworkChoice,
    SettingsView,
    WalletChoice,
)
from tui.verbs.access.requests import Login
from tui.verbs.deed_requests import DeedRequest
from tui.verbs.image.pin import Proposed
from tui.verbs.image.reader_requests import Pin, Verify
from tui.verbs.image.requests import Issue
from tui.verbs.image.served import ServedTag
from tui.verbs.image.show import RepositoryDetail
from tui.verbs.prepared import Prepared, StaleDraftError
from tui.verbs.progress import Progress, Report, StoppedError
from tui.verbs.review import KeysFirst, LeftPsbt, Outcome, Review, SignedPaper
from tui.verbs.settings import LogView
from tui.verbs.wallet.requests import FromBackup, NewWords, OldWords, ReceiveBitcoin, ReceiveUnits
from tui.verbs.wallet.views import MadeWallet
from wallet.errors import EncodingError, StateError, WalletError, WrongPasswordError
from wallet.keys import mnemonic
from wallet.network import REGTEST

WORDS = "abandon " * 11 + "about"


class FakeChain(Failing):
    """Implements `ChainServices`."""

    def __init__(self) -> None:
        super().__init__()
        self.view: ChainView = samples.CHAIN
        self.report: SyncView = samples.SYNC
        self.waiting: threading.Event | None = None

    def status(self) -> ChainView:
        self.heard("status")
        return self.view

    def sync(self, progress: Report, stop: Stop) -> SyncView:
        self.heard("sync")
        progress(Progress(what="reading blocks", done=600, total=1_204))
        if self.waiting is not None:
            self.waiting.wait(10)
        return self.report

    def reindex(self, progress: Report, stop: Stop) -> SyncView:
        self.heard("reindex")
        progress(Progress(what="reading blocks", done=1, total=1_204))
        if self.waiting is not None:
            self.waiting.wait(10)
        if stop():
            raise StoppedError("stopped; what was read so far stays")
        return self.report

    def doctor(self) -> DoctorView:
        self.heard("doctor")
        return samples.DOCTOR


class FakeImages(Failing):
    """Implements `ImageServices`."""

    def __init__(self) -> None:
        super().__init__()
        self.view: RepositoriesView = samples.REPOSITORIES
        self.details: dict[str, RepositoryDetail] = {
            samples.GENESIS: samples.DETAIL,
            samples.OTHER_GENESIS: replace(samples.DETAIL, repository=samples.SOLD),
        }
        self.verification: VerificationView = samples.VERIFICATION
        self.proposal: PinProposalView = samples.PROPOSAL
        self.serves: dict[str, str] = {}

    def repositories(self) -> RepositoriesView:
        self.heard("repositories")
        return self.view

    def repository(self, genesis: str) -> RepositoryDetail:
        self.heard("repository", genesis)
        return self.details[genesis]

    def holders(self, genesis: str, progress: Report) -> HoldersView:
        self.heard("holders", genesis)
        progress(Progress(what="asking for coins", done=1, total=2))
        return samples.HOLDERS

    def find(self, text: str) -> str:
        self.heard("find", text)
        return samples.GENESIS

    def tags(self, name: str) -> tuple[str, ...]:
        self.heard("tags", name)
        return ("1.0", "1.1", "latest")

    def served(self, genesis: str, name: str, tags: tuple[str, ...]) -> tuple[ServedTag, ...]:
        self.heard("served", tags)
        return tuple(replace(samples.SERVED, tag=tag, served=self.serves.get(tag, samples.DIGEST)) for tag in tags)

    def publish(self, genesis: str, name: str) -> str:
        self.heard("publish", (genesis, name))
        return f"the definition of {name} is published"

    def verify(self, request: Verify, progress: Report) -> VerificationView:
        self.heard("verify", request)
        return self.verification

    def propose_pin(self, request: Pin) -> Proposed:
        self.heard("propose_pin", request)
        return Proposed(request=request, view=self.proposal)

    def pin(self, proposed: Proposed) -> PinView:
        self.heard("pin", proposed.view.pin)
        return proposed.view.pin

    def unpin(self, shown: PinView) -> PinView:
        self.heard("unpin", shown.name)
        return shown


class FakeMoney(Failing):
    """Implements `MoneyServices`."""

    def __init__(self) -> None:
        super().__init__()
        self.glance: OverviewView = samples.OVERVIEW
        self.held: CoinsView = samples.COINS
        self.past: HistoryView = samples.HISTORY
        self.address: ReceiveView = samples.RECEIVE

    def overview(self) -> OverviewView:
        self.heard("overview")
        return self.glance

    def balance(self) -> BalanceView:
        self.heard("balance")
        return samples.BALANCE

    def coins(self) -> CoinsView:
        self.heard("coins")
        return self.held

    def label_coin(self, outpoint: str, label: str) -> None:
        self.heard("label", (outpoint, label))
        self._change(outpoint, label=label)

    def freeze_coin(self, outpoint: str, *, frozen: bool, risk: str = "") -> None:
        self.heard("freeze", (outpoint, frozen, risk) if risk else (outpoint, frozen))
        self._change(outpoint, state="frozen" if frozen else "spendable")

    def history(self) -> HistoryView:
        self.heard("history")
        return self.past

    def transaction(self, txid: str) -> TransactionView:
        self.heard("transaction", txid)
        return replace(samples.TRANSACTION, txid=txid)

    def trace(self, outpoint: str) -> TraceView:
        self.heard("trace", outpoint)
        return replace(TRACE, outpoint=outpoint)

    def receive(self, request: ReceiveBitcoin | ReceiveUnits) -> ReceiveView:
        self.heard("receive", request)
        return self.address

    def _change(self, outpoint: str, **changes: str) -> None:
        coins = tuple(
            replace(coin, **changes) if coin.outpoint == outpoint else coin  # type: ignore[arg-type]
            for coin in self.held.coins
        )
        self.held = replace(self.held, coins=coins)


class FakeDrafts(Failing):
    """Implements `DraftServices`. `fees` are those of one draft after the other; the last one stays."""

    def __init__(self) -> None:
        super().__init__()
        self.fees = [141]
        self.locked = ""
        self.login: Review = LOGIN_REVIEW
        self.papers: tuple[SignedPaper, ...] = ()
        self.waiting: threading.Event | None = None

    def draft(self, request: DeedRequest) -> Prepared[Any] | KeysFirst:
        self.heard("draft", request)
        if self.locked:
            return KeysFirst(request=request, why=self.locked, deed="Show it")
        if isinstance(request, Login):
            return replace(prepared_of(request), review=self.login)
        fee = self.fees.pop(0) if len(self.fees) > 1 else self.fees[0]
        one = replace(samples.DRAFT, fee=fee, delta=-fee)
        two = (replace(one, kind="issuing coin"), replace(one, kind="issue"))
        drafts = two if isinstance(request, Issue) else (one,)
        return prepared_of(request, *drafts, may_wait=len(drafts) == 1)

    def opened(self, asked: KeysFirst, password: str) -> Prepared[Any] | KeysFirst:
        if password != PASSWORD:
            raise WrongPasswordError("the password is wrong", hint="try again")
        self.heard("opened", asked.request)
        self.locked = ""
        request: Any = asked.request
        return self.draft(request)

    def leave(self, prepared: Prepared[Any], file: str) -> LeftPsbt:
        self.heard("leave", (prepared.review.drafts[0].fee, file))
        return replace(LEFT, file=file)

    def send(self, prepared: Prepared[Any], password: str, told: Callable[[SentView], None]) -> Outcome[Any]:
        review = prepared.review
        fee = sum(one.fee for one in review.drafts)
        if password != PASSWORD and not review.signed:
            self.heard("refused", fee)
            raise WrongPasswordError("the password is wrong", hint="try again")
        self.heard("send", fee)
        if self.waiting is not None:
            self.waiting.wait(10)
        sent = tuple(SentView(kind=one.kind, txid=one.txid, fee=one.fee, vsize=one.vsize) for one in review.drafts)
        for view in sent:
            told(view)
        notes = ("the definition is published",) if isinstance(prepared.request, Issue) else ()
        if isinstance(prepared.request, Login):
            return Outcome(result=LOGIN, papers=(SignedPaper(kind="login", ids=(LOGIN.session,)),))
        return Outcome(result=None, sent=sent, notes=notes, papers=self.papers)


class FakeMachine(Failing):
    """Implements `MachineServices`."""

    def __init__(self) -> None:
        super().__init__()
        self.set: SettingsView = samples.SETTINGS
        self.remark = ""
        self.written: LogView = samples.LOG

    def settings(self) -> SettingsView:
        self.heard("settings")
        return self.set

    def set_setting(self, key: str, value: str) -> tuple[str, ...]:
        self.heard("set", (key, value))
        return (self.remark,) if self.remark else ()

    def log(self) -> LogView:
        self.heard("log")
        return self.written


@dataclass
class FakeServices:
    """Implements `Services`."""

    choice: WalletChoice = samples.CHOICE
    chain: FakeChain = field(default_factory=FakeChain)
    images: FakeImages = field(default_factory=FakeImages)
    money: FakeMoney = field(default_factory=FakeMoney)
    market: FakeMarket = field(default_factory=FakeMarket)
    access: FakeAccess = field(default_factory=FakeAccess)
    keys: FakeKeys = field(default_factory=FakeKeys)
    drafts: FakeDrafts = field(default_factory=FakeDrafts)
    machine: FakeMachine = field(default_factory=FakeMachine)
    closed: bool = False

    def check(self, kind: Kind, text: str) -> str:
        return check(kind, text, REGTEST)

    def unlock(self, password: str) -> WalletCard:
        if password != PASSWORD:
            raise WrongPasswordError("the password is wrong", hint="try again")
        return replace(samples.CARD, name=self.choice.name, network=self.choice.network)

    def close(self) -> None:
        self.closed = True


class FakeLobby(Failing):
    """Implements `Lobby`."""

    def __init__(self, *wallets: WalletChoice) -> None:
        super().__init__()
        self.choices = list(wallets)
        self.services = FakeServices()
        self.made: list[NewWords | OldWords] = []
        self.notes: tuple[str, ...] = ()
        self.passwords: list[str] = []

    def check(self, kind: Kind, text: str) -> str:
        return check(kind, text, None)

    def wallets(self) -> tuple[WalletChoice, ...]:
        return tuple(self.choices)

    def networks(self) -> tuple[NetworkChoice, ...]:
        return (
            NetworkChoice(name="regtest"),
            NetworkChoice(name="signet"),
            NetworkChoice(name="mainnet", refusal="switched off: real money would move"),
        )

    def node(self, network: str) -> DoctorView:
        self.heard("node", network)
        return replace(samples.DOCTOR, network=network)

    def new_words(self, count: int) -> str:
        self.heard("words", count)
        return WORDS if count == 12 else "abandon " * 23 + "art"

    def check_words(self, words: str) -> None:
        mnemonic.check(words)

    def completions(self, beginning: str) -> tuple[str, ...]:
        return mnemonic.beginning_with(beginning)[:6]

    def identity(self, network: str, words: str, passphrase: str) -> IdentityView:
        self.heard("identity", (network, bool(passphrase)))
        return IdentityView(fingerprint="73c5da0a", address=samples.ADDRESS)

    def create(self, choice: WalletChoice, request: NewWords | OldWords, password: str) -> MadeWallet:
        self.heard("create", (choice, request))
        self.made.append(request)
        self.passwords.append(password)
        return self._made(choice)

    def restore_backup(self, choice: WalletChoice, request: FromBackup, password: str) -> MadeWallet:
        if password != PASSWORD:
            raise WrongPasswordError("the password is wrong", hint="try again")
        self.heard("restore_backup", (choice.network, choice.name, str(request.file)))
        return self._made(choice)

    def _made(self, choice: WalletChoice) -> MadeWallet:
        self.choices.append(choice)
        return MadeWallet(card=replace(samples.CARD, name=choice.name, network=choice.network), notes=self.notes)

    def open(self, choice: WalletChoice) -> Services:
        self.heard("open", choice)
        self.services.choice = choice
        return self.services


__all__ = [
    "PASSWORD",
    "WORDS",
    "EncodingError",
    "FakeLobby",
    "FakeServices",
    "StaleDraftError",
    "StateError",
    "WalletError",
]
