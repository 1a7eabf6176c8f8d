"""Attacks on the login at gates, seen from the wallet: phishing, relays, hostile registries, stolen sessions.

The gate's side is in `test_gate_attacks.py`. Here the wallet, the credential helper and unmodified skopeo face gates
and registries that lie.
"""

import base64
import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from coincurve import PrivateKey

from assets.errors import ImageError, RegistryError, UnauthorizedError
from assets.images.digest import Digest
from assets.images.login_claim import LoginClaim, SessionRequest
from assets.images.pull_secret import check_pull_secret
from assets.images.reference import ImageReference
from assets.model import Foreign, Genuine
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from assets.registry.gate_keys import GateClient
from assets.registry.settings import RegistrySettings
from assets.registry.transport import Transport
from assets.services.access.gate_logins import GateLogins
from assets.store.container_logins import ContainerLogins
from assets.store.session_store import DAY, GateSession, SessionStore
from regtest.gated import skopeo_of
from regtest.party import Party
from tests.assets.index.harness import out, spend
from tests.assets.registry.scripted import Reply, ScriptedServer, Seen
from tests.assets.services.closed_world import GATE, ClosedWorld
from tests.assets.services.fake_session import NOW
from tests.builders import marker, pay, script
from wallet.coins import AccountKind, KeyPath
from wallet.hashes import Txid, display
from wallet.keys.keychain import PUBLIC_ACCOUNTS, account_chains
from wallet.keys.message import message_flaw
from wallet.network import MAINNET, SIGNET

NAME = "registry.example/studio/film"
KEY = bytes(31) + b"\x07"
ROGUE = "https://rogue.example"


@pytest.fixture
def closed(tmp_path: Path) -> ClosedWorld:
    return ClosedWorld(tmp_path / "world")


def logged_in(closed: ClosedWorld) -> GateSession:
    film = closed.issue(NAME)
    closed.grant(film, 0)
    return closed.log_in(closed.draft(film))


def holds(claim: LoginClaim, request: SessionRequest) -> bool:
    """Whether these proofs would be believed for a claim, as any gate judges them."""
    return all(message_flaw(claim.text(), proof.script, proof.signature) is None for proof in request.proofs)


# C6 and C8: what looks like a unit and is none.


def test_c6_a_unit_that_a_plain_payment_spent_logs_nobody_in(closed: ClosedWorld) -> None:
    film = closed.issue(NAME)
    closed.grant(film, 0)
    unit = next(coin for coin in closed.wallet.session.coins.coins() if coin.path.account is AccountKind.UNITS)
    assert isinstance(closed.wallet.session.color_of(unit.outpoint), Genuine)
    closed.world.chain.mine(spend([unit.outpoint], [pay(closed.own(1), 300)]))
    with pytest.raises(ImageError, match="holds neither the title nor an access unit"):
        closed.draft(film)


def test_c6_the_plain_output_that_such_a_payment_made_is_no_unit_either(closed: ClosedWorld) -> None:
    film = closed.issue(NAME)
    closed.grant(film, 0)
    unit = next(coin for coin in closed.wallet.session.coins.coins() if coin.path.account is AccountKind.UNITS)
    tx = spend([unit.outpoint], [pay(closed.own(1), 300)])
    closed.world.chain.mine(tx)
    closed.wallet.coins.give(out(tx, 0))
    with pytest.raises(ImageError, match="holds neither"):
        closed.draft(film)


def test_c8_units_of_a_second_issue_of_the_same_asset_log_nobody_in(closed: ClosedWorld) -> None:
    film = closed.issue(NAME)
    issuer = script(f"issuer of {NAME}{GATE}")
    again = closed.world.chain.fund(issuer, 100_000)
    mint = spend([again], [pay(closed.own(0), 330), marker([1_000]), pay("change")])
    closed.world.chain.mine(mint)
    coin = closed.wallet.coins.give(out(mint, 0))
    color = closed.wallet.session.color_of(coin)
    assert isinstance(color, Foreign), "the same asset id, and no descendant of the genesis"
    with pytest.raises(ImageError, match="holds neither"):
        closed.draft(film)


