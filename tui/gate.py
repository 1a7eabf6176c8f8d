"""Composition root of the gate: from a bundle to a service that lets holders in. Nothing here needs a wallet."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assets.errors import UnauthorizedError
from assets.images.access import Action, Grant
from assets.images.canonical import FILE_LIMIT
from assets.images.gate_bundle import GateBundle
from assets.images.name import split_name
from assets.index.image_index import sync
from assets.registry.auth import Access
from assets.registry.checked import CheckedRegistry
from assets.registry.client import HttpWire
from assets.registry.endpoint import Origin
from assets.registry.transport import Answer, Transport
from assets.server.gate import Gate, GateParts
from assets.server.gate_config import registry_config
from assets.server.gate_follow import IndexFollower
from assets.server.gate_http import GateService
from assets.server.gate_tokens import TokenSigner
from assets.server.limits import RateLimit
from assets.server.listening import LOOPBACK, Listener, http_url, parse_loopback
from assets.services.access.revoked_keys import RevokedKeys
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.entitlement import Entitlements
from assets.services.chain.entitlement_open import OpenRepositories
from assets.store.gate_store import GateStore
from tui.bootstrap import House
from tui.text import lines
from wallet.chain.bitcoind import Bitcoind
from wallet.errors import ChainError, EncodingError, StateError, StoreError, WalletError, WrongNetworkError
from wallet.keys.message import message_flaw
from wallet.store.files import read_private, write_private

FOLLOW_SECONDS = 2.0
"""How often the node is asked for new blocks."""

DEFINITION_SECONDS = 15.0
"""How often definitions are looked at again; sooner where somebody asks for a repository that has none yet."""

BEHIND_A_PROXY = "127.0.0.1:8081"
"""Where a proxy finds the gate unless told otherwise."""

NODE_TIMEOUT = 10.0
"""Seconds for one answer of the node, so that a node that hangs does not hold every request."""

_log = logging.getLogger(__name__)


def read_bundle(house: House, path: Path) -> GateBundle:
    """A bundle of this network that only its user can read, with a certificate that is good now.

    Raises StoreError, EncodingError, StateError.
    """
    data = read_private(path, FILE_LIMIT)
    if data is None:
        raise StoreError(f"there is no {path}", hint="make it with `dockchains access export-gate`")
    bundle = GateBundle.parse(data)
    if not bundle.is_on(house.network):
        raise EncodingError(f"{path} is for another network than {house.network.name}", hint="say --network NAME")
    ends = bundle.key.parsed_certificate.not_valid_after_utc.timestamp()
    if ends <= house.now():
        raise StateError(
            "the gate's certificate is no longer valid: registries refuse its tokens",
            hint="export a new bundle, and give the registry its certificate",
        )
    return bundle


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGate:
    """A gate and what keeps it going."""

    gate: Gate
    follower: IndexFollower
    definitions: OpenRepositories
    sessions: GateStore


@contextmanager
def opened_gate(house: House, bundle: GateBundle, sessions: Path, *, confirmations: int) -> Iterator[OpenGate]:
    """The parts of a gate, put together; closed at the end."""
    node = Bitcoind.at(house.endpoint, house.network, timeout=NODE_TIMEOUT)
    index, store = house.index, GateStore(sessions)
    transport = Transport(house.registry_settings)
    follower = IndexFollower(
        lambda stop: sync(node, index, start_height=house.index_start, stop_requested=stop),
        node.tip,
        pause=FOLLOW_SECONDS,
    )
    registry = CheckedRegistry(HttpWire(transport, OwnTokens(TokenSigner(bundle, house.now))))
    definitions = OpenRepositories(((one.name, one.genesis) for one in bundle.repositories), index.snapshot, registry)
    chain = ChainAccess(network=house.network, source=node, store=index, catch_up=follower.catch_up, clock=house.now)
    revoked = RevokedKeys(chain, registry, {one.genesis: one.name for one in bundle.repositories})
    parts = GateParts(
        bundle=bundle,
        sessions=store,
        holders=Entitlements(node, index.snapshot, follower.catch_up, confirmations=confirmations),
        verify=message_flaw,
        is_open=definitions.is_open,
        why_no_key=revoked.why_not,
        clock=house.now,
    )
    try:
        yield OpenGate(gate=Gate(parts), follower=follower, definitions=definitions, sessions=store)
    finally:
        store.close()
        index.close()
        transport.close()
        node.close()


class OwnTokens:
    """Opens the gate's own registry with tokens that it signs itself, to read definitions."""

    def __init__(self, signer: TokenSigner) -> None:
        self._signer = signer

    def known(self, origin: Origin, access: Access) -> str | None:
        """Nothing is kept: definitions are seldom read."""
        return None

    def authorize(self, refusal: Answer, access: Access) -> str:
        """A header with a token that lets one repository be pulled."""
        grant = Grant(name=split_name(access.name)[1], actions=frozenset({Action.PULL}))
        return f"Bearer {self._signer.token((grant,), '').text}"

    def refused(self, origin: Origin, access: Access) -> UnauthorizedError:
        """Where the registry believes no token of this gate."""
        return UnauthorizedError(
            f"the registry {origin} does not believe this gate's tokens, asked for {access.name}",
            hint="give it the certificate of this bundle: dockchains access serve FILE --write-config CONFIG",
        )


