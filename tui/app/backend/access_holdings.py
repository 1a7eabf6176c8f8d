"""What the wallet may have: titles and access units, gates, logins, images that were pulled."""

from assets.errors import ImageError
from assets.services.chain.definitions import find_definition
from assets.services.chain.lineage import read_lineage
from assets.services.images.forgetting import Forgetting, forget, plan_forgetting
from assets.services.read_models.wallet_views import UnitsView
from assets.services.trust.manifests import covering
from assets.services.wallets.holdings_view import balance
from assets.services.wallets.repositories import show_repository
from assets.store.image_store import KeptImage
from tui.app.access_asks import ExportGate, Pull
from tui.app.access_views import (
    AccessView,
    GateExported,
    HeldLine,
    KeptLine,
    LoginDraft,
    LoginLine,
    Opened,
    PulledView,
)
from tui.app.backend.access import Access
from tui.app.backend.access_gates import export
from tui.app.backend.access_logins import Logins
from tui.app.backend.access_pulls import Pulls, image_store
from tui.app.backend.access_secrets import open_secrets, secrets_of
from tui.app.backend.images import HouseImages
from tui.app.services import Stop
from tui.verbs.image.requests import Sealing
from tui.verbs.image.seal import SealedForm, encrypt
from tui.verbs.progress import Report, stoppable
from wallet.hashes import parse_txid


class HouseAccess:
    """Implements `AccessServices`."""

    def __init__(self, access: Access, images: HouseImages) -> None:
        self._access = access
        self._images = images
        self._house = access.house
        self._pulls = Pulls(access)
        self._logins = Logins(access)

    def held(self) -> AccessView:
        """Titles and access units by repository, and what was pulled."""
        access = self._access
        access.chain().catch_up()
        with access.session() as session:
            units = balance(session).units
        kept = image_store(access).kept()
        return AccessView(
            now=self._house.now(),
            held=tuple(self._line(one) for one in units),
            kept=tuple(_kept(one) for one in kept),
            logins=self._logins.all(),
        )

    def open_secrets(self, password: str) -> Opened:
        """The wallet's secrets. They sign nothing."""
        return open_secrets(self._house, password)

    def pull(self, ask: Pull, opened: Opened | None, progress: Report, stop: Stop) -> PulledView:
        """Verifies an image, fetches all of it, opens it, hands it over."""
        return self._pulls.pull(ask, opened, progress, stop)

    def room(self, kept: KeptLine) -> int:
        """How many bytes would be free."""
        return self._forgetting(kept).size

    def forget(self, kept: KeptLine) -> int:
        """Drops an image that was pulled and is kept here."""
        plan = self._forgetting(kept)
        forget(image_store(self._access), plan)
        return plan.size

    def seal(self, request: Sealing, opened: Opened, progress: Report, stop: Stop) -> SealedForm:
        """Encrypts an image and pushes it by digest."""
        told = stoppable(progress, stop, "stopped; nothing was said on the chain")
        return encrypt(request, self._access.place.reporting(told), lambda: secrets_of(opened).own)

    def export_gate(self, ask: ExportGate, opened: Opened | None) -> GateExported:
        """Writes what a gate runs from."""
        return export(ask, opened, self._access)

    def draft_login(self, genesis: str, name: str) -> LoginDraft:
        """What the gate of a repository would learn."""
        return self._logins.draft(genesis, name)

    def log_in(self, draft: LoginDraft, password: str) -> LoginLine:
        """Signs, registers at the gate, tells container tools."""
        return self._logins.log_in(draft, password)

    def log_out(self, host: str) -> tuple[str, ...]:
        """Ends a login."""
        return self._logins.log_out(host)

    def _forgetting(self, kept: KeptLine) -> Forgetting:
        return plan_forgetting(image_store(self._access), lambda one: _kept(one) == kept, unfinished=False)

    def _line(self, units: UnitsView) -> HeldLine:
        access, genesis = self._access, parse_txid(units.genesis)
        try:
            chain, settled = access.chain(), access.reading_confirmations
            with access.session() as session:
                covers = covering(None, access.manifests)
                view = show_repository(genesis, chain, session, covers, confirmations=settled)
            lineage = read_lineage(chain, genesis, confirmations=settled)
        except ImageError as error:
            return HeldLine(
                genesis=units.genesis, name=units.name, units=units.access_units, title=units.title, sealed=0, gate="",
                gate_known=False, why=str(error),
            )  # fmt: skip
        definition, why = find_definition(view.name, view.definition, access.definitions, self._house.registry)
        gate = "" if definition is None else dict(definition.links).get("gate", "")
        return HeldLine(
            genesis=units.genesis,
            name=self._images.named(view).name,
            units=units.access_units,
            title=units.title,
            sealed=0 if lineage is None else len(lineage.state.sealings),
            gate=gate,
            gate_known=definition is not None,
            login_until=self._logins.until(view.name),
            why=why,
        )


def _kept(one: KeptImage) -> KeptLine:
    return KeptLine(name=one.name, tag=one.tag or "", digest=str(one.digest), sealed=one.sealed, gated=one.gated)
