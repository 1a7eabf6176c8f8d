"""A gate as a process of its own, and clients who show it a login as the credential helper does."""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3
from coincurve import PrivateKey

from assets.images.login_claim import LoginClaim, ScriptProof, SessionRequest
from assets.images.pull_secret import PullSecret
from regtest.harness import settings_for
from regtest.node import Node
from tests.assets.index.signing_party import Signer
from wallet.hashes import display, sha256
from wallet.keys.message import sign_message
from wallet.network import REGTEST

STARTUP = 60.0
"""Seconds until a gate that does not speak counts as broken."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gate said: status, headers, JSON body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object."""
        parsed = json.loads(self.body)
        assert isinstance(parsed, dict)
        return parsed

    @property
    def access(self) -> dict[str, list[str]]:
        """What a token grants, by path; nothing of it is verified."""
        return {one["name"]: one["actions"] for one in claims_of(self.document["token"])["access"]}


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a JWT, unverified."""
    middle = token.split(".")[1]
    parsed = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    assert isinstance(parsed, dict)
    return parsed


@dataclass(frozen=True, slots=True)
class Session:
    """A session key made from a name, as `access login` keeps one."""

    name: str

    @property
    def key(self) -> bytes:
        """The 32 secret bytes."""
        return sha256(f"session of {self.name}".encode())

    @property
    def public(self) -> bytes:
        """33 bytes."""
        return PrivateKey(self.key).public_key.format()

    def secret(self, gate: str, at: int | None = None) -> str:
        """What the helper gives as a password."""
        return PullSecret.sign(self.key, gate, int(time.time()) if at is None else at).text()

    def credentials(self, gate: str) -> str:
        """`USER:SECRET`, as skopeo's `--creds` has it."""
        return f"{self.public.hex()}:{self.secret(gate)}"

    def request(
        self,
        gate: str,
        signers: Sequence[Signer],
        *,
        since: int | None = None,
        until: int | None = None,
        network: str = display(REGTEST.genesis),
    ) -> SessionRequest:
        """A login by these keys."""
        start = int(time.time()) if since is None else since
        end = start + 86_400 if until is None else until
        claim = LoginClaim(network_block0=network, gate=gate, session=self.public, since=start, until=end)
        proofs = tuple(ScriptProof(one.script, sign_message(claim.text(), one.key.secret)) for one in signers)
        return SessionRequest(claim, proofs)


@dataclass(frozen=True, slots=True)
class GateCaller:
    """Asks a gate over HTTP."""

    url: str
    origin: str

    def ask(self, method: str, path: str, *, body: bytes | None = None, as_: Session | str | None = None) -> Answer:
        """One request; `as_` is a session, or an `Authorization` header as it stands."""
        headers = {}
        if isinstance(as_, Session):
            headers["Authorization"] = "Basic " + base64.b64encode(as_.credentials(self.origin).encode()).decode()
        elif as_ is not None:
            headers["Authorization"] = as_
        with urllib3.PoolManager(retries=False) as pool:
            answer = pool.request(method, self.url + path, body=body, headers=headers)
        return Answer(answer.status, {key.lower(): value for key, value in answer.headers.items()}, answer.data)

    def token(self, *scopes: str, as_: Session | str | None = None, **parameters: str) -> Answer:
        """Asks for a token."""
        query = urlencode([*parameters.items(), *(("scope", scope) for scope in scopes)])
        return self.ask("GET", f"/token?{query}", as_=as_)

    def granted(self, *scopes: str, as_: Session | str | None = None) -> dict[str, list[str]]:
        """What a token grants that must be given."""
        answer = self.token(*scopes, as_=as_)
        assert answer.status == 200, answer.body
        return answer.access

    def login(self, session: Session, *signers: Signer) -> Answer:
        """Registers a session by these keys."""
        return self.ask("POST", "/v1/sessions", body=session.request(self.origin, signers).to_json())


@dataclass(slots=True)
class RunningGate:
    """An `access serve` process."""

    process: subprocess.Popen[str]
    url: str
    said: list[str]

    def stop(self) -> int:
        """As a service manager would; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@contextmanager
def running_gate(bundle: Path, node: Node, home: Path, *options: str, port: int = 0) -> Iterator[RunningGate]:
    """Serves a bundle from a machine of its own: nothing of a wallet is there."""
    home.mkdir(mode=0o700, exist_ok=True)
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("DOCKCHAINS_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "access", "serve", str(bundle), "--listen", f"127.0.0.1:{port}", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**inherited, "HOME": str(home), **settings_for(home, node)},
    )
    said: list[str] = []
    spoken = threading.Event()
    reader = threading.Thread(target=_read, args=(process, said, spoken), daemon=True)
    reader.start()
    try:
        assert spoken.wait(STARTUP), said
        match = re.search(r"letting holders in at (http://[^,\s]+)", "".join(said))
        assert match is not None, "".join(said)
        yield RunningGate(process, match[1], said)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(30)
        reader.join(30)
        assert process.stderr is not None
        process.stderr.close()


def _read(process: subprocess.Popen[str], said: list[str], spoken: threading.Event) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        said.append(line)
        if "letting holders in at" in line:
            spoken.set()
    spoken.set()
