"""Where a registry is, and which addresses may be spoken to at all.

Plain HTTP is for loopback only: 127.0.0.0/8, ::1 and `localhost`. Everything else is HTTPS. A URL that a registry
names (a redirect, a token realm, an upload's location) is held to the same, and may point at loopback only where the
registry is on loopback itself, so that a remote one cannot have this machine ask its own services.
"""

import ipaddress
from dataclasses import dataclass
from typing import Self
from urllib.parse import urljoin, urlsplit

from assets.errors import RegistryError
from assets.images.name import DOCKER_HUB, split_name
from assets.registry.printable import printable

DOCKER_HUB_ENDPOINT = "registry-1.docker.io"
_MAX_URL = 8192
_DEFAULT_PORTS = {"https": 443, "http": 80}


def is_loopback(host: str) -> bool:
    """Whether a host (no port, no brackets) is this machine by its spelling alone."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback


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
    """An origin, and the path with its query."""

    origin: Origin
    target: str

    @classmethod
    def parse(cls, text: str, *, asked: "Url | Origin") -> Self:
        """A URL that the registry at `asked` named; relative ones are relative to `asked`.

        Raises RegistryError where it may not be followed.
        """
        if len(text) > _MAX_URL or not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
            raise RegistryError(f"the registry names an unusable URL: {printable(text)!r}", hint="do not use it")
        origin = asked.origin if isinstance(asked, Url) else asked
        try:
            parts = urlsplit(urljoin(str(asked), text))
            port = parts.port
        except ValueError as error:
            raise RegistryError(f"the registry names an unusable URL: {printable(text)!r}") from error
        host = parts.hostname or ""
        if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
            raise RegistryError(
                f"the registry names an unusable URL: {printable(text)!r}", hint="expected https://HOST/PATH"
            )
        found = Origin(parts.scheme, host, _DEFAULT_PORTS[parts.scheme] if port is None else port)
        require_safe(found)
        if found.loopback and not origin.loopback:
            raise RegistryError(
                f"{origin.host} points at this machine itself: {printable(str(found))}",
                hint="a remote registry has no business here; do not use it",
            )
        return cls(found, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))

    def __str__(self) -> str:
        return f"{self.origin}{self.target}"


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