def serve(
    house: House,
    path: Path,
    *,
    listen: str | None,
    sessions: Path,
    proxied: bool,
    per_minute: int,
    confirmations: int,
    note: Callable[[str], None],
) -> int:
    """Serves until a signal; how many sessions are open then. Where `listen` is None, see `default_listen`.

    Without its node it starts all the same: what is public needs none. Raises StateError, StoreError, EncodingError,
    and WrongNetworkError where the node follows another chain.
    """
    bundle = read_bundle(house, path)
    listener = Listener(*parse_loopback(listen or default_listen(bundle.origin), "gate"), proxied=proxied)
    _greet_node(house, note)
    with opened_gate(house, bundle, sessions, confirmations=confirmations) as opened:
        opened.sessions.count(house.now())
        stopped = threading.Event()
        threads = (
            threading.Thread(target=opened.follower.run, name="follow", daemon=True),
            threading.Thread(target=_keep, args=(opened.definitions, stopped), name="definitions", daemon=True),
        )
        for thread in threads:
            thread.start()
        limit = RateLimit(per_minute=per_minute, burst=per_minute, clock=time.monotonic)
        app = GateService(opened.gate, limit, lambda: opened.follower.progress, proxied=proxied).app()
        try:
            listener.run(app, lambda: note(f"letting holders in at {http_url(*listener.address)}, as {bundle.origin}"))
        finally:
            stopped.set()
            opened.definitions.wake()
            opened.follower.stop()
            for thread in threads:
                thread.join()
        return opened.sessions.count(house.now())


def default_listen(origin: str) -> str:
    """Where a gate listens unless told otherwise: at its origin if that is on this machine, else behind a proxy."""
    scheme, _, authority = origin.partition("://")
    host, _, port = authority.rpartition(":")
    reached_here = scheme == "http" and host.strip("[]") in LOOPBACK and port.isdecimal()
    return authority if reached_here else BEHIND_A_PROXY


def _greet_node(house: House, note: Callable[[str], None]) -> None:
    """Says so where the node does not answer."""
    try:
        house.require_node()
    except WrongNetworkError:
        raise
    except ChainError as error:
        note(
            lines(
                f"warning: {error}; until the node answers, only what is public can be pulled",
                f"  {error.hint}",
            )
        )


def _keep(definitions: OpenRepositories, stopped: threading.Event) -> None:
    """Looks after definitions, again and again."""
    while not stopped.wait(FOLLOW_SECONDS):
        try:
            definitions.refresh()
        except WalletError as error:
            _log.warning("definitions cannot be read now: %s", error)
        except Exception:  # noqa: BLE001 - the next round may go well, and until then they count as closed
            _log.exception("reading definitions failed")
        definitions.wait(DEFINITION_SECONDS)


def registry_configuration(house: House, path: Path, storage: str) -> tuple[str, Path]:
    """A registry's configuration, and where the certificate that it names lies now: beside the bundle, for all to read.

    Raises StoreError, EncodingError, StateError.
    """
    bundle = read_bundle(house, path)
    certificate = path.absolute().with_name(f"{path.name}.crt")
    write_private(certificate, bundle.key.certificate.encode("ascii"), overwrite=True, mode=0o644)
    return registry_config(bundle, certificate=str(certificate), storage=storage), certificate
