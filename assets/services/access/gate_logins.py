"""This user's logins at gates, as the registry's client uses them."""

from collections.abc import Callable

from assets.registry.logins import Login
from assets.store.session_store import GateSession, SessionStore


class GateLogins:
    """Answers for a registry's host with the session's user name and a password that is made anew each time.

    The credential helper gives the same to container tools. Here it also says which gate it is for, so that it is sent
    to no other place.
    """

    def __init__(self, store: SessionStore, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    def __call__(self, host: str) -> Login | None:
        """The login that a host's registry is shown; None where there is none, or none any more. Raises StoreError."""
        return self._login(self._store.load(host))

    def at_gate(self, host: str, gate: str) -> Login | None:
        """The login at one gate for a host, also where it is for keys alone. Raises StoreError."""
        return self._login(self._store.load_at(host, gate))

    def _login(self, session: GateSession | None) -> Login | None:
        now = self._clock()
        if session is None or session.is_over(now):
            return None
        return Login(session.username, session.secret(now), only_at=session.gate)
