"""Ending logins at gates. Neither wallet nor node is needed, and a gate that does not answer stops nothing."""

from assets.services.access.logging_out import log_out, logins_for
from assets.services.read_models.access_views import LogoutView
from assets.store.session_store import GateSession
from tui.verbs.access.login import gates_of, tools
from tui.verbs.access.requests import Logout
from tui.verbs.reading import Reading
from wallet.errors import StateError


def logout(request: Logout, reading: Reading) -> tuple[LogoutView, ...]:
    """What became of each login that was ended. Raises StateError where none is meant, StoreError."""
    store, now = reading.house.sessions, reading.now()
    return tuple(log_out(one, gates_of(reading), store, tools(), now) for one in _meant(request, reading))


def said(view: LogoutView) -> tuple[str, ...]:
    """What was done, and what is left to do, in words."""
    return (
        f"{view.host}: {view.at_gate}",
        *(f"{path}: the entry for {view.host} is {done}" for path, done in view.files),
        *(f"take the entry for {view.host} out of {path} yourself: {why}" for path, why in view.failed),
    )


def _meant(request: Logout, reading: Reading) -> tuple[GateSession, ...]:
    store = reading.house.sessions
    if request.everywhere:
        return tuple(store.all())
    if request.name is not None:
        return logins_for(store, request.name)
    found = tuple(one for one in store.all() if one.username == request.session)
    if not found:
        raise StateError("this login has ended already", hint="refresh the list")
    return found
