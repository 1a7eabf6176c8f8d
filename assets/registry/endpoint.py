"""Where a registry is, and which addresses may be spoken to at all.

Plain HTTP is for loopback only: 127.0.0.0/8, ::1 and `localhost`. Everything else is HTTPS. A URL that somebody else
names (a redirect, a token realm, an upload's location, a definition's gate, a listing's shop) is held to the same, and
may lead no nearer to this machine than the place that a person named: a remote registry cannot have this machine ask
its own services, or those of its network. What a URL spells is judged here, what a name leads to by `Transport`, which
connects to the very addresses that it judged.
"""

from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urljoin, urlsplit

from assets.errors import RegistryError
from assets.images.name import DOCKER_HUB, split_name
from assets.registry.printable import printable
from wallet.hosts import Reach, is_loopback, is_usable, may_name, spelled_reach

DOCKER_HUB_ENDPOINT = "registry-1.docker.io"
_MAX_URL = 8192
_DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host (no brackets) and port: what credentials are bound to (RFC 6454)."""

    scheme: str
    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether the host is this machine."""
        return is_loopback(self.host)

    @property
    def authority(self) -> str:
        """Host and port as people write them: without the port that the scheme implies."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


@dataclass(frozen=True, slots=True)
class Url:
    """An origin, and the path with its query.

    `root` is the origin that a person named and that led here, over however many steps; None for that one itself.
    """

    origin: Origin
    target: str
    root: Origin | None = field(default=None, compare=False)

    @classmethod
    def parse(cls, text: str, *, asked: "Url | Origin") -> Self:
        """A URL that the registry at `asked` named; relative ones are relative to `asked`.

        Raises RegistryError where it may not be followed.
        """
        if len(text) > _MAX_URL or not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
            raise RegistryError(f"the registry names an unusable URL: {printable(text)!r}", hint="do not use it")
        root = (asked.root or asked.origin) if isinstance(asked, Url) else asked
        try:
            parts = urlsplit(urljoin(str(asked), text))
            port = parts.port
        except ValueError as error:
            raise RegistryError(f"the registry names an unusable URL: {printable(text)!r}") from error
        host = parts.hostname or ""
        if parts.scheme not in _DEFAULT_PORTS or not is_usable(host) or "@" in parts.netloc:
            raise RegistryError(
                f"the registry names an unusable URL: {printable(text)!r}", hint="expected https://HOST/PATH"
            )
        found = Origin(parts.scheme, host, _DEFAULT_PORTS[parts.scheme] if port is None else port)
        require_safe(found)
        named = spelled_reach(found.host)
        if named is not None and found != root:
            require_nameable(root, spelled_reach(root.host) or Reach.PUBLIC, found, named)
        return cls(found, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), root)

    def __str__(self) -> str:
        return f"{self.origin}{self.target}"


STRANGER = Origin("https", "", 443)
"""Whoever stands for nobody: what such a one names must be public."""

_WHERE = {
    Reach.NEAR: "into a private network",
    Reach.HERE: "at this machine itself",
    Reach.NOWHERE: "at an address that no service of others has",
}


def require_nameable(root: Origin, namer: Reach, found: Origin, named: Reach) -> None:
    """Raises RegistryError where `root`, at `namer`, may not send anybody to `found`, which is at `named`."""
    if not may_name(namer, named):
        raise RegistryError(
            f"{printable(root.host) or 'a stranger'} points {_WHERE[named]}: {printable(str(found))}",
            hint="it has no business there; do not use it, or name that place yourself if you trust it",
        )


def require_safe(origin: Origin) -> None:
    """Raise RegistryError for plain HTTP to anything but loopback."""
    if origin.scheme != "https" and not origin.loopback:
        raise RegistryError(
            f"plain HTTP to {printable(origin.host)} is refused: anyone on the way could change what it says",
            hint="registries are spoken to by HTTPS; plain HTTP is for 127.0.0.1, ::1 and localhost only",
        )


def registry_origin(name: str, *, scheme: str = "https") -> Origin:
    """The origin that serves a canonical repository name; docker.io is served by another host than it names."""
    host, _ = split_name(name)
    if host == DOCKER_HUB:
        return Origin("https", DOCKER_HUB_ENDPOINT, 443)
    parts = urlsplit(f"//{host}")
    return Origin(scheme, parts.hostname or "", _DEFAULT_PORTS[scheme] if parts.port is None else parts.port)
