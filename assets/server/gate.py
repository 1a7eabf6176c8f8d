"""The gate: who asks, what the chain says they may do, and the token or key that follows from it.

It holds no wallet and keeps no accounts. A login is a set of scripts that vouched for a session key; what they hold is
looked up anew for every answer, so that a unit that moved opens nothing any more.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec
from bitcoin.core.script import CScript
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from assets.errors import ImageError, NotFoundError, UnauthorizedError
from assets.images.access import Standing, grants, parse_scopes
from assets.images.canonical import DOCUMENT_LIMIT, convert, decode
from assets.images.content_key import ContentKey
from assets.images.digest import Digest
from assets.images.gate_bundle import GateBundle
from assets.images.login_claim import parse_session_request
from assets.images.pull_secret import FUTURE_SECONDS, check_pull_secret
from assets.images.recipient_key import RecipientKey
from assets.remedies import ImageRemedy
from assets.server.gate_tokens import IssuedToken, TokenSigner
from wallet.errors import EncodingError
from wallet.hashes import Txid, display, parse_txid

VerifyMessage = Callable[[str, CScript, str], object | None]
"""Why a signature does not show that the holder of a script signed a text (BIP322), or None where it does."""

MAX_AUTHORIZATION = 1_000
"""Characters of an `Authorization` header that is looked at; the helper's has about 250."""

_SESSION = re.compile(r"0[23][0-9a-f]{64}", re.ASCII)
_LOG_IN = ImageRemedy.LOG_IN.of()
_WRAPPED = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}


class Sessions(Protocol):
    """Where logins are kept. Implemented by `assets.store.gate_store`."""

    def register(self, session: bytes, scripts: Sequence[CScript], *, since: int, until: int, now: int) -> None:
        """Let scripts vouch for a session. Raises StateError for one that was logged out."""

    def scripts(self, session: bytes, now: int) -> tuple[CScript, ...]:
        """Who vouches for a session now; empty for one that is unknown or over."""

    def end(self, session: bytes, now: int) -> bool:
        """Log a session out; whether there was one."""


class Holders(Protocol):
    """What scripts hold. Implemented by `assets.services.chain.entitlement`."""

    def standing(self, genesis: Txid, scripts: Sequence[CScript]) -> Standing:
        """What their holder is to a repository now. Raises ChainError, IndexStateError."""

    def holding(self, geneses: Collection[Txid], scripts: Sequence[CScript]) -> tuple[CScript, ...]:
        """Which of the scripts hold anything of these repositories. Raises ChainError, IndexStateError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateParts:
    """What a gate is made of. `is_open` says that a repository's owner asks for no access unit; `why_no_key` says why
    the key of a sealed image is not given out though its asker is entitled (it was revoked), or None; `clock` gives
    unix seconds."""

    bundle: GateBundle
    sessions: Sessions
    holders: Holders
    verify: VerifyMessage
    is_open: Callable[[Txid], bool]
    why_no_key: Callable[[Txid, Digest], str | None]
    clock: Callable[[], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody with an open session, and the scripts that vouch for it. `session` is the key in hex."""

    session: str
    scripts: tuple[CScript, ...]


