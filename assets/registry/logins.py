"""What a user has to show to a registry. No secret stands in a repr."""

import base64
from dataclasses import dataclass, field

from assets.errors import UnauthorizedError


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and a password, or whatever a credential program gives in its place.

    `only_at` is the one origin that it may be sent to, where it is known: a gate's.
    """

    username: str
    secret: str = field(repr=False)
    only_at: str | None = None

    def basic(self) -> str:
        """The value of an `Authorization` header (RFC 7617). Raises UnauthorizedError where it cannot be written."""
        if ":" in self.username:
            raise UnauthorizedError("a user name with a colon cannot be sent", hint="log in with another user name")
        return "Basic " + base64.b64encode(f"{self.username}:{self.secret}".encode()).decode("ascii")


@dataclass(frozen=True, slots=True)
class IdentityToken:
    """An OAuth 2 refresh token, which docker stores in place of a password."""

    secret: str = field(repr=False)


Credentials = Login | IdentityToken

IDENTITY_USER = "<token>"
"""The user name by which a credential program says that its secret is an identity token."""


def credentials_of(username: str, secret: str) -> Credentials:
    """Credentials as a credential program writes them."""
    return IdentityToken(secret) if username == IDENTITY_USER else Login(username, secret)
