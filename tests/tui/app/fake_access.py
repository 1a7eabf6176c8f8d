"""Services for closed images and for keys, without a chain."""

import threading
from dataclasses import replace

from assets.services.read_models.wallet_views import MessageView
from tests.tui.app import access_samples, samples
from tests.tui.app.failing import Failing
from tui.app.access_asks import ExportGate, Pull
from tui.app.access_services import Report, Stop
from tui.app.access_views import (
    AccessView,
    GateExported,
    KeptLine,
    LoginDraft,
    LoginLine,
    Opened,
    PulledView,
)
from tui.verbs.image.requests import Sealing
from tui.verbs.image.seal import SealedForm
from tui.verbs.progress import Progress, StoppedError
from tui.verbs.wallet.requests import GivenPsbt
from tui.verbs.wallet.views import LookedAt, SignedPsbt, WaitingDraft
from wallet.errors import WrongPasswordError

PASSWORD = "correct horse battery"


def require_right(password: str) -> None:
    """As the keystore does."""
    if password != PASSWORD:
        raise WrongPasswordError("the password is wrong", hint="try again")


class FakeAccess(Failing):
    """Implements `AccessServices`. While `waiting` is set, long work goes on until it is stopped."""

    def __init__(self) -> None:
        super().__init__()
        self.view: AccessView = access_samples.ACCESS
        self.pulled: PulledView = access_samples.PULLED
        self.sealed: SealedForm = access_samples.SEALED
        self.waiting: threading.Event | None = None

    def held(self) -> AccessView:
        self.heard("held")
        return self.view

    def open_secrets(self, password: str) -> Opened:
        require_right(password)
        self.heard("open_secrets")
        return Opened("secrets")

    def pull(self, ask: Pull, opened: Opened | None, progress: Report, stop: Stop) -> PulledView:
        self.heard("pull", (ask, opened))
        self._work("pulling (bytes)", progress, stop)
        return self.pulled

    def room(self, kept: KeptLine) -> int:
        self.heard("room", kept.digest)
        return 12_000_000

    def forget(self, kept: KeptLine) -> int:
        self.heard("forget", kept.digest)
        self.view = replace(self.view, kept=())
        return 12_000_000

    def seal(self, request: Sealing, opened: Opened, progress: Report, stop: Stop) -> SealedForm:
        self.heard("seal", (request, opened))
        self._work("encrypting (bytes)", progress, stop)
        return self.sealed

    def export_gate(self, ask: ExportGate, opened: Opened | None) -> GateExported:
        self.heard("export_gate", (ask, opened is not None))
        return GateExported(file=ask.file, repositories=(samples.NAME,), keys=2, notes=("it names no gate",))

    def draft_login(self, genesis: str, name: str) -> LoginDraft:
        self.heard("draft_login", (genesis, name))
        return access_samples.LOGIN_DRAFT

    def log_in(self, draft: LoginDraft, password: str) -> LoginLine:
        require_right(password)
        self.heard("log_in", draft.name)
        return access_samples.LOGIN

    def log_out(self, host: str) -> tuple[str, ...]:
        self.heard("log_out", host)
        return (f"{host}: the gate has forgotten the session",)

    def _work(self, what: str, progress: Report, stop: Stop) -> None:
        progress(Progress(what=what, done=6_000_000, total=12_000_000))
        while self.waiting is not None and not self.waiting.wait(0.01):
            if stop():
                raise StoppedError("stopped; what was fetched stays, and the next pull goes on there")


class FakeKeys(Failing):
    """Implements `KeyServices`."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: LookedAt = access_samples.PSBT_VIEW
        self.judged: MessageView = access_samples.JUDGED
        self.left: list[WaitingDraft] = [access_samples.WAITING]

    def backup(self, file: str) -> str:
        self.heard("backup", file)
        return file

    def renew_password(self, old: str, new: str, *, keep_old: bool) -> None:
        require_right(old)
        self.heard("renew", (new, keep_old))

    def own_address(self, address: str) -> str:
        self.heard("own", address)
        return "84'/1'/0'/0/0"

    def sign_message(self, address: str, message: str, password: str) -> str:
        require_right(password)
        self.heard("sign_message", (address, message))
        return access_samples.SIGNATURE

    def judge_message(self, address: str, message: str, signature: str) -> MessageView:
        self.heard("judge", (address, message, signature))
        return self.judged

    def look(self, given: GivenPsbt) -> LookedAt:
        self.heard("look", given)
        return self.seen

    def sign_psbt(self, given: GivenPsbt, seen: LookedAt, password: str) -> SignedPsbt:
        require_right(password)
        self.heard("sign_psbt", seen.psbt)
        return access_samples.SIGNED

    def write_psbt(self, psbt: str, file: str) -> str:
        self.heard("write", (psbt, file))
        return file

    def waiting(self) -> tuple[WaitingDraft, ...]:
        self.heard("waiting")
        return tuple(self.left)

    def discard(self, txid: str) -> None:
        self.heard("discard", txid)
        self.left = [one for one in self.left if one.txid != txid]
