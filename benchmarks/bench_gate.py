"""How many tokens a gate gives per second, and where the time goes.

A repository with `HOLDERS` holders is made by typed commands on a regtest node. First the gate runs as a process of its
own (`access serve`), and `CLIENTS` holders at once ask it for tokens over HTTP, each with a credential helper's secret;
node, gate and clients share the machine. Then the same questions are put to a gate in this process, one by one, with
each step timed: the secret's signature, the session, the index, the node's UTXO set, the token's signature. Printed
beside it: what no gate can do without, which is the node's two answers and one ES256 signature. Takes about a minute.
"""

import base64
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

sys.path.insert(0, str(Path(__file__).parents[1]))

import urllib3
from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from assets.images.gate_bundle import GateBundle
from assets.images.login_claim import LoginClaim, ScriptProof, SessionRequest
from assets.images.pull_secret import PullSecret
from assets.index.image_index import sync
from assets.server import gate as steps
from assets.server.gate import Gate, GateParts
from assets.services.chain.entitlement import Entitlements
from assets.store.gate_store import GateStore
from assets.store.index_store import IndexStore
from regtest.harness import Harness, settings_for
from regtest.publisher import Publisher
from regtest.server import free_port
from tests.crowds import asked_by_many, slow_clients
from wallet.chain.bitcoind import Bitcoind
from wallet.chain.endpoint import CookieFile, Endpoint
from wallet.chain.rpc import Rpc
from wallet.hashes import display, sha256
from wallet.keys.address import unit_address_of
from wallet.keys.message import message_flaw, sign_message
from wallet.network import REGTEST
from wallet.signatures import p2wpkh_script

HOLDERS = 50
CLIENTS = 8
REQUESTS = 2_000
TIMED = 1_000
CROWD = 64
SLOW = 256
SCOPE = "repository:acme/app:pull"

F = TypeVar("F", bound=Callable[..., Any])


class Clock:
    """Adds up what each step takes."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)

    def timed(self, step: str, function: F) -> F:
        """The function, with its time booked under `step`."""

        def run(*arguments: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.spent[step] += time.perf_counter() - start

        return run  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Holder:
    """A key that holds a unit, and its session key."""

    number: int

    @property
    def key(self) -> bytes:
        """Of the script."""
        return sha256(f"holder {self.number}".encode())

    @property
    def session(self) -> bytes:
        """The session's secret key."""
        return sha256(f"session {self.number}".encode())

    @property
    def address(self) -> str:
        """Where the unit goes."""
        return unit_address_of(p2wpkh_script(PrivateKey(self.key).public_key.format()), REGTEST)

    def login(self, origin: str) -> bytes:
        """What registers the session."""
        now = int(time.time())
        public = PrivateKey(self.session).public_key.format()
        claim = LoginClaim(
            network_block0=display(REGTEST.genesis), gate=origin, session=public, since=now, until=now + 86_400
        )
        script = p2wpkh_script(PrivateKey(self.key).public_key.format())
        return SessionRequest(claim, (ScriptProof(script, sign_message(claim.text(), self.key)),)).to_json()

    def header(self, origin: str) -> str:
        """What the credential helper has container tools send."""
        secret = PullSecret.sign(self.session, origin, int(time.time())).text()
        user = PrivateKey(self.session).public_key.format().hex()
        return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


def source_of(harness: Harness) -> Bitcoind:
    """The node behind the ports."""
    return Bitcoind.at(endpoint_of(harness), REGTEST)


def endpoint_of(harness: Harness) -> Endpoint:
    """Where the node listens."""
    return Endpoint(host="127.0.0.1", port=harness.node.rpc_port, credentials=CookieFile(Path(harness.node.cookie)))


def prepared(harness: Harness, folder: Path, holders: Sequence[Holder], origin: str) -> Path:
    """A repository whose units are with the holders, pinned and exported: the bundle."""
    publisher = Publisher(harness)
    publisher.issue()
    shares = folder / "shares"
    shares.write_text("".join(f"{holder.address} 1\n" for holder in holders))
    publisher.act("access", "grant", publisher.name, "--file", str(shares))
    harness.node.mine()
    publisher.party.json("image", "pin", publisher.name, "--yes")
    bundle = folder / "gate.json"
    publisher.party.json("access", "export-gate", str(bundle), "--origin", origin, "--no-content-keys")
    return bundle


@contextmanager
def served(bundle: Path, harness: Harness, folder: Path, port: int) -> Iterator[None]:
    """The gate as a process of its own."""
    command = [sys.executable, "-m", "tui", "access", "serve", str(bundle), "--listen", f"127.0.0.1:{port}"]
    home = folder / "gate"
    home.mkdir(mode=0o700)
    process = subprocess.Popen(
        [*command, "--per-minute", "1000000"],
        env={**os.environ, **settings_for(home, harness.node)},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert process.stderr is not None
    said = process.stderr.readline()
    assert "letting holders in" in said, said
    drain = threading.Thread(target=process.stderr.read, daemon=True)
    drain.start()
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)
        drain.join(10)
        process.stderr.close()


def rates(origin: str, holders: Sequence[Holder]) -> dict[str, float]:
    """Logins, tokens of holders and tokens of nobody, per second, over HTTP."""
    found: dict[str, float] = {}
    query = f"{origin}/token?scope={SCOPE}"
    bodies = [holder.login(origin) for holder in holders]
    headers = [{"Authorization": holder.header(origin)} for holder in holders]
    with urllib3.PoolManager(maxsize=CLIENTS, retries=3) as pool, ThreadPoolExecutor(CLIENTS) as executor:

        def measured(name: str, status: int, count: int, ask: Callable[[int], urllib3.BaseHTTPResponse]) -> None:
            start = time.perf_counter()
            answers = list(executor.map(ask, range(count)))
            found[name] = count / (time.perf_counter() - start)
            assert all(answer.status == status for answer in answers), answers[0].data

        measured("logins", 201, HOLDERS, lambda at: pool.request("POST", f"{origin}/v1/sessions", body=bodies[at]))
        measured("holders", 200, REQUESTS, lambda at: pool.request("GET", query, headers=headers[at % HOLDERS]))
        measured("nobody", 200, REQUESTS, lambda _: pool.request("GET", query))
    return found


