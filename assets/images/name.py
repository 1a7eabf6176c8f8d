"""Canonical names of image repositories: one repository, one name.

`nginx`, `index.docker.io/nginx` and `docker.io:443/library/nginx` are one repository, so they have one name here, and a
name that only looks like another is refused. A canonical name stands for itself when it is read again.
"""

import ipaddress
import re

from wallet.errors import EncodingError
from wallet.hashes import sha256

MAX_NAME_BYTES = 255
NAME_HASH_BYTES = 20
DOCKER_HUB = "docker.io"

_DOCKER_HUB_HOSTS = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*", re.ASCII)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DNS_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_PORT = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
_IPV6 = re.compile(r"\[([0-9a-f:]{2,39})\]", re.ASCII)
_IMAGE_ID = re.compile(r"[0-9a-f]{64}", re.ASCII)


def canonical_name(text: str) -> str:
    """The canonical form of a repository's name as a person writes it, without tag and digest.

    Raises EncodingError that names the part at fault. Idempotent.
    """
    _require_printable(text)
    head, slash, rest = text.partition("/")
    if slash and ("." in head or ":" in head or head.lower() == "localhost"):
        host, path = canonical_host(head), rest
    else:
        host, path = DOCKER_HUB, text
        if _IMAGE_ID.fullmatch(text):
            raise EncodingError("64 hexadecimal digits are an image id, not a name", hint="give the image's name")
    _require_path(path)
    if host in _DOCKER_HUB_HOSTS:
        host = DOCKER_HUB
        path = path if "/" in path else f"library/{path}"
    name = f"{host}/{path}"
    if len(name) > MAX_NAME_BYTES:
        raise EncodingError(f"the name has {len(name)} bytes, more than {MAX_NAME_BYTES}", hint="use a shorter path")
    return name


def is_canonical_name(text: str) -> bool:
    """Whether a name is its own canonical form, as names in records and documents must be."""
    try:
        return canonical_name(text) == text
    except EncodingError:
        return False


def name_hash(name: str) -> bytes:
    """The first 20 bytes of the sha256 of a canonical name, which stands in a record for a long name."""
    return sha256(name.encode("ascii"))[:NAME_HASH_BYTES]


def split_name(name: str) -> tuple[str, str]:
    """Host (with port) and path of a canonical name."""
    host, _, path = name.partition("/")
    return host, path


def canonical_host(text: str) -> str:
    """The canonical form of a host with an optional port: lower case, `:443` dropped.

    Raises EncodingError. A host of one part without a port would read as a path, and keeps no `:443` to drop.
    """
    lowered = text.lower()
    if lowered.startswith("["):
        closing = lowered.find("]")
        host, port = _canonical_ipv6(lowered[: closing + 1]), lowered[closing + 1 :]
    else:
        host, colon, number = lowered.partition(":")
        _require_dns_name(host)
        port = colon + number
    if not port:
        return host
    if not port.startswith(":") or not _PORT.fullmatch(port[1:]) or int(port[1:]) > 65_535:
        raise EncodingError(
            f"not a port in the image name: {port[:20]!a}", hint="1 to 65535, decimal, without leading zeros"
        )
    if port != ":443":
        return host + port
    if "." not in host and ":" not in host and host != "localhost":
        raise EncodingError(
            f"without its port {host!a} would be a path at {DOCKER_HUB}, not a host",
            hint="write the registry's full host name, with a dot",
        )
    return host


def _require_printable(text: str) -> None:
    if not text or len(text) > 4 * MAX_NAME_BYTES:
        raise EncodingError(
            "the image name is empty" if not text else f"the image name has more than {MAX_NAME_BYTES} bytes",
            hint="expected HOST/PATH, for example registry.example/acme/app",
        )
    if not text.isascii() or not text.isprintable() or " " in text:
        raise EncodingError(
            f"the image name holds characters outside printable ASCII: {text[:80]!a}",
            hint="names are ASCII; an international host is written in its xn-- form",
        )
    if "://" in text:
        raise EncodingError(f"an image name has no scheme: {text[:80]!a}", hint="leave out what stands before the host")


def _require_dns_name(host: str) -> None:
    if host.endswith("."):
        raise EncodingError(f"the host ends in a dot: {host[:80]!a}", hint="leave out the last dot")
    if not _DNS_NAME.fullmatch(host) or len(host) > 253:
        raise EncodingError(
            f"not a host name: {host[:80]!a}", hint="letters, digits and hyphens in parts joined by dots, or [IPv6]"
        )


def _canonical_ipv6(text: str) -> str:
    match = _IPV6.fullmatch(text)
    try:
        address = ipaddress.IPv6Address(match[1]) if match else None
    except ipaddress.AddressValueError:
        address = None
    if address is None or address.ipv4_mapped is not None:
        raise EncodingError(
            f"not an IPv6 host: {text[:60]!a}", hint="hexadecimal groups in brackets; write an IPv4 address as such"
        )
    return f"[{address.compressed}]"


def _require_path(path: str) -> None:
    if _PATH.fullmatch(path):
        return
    if _PATH.fullmatch(path.lower()):
        raise EncodingError(
            f"the path of an image name has upper-case letters: {path[:80]!a}",
            hint=f"registries know it as {path.lower()[:80]}, if at all",
        )
    raise EncodingError(
        f"not a path of an image name: {path[:80]!a}",
        hint="lower-case letters and digits, joined by . _ __ or -, in parts joined by /",
    )
