"""Tokens that a registry believes: Distribution's JWTs, signed ES256, with the certificate in x5c.

`aud` is one text, times are whole seconds, and each token has an id of its own. `kid` is left out: registries of the
second and the third generation read it differently, and both read x5c.
"""

import base64
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.serialization import Encoding
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from assets.images.access import Grant
from assets.images.gate_bundle import GateBundle

LIFETIME = 300
"""Seconds that a token is good for: how long somebody still pulls whose unit has moved."""

_ALGORITHM = "ES256"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A token in its compact form, when it was made, and what it grants."""

    text: str
    issued: int
    grants: tuple[Grant, ...]


class TokenSigner:
    """Signs tokens with a bundle's key. `clock` gives unix seconds."""

    def __init__(self, bundle: GateBundle, clock: Callable[[], int]) -> None:
        self._issuer = bundle.origin
        self._service = bundle.service
        self._clock = clock
        self._key = JWK.from_pem(bundle.key.key.encode("ascii"))
        der = bundle.key.parsed_certificate.public_bytes(Encoding.DER)
        chain = [base64.b64encode(der).decode("ascii")]
        self._header = json.dumps({"typ": "JWT", "alg": _ALGORITHM, "x5c": chain}, separators=(",", ":"))

    def token(self, grants: Sequence[Grant], subject: str) -> IssuedToken:
        """A token for these grants, perhaps none. `subject` is the session that asked, empty for nobody."""
        now = self._clock()
        claims = {
            "iss": self._issuer,
            "sub": subject,
            "aud": self._service,
            "exp": now + LIFETIME,
            "nbf": now,
            "iat": now,
            "jti": secrets.token_urlsafe(16),
            "access": [{"type": "repository", "name": grant.name, "actions": list(grant.words)} for grant in grants],
        }
        made = JWS(json.dumps(claims, separators=(",", ":")).encode("utf-8"))
        made.add_signature(self._key, alg=_ALGORITHM, protected=self._header)
        return IssuedToken(text=made.serialize(compact=True), issued=now, grants=tuple(grants))
