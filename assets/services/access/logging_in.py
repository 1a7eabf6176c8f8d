"""Use case: log in at the gate of a closed image, once, with the keys that hold the title or units.

Every such script signs which session key speaks for it, at which gate, until when. From then on the session key alone
is used: by the credential helper, and by this program. The gate looks up what the scripts hold each time it is asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from assets.errors import ImageError, RegistryError
from assets.images.login_claim import MAX_SECONDS, LoginClaim, ScriptProof, SessionRequest
from assets.images.name import split_name
from assets.images.pull_secret import session_of
from assets.images.repository import RepositoryState
from assets.registry.logins import Login
from assets.registry.port import ArtifactSource
from assets.remedies import ImageRemedy
from assets.services.access.gate_finding import gate_of
from assets.services.access.login_scripts import GateQuestion, OwnScript, own_scripts_at
from assets.services.chain.chain_access import ChainAccess, Documents
from assets.services.chain.lineage import absence, read_lineage
from assets.services.wallets.session import Session
from assets.store.container_logins import ContainerLogins
from assets.store.session_store import DAY, GateSession, SessionStore, WrittenEntry
from wallet.errors import EncodingError, StateError
from wallet.hashes import Txid, display
from wallet.signer import MessageSigner

MAX_DAYS = MAX_SECONDS // DAY


class Gates(Protocol):
    """What gates are asked. Implemented by `assets.registry.gate_sessions`."""

    def token_origin(self, name: str) -> str | None:
        """The origin from which a repository's registry wants tokens, or None. Raises RegistryError."""

    def register(self, gate: str, name: str, request: SessionRequest) -> None:
        """Has a gate know a session key. Raises RegistryError."""

    def end(self, gate: str, name: str, login: Login) -> bool:
        """Has a gate forget a session; False where it did not know it. Raises RegistryError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginDraft:
    """A login that nobody has signed yet.

    `scripts` are what the gate learns, `repositories` the names that they hold something of. With `for_tools` the
    registry asks this gate for tokens, so that container tools are told of the login. Times are unix seconds.
    """

    name: str
    host: str
    gate: str
    genesis: Txid
    scripts: tuple[OwnScript, ...]
    repositories: tuple[str, ...]
    since: int
    until: int
    for_tools: bool
    notes: tuple[str, ...] = ()


def draft_login(
    name: str,
    genesis: Txid,
    session: Session,
    chain: ChainAccess,
    registry: ArtifactSource,
    gates: Gates,
    documents: Documents,
    *,
    known_names: Iterable[str],
    days: int = MAX_DAYS,
) -> LoginDraft:
    """What is to be signed to log in for a canonical name. Nothing is sent but questions for public documents.

    One host has one login, so the scripts are also those that hold something of other repositories at the same host,
    unless their definition names another gate; the gate learns of no others. Raises StateError where the definition
    names no gate, ImageError where the wallet holds nothing of the repository, EncodingError for a bad number of days.
    """
    if not 1 <= days <= MAX_DAYS:
        raise EncodingError(f"not a number of days: {days}", hint=f"from 1 to {MAX_DAYS}")
    host, _ = split_name(name)
    state = _state(genesis, chain)
    gate = gate_of(name, state, registry, documents)
    if gate is None:
        raise StateError(
            f"{name} names no gate: there is nothing to log in at",
            hint=ImageRemedy.NO_LOGIN_NEEDED.of(),
        )
    question = GateQuestion(host=host, gate=gate, chain=chain, registry=registry, documents=documents)
    shown = own_scripts_at(question, name, state, session, tuple(known_names))
    for_tools, said = _asks_this_gate(gates.token_origin(name), gate, host)
    return LoginDraft(
        name=name,
        host=host,
        gate=gate,
        genesis=genesis,
        scripts=shown.scripts,
        repositories=shown.repositories,
        since=session.clock(),
        until=session.clock() + days * DAY,
        for_tools=for_tools,
        notes=(*shown.notes, *said),
    )


def log_in(
    draft: LoginDraft,
    session: Session,
    signer: MessageSigner,
    gates: Gates,
    store: SessionStore,
    tools: ContainerLogins,
    *,
    new_key: bytes,
) -> GateSession:
    """Signs, registers, keeps the session key (`new_key`, 32 random bytes), tells container tools; what is kept.

    An earlier login for the host is replaced, and ended at its gate where that answers. Raises StateError where it is
    at another gate, RegistryError where the gate refuses (nothing is kept then), StoreError.
    """
    earlier_ones = replaced(draft, session, store)
    entries = _entries(draft, earlier_ones, tools)
    claim = LoginClaim(
        network_block0=display(session.network.genesis),
        challenge=session.network.challenge,
        gate=draft.gate,
        session=session_of(new_key),
        since=draft.since,
        until=draft.until,
    )
    text = claim.text()
    proofs = tuple(ScriptProof(one.script, signer.sign_message(text, one.path)) for one in draft.scripts)
    gates.register(draft.gate, draft.name, SessionRequest(claim, proofs))
    kept = GateSession(
        host=draft.host,
        gate=draft.gate,
        image=draft.name,
        network=claim.network_block0,
        challenge=claim.challenge,
        key=new_key,
        since=claim.since,
        until=claim.until,
        scripts=len(proofs),
        entries=entries,
    )
    store.save(kept)
    tools.write(draft.host, entries)
    for earlier in earlier_ones:
        _let_go(earlier, kept, session.clock(), gates, tools)
        if bool(earlier.entries) != bool(entries):
            store.forget(earlier)
    return kept


def replaced(draft: LoginDraft, session: Session, store: SessionStore) -> tuple[GateSession, ...]:
    """The logins that give way: what container tools were told for the host, and what there was at the same gate.

    Raises StateError where that should be decided by a person.
    """
    told, same_gate = store.load(draft.host), store.load_at(draft.host, draft.gate)
    candidates = (told, same_gate) if draft.for_tools else (same_gate,)
    found = tuple({one.username: one for one in candidates if one is not None}.values())
    network = (display(session.network.genesis), session.network.challenge)
    for one in found:
        if one.is_over(session.clock()) or (one.gate == draft.gate and (one.network, one.challenge) == network):
            continue
        raise StateError(
            f"{draft.host} is logged in at {one.gate} for {one.image}, and {draft.name} names {draft.gate}; "
            "container tools have one login for a host",
            hint=ImageRemedy.END_LOGIN.of(image=one.image),
        )
    return found


def _entries(
    draft: LoginDraft, earlier_ones: tuple[GateSession, ...], tools: ContainerLogins
) -> tuple[WrittenEntry, ...]:
    """What container tools are to be told. What an earlier login found in a file is what a logout restores."""
    if not draft.for_tools:
        return ()
    before = {entry.path: entry for earlier in earlier_ones for entry in earlier.entries}
    planned = {entry.path: entry for entry in tools.plan(draft.host)}
    return tuple((planned | before).values())


def _let_go(earlier: GateSession, kept: GateSession, now: int, gates: Gates, tools: ContainerLogins) -> None:
    """The earlier session is worth nothing any more once its key is gone; the gate is told where it listens."""
    if not kept.entries:
        for entry in earlier.entries:
            tools.undo(earlier.host, entry)
    if earlier.is_over(now):
        return
    try:
        gates.end(earlier.gate, earlier.image, Login(earlier.username, earlier.secret(now)))
    except RegistryError:
        return


def _state(genesis: Txid, chain: ChainAccess) -> RepositoryState:
    lineage = read_lineage(chain, genesis, confirmations=1)
    if lineage is None:
        missing = absence(chain, genesis)
        raise ImageError(missing.reason, hint=missing.hint)
    return lineage.state


def _asks_this_gate(origin: str | None, gate: str, host: str) -> tuple[bool, tuple[str, ...]]:
    """Whether container tools would show the login to its gate; else why they are told nothing of it."""
    if origin == gate:
        return True, ()
    alone = "the login is for the keys of sealed images alone, and container tools are told nothing of it"
    if origin is None:
        return False, (f"the registry {host} asks no gate for tokens: {alone}",)
    return False, (f"the registry {host} has logins shown to {origin}, not to {gate}: {alone}",)
