"""The port for closed images: what is held, pulling, sealing, logins at gates."""

from collections.abc import Callable
from typing import Protocol

from tui.app.access_asks import ExportGate, Pull
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
from tui.verbs.progress import Progress

Report = Callable[[Progress], None]
Stop = Callable[[], bool]


class AccessServices(Protocol):
    """What the wallet may have, and how it gets it."""

    def held(self) -> AccessView:
        """Titles and access units by repository, what is closed about each, logins, and what was pulled."""

    def open_secrets(self, password: str) -> Opened:
        """The wallet's secrets, for one piece of work. They sign nothing. Raises WrongPasswordError."""

    def pull(self, ask: Pull, opened: Opened | None, progress: Report, stop: Stop) -> PulledView:
        """Verifies an image, fetches all of it, opens it where it is sealed, hands it over.

        An image that does not verify is not fetched, and the view says why. Raises StoppedError where it was ended;
        what was fetched stays for the next attempt.
        """

    def room(self, kept: KeptLine) -> int:
        """How many bytes would be free once an image that was pulled is dropped."""

    def forget(self, kept: KeptLine) -> int:
        """Drops an image that was pulled and is kept here; the bytes that this freed. It can be pulled again."""

    def seal(self, request: Sealing, opened: Opened, progress: Report, stop: Stop) -> SealedForm:
        """Encrypts an image and pushes it by digest. `RecordSeal` says so on the chain."""

    def export_gate(self, ask: ExportGate, opened: Opened | None) -> GateExported:
        """Writes what a gate runs from; without secrets it hands out no keys. Raises TrustError, StoreError."""

    def draft_login(self, genesis: str, name: str) -> LoginDraft:
        """What the gate of a repository would learn. Raises StateError where it has none, RegistryError."""

    def log_in(self, draft: LoginDraft, password: str) -> LoginLine:
        """Signs, registers at the gate, tells container tools. Raises RegistryError where the gate refuses."""

    def log_out(self, host: str) -> tuple[str, ...]:
        """Ends the login for a registry's host, wherever it was told of; what was done, in words."""