def test_c8_genuine_units_that_were_mixed_with_foreign_ones_log_nobody_in(closed: ClosedWorld) -> None:
    film = closed.issue(NAME)
    closed.grant(film, 0)
    issuer = script(f"issuer of {NAME}{GATE}")
    minted = spend([closed.world.chain.fund(issuer, 100_000)], [pay("thief", 330), marker([5]), pay("change")])
    closed.world.chain.mine(minted)
    unit = next(coin for coin in closed.wallet.session.coins.coins() if coin.path.account is AccountKind.UNITS)
    mixed = spend([unit.outpoint, out(minted, 0)], [marker([6]), pay(closed.own(1), 330)])
    closed.world.chain.mine(mixed)
    closed.wallet.coins.give(out(mixed, 1))
    with pytest.raises(ImageError, match="holds neither"):
        closed.draft(film)


# A1: phishing gates, confused origins, replays.


def test_a1_what_a_phishing_gate_was_shown_is_worth_nothing_at_the_real_one(closed: ClosedWorld) -> None:
    bait = closed.issue("registry.example/bait/app", gate=ROGUE)
    closed.grant(bait, 0)
    closed.gates.realm = ROGUE
    session = closed.log_in(closed.draft(bait))
    (request,) = closed.gates.sessions.values()
    assert holds(request.claim, request)
    for gate in (GATE, "https://rogue.example:8443", "https://rogue.example.evil", "https://ogue.example"):
        assert not holds(replace(request.claim, gate=gate), request)
    secret = session.secret(NOW)
    check_pull_secret(bytes.fromhex(session.username), secret, gate=ROGUE, now=NOW)
    with pytest.raises(UnauthorizedError):
        check_pull_secret(bytes.fromhex(session.username), secret, gate=GATE, now=NOW)


def test_a1_a_phishing_gate_learns_of_no_scripts_but_those_that_it_speaks_for(closed: ClosedWorld) -> None:
    film, bait = closed.issue(NAME), closed.issue("registry.example/bait/app", gate=ROGUE)
    closed.grant(film, 0, 1, 2)
    closed.grant(bait, 5)
    closed.gates.realm = ROGUE
    assert [one.script for one in closed.draft(bait).scripts] == [closed.own(5)]


def test_a1_the_same_proofs_for_another_network_session_or_time_do_not_hold(closed: ClosedWorld) -> None:
    logged_in(closed)
    (request,) = closed.gates.sessions.values()
    claim, thief = request.claim, PrivateKey(bytes(31) + b"\x08").public_key.format()
    for other in (
        replace(claim, network_block0=display(MAINNET.genesis)),
        replace(claim, network_block0=display(SIGNET.genesis)),
        replace(claim, session=thief),
        replace(claim, until=claim.until - 1),
        replace(claim, since=claim.since + 1),
    ):
        assert not holds(other, request)


def test_a1_a_login_is_no_signature_on_money(closed: ClosedWorld) -> None:
    """What is signed begins with words that no other text of ours begins with, and is spendable nowhere (BIP322)."""
    logged_in(closed)
    (request,) = closed.gates.sessions.values()
    text = request.claim.text()
    assert text.startswith("dockchains login 1\n")
    for other in ("dockchains ask 1\n", "dockchains bid 1\n"):
        forged = text.replace("dockchains login 1\n", other)
        assert all(message_flaw(forged, proof.script, proof.signature) is not None for proof in request.proofs)


# Stolen sessions: what a thief of the file has, and for how long.


def test_a_stolen_session_holds_no_key_of_the_wallet_and_cannot_be_prolonged(closed: ClosedWorld) -> None:
    session = logged_in(closed)
    public = bytes.fromhex(session.username)
    account = closed.wallet.account
    derived = {
        account.public_key(KeyPath(kind, chain, index))
        for kind in PUBLIC_ACCOUNTS
        for chain in account_chains(kind)
        for index in range(20)
    }
    assert public not in derived
    (request,) = closed.gates.sessions.values()
    longer = replace(request.claim, since=session.since + DAY, until=session.until + DAY)
    with pytest.raises(UnauthorizedError):
        closed.gates.register(GATE, NAME, SessionRequest(longer, request.proofs))
    assert GateLogins(closed.store, lambda: session.until)("registry.example") is None


