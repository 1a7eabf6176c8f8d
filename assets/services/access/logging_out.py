"""Use cases: end a login at a gate, and list the logins. Neither needs a wallet, a node or a password."""

from assets.errors import RegistryError
from assets.images.name import split_name
from assets.registry.logins import Login
from assets.remedies import ImageRemedy
from assets.services.access.logging_in import Gates
from assets.services.read_models.access_views import LoginView, LogoutView
from assets.store.container_logins import ContainerLogins, Undone
from assets.store.session_store import GateSession, SessionStore
from wallet.errors import EncodingError, StateError, StoreError
from wallet.hashes import parse_block_hash
from wallet.network import network_of


def logins(store: SessionStore, now: int) -> tuple[LoginView, ...]:
    """Every login, ended ones too, by host. Raises StoreError."""
    return tuple(login_view(session, now) for session in store.all())


def logins_for(store: SessionStore, name: str) -> tuple[GateSession, ...]:
    """The logins that a canonical name of a repository means: those that were made for it, else all at its host.

    Raises StateError where there is none, or where several were made for other repositories.
    """
    host, _ = split_name(name)
    found = store.at(host)
    if not found:
        raise StateError(f"{host} is not logged in", hint=ImageRemedy.SEE_LOGINS.of())
    made = tuple(one for one in found if one.image == name)
    told = tuple(one for one in found if one.entries)
    if made or len(found) == 1:
        return made or found
    if told:
        return told
    raise StateError(
        f"{host} has {len(found)} logins, none of them made for {name}",
        hint=ImageRemedy.SAY_WHICH_LOGIN.of(images=", ".join(one.image for one in found)),
    )


def login_view(session: GateSession, now: int) -> LoginView:
    """One login."""
    return LoginView(
        host=session.host,
        image=session.image,
        gate=session.gate,
        network=_network(session),
        session=session.username,
        scripts=session.scripts,
        since=session.since,
        until=session.until,
        days_left=session.days_left(now),
        over=session.is_over(now),
        files=tuple(str(entry.path) for entry in session.entries),
    )


def log_out(session: GateSession, gates: Gates, store: SessionStore, tools: ContainerLogins, now: int) -> LogoutView:
    """Has the gate forget the session, takes our entries out of container tools' files, and removes the key.

    A gate that does not answer stops nothing: without its key a session is worth nothing, and it ends by itself. Raises
    StoreError where the key cannot be removed.
    """
    at_gate = _ended(session, gates, now)
    done: list[tuple[str, str]] = []
    failed: list[tuple[str, str]] = []
    for entry in session.entries:
        try:
            undone: Undone = tools.undo(session.host, entry)
        except StoreError as error:
            failed.append((str(entry.path), str(error)))
        else:
            done.append((str(entry.path), str(undone)))
    store.forget(session)
    return LogoutView(
        host=session.host,
        image=session.image,
        gate=session.gate,
        at_gate=at_gate,
        files=tuple(done),
        failed=tuple(failed),
    )


def _ended(session: GateSession, gates: Gates, now: int) -> str:
    if session.is_over(now):
        return "the login had ended by itself"
    try:
        known = gates.end(session.gate, session.image, Login(session.username, session.secret(now)))
    except (RegistryError, EncodingError) as error:
        return f"the gate could not be told: {error}; nobody has the session's key any more, and it ends by itself"
    return "the gate has forgotten the session" if known else "the gate did not know the session any more"


def _network(session: GateSession) -> str:
    try:
        network = network_of(parse_block_hash(session.network), session.challenge)
    except EncodingError:
        network = None
    return "unknown" if network is None else network.name
