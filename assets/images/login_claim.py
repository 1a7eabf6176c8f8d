"""Logging in at a gate: what every script that holds a title or units signs, once (FORMATS, signed texts, login).

The scripts vouch for a session key; from then on that key alone speaks for them, at one gate, on one network, until a
time. Neither the recovery words nor the keystore are needed again until then.
"""

from dataclasses import dataclass
from typing import Self

import msgspec
from bitcoin.core.script import CScript
from coincurve import PublicKey

from assets.images.canonical import DOCUMENT_LIMIT, MAX_INTEGER, Json, convert, decode, encode
from assets.images.definition import parse_challenge
from assets.images.offer import MAX_SIGNATURE, parse_script
from assets.images.origin import parse_origin
from wallet.errors import EncodingError
from wallet.hashes import parse_block_hash

MAX_SECONDS = 2_592_000
"""How long a login may hold: 30 days."""

MAX_PROOFS = 200
"""Scripts of one login: few enough to be verified at once, and to fit into a request."""

REQUEST_LIMIT = DOCUMENT_LIMIT
"""Bytes of a request to log in; 200 proofs by P2WPKH scripts have about 45 KiB."""

_MAX_SCRIPT = 42
"""Bytes of the largest witness program's script (BIP141)."""

_WHAT = "the login"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginClaim:
    """The session that the scripts vouch for.

    `network_block0` is the hash of block 0 in display order, with `challenge` on signet; `gate` an origin in its
    canonical form; `session` a compressed public key (33 bytes); `since` and `until` unix seconds.
    """

    network_block0: str
    challenge: str | None = None
    gate: str
    session: bytes
    since: int
    until: int

    def __post_init__(self) -> None:
        parse_block_hash(self.network_block0)
        if self.challenge is not None:
            parse_challenge(self.challenge)
        parse_origin(self.gate)
        _require_key(self.session)
        if not 0 <= self.since < self.until <= MAX_INTEGER:
            raise EncodingError(f"{_WHAT} ends before it begins", hint="log in again; is the clock right?")
        if self.until > self.since + MAX_SECONDS:
            raise EncodingError(f"{_WHAT} is for more than {MAX_SECONDS} seconds", hint="log in for 30 days at most")

    def text(self) -> str:
        """What each script signs: lines joined by LF, none at the end."""
        return "\n".join(
            (
                "dockchains login 1",
                f"network: {self.network_block0}",
                f"gate: {self.gate}",
                f"session: {self.session.hex()}",
                f"from: {self.since}",
                f"until: {self.until}",
            )
        )


@dataclass(frozen=True, slots=True)
class ScriptProof:
    """A script, and its signature of the claim's text (BIP322 simple, base64 without prefix). Not verified here."""

    script: CScript
    signature: str

    def __post_init__(self) -> None:
        if not 0 < len(self.script) <= _MAX_SCRIPT:
            raise EncodingError(f"{_WHAT}: a script of {len(self.script)} bytes", hint="scripts are addresses' scripts")
        if not self.signature or len(self.signature) > MAX_SIGNATURE or not self.signature.isascii():
            raise EncodingError(f"{_WHAT}: an impossible signature", hint="expected BIP322's simple form in base64")


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """What `POST /v1/sessions` carries: a claim, and a proof by each script; no script stands there twice."""

    claim: LoginClaim
    proofs: tuple[ScriptProof, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.proofs) <= MAX_PROOFS:
            raise EncodingError(f"{_WHAT} has {len(self.proofs)} proofs", hint=f"expected 1 to {MAX_PROOFS}")
        if len({bytes(proof.script) for proof in self.proofs}) != len(self.proofs):
            raise EncodingError(f"{_WHAT} names a script twice", hint="prove each script once")

    def to_json(self) -> bytes:
        """Canonical JSON."""
        claim = self.claim
        document: dict[str, Json] = {
            "network": claim.network_block0,
            "gate": claim.gate,
            "session": claim.session.hex(),
            "from": claim.since,
            "until": claim.until,
            "proofs": [{"script": proof.script.hex(), "signature": proof.signature} for proof in self.proofs],
        }
        return encode(document if claim.challenge is None else {**document, "challenge": claim.challenge})

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """The inverse of `to_json`, from anyone. Raises EncodingError. No signature is verified here."""
        shape = convert(decode(body, limit=REQUEST_LIMIT, what=_WHAT), _RequestShape, what=_WHAT)
        claim = LoginClaim(
            network_block0=shape.network,
            challenge=None if isinstance(shape.challenge, msgspec.UnsetType) else shape.challenge,
            gate=shape.gate,
            session=_key(shape.session),
            since=shape.since,
            until=shape.until,
        )
        if len(shape.proofs) > MAX_PROOFS:
            raise EncodingError(f"{_WHAT} has {len(shape.proofs)} proofs", hint=f"expected 1 to {MAX_PROOFS}")
        return cls(claim, tuple(ScriptProof(parse_script(proof.script), proof.signature) for proof in shape.proofs))


def parse_session_request(body: bytes) -> SessionRequest:
    """The body of `POST /v1/sessions`: hostile until its proofs are verified. Raises EncodingError."""
    return SessionRequest.parse(body)


class _ProofShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    script: str
    signature: str


class _RequestShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    network: str
    gate: str
    session: str
    since: int = msgspec.field(name="from")
    until: int
    proofs: tuple[_ProofShape, ...]
    challenge: str | msgspec.UnsetType = msgspec.UNSET


def _key(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if raw.hex() != text:
        raise EncodingError(f"{_WHAT}: not a session key: {text[:80]!a}", hint="expected 66 hexadecimal digits")
    _require_key(raw)
    return raw


def _require_key(session: bytes) -> None:
    try:
        valid = len(session) == 33 and bool(PublicKey(session))
    except ValueError:
        valid = False
    if not valid:
        raise EncodingError(f"{_WHAT}: the session key is no compressed public key", hint="expected 33 bytes in hex")
