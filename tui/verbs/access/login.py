"""Logging in at a gate: a deed that the keys sign, and that sends no transaction. Listing the logins there are."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes

from assets.registry.credential_program import find_program
from assets.registry.gate_sessions import GateSessions
from assets.registry.transport import Transport
from assets.services.access.logging_in import LoginDraft, draft_login, log_in, replaced
from assets.services.access.logging_out import login_view, logins
from assets.services.read_models.access_views import LoginView
from assets.services.wallets.session import Session
from assets.store.container_logins import PROGRAM, ContainerLogins
from assets.store.session_store import GateSession
from tui.verbs.access.requests import Login
from tui.verbs.keys import Keys
from tui.verbs.prepared import Done, Ended, Prepared, Ready, prepared
from tui.verbs.reading import Reading
from tui.verbs.review import SignedPaper
from tui.verbs.workplace import Workplace
from wallet.hashes import display

_KEY_BYTES = 32
_HELPER = f"docker-credential-{PROGRAM}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginDraftView:
    """A login that nobody has signed yet. `scripts` (hex) are what the gate learns; times are unix seconds."""

    name: str
    host: str
    gate: str
    genesis: str
    scripts: tuple[str, ...]
    repositories: tuple[str, ...]
    since: int
    until: int
    for_tools: bool
    notes: tuple[str, ...]


def prepare(request: Login, place: Workplace) -> Prepared[LoginView]:
    """What the gate would learn. Raises StateError where there is no gate, ImageError where the wallet holds nothing.

    `review.details` is a `LoginDraftView`.
    """

    def make(session: Session) -> Ready[LoginView]:
        draft, gates = _drafted(request, session, place), gates_of(place)
        earlier = replaced(draft, session, place.house.sessions)

        def ending(keys: Keys, now: Session, done: Done) -> Ended[LoginView]:
            kept = log_in(draft, now, keys(), gates, place.house.sessions, tools(), new_key=token_bytes(_KEY_BYTES))
            return Ended(
                result=login_view(kept, place.now()),
                notes=_about_helper() if kept.entries else (),
                papers=(SignedPaper(kind="login", ids=(kept.username,)),),
            )

        return Ready(
            ending=ending,
            heading=f"Log in at the gate {draft.gate}, which the definition of {draft.name} on the chain names",
            facts=_facts(draft),
            warnings=(*draft.notes, *(_gives_way(one) for one in earlier if not one.is_over(place.now()))),
            deed=f"Log in at {draft.gate}",
            details=_view(draft),
            fee_is_set=True,
        )

    return prepared(request, place, make)


def listed(reading: Reading) -> tuple[LoginView, ...]:
    """This user's logins, ended ones too, by host. Raises StoreError."""
    return logins(reading.house.sessions, reading.now())


def gates_of(reading: Reading) -> GateSessions:
    """Speaks to gates as the registry's client speaks to registries."""
    return GateSessions(Transport(reading.house.registry_settings))


def tools() -> ContainerLogins:
    """The files of this user's container tools."""
    return ContainerLogins(environ=dict(os.environ), home=Path.home())


def _drafted(request: Login, session: Session, place: Workplace) -> LoginDraft:
    chain = place.chain()
    chain.catch_up()
    return draft_login(
        request.name,
        request.genesis,
        session,
        chain,
        place.registry,
        gates_of(place),
        place.definitions,
        known_names=place.known_names,
        days=request.days,
    )


def _facts(draft: LoginDraft) -> tuple[tuple[str, str], ...]:
    """What the gate learns, for how long, and who is told. The scripts sign a text for this gate alone."""
    scripts = f"{len(draft.scripts)} script{'' if len(draft.scripts) == 1 else 's'}"
    until = datetime.fromtimestamp(draft.until, UTC)
    return (
        ("it learns", f"{scripts} of yours, with the title or access units of {', '.join(draft.repositories)}"),
        ("until", f"{until:%Y-%m-%d %H:%M} UTC"),
        ("told", "docker, podman and skopeo" if draft.for_tools else ""),
    )


def _gives_way(earlier: GateSession) -> str:
    return f"this replaces the login for {earlier.image} (scripts that it proved: {earlier.scripts})"


def _view(draft: LoginDraft) -> LoginDraftView:
    return LoginDraftView(
        name=draft.name,
        host=draft.host,
        gate=draft.gate,
        genesis=display(draft.genesis),
        scripts=tuple(one.script.hex() for one in draft.scripts),
        repositories=draft.repositories,
        since=draft.since,
        until=draft.until,
        for_tools=draft.for_tools,
        notes=draft.notes,
    )


def _about_helper() -> tuple[str, ...]:
    """Says so where container tools will not find our credential program, or not this user's logins."""
    notes = []
    if find_program(PROGRAM, os.environ.get("PATH", "")) is None:
        notes.append(f"{_HELPER} is not on PATH: container tools need it there (it is installed beside dockchains)")
    if os.environ.get("DOCKCHAINS_HOME"):
        notes.append("container tools find this login only where DOCKCHAINS_HOME is set as it is now")
    return tuple(notes)
