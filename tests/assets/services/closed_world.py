"""Closed repositories on a chain in memory, a wallet that holds something of them, and a gate that remembers."""

from dataclasses import dataclass, field
from pathlib import Path

from bitcoin.core import COutPoint, CTransaction
from bitcoin.core.script import CScript

from assets.errors import RegistryError, RegistryUnavailableError, UnauthorizedError
from assets.images.definition import AssetFields, Claim, Definition
from assets.images.login_claim import SessionRequest, parse_session_request
from assets.images.pull_secret import check_pull_secret
from assets.images.record import Genesis, RecordName
from assets.protocols.open_assets.address import asset_id_text
from assets.protocols.open_assets.rule import asset_id_of
from assets.registry.logins import Login
from assets.services.access.logging_in import LoginDraft, draft_login, log_in
from assets.services.owning.publishing import publish_definition
from assets.store.container_logins import ContainerLogins
from assets.store.document_store import DocumentStore
from assets.store.session_store import GateSession, SessionStore
from tests.assets.index.harness import out, spend
from tests.assets.services.fake_session import NOW, FakeWallet
from tests.assets.services.image_world import World
from tests.builders import marker, pay, script
from wallet.coins import AccountKind, KeyPath
from wallet.hashes import Txid, txid_of
from wallet.keys.message import message_flaw
from wallet.network import REGTEST

GATE = "https://gate.example"


@dataclass
class FakeGates:
    """Implements `Gates`: checks proofs as a gate does. `realm` is where registries want tokens from.

    One that is `down` answers nothing, one that does not `forget` does not answer to the end of a session.
    """

    realm: str | None = GATE
    down: bool = False
    forgets: bool = True
    refusal: RegistryError | None = None
    sessions: dict[str, SessionRequest] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def token_origin(self, name: str) -> str | None:
        """As the test says."""
        return self.realm

    def register(self, gate: str, name: str, request: SessionRequest) -> None:
        """Keeps a session whose proofs hold."""
        self._answer(gate)
        parsed = parse_session_request(request.to_json())
        if parsed.claim.gate != gate:
            raise UnauthorizedError("the login is for another gate")
        for proof in parsed.proofs:
            flaw = message_flaw(parsed.claim.text(), proof.script, proof.signature)
            if flaw is not None:
                raise UnauthorizedError(str(flaw))
        self.sessions[parsed.claim.session.hex()] = parsed

    def end(self, gate: str, name: str, login: Login) -> bool:
        """Forgets a session by its own secret."""
        self._answer(gate)
        if not self.forgets:
            raise RegistryUnavailableError(f"the gate {gate} does not answer")
        check_pull_secret(bytes.fromhex(login.username), login.secret, gate=gate, now=NOW)
        self.ended.append(login.username)
        return self.sessions.pop(login.username, None) is not None

    def _answer(self, gate: str) -> None:
        self.asked.append(gate)
        if self.down:
            raise RegistryUnavailableError(f"the gate {gate} does not answer")
        if self.refusal is not None:
            raise self.refusal


@dataclass(frozen=True, slots=True)
class Issued:
    """A repository, and the coin with what is left of its treasury."""

    name: str
    genesis: Txid
    title: COutPoint
    treasury: COutPoint


class ClosedWorld:
    """A wallet with a home of its own, and repositories that others issued."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.wallet = FakeWallet(folder, self.world.chain)
        self.gates = FakeGates()
        self.home = folder / "home"
        self.store = SessionStore(folder / "logins")
        self.tools = ContainerLogins(environ={}, home=self.home)
        self.documents = DocumentStore(folder / "documents")

    def own(self, index: int) -> CScript:
        """A script of the wallet's units account."""
        return self.wallet.account.script(KeyPath(AccountKind.UNITS, 0, index))

    def issue(
        self, name: str, *, gate: str | None = GATE, owner: CScript | None = None, push: bool = True, claims: str = ""
    ) -> Issued:
        """A genesis in a block; its definition names `gate`, and is published unless told otherwise."""
        holder, issuer = owner or script("owner"), script(f"issuer of {name}{gate}{claims}")
        coin = self.world.chain.fund(issuer, 100_000)
        asset = asset_id_of(issuer)
        definition = Definition.build(
            AssetFields(
                asset_id=asset_id_text(asset, REGTEST),
                name_short="film",
                name="Film",
                issuer="Studio",
                description="",
            ),
            Claim(
                network=REGTEST.genesis,
                challenge=None,
                asset=asset,
                genesis_input=coin,
                name=claims or name,
                gate=gate,
            ),
        )
        record = Genesis(definition=definition.hash, name=RecordName.of(name)).serialize()
        tx = spend([coin], [pay(holder, 10_000), pay(holder, 330), marker([1, 1_000_000], record), pay("change")])
        self._mine(tx)
        if owner is not None:
            self.wallet.coins.give(out(tx, 0))
        if push:
            publish_definition(name, txid_of(tx), definition.document, self.world.registry, REGTEST)
        return Issued(name, txid_of(tx), out(tx, 0), out(tx, 1))

    def grant(self, issued: Issued, *indexes: int) -> None:
        """One unit to each of these scripts of the wallet, out of the treasury."""
        scripts = [self.own(index) for index in indexes]
        tx = spend([issued.treasury], [marker([1] * len(scripts)), *(pay(one, 330) for one in scripts)])
        self._mine(tx)
        for vout in range(1, len(scripts) + 1):
            self.wallet.coins.give(out(tx, vout))

    def draft(self, issued: Issued, *, days: int = 30, known_names: tuple[str, ...] = ()) -> LoginDraft:
        """What a login would show."""
        self.world.catch_up()
        return draft_login(
            issued.name,
            issued.genesis,
            self.wallet.session,
            self.world.access,
            self.world.registry,
            self.gates,
            self.documents,
            known_names=known_names,
            days=days,
        )

    def log_in(self, draft: LoginDraft, *, key: bytes = bytes(31) + b"\x07") -> GateSession:
        """Signs and registers."""
        return log_in(draft, self.wallet.session, self.wallet.unlock(), self.gates, self.store, self.tools, new_key=key)

    def _mine(self, tx: CTransaction) -> None:
        self.world.chain.mine(tx)
        self.world.catch_up()
