"""Asking an owner's gate for the key of a sealed image: `POST /v1/keys`.

The gate knows the asker by the same user name and secret that the credential helper gives to container tools, and wraps
the key to a P-256 key that is made for this one question. No other credentials are ever sent to it: a definition, and
so the gate that it names, may be anybody's. What comes back is only a candidate: the image states the sha256 that its
key must have.
"""

from collections.abc import Callable

from jwcrypto.common import JWException
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from assets.errors import RegistryError, RegistryUnavailableError, UnauthorizedError
from assets.images.canonical import encode
from assets.images.content_key import ContentKey
from assets.images.digest import Digest
from assets.images.name import split_name
from assets.registry.endpoint import Origin
from assets.registry.gate_places import GateWords, ask_gate, gate_url
from assets.registry.logins import Login
from assets.registry.transport import Request, Transport
from assets.remedies import ImageRemedy
from wallet.documents import read_json
from wallet.hashes import Txid, display

_LIMIT = 64 * 1024
_MOST = 2048
"""Bytes of a wrapped key; a longer one could be packed, and unpack to very much."""
_ALGORITHMS = ["ECDH-ES+A256KW", "A256GCM"]
_LOG_IN = ImageRemedy.LOG_IN_FIRST.of()


GateLogins = Callable[[str, str], Login | None]
"""Our own login for a registry's host at one gate, or None. Raises StoreError for one that cannot be read."""


class GateClient:
    """Asks the gates that definitions name."""

    def __init__(self, transport: Transport, logins: GateLogins) -> None:
        self._transport = transport
        self._logins = logins

    def content_key(self, gate: str, name: str, genesis: Txid, ciphertext: Digest) -> ContentKey | None:
        """The key of a sealed form from a gate's origin; None where nobody is logged in there for the name's registry.

        Raises UnauthorizedError where the gate does not know the asker as a holder, RegistryUnavailableError where it
        does not answer, RegistryError where its answer cannot be used.
        """
        url = gate_url(gate, "/v1/keys", name)
        login = self._logins(split_name(name)[0], gate)
        if login is None:
            return None
        if login.only_at != gate:
            raise UnauthorizedError(
                f"the definition of {name} names the gate {gate}, and the login is for {login.only_at}", hint=_LOG_IN
            )
        recipient = JWK.generate(kty="EC", crv="P-256")
        body = encode(
            {
                "genesis": display(genesis),
                "digest": str(ciphertext),
                "recipient": read_json(recipient.export_public(), what="the key"),
            }
        )
        answer = ask_gate(
            self._transport,
            Request(
                method="POST",
                url=url,
                headers={"Authorization": login.basic(), "Content-Type": "application/json"},
                body=body,
                limit=_LIMIT,
            ),
        )
        if not answer.ok:
            raise _refused(answer.status, answer.body, url.origin)
        return _opened(answer.body, recipient, url.origin)


def _opened(body: bytes, recipient: JWK, origin: Origin) -> ContentKey:
    jwe = JWE(algs=_ALGORITHMS)
    try:
        if len(body) > _MOST:
            raise ValueError("longer than a wrapped key can be")
        jwe.deserialize(body.decode("ascii").strip(), recipient)
        return ContentKey(bytes(jwe.payload))
    except (JWException, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise RegistryError(
            f"the gate {origin} answers with something else than a key", hint="tell the publisher"
        ) from error


def _refused(status: int, body: bytes, origin: Origin) -> RegistryError:
    said = GateWords.of(body)
    if status in (401, 403):
        return UnauthorizedError(
            f"the gate {origin} gives no key: {said.message or 'you hold no access unit'}", hint=said.hint or _LOG_IN
        )
    if status == 429 or status >= 500:
        return RegistryUnavailableError(
            f"the gate {origin} cannot answer now: {said.message or status}", hint=said.hint or "try again later"
        )
    return RegistryError(
        f"the gate {origin} answers status {status}: {said.message}", hint=said.hint or "tell the publisher"
    )
