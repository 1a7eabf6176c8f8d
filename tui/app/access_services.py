"""The port for closed images: what is held, pulling, sealing, logins at gates."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from assets.services.read_models.access_views import KeptView, LogoutView
from tui.verbs.access.export_gate import GateFile
from tui.verbs.access.holdings import HoldingsView
from tui.verbs.access.requests import ExportGate
from tui.verbs.image.pull import PullView
from tui.verbs.image.reader_requests import Pull
from tui.verbs.image.requests import Sealing
from tui.verbs.image.seal import SealedForm
from tui.verbs.progress import Report

Stop = Callable[[], bool]
"""Asked now and then: should the work end early?"""


@dataclass(frozen=True, slots=True)
class OpenSecrets:
    """Secrets that a password opened, for one piece of work: screens hold them, and only who made them can use them."""

    handle: object = field(repr=False, compare=False)


class AccessServices(Protocol):
    """What the wallet may have, and how it gets it."""

    def held(self) -> HoldingsView:
        """Titles and access units by repository, what is closed about each, logins, and what was pulled."""

    def open_secrets(self, password: str) -> OpenSecrets:
        """The wallet's secrets, for one piece of work. They sign nothing. Raises WrongPasswordError."""

    def pull(self, request: Pull, opened: OpenSecrets | None, progress: Report, stop: Stop) -> PullView:
        """Verifies an image, fetches all of it, opens it where it is sealed, hands it over.

        An image that does not verify is not fetched, and the view says why. Raises StoppedError where it was ended;
        what was fetched stays for the next attempt.
        """

    def room(self, kept: KeptView) -> int:
        """How many bytes would be free once an image that was pulled is dropped."""

    def forget(self, kept: KeptView) -> int:
        """Drops an image that was pulled and is kept here; the bytes that this freed. It can be pulled again."""

    def seal(self, request: Sealing, opened: OpenSecrets, progress: Report, stop: Stop) -> SealedForm:
        """Encrypts an image and pushes it by digest. `RecordSeal` says so on the chain."""

    def export_gate(self, request: ExportGate, opened: OpenSecrets | None) -> GateFile:
        """Writes what a gate runs from; without secrets it hands out no keys. Raises TrustError, StoreError."""

    def log_out(self, session: str) -> tuple[LogoutView, ...]:
        """Ends the login of one session (its public key in hex), wherever it was told of."""