def test_logging_in_again_ends_a_session_that_was_copied(closed: ClosedWorld) -> None:
    film = closed.issue(NAME)
    closed.grant(film, 0)
    copied = closed.log_in(closed.draft(film))
    closed.log_in(closed.draft(film), key=bytes(31) + b"\x09")
    assert copied.username not in closed.gates.sessions


# T9: registries that lie, want credentials for others, never end. `host` is where the user is logged in.


class Hostile(ScriptedServer):
    """A registry that wants everybody's login shown at another place."""

    def __init__(self, realm: str) -> None:
        challenge = {"WWW-Authenticate": f'Bearer realm="{realm}",service="x"'}
        refusal = Reply(status=401, headers=challenge, body=b'{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}')
        super().__init__(lambda _: refusal, greeting=refusal)


@pytest.fixture
def party(tmp_path: Path) -> Party:
    home = tmp_path / "victim"
    home.mkdir(mode=0o700)
    return Party(name="victim", home=home, settings={"DOCKCHAINS_HOME": str(home / "dockchains")})


def login_of(party: Party, host: str, gate: str) -> GateSession:
    """A login that container tools are told of, as `access login` leaves it."""
    now = int(time.time())
    tools = ContainerLogins(environ={}, home=party.home)
    session = GateSession(
        host=host,
        gate=gate,
        image=f"{host}/studio/film",
        network="00" * 32,
        key=KEY,
        since=now,
        until=now + DAY,
        scripts=1,
        entries=tools.plan(host),
    )
    SessionStore(party.home / "dockchains" / "logins").save(session)
    tools.write(host, session.entries)
    return session


def own_client(party: Party) -> RegistryClient:
    store = SessionStore(party.home / "dockchains" / "logins")
    finder = CredentialFinder(environ={}, home=party.home, own=GateLogins(store, lambda: int(time.time())))
    return RegistryClient(finder, RegistrySettings(idle_timeout=1, exchange_timeout=5, retries=0))


def shown(seen: Seen) -> tuple[str, str]:
    """User name and secret of a Basic header."""
    assert seen.authorization is not None
    user, _, secret = base64.b64decode(seen.authorization.removeprefix("Basic ")).decode().partition(":")
    return user, secret


def test_t9_our_client_shows_the_login_to_no_other_place_than_the_gate(party: Party) -> None:
    with ScriptedServer(lambda _: Reply(body=b'{"token":"x"}')) as rogue, Hostile(f"{rogue.url}/token") as registry:
        login_of(party, registry.host, GATE)
        with own_client(party) as client, pytest.raises(UnauthorizedError, match="nothing was sent"):
            client.resolve(ImageReference.parse(f"{registry.host}/studio/film:1.0"))
        assert rogue.seen == []
        assert all(seen.authorization is None for seen in registry.seen)


def test_t9_a_registry_that_wants_the_password_itself_does_not_get_it(party: Party) -> None:
    basic = Reply(status=401, headers={"WWW-Authenticate": 'Basic realm="log in"'})
    with ScriptedServer(lambda _: basic) as registry:
        login_of(party, registry.host, GATE)
        with own_client(party) as client, pytest.raises(UnauthorizedError, match="nothing was sent"):
            client.resolve(ImageReference.parse(f"{registry.host}/studio/film:1.0"))
        assert all(seen.authorization is None for seen in registry.seen)


def test_t9_a_gate_that_leads_elsewhere_takes_the_login_nowhere(party: Party) -> None:
    with ScriptedServer(lambda _: Reply(body=b'{"token":"x"}')) as rogue:
        moved = Reply(status=307, headers={"Location": f"{rogue.url}/token"})
        with ScriptedServer(lambda _: moved) as gate, Hostile(f"{gate.url}/token") as registry:
            login_of(party, registry.host, gate.url)
            with own_client(party) as client, pytest.raises(RegistryError):
                client.resolve(ImageReference.parse(f"{registry.host}/studio/film:1.0"))
            assert gate.seen[0].authorization is not None
        assert rogue.seen == []


