"""Which proxy a registry is reached through: the environment variables that curl, docker and skopeo read.

`HTTPS_PROXY` (or `https_proxy`) names it, and `NO_PROXY` (or `no_proxy`) the hosts that are reached directly. Every
connection that leaves this machine is HTTPS, in a tunnel from end to end, so that the proxy sees a host and a port and
nothing else, and `HTTP_PROXY` has nothing to do. This machine itself is never asked for through a proxy. The proxy
looks names up: where one leads that somebody else named, only it can judge; addresses that are spelled out are judged
here.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

from assets.errors import RegistryError
from assets.registry.endpoint import Origin

_PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy")
_EXCEPTION_VARIABLES = ("NO_PROXY", "no_proxy")
_PORTS = {"http": 80, "https": 443}
_MAX_PROXY = 1024

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A proxy, and who we are to it. `scheme` is how the proxy itself is spoken to; its `host` has no brackets."""

    scheme: str
    host: str
    port: int
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        """Where it is, without who we are to it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def login(self) -> str | None:
        """`user:password` for its `Proxy-Authorization`, or None where it wants none."""
        return None if self.user is None else f"{self.user}:{self.password}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Direct:
    """One entry of `NO_PROXY`: a network of addresses, or a domain with all below it; perhaps at one port only.

    `domain` begins with a dot. `itself` tells whether the domain's own name counts, too.
    """

    network: Network | None = None
    domain: str = ""
    itself: bool = True
    port: str = ""

    def covers(self, origin: Origin) -> bool:
        """Whether a registry is reached directly because of this."""
        if self.port and self.port != str(origin.port):
            return False
        if self.network is not None:
            address = _address(origin.host)
            return address is not None and address in self.network
        host = origin.host.lower().rstrip(".")
        return host.endswith(self.domain) or (self.itself and host == self.domain[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyRules:
    """What the environment says of proxies. `address` is as it was written, and read once it is needed."""

    address: str = field(default="", repr=False)
    everything_direct: bool = False
    exceptions: tuple[Direct, ...] = ()

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """The rules of an environment. Entries of `NO_PROXY` that mean nothing are passed over, as other tools do."""
        listed = [entry.strip().lower() for entry in _first(environ, _EXCEPTION_VARIABLES).split(",")]
        found = [_exception(entry) for entry in listed if entry and entry != "*"]
        return cls(
            address=_first(environ, _PROXY_VARIABLES).strip(),
            everything_direct="*" in listed,
            exceptions=tuple(one for one in found if one is not None),
        )

    def proxy_for(self, origin: Origin) -> Proxy | None:
        """The proxy on the way to a registry, or None. Raises RegistryError where the variable names none."""
        if not self.address or self.everything_direct or origin.loopback or origin.scheme != "https":
            return None
        return None if any(one.covers(origin) for one in self.exceptions) else _parse(self.address)


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> str:
    """The first of these variables that says anything."""
    return next((environ[name] for name in names if environ.get(name)), "")


def _parse(text: str) -> Proxy:
    """A proxy's address, with or without a scheme. Errors leave the text out, since it may hold a password."""
    whole = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(whole)
        port = parts.port
    except ValueError:
        raise _unusable("is no address") from None
    usable = whole.isascii() and whole.isprintable() and " " not in whole and len(whole) <= _MAX_PROXY
    if not usable or not parts.hostname or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise _unusable("is no address")
    if parts.scheme not in _PORTS:
        raise _unusable(f"names a proxy of kind {parts.scheme[:20]}, which is not supported")
    return Proxy(
        scheme=parts.scheme,
        host=parts.hostname,
        port=_PORTS[parts.scheme] if port is None else port,
        user=None if parts.username is None else unquote(parts.username),
        password=unquote(parts.password or ""),
    )


def _unusable(why: str) -> RegistryError:
    return RegistryError(
        f"HTTPS_PROXY {why}",
        hint="expected http://HOST:PORT or https://HOST:PORT, perhaps with USER:PASSWORD@; a registry that needs no "
        "proxy goes into NO_PROXY",
    )


def _exception(entry: str) -> Direct | None:
    """An address, a network, a domain, `.domain` or `*.domain`, all but networks perhaps with `:port`."""
    network = _network(entry)
    if network is not None:
        return Direct(network=network)
    host, port = _split_port(entry)
    network = _network(host)
    if network is not None:
        return Direct(network=network, port=port)
    if not host.strip(".*"):
        return None
    below = host.removeprefix("*")
    return Direct(domain=f".{below.strip('.')}", itself=not below.startswith("."), port=port)


def _split_port(entry: str) -> tuple[str, str]:
    host, colon, port = entry.rpartition(":")
    if not colon or not (port.isascii() and port.isdecimal()):
        host, port = entry, ""
    return host.removeprefix("[").removesuffix("]"), port


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
