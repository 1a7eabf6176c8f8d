"""What a container tool shows to a gate in place of a password (FORMATS, signed texts, docker helper).

The user name is the session key in hex; the secret is a time and the session key's signature over gate and time. It
holds for 15 minutes and any number of uses, since one long pull sends it more than once, and it is worth nothing at
another gate. This module is read at each start of the credential helper, so it imports next to nothing.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from typing import Self

from coincurve import PrivateKey, PublicKey

from assets.errors import UnauthorizedError
from assets.remedies import ImageRemedy
from wallet.errors import EncodingError

PAST_SECONDS = 900
FUTURE_SECONDS = 60

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_TEXT = re.compile(r"(0|[1-9][0-9]{0,14})\.([A-Za-z0-9_-]{86})", re.ASCII)
_HINT = ImageRemedy.CHECK_HELPER.of()


def session_of(private_key: bytes) -> bytes:
    """The public session key of a private one: 33 bytes, compressed."""
    return PrivateKey(private_key).public_key.format()


def pull_digest(gate: str, at: int) -> bytes:
    """The 32 bytes that the session key signs for a gate's origin at a time (unix seconds)."""
    return hashlib.sha256(f"dockchains pull 1\n{gate}\n{at}".encode("ascii")).digest()


@dataclass(frozen=True, slots=True)
class PullSecret:
    """A time (unix seconds) and a compact ECDSA signature of 64 bytes: r and s, big-endian. Not verified here."""

    at: int
    signature: bytes = field(repr=False)

    @classmethod
    def sign(cls, private_key: bytes, gate: str, at: int) -> Self:
        """The secret of a session key for a gate's origin; the same inputs give the same bytes (RFC 6979)."""
        made = PrivateKey(private_key).sign_recoverable(pull_digest(gate, at), hasher=None)
        return cls(at, bytes(made[:64]))

    def text(self) -> str:
        """`<unix>.<base64url without padding>`."""
        return f"{self.at}.{base64.urlsafe_b64encode(self.signature).rstrip(b'=').decode('ascii')}"


def parse_pull_secret(text: str) -> PullSecret:
    """The inverse of `PullSecret.text`. Raises EncodingError; the text is never repeated."""
    match = _TEXT.fullmatch(text)
    secret = None if match is None else PullSecret(int(match[1]), _unpadded(match[2]))
    if secret is None or secret.text() != text:
        raise EncodingError("the password is not one that docker-credential-dockchains makes", hint=_HINT)
    return secret


def check_pull_secret(session: bytes, secret: str, *, gate: str, now: int) -> None:
    """Raise UnauthorizedError unless the session key made this secret for this gate, at most 15 minutes ago.

    A clock may be a minute ahead. A signature with a high s is refused, so that there is one form only (BIP146).
    """
    try:
        shown = parse_pull_secret(secret)
    except EncodingError as error:
        raise UnauthorizedError(str(error), hint=error.advice) from None
    if shown.at > now + FUTURE_SECONDS:
        raise UnauthorizedError("the password is from the future", hint="set this machine's clock")
    if shown.at < now - PAST_SECONDS:
        raise UnauthorizedError(
            f"the password is older than {PAST_SECONDS // 60} minutes", hint="try again, and look at the clock"
        )
    if not _is_valid(session, shown.signature, pull_digest(gate, shown.at)):
        raise UnauthorizedError("the password does not fit this session at this gate", hint=_HINT)


def _is_valid(session: bytes, signature: bytes, digest: bytes) -> bool:
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    if len(session) != 33 or not 0 < r < _ORDER or not 0 < s <= _ORDER // 2:
        return False
    try:
        return bool(PublicKey(session).verify(_der(r, s), digest, hasher=None))
    except ValueError:
        return False


def _der(r: int, s: int) -> bytes:
    """Two positive integers as strict DER (BIP66), which is the form that libsecp256k1's binding reads."""
    numbers = b"".join(_der_integer(number) for number in (r, s))
    return bytes((0x30, len(numbers))) + numbers


def _der_integer(number: int) -> bytes:
    raw = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return bytes((0x02, len(raw))) + raw


def _unpadded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