def test_t9_a_registry_that_refuses_every_token_ends_the_pull(party: Party) -> None:
    with ScriptedServer(lambda _: Reply(body=b'{"token":"x","expires_in":300}')) as gate:
        with Hostile(f"{gate.url}/token") as registry:
            login_of(party, registry.host, gate.url)
            with own_client(party) as client, pytest.raises(UnauthorizedError, match="refuses the login"):
                client.resolve(ImageReference.parse(f"{registry.host}/studio/film:1.0"))
            assert len(registry.seen) < 6
        assert len(gate.seen) < 3


def test_t9_a_definition_that_names_another_gate_gets_neither_the_login_nor_a_password(party: Party) -> None:
    with ScriptedServer(lambda _: Reply(body=b"x")) as rogue, Hostile(f"{GATE}/token") as registry:
        login_of(party, registry.host, GATE)
        store = SessionStore(party.home / "dockchains" / "logins")
        transport = Transport(RegistrySettings(retries=0))
        client = GateClient(transport, GateLogins(store, lambda: int(time.time())).at_gate)
        film = f"{registry.host}/studio/film"
        assert client.content_key(rogue.url, film, Txid(bytes(32)), Digest(bytes(32))) is None
        transport.close()
        assert rogue.seen == []


@pytest.mark.registry
def test_t9_what_skopeo_shows_to_a_rogue_realm_is_good_for_15_minutes_at_the_gate_and_nowhere_else(
    party: Party,
) -> None:
    with ScriptedServer(lambda _: Reply(body=b'{"token":"x"}')) as rogue, Hostile(f"{rogue.url}/token") as registry:
        session = login_of(party, registry.host, GATE)
        done = skopeo_of(party, "inspect", "--tls-verify=false", f"docker://{registry.host}/studio/film:1.0")
        assert done.code != 0
        user, secret = shown(next(seen for seen in rogue.seen if seen.authorization))
    assert user == session.username
    now, public = int(time.time()), bytes.fromhex(user)
    check_pull_secret(public, secret, gate=GATE, now=now)
    for gate, at in ((rogue.url, now), (ROGUE, now), (GATE, now + 901)):
        with pytest.raises(UnauthorizedError):
            check_pull_secret(public, secret, gate=gate, now=at)


@pytest.mark.registry
def test_t9_a_host_that_a_tools_file_names_without_a_login_is_told_nothing(party: Party) -> None:
    with ScriptedServer(lambda _: Reply(body=b'{"token":"x"}')) as rogue, Hostile(f"{rogue.url}/token") as registry:
        login_of(party, "registry.example", GATE)
        config = party.home / ".config" / "containers" / "auth.json"
        config.write_text(json.dumps({"credHelpers": {registry.host: "dockchains"}}))
        done = skopeo_of(party, "inspect", "--tls-verify=false", f"docker://{registry.host}/studio/film:1.0")
        assert done.code != 0
        assert rogue.seen, "skopeo asked for a token, as nobody"
        assert all(seen.authorization is None for seen in rogue.seen)
        assert {seen.authorization for seen in registry.seen} <= {None, "Bearer x"}


@pytest.mark.registry
def test_t9_skopeo_is_told_when_a_login_has_ended(party: Party) -> None:
    with ScriptedServer(lambda _: Reply(body=b'{"token":"x"}')) as rogue, Hostile(f"{rogue.url}/token") as registry:
        session = login_of(party, registry.host, GATE)
        ended = replace(session, since=session.since - 2 * DAY, until=session.since - DAY)
        SessionStore(party.home / "dockchains" / "logins").save(ended)
        done = skopeo_of(party, "inspect", "--tls-verify=false", f"docker://{registry.host}/studio/film:1.0")
        assert all(seen.authorization is None for seen in rogue.seen)
    assert f"renew it: dockchains access login {session.image}" in done.stderr


def test_the_session_key_stands_in_no_message_and_no_log(closed: ClosedWorld, caplog: pytest.LogCaptureFixture) -> None:
    session = logged_in(closed)
    secret = session.secret(NOW)
    closed.gates.down = True
    told = repr(session) + repr(closed.store.load("registry.example")) + caplog.text
    login = GateLogins(closed.store, lambda: NOW)("registry.example")
    for hidden in (session.key.hex(), repr(session.key), secret):
        assert hidden not in told + repr(login)
