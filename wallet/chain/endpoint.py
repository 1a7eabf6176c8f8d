"""Where a node listens, and how a caller proves that it may ask."""

import base64
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from wallet.errors import ChainUnavailableError, EncodingError
from wallet.hosts import is_loopback

_COOKIE_LIMIT = 4096
"""Bytes. bitcoind's cookie has 75."""


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and password as bitcoind's `rpcauth` knows them."""

    user: str = field(repr=False)
    password: str = field(repr=False)

    def authorization(self) -> str:
        """The value of the HTTP header Authorization (RFC 7617)."""
        return _basic(f"{self.user}:{self.password}")


@dataclass(frozen=True, slots=True)
class CookieFile:
    """The file in which bitcoind leaves a fresh password at every start."""

    path: Path

    def authorization(self) -> str:
        """The header for the cookie as it is now. Raises ChainUnavailableError where there is none."""
        try:
            with self.path.open("rb") as file:
                content = file.read(_COOKIE_LIMIT + 1)
        except FileNotFoundError:
            raise ChainUnavailableError(
                f"there is no cookie file at {self.path}",
                hint="bitcoind writes it at its start and removes it at its end: is it running, with this data folder?",
            ) from None
        except OSError as error:
            raise ChainUnavailableError(
                f"the cookie file {self.path} cannot be read: {error.strerror}",
                hint="run as the user of bitcoind, or start it with -rpccookieperms=group",
            ) from error
        text = content.decode("ascii", "replace").strip()
        if ":" not in text or "\n" in text or len(content) > _COOKIE_LIMIT or not text.isprintable():
            raise ChainUnavailableError(
                f"{self.path} is not a cookie file of bitcoind", hint="name the file .cookie in the node's data folder"
            )
        return _basic(text)


def _basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A node's HTTP address, for RPC and REST alike.

    Without TLS the host must be a loopback address, since the password would cross the network readable.
    """

    host: str
    port: int
    credentials: Login | CookieFile
    tls: bool = False

    def __post_init__(self) -> None:
        if not self.tls and not is_loopback(self.host):
            raise EncodingError(
                f"plain http to {self.host[:80]} would show the node's password to the network",
                hint="use https, or an SSH tunnel to a port of this machine",
            )

    @classmethod
    def parse(cls, text: str, *, cookie: Path, port: int) -> "Endpoint":
        """`http://[user:password@]host[:port]`; user and password are percent-encoded where they hold `:`, `/` or `@`.

        Without a user the `cookie` file is read; `port` is taken where the text names none. The message of the
        EncodingError never holds the text, because a password may be in it.
        """
        hint = "write it like http://127.0.0.1:8332, or http://user:password@127.0.0.1:8332"
        try:
            url = urlsplit(text.strip())
            host, url_port = url.hostname, url.port
        except ValueError as error:
            raise EncodingError("the node's address is not a URL", hint=hint) from error
        if url.scheme not in ("http", "https") or not host or url.path not in ("", "/") or url.query or url.fragment:
            raise EncodingError("the node's address is not of the form http://host:port", hint=hint)
        credentials: Login | CookieFile = CookieFile(cookie)
        if url.username is not None:
            if not url.username or url.password is None:
                raise EncodingError("the node's address has a user without a password", hint=hint)
            credentials = Login(unquote(url.username), unquote(url.password))
        return cls(
            host=host,
            port=url_port if url_port is not None else port,
            credentials=credentials,
            tls=url.scheme == "https",
        )

    @property
    def origin(self) -> str:
        """The address without credentials, as it may be shown."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"
