"""A gate as a process of its own, and clients who show it a login as the credential helper does."""

import base64
import json
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3
from coincurve import PrivateKey

from assets.images.login_claim import LoginClaim, ScriptProof, SessionRequest
from assets.images.pull_secret import PullSecret
from regtest.node import Node
from tests.assets.index.signing_party import Signer
from tests.serving import RunningService, running_service
from wallet.hashes import display, sha256
from wallet.keys.message import sign_message
from wallet.network import REGTEST


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


def running_gate(
    bundle: Path, node: Node, home: Path, *options: str, port: int = 0
) -> AbstractContextManager[RunningService]:
    """Serves a bundle of names and keys."""
    serve = ("access", "serve", str(bundle), "--listen", f"127.0.0.1:{port}", *options)
    return running_service(serve, "letting holders in at", node, home)
