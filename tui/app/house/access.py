"""What an open wallet may have, and how it gets it."""

from assets.services.read_models.access_views import KeptView, LogoutView
from tui.app.access_services import OpenSecrets, Stop
from tui.verbs.access.export_gate import GateFile, export_gate
from tui.verbs.access.holdings import HoldingsView, holdings
from tui.verbs.access.logout import logout
from tui.verbs.access.requests import ExportGate, Logout
from tui.verbs.image import forget
from tui.verbs.image.pull import OwnWords, PullView, pull
from tui.verbs.image.reader_requests import Forget, Pull
from tui.verbs.image.requests import Sealing
from tui.verbs.image.seal import SealedForm, encrypt
from tui.verbs.keys import Opening
from tui.verbs.progress import Report, stoppable
from tui.verbs.workplace import Workplace
from wallet.secret_store import SecretStore

_STOPPED = "stopped; what was fetched stays, and the next pull goes on there"


class HouseAccess:
    """Implements `AccessServices`."""

    def __init__(self, place: Workplace) -> None:
        self._place = place

    def held(self) -> HoldingsView:
        """Titles and access units by repository, and what was pulled."""
        return holdings(self._place)

    def open_secrets(self, password: str) -> OpenSecrets:
        """The wallet's secrets. They sign nothing."""
        keys = Opening(self._place.house, lambda: password)
        return OpenSecrets(keys.secrets())

    def pull(self, request: Pull, opened: OpenSecrets | None, progress: Report, stop: Stop) -> PullView:
        """Verifies an image, fetches all of it, opens it, hands it over."""
        words = None if opened is None else OwnWords(lambda _: _secrets(opened), first=True)
        return pull(request, self._place.reporting(stoppable(progress, stop, _STOPPED)), words)

    def room(self, kept: KeptView) -> int:
        """How many bytes would be free."""
        return forget.prepare(Forget(shown=kept), self._place).view.bytes

    def forget(self, kept: KeptView) -> int:
        """Drops an image that was pulled and is kept here."""
        return forget.prepare(Forget(shown=kept), self._place).finish().bytes

    def seal(self, request: Sealing, opened: OpenSecrets, progress: Report, stop: Stop) -> SealedForm:
        """Encrypts an image and pushes it by digest."""
        told = stoppable(progress, stop, "stopped; nothing was said on the chain")
        return encrypt(request, self._place.reporting(told), lambda: _secrets(opened))

    def export_gate(self, request: ExportGate, opened: OpenSecrets | None) -> GateFile:
        """Writes what a gate runs from."""
        return export_gate(request, self._place, None if opened is None else lambda: _secrets(opened))

    def log_out(self, session: str) -> tuple[LogoutView, ...]:
        """Ends one login."""
        return logout(Logout(session=session), self._place)


def _secrets(opened: OpenSecrets) -> SecretStore:
    """What `open_secrets` opened."""
    secrets: SecretStore = opened.handle  # type: ignore[assignment]
    return secrets