def crowds(port: int, holder: Holder, origin: str) -> dict[str, Counter[str]]:
    """What `CROWD` holders at once are answered, alone and beside `SLOW` slow connections from another address."""
    address, target = ("127.0.0.1", port), f"/token?scope={SCOPE}"
    headers = {"Authorization": holder.header(origin)}
    found = {"alone": asked_by_many(address, target, clients=CROWD, requests=20, source="127.0.0.2", headers=headers)}
    with slow_clients(address, SLOW, source="127.0.0.1"):
        beside = asked_by_many(address, target, clients=CROWD, requests=20, source="127.0.0.2", headers=headers)
    return {**found, f"beside {SLOW} slow connections of one other client": beside}


def split(bundle: GateBundle, harness: Harness, folder: Path, holders: Sequence[Holder]) -> tuple[Clock, float]:
    """Where the time of one token goes, in this process; the time of all of them."""
    clock, source = Clock(), source_of(harness)
    store, sessions = IndexStore(folder / "index.db", REGTEST), GateStore(folder / "sessions")
    sync(source, store, start_height=0)
    for question in ("unspent", "spender", "tip"):
        setattr(source, question, clock.timed("node: is the unit there, and unspent", getattr(source, question)))
    entitlements = Entitlements(source, store.snapshot, lambda: None)
    entitlements.standing = clock.timed("entitlement", entitlements.standing)  # type: ignore[method-assign]
    sessions.scripts = clock.timed("session", sessions.scripts)  # type: ignore[method-assign]
    kept = steps.__dict__["check_pull_secret"]
    steps.__dict__["check_pull_secret"] = clock.timed("secret's signature", kept)
    parts = GateParts(
        bundle=bundle,
        sessions=sessions,
        holders=entitlements,
        verify=message_flaw,
        is_open=lambda _: False,
        why_no_key=lambda _, __: None,
        clock=lambda: int(time.time()),
    )
    gate = Gate(parts)
    gate._signer.token = clock.timed("token's signature", gate._signer.token)  # type: ignore[method-assign]
    for holder in holders:
        gate.login(holder.login(bundle.origin))
    headers = [holder.header(bundle.origin) for holder in holders]
    clock.spent.clear()
    start = time.perf_counter()
    for number in range(TIMED):
        issued = gate.token(None, [SCOPE], gate.visitor(headers[number % len(headers)]))
        assert issued.grants
    seconds = time.perf_counter() - start
    steps.__dict__["check_pull_secret"] = kept
    clock.spent["index"] = clock.spent.pop("entitlement") - clock.spent["node: is the unit there, and unspent"]
    clock.spent["the rest"] = seconds - sum(clock.spent.values())
    store.close()
    sessions.close()
    return clock, seconds


def floor(harness: Harness, bundle: GateBundle) -> tuple[float, float]:
    """Milliseconds of the node's two bare answers about a coin, and of one bare ES256 signature."""
    rpc, key = Rpc(endpoint_of(harness), network=REGTEST), bundle.key.loaded
    txid, calls = "00" * 32, ("getbestblockhash", "gettxout", "getbestblockhash")
    questions = [(name, (txid, 0, False) if name == "gettxout" else ()) for name in calls]
    start = time.perf_counter()
    for _ in range(TIMED):
        rpc.batch(questions)
        rpc.call("gettxspendingprevout", [{"txid": txid, "vout": 0}])
    node = (time.perf_counter() - start) / TIMED
    start = time.perf_counter()
    for _ in range(TIMED):
        key.sign(b"x" * 600, ec.ECDSA(SHA256()))
    return node * 1000, (time.perf_counter() - start) / TIMED * 1000


def main() -> None:
    """Everything, once."""
    with Harness() as harness, tempfile.TemporaryDirectory() as name:
        folder, holders, port = Path(name), [Holder(number) for number in range(HOLDERS)], free_port()
        origin = f"http://127.0.0.1:{port}"
        path = prepared(harness, folder, holders, origin)
        with served(path, harness, folder, port):
            found = rates(origin, holders)
            crowd = crowds(port, holders[0], origin)
        bundle = GateBundle.parse(path.read_bytes())
        clock, seconds = split(bundle, harness, folder, holders)
        node, signature = floor(harness, bundle)
    print(f"over HTTP, {CLIENTS} clients at once, {os.cpu_count()} cores for node, gate and clients together")
    print(f"  tokens for holders of a unit: {found['holders']:.0f} a second")
    print(f"  tokens for nobody (no chain asked): {found['nobody']:.0f} a second")
    print(f"  logins with one proof: {found['logins']:.0f} a second")
    for name, answered in crowd.items():
        told = ", ".join(f"{count} times {what}" for what, count in sorted(answered.items()))
        print(f"  {CROWD} clients at once, {name}: {told}")
    print(f"one token without HTTP: {seconds / TIMED * 1000:.2f} ms, of which")
    for step, spent in sorted(clock.spent.items(), key=lambda item: -item[1]):
        print(f"  {step:<40}{spent / TIMED * 1000:>8.3f} ms{spent / seconds:>7.0%}")
    print(f"no gate can do without: the node's two bare answers {node:.3f} ms, one ES256 signature {signature:.3f} ms")


if __name__ == "__main__":
    main()
