"""What a wallet may have: titles and access units by repository, its gates, logins, images that were pulled."""

from dataclasses import dataclass

from assets.errors import ImageError
from assets.images.name import split_name
from assets.images.reference import ImageReference
from assets.services.chain.definitions import find_definition
from assets.services.chain.lineage import read_lineage
from assets.services.read_models.access_views import KeptView, LoginView
from assets.services.read_models.wallet_views import UnitsView
from assets.services.trust.manifests import covering
from assets.services.wallets.holdings_view import balance
from assets.services.wallets.repositories import show_repository
from tui.verbs.access.login import listed
from tui.verbs.image.finding import shown_by_name
from tui.verbs.image.forget import kept_view
from tui.verbs.reading import Reading
from tui.verbs.workplace import Workplace
from wallet.errors import EncodingError, StoreError
from wallet.hashes import parse_txid


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldView:
    """What the wallet holds of a repository.

    `gate` is the origin that lets holders in, empty for an open image; `gate_known` is false where the definition could
    not be read. `login_until` is unix seconds, 0 where nobody is logged in. `why` says what could not be read.
    """

    genesis: str
    name: str
    units: int
    title: bool
    sealed: int
    gate: str
    gate_known: bool
    login_until: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingsView:
    """What the wallet holds, what was pulled, and this user's logins. `now` is unix seconds."""

    now: int
    held: tuple[HeldView, ...]
    kept: tuple[KeptView, ...]
    logins: tuple[LoginView, ...] = ()


def holdings(place: Workplace) -> HoldingsView:
    """All of it; definitions are asked for at registries where they are not known. Raises ChainError, StoreError."""
    place.chain().catch_up()
    with place.session() as session:
        units = balance(session).units
    return HoldingsView(
        now=place.now(),
        held=tuple(_held(one, place) for one in units),
        kept=tuple(kept_view(one) for one in place.images.kept()),
        logins=listed(place),
    )


def _held(units: UnitsView, place: Workplace) -> HeldView:
    genesis, chain, settled = parse_txid(units.genesis), place.chain(), place.reading_confirmations
    try:
        with place.session() as session:
            covers = covering(None, place.manifests)
            view = show_repository(genesis, chain, session, covers, confirmations=settled)
        lineage = read_lineage(chain, genesis, confirmations=settled)
    except ImageError as error:
        return HeldView(
            genesis=units.genesis, name=units.name, units=units.access_units, title=units.title, sealed=0, gate="",
            gate_known=False, why=str(error),
        )  # fmt: skip
    definition, why = find_definition(view.name, view.definition, place.definitions, place.registry)
    return HeldView(
        genesis=units.genesis,
        name=shown_by_name(view, place).name,
        units=units.access_units,
        title=units.title,
        sealed=0 if lineage is None else len(lineage.state.sealings),
        gate="" if definition is None else dict(definition.links).get("gate", ""),
        gate_known=definition is not None,
        login_until=_until(view.name, place),
        why=why,
    )


def _until(name: str, reading: Reading) -> int:
    """Until when (unix seconds) somebody is logged in at the registry of a name; 0 where nobody is."""
    try:
        wanted = ImageReference.parse(name).name
        sessions = reading.house.sessions.at(split_name(wanted)[0])
    except (EncodingError, StoreError):
        return 0
    now = reading.now()
    standing = [one for one in sessions if not one.is_over(now) and (one.entries or one.image == wanted)]
    return max((one.until for one in standing), default=0)
