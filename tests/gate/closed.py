"""A registry behind a gate: a real node, a real registry with `auth: token`, and publishers with keys of the tests."""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import urllib3
from bitcoin.core import CTransaction

from assets.images.definition import Definition
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from assets.services.owning.publishing import publish_definition
from regtest.image import BuiltImage, build_image, push
from regtest.node import Node
from regtest.packages import tools
from regtest.registry import BearerLogin, Registry
from regtest.server import free_port
from tests.assets.index.signing_party import Coin, Signer, coin_of, signed
from tests.attacks.ground import Ground, Publication, definition_of, to
from tests.attacks.person import Person
from tests.builders import marker
from tests.gate.gates import GateCaller, Session, running_gate
from tests.serving import RunningService
from wallet.hashes import display
from wallet.network import REGTEST

UNITS = 1_000
UNIT_SATS = 600


@dataclass
class ClosedWorld:
    """Three repositories at one registry: two gated ones of two publishers, and an open one."""

    ground: Ground
    registry: Registry
    origin: str
    operator: Person
    bundle: Path
    app: Publication
    tool: Publication
    open: Publication
    gate: RunningService | None = None
    given: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def caller(self) -> GateCaller:
        """Asks the gate."""
        return GateCaller(self.origin, self.origin)

    @property
    def node(self) -> Node:
        """The node."""
        return self.ground.node

    def logged_in(self, name: str, *signers: Signer) -> Session:
        """A session of these keys that the gate took."""
        session = Session(name)
        answer = self.caller.login(session, *signers)
        assert answer.status == 201, answer.body
        return session

    def owner(self, made: Publication) -> Session:
        """The owner of a repository, logged in."""
        return self.logged_in(f"owner of {made.name}", made.owner)

    def grant(self, made: Publication, receiver: Signer, *, mine: bool = True) -> Coin:
        """A unit of the treasury for somebody; the coin."""
        self.given[made.name] += 1
        outputs = [
            marker([1, UNITS - self.given[made.name]]),
            to(receiver, UNIT_SATS),
            to(made.owner, made.treasury.value),
        ]
        tx = signed([made.treasury, self.ground.coin(made.owner, 5_000)], outputs)
        self.ground.send(tx)
        made.treasury = coin_of(tx, 2, made.owner)
        if mine:
            self.node.mine()
        return coin_of(tx, 1, receiver)

    def pass_on(self, coin: Coin, receiver: Signer) -> CTransaction:
        """A closed transfer of a coin's one unit to somebody else; not sent."""
        return signed([coin, self.ground.coin(coin.signer, 5_000)], [marker([1]), to(receiver, UNIT_SATS)])

    def push(self, made: Publication, tag: str, session: Session) -> BuiltImage:
        """An image, pushed by unmodified skopeo with a login's secret."""
        folder = self.bundle.parent / "images" / f"{made.name.rpartition('/')[2]}-{tag}"
        built = build_image(folder, tag=tag, text=f"hello from {made.name}:{tag}")
        push(built, made[tag], credentials=session.credentials(self.origin))
        return built

    def client(self, session: Session | None) -> RegistryClient:
        """Our own client, with a login as container tools keep one, or with none."""
        if session is None:
            return RegistryClient(CredentialFinder.nowhere())
        file = self.bundle.parent / f"auth-{len(list(self.bundle.parent.glob('auth-*')))}.json"
        user, _, secret = session.credentials(self.origin).partition(":")
        entry = {"username": user, "password": secret}
        file.write_text(json.dumps({"auths": {self.registry.host: entry}}))
        return RegistryClient(CredentialFinder(environ={"REGISTRY_AUTH_FILE": str(file)}, home=self.bundle.parent))

    def publish_definitions(self, *which: Publication) -> None:
        """Each owner puts the definition where consumers look: that of a gated repository in its public sibling."""
        for made in which or (self.app, self.tool, self.open):
            with self.client(self.owner(made)) as client:
                publish_definition(made.name, made.txid, made.document, client, REGTEST)

    def granted_at_registry(self, path: str, token: str | None, *, method: str = "GET") -> int:
        """What the registry itself answers to a bearer token, below `/v2/`: the status."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        with urllib3.PoolManager(retries=False) as pool:
            return pool.request(method, f"{self.registry.url}/v2/{path}", headers=headers).status


def gated(ground: Ground, path: str, gate: str) -> Publication:
    """A repository in a block whose definition names a gate."""
    name = ground.name(path)
    issuing = ground.coin(Signer(f"issuer of {path}"))
    plain = definition_of(name, issuing)
    named = json.loads(plain.document)
    named["dockchains"]["gate"] = gate
    document = json.dumps(named, sort_keys=True, separators=(",", ":")).encode()
    assert Definition.parse(document).claim.gate == gate
    made = ground.genesis(name, issuing, Signer(f"owner of {path}"), units=UNITS, document=document)
    ground.mine(made.genesis)
    return made


@contextmanager
def closed_world(node: Node, folder: Path) -> Iterator[ClosedWorld]:
    """Everything running: node, registry, gate."""
    node.mine(101)
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    registry = Registry(folder / "closed", program=tools(fetch=False).registry)
    registry.port = free_port()
    with RegistryClient(CredentialFinder.nowhere()) as client:
        ground = Ground(node, registry, client, folder)
        app, tool = gated(ground, "acme/app", origin), gated(ground, "other/tool", origin)
        free = ground.issue("acme/open", publish=False)
        operator = ground.person("operator")
        for made in (app, tool, free):
            operator.pin(made.name, "--genesis", display(made.txid))
        bundle = operator.home / "gate.json"
        operator.run("access", "export-gate", str(bundle), "--origin", origin)
        operator.run("access", "serve", str(bundle), "--write-config", str(operator.home / "registry.yml"))
        registry.login = BearerLogin(
            realm=f"{origin}/token", service=registry.host, issuer=origin, certificate=operator.home / "gate.json.crt"
        )
        world = ClosedWorld(
            ground=ground,
            registry=registry,
            origin=origin,
            operator=operator,
            bundle=bundle,
            app=app,
            tool=tool,
            open=free,
        )
        with registry, running_gate(bundle, node, folder / "gate", port=port) as gate:
            world.gate = gate
            yield world
        ground.close()
