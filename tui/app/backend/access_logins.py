"""Logins at gates: what a gate would learn, signing it, ending it."""

import os
from pathlib import Path
from secrets import token_bytes

from assets.images.name import split_name
from assets.images.reference import ImageReference
from assets.registry.credential_program import find_program
from assets.registry.gate_sessions import GateSessions
from assets.registry.transport import Transport
from assets.services.access.logging_in import LoginDraft as Draft
from assets.services.access.logging_in import draft_login, log_in
from assets.services.access.logging_out import LoginView, LogoutView, log_out, login_view, logins
from assets.store.container_logins import PROGRAM, ContainerLogins
from tui.app.access_views import LoginDraft, LoginLine
from tui.app.backend.access import Access
from wallet.errors import EncodingError, StateError, StoreError
from wallet.hashes import parse_txid

_KEY_BYTES = 32
_HELPER = f"docker-credential-{PROGRAM}"


class Logins:
    """Logging in and out, over one wallet's house."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._house = access.house

    def all(self) -> tuple[LoginLine, ...]:
        """This user's logins, ended ones too, by host."""
        return tuple(_line(one) for one in logins(self._house.sessions, self._house.now()))

    def until(self, name: str) -> int:
        """Until when (unix seconds) somebody is logged in at the registry of a name; 0 where nobody is."""
        house = self._house
        try:
            wanted = ImageReference.parse(name).name
            sessions = house.sessions.at(split_name(wanted)[0])
        except (EncodingError, StoreError):
            return 0
        standing = [one for one in sessions if not one.is_over(house.now()) and (one.entries or one.image == wanted)]
        return max((one.until for one in standing), default=0)

    def draft(self, genesis: str, name: str) -> LoginDraft:
        """What the gate of a repository would learn."""
        access, house = self._access, self._house
        names = house.names.names()
        chain = access.chain()
        chain.catch_up()
        with access.session() as session:
            draft = draft_login(
                name,
                parse_txid(genesis),
                session,
                chain,
                house.registry,
                self._gates,
                access.definitions,
                known_names=(*names, *(pin.name for pin in house.pins.load().pins)),
            )
        return LoginDraft(
            name=draft.name,
            gate=draft.gate,
            scripts=len(draft.scripts),
            repositories=draft.repositories,
            until=draft.until,
            for_tools=draft.for_tools,
            notes=draft.notes,
            handle=draft,
        )

    def log_in(self, shown: LoginDraft, password: str) -> LoginLine:
        """Signs exactly what was shown."""
        draft, house = shown.handle, self._house
        assert isinstance(draft, Draft), "a draft comes from `draft`"
        signer = house.signer(password)
        with self._access.session() as session:
            kept = log_in(
                draft, session, signer, self._gates, house.sessions, self._tools, new_key=token_bytes(_KEY_BYTES)
            )
        return _line(login_view(kept, house.now()), notes=_about_helper() if kept.entries else ())

    def log_out(self, host: str) -> tuple[str, ...]:
        """Ends every login for a host; what was done, in words."""
        house = self._house
        sessions = house.sessions.at(host)
        if not sessions:
            raise StateError(f"{host} is not logged in", hint="refresh the list")
        views = [log_out(one, self._gates, house.sessions, self._tools, house.now()) for one in sessions]
        return tuple(line for view in views for line in _told(view))

    @property
    def _gates(self) -> GateSessions:
        return GateSessions(Transport(self._house.registry_settings))

    @property
    def _tools(self) -> ContainerLogins:
        return ContainerLogins(environ=dict(os.environ), home=Path.home())


def _told(view: LogoutView) -> tuple[str, ...]:
    return (
        f"{view.host}: {view.at_gate}",
        *(f"{path}: the entry for {view.host} is {done}" for path, done in view.files),
        *(f"take the entry for {view.host} out of {path} yourself: {why}" for path, why in view.failed),
    )


def _line(view: LoginView, notes: tuple[str, ...] = ()) -> LoginLine:
    return LoginLine(
        host=view.host,
        image=view.image,
        gate=view.gate,
        until=view.until,
        over=view.over,
        files=view.files,
        notes=notes,
    )


def _about_helper() -> tuple[str, ...]:
    """Says so where container tools will not find our credential program, or not this user's logins."""
    notes = []
    if find_program(PROGRAM, os.environ.get("PATH", "")) is None:
        notes.append(f"{_HELPER} is not on PATH: container tools need it there (it is installed beside dockchains)")
    if os.environ.get("DOCKCHAINS_HOME"):
        notes.append("container tools find this login only where DOCKCHAINS_HOME is set as it is now")
    return tuple(notes)