class Gate:
    """Answers many at once; holds no state but its parts."""

    def __init__(self, parts: GateParts) -> None:
        self._parts = parts
        self._table = parts.bundle.table
        self._signer = TokenSigner(parts.bundle, parts.clock)

    @property
    def origin(self) -> str:
        """Where it is reached; what logins and secrets are bound to."""
        return self._parts.bundle.origin

    def visitor(self, authorization: str | None) -> Visitor | None:
        """Who shows an `Authorization` header; None for nobody, who shows none.

        Raises UnauthorizedError for anything but the present secret of an open session.
        """
        if authorization is None:
            return None
        session = self._proven(authorization)
        scripts = self._parts.sessions.scripts(session, self._parts.clock())
        if not scripts:
            raise UnauthorizedError("this gate knows no such login, or it is over", hint=_LOG_IN)
        return Visitor(session=session.hex(), scripts=scripts)

    def token(self, service: str | None, scopes: Sequence[str], visitor: Visitor | None) -> IssuedToken:
        """A token for what is asked and entitled, perhaps for nothing.

        Raises EncodingError for another service than this gate's and for too many scopes; ChainError, IndexStateError
        where the answer hangs on the chain and cannot be had.
        """
        bundle = self._parts.bundle
        if service is not None and service != bundle.service:
            raise EncodingError(
                f"this gate gives tokens for {bundle.service}, not for {service[:100]!a}",
                hint="set auth.token.service and auth.token.realm of the registry as the gate's operator says",
            )
        standing, asked = self._standing(visitor), parse_scopes(scopes)
        granted = grants(asked, self._table, standing=standing, is_open=self._parts.is_open)
        return self._signer.token(granted, visitor.session if visitor is not None else "")

    def login(self, body: bytes) -> tuple[str, int]:
        """Register a session by the proofs of its scripts; its key in hex, and when it ends.

        Scripts that hold nothing here are not kept, so that whoever has one unit cannot fill the disk.

        Raises EncodingError, UnauthorizedError for a claim that is not for this gate, network and time, for a proof
        that does not hold, and for scripts that hold nothing here; StateError for a session that was logged out.
        """
        request = parse_session_request(body)
        claim, bundle, now = request.claim, self._parts.bundle, self._parts.clock()
        if (claim.network_block0, claim.challenge) != (display(bundle.network), bundle.challenge):
            raise UnauthorizedError("the login is for another network", hint=_LOG_IN)
        if claim.gate != bundle.origin:
            raise UnauthorizedError(f"the login is for another gate than {bundle.origin}", hint=_LOG_IN)
        if claim.since > now + FUTURE_SECONDS:
            raise UnauthorizedError("the login is from the future", hint="set this machine's clock, and log in again")
        if claim.until <= now:
            raise UnauthorizedError("the login is over already", hint=_LOG_IN)
        text = claim.text()
        for proof in request.proofs:
            flaw = self._parts.verify(text, proof.script, proof.signature)
            if flaw is not None:
                raise UnauthorizedError(f"the proof of script {proof.script.hex()} does not hold: {flaw}", hint=_LOG_IN)
        scripts = self._parts.holders.holding(self._table.geneses, [proof.script for proof in request.proofs])
        if not scripts:
            raise UnauthorizedError(
                "these scripts hold no title and no access unit of a repository at this gate",
                hint=ImageRemedy.SEE_HOLDINGS.of(),
            )
        self._parts.sessions.register(claim.session, scripts, since=min(claim.since, now), until=claim.until, now=now)
        return claim.session.hex(), claim.until

    def logout(self, session: str, authorization: str | None) -> bool:
        """End a session, by its own key; whether it was open. Raises UnauthorizedError."""
        if authorization is None:
            raise UnauthorizedError("whose session?", hint="show the session's own user name and secret")
        proven = self._proven(authorization)
        if proven.hex() != session:
            raise UnauthorizedError("a session is ended by its own key only", hint="show that session's secret")
        return self._parts.sessions.end(proven, self._parts.clock())

    def wrapped_key(self, body: bytes, visitor: Visitor | None) -> str:
        """A content key, wrapped to the asker's key: a compact JWE.

        Raises UnauthorizedError for nobody, ImageError for somebody without an access unit and for an image that was
        revoked, NotFoundError where this gate has no such key, EncodingError, ChainError, IndexStateError.
        """
        question = convert(decode(body, limit=DOCUMENT_LIMIT, what="the question"), _KeyQuestion, what="the question")
        genesis, digest = parse_txid(question.genesis), Digest.parse(question.digest)
        recipient = RecipientKey.of(question.recipient)
        if visitor is None:
            raise UnauthorizedError("content keys are for holders of an access unit", hint=_LOG_IN)
        if self._standing(visitor)(genesis) is Standing.STRANGER:
            raise ImageError(
                "you hold no access unit of this repository",
                hint="a unit counts once a block has it, and no longer once it is on its way to somebody else",
            )
        key = self._parts.bundle.content_key(genesis, digest)
        if key is None:
            raise NotFoundError(
                f"this gate has no key for {digest}",
                hint=ImageRemedy.EXPORT_GATE_AFTER_SEALING.of(),
            )
        why_not = self._parts.why_no_key(genesis, digest)
        if why_not is not None:
            raise ImageError(f"no key is given out for {digest}: {why_not}", hint="ask for a newer release")
        return _wrapped(key, recipient)

    def _standing(self, visitor: Visitor | None) -> Callable[[Txid], Standing]:
        """What the visitor is to repositories at this gate, each looked up once at most."""
        known: dict[Txid, Standing] = {}

        def standing(genesis: Txid) -> Standing:
            if visitor is None or genesis not in self._table.geneses:
                return Standing.STRANGER
            if genesis not in known:
                known[genesis] = self._parts.holders.standing(genesis, visitor.scripts)
            return known[genesis]

        return standing

    def _proven(self, authorization: str) -> bytes:
        """The session key whose present secret a Basic header holds. Raises UnauthorizedError."""
        username, secret = _basic(authorization)
        if not _SESSION.fullmatch(username):
            raise UnauthorizedError("the user name is no session of docker-credential-dockchains", hint=_LOG_IN)
        session = bytes.fromhex(username)
        check_pull_secret(session, secret, gate=self._parts.bundle.origin, now=self._parts.clock())
        return session


class _KeyQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    genesis: str
    digest: str
    recipient: dict[Literal["kty", "crv", "x", "y"], str]


def _basic(authorization: str) -> tuple[str, str]:
    """User name and password (RFC 7617). Raises UnauthorizedError."""
    scheme, _, text = authorization.partition(" ")
    refused = UnauthorizedError("only Basic credentials are known here", hint=_LOG_IN)
    if scheme.lower() != "basic" or len(authorization) > MAX_AUTHORIZATION:
        raise refused
    try:
        username, colon, secret = base64.b64decode(text.strip(), validate=True).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        raise refused from None
    if not colon:
        raise refused
    return username, secret


def _wrapped(key: ContentKey, recipient: RecipientKey) -> str:
    """The 32 bytes as a compact JWE to a P-256 key."""
    jwk = JWK(**recipient.document())
    jwe = JWE(key.value, json.dumps(_WRAPPED), recipient=jwk, algs=list(_WRAPPED.values()))
    return str(jwe.serialize(compact=True))
