"""Services for closed images and for keys, without a chain."""

import threading
from dataclasses import replace

from assets.services.read_models.access_views import KeptView, LogoutView
from assets.services.read_models.wallet_views import MessageView
from tests.tui.app import access_samples, samples
from tests.tui.app.failing import Failing
from tui.app.access_services import OpenSecrets, Stop
from tui.verbs.access.export_gate import GateFile, GateRepository
from tui.verbs.access.holdings import HoldingsView
from tui.verbs.access.requests import ExportGate
from tui.verbs.image.pull import PullView
from tui.verbs.image.reader_requests import Pull
from tui.verbs.image.requests import Sealing
from tui.verbs.image.seal import SealedForm
from tui.verbs.progress import Progress, Report, StoppedError
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
        self.view: HoldingsView = access_samples.ACCESS
        self.pulled: PullView = access_samples.PULLED
        self.sealed: SealedForm = access_samples.SEALED
        self.waiting: threading.Event | None = None

    def held(self) -> HoldingsView:
        self.heard("held")
        return self.view

    def open_secrets(self, password: str) -> OpenSecrets:
        require_right(password)
        self.heard("open_secrets")
        return OpenSecrets("secrets")

    def pull(self, request: Pull, opened: OpenSecrets | None, progress: Report, stop: Stop) -> PullView:
        self.heard("pull", (request, opened))
        self._work("pulling", progress, stop)
        return self.pulled

    def room(self, kept: KeptView) -> int:
        self.heard("room", kept.digest)
        return 12_000_000

    def forget(self, kept: KeptView) -> int:
        self.heard("forget", kept.digest)
        self.view = replace(self.view, kept=())
        return 12_000_000

    def seal(self, request: Sealing, opened: OpenSecrets, progress: Report, stop: Stop) -> SealedForm:
        self.heard("seal", (request, opened))
        self._work("encrypting", progress, stop)
        return self.sealed

    def export_gate(self, request: ExportGate, opened: OpenSecrets | None) -> GateFile:
        self.heard("export_gate", (request, opened is not None))
        return GateFile(
            file=str(request.file),
            origin=access_samples.GATE,
            service="registry.example",
            repositories=(GateRepository(name=samples.NAME, genesis=samples.GENESIS),),
            content_keys=2,
            certificate_until=samples.TIME,
            missing={samples.NAME: {samples.DIGEST: "sealed with another wallet's words"}},
            notes=("it names no gate",),
        )

    def log_out(self, session: str) -> tuple[LogoutView, ...]:
        self.heard("log_out", session)
        login = next(one for one in self.view.logins if one.session == session)
        said = "the gate has forgotten the session"
        return (LogoutView(host=login.host, image=login.image, gate=login.gate, at_gate=said, files=(), failed=()),)

    def _work(self, what: str, progress: Report, stop: Stop) -> None:
        progress(Progress(what=what, done=6_000_000, total=12_000_000, bytes=True))
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
