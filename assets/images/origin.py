"""Origins of services: scheme and host, and nothing else."""

from assets.images.name import canonical_host
from wallet import hosts
from wallet.errors import EncodingError

_HINT = "expected https://HOST[:PORT] in lower case without a path; http only on this machine's loopback"


def parse_origin(text: str) -> str:
    """An origin that is its own canonical form: https anywhere, http on loopback only (RFC 6454's triple in text).

    Raises EncodingError for a path, a user, a default port, upper case, or http to another machine.
    """
    scheme, separator, host = text.partition("://")
    if not separator or scheme not in ("https", "http") or not text.isascii() or not host:
        raise EncodingError(f"not an origin: {text[:100]!a}", hint=_HINT)
    if host.endswith(":80") and scheme == "http":
        raise EncodingError(f"an origin leaves out the default port: {text[:100]!a}", hint=_HINT)
    if canonical_host(host) != host:
        raise EncodingError(f"not a canonical origin: {text[:100]!a}", hint=_HINT)
    if scheme == "http" and not is_loopback(host):
        raise EncodingError(f"http is allowed on loopback only: {text[:100]!a}", hint=_HINT)
    return text


def is_loopback(host: str) -> bool:
    """Whether a canonical host, with or without a port, can only be this machine: localhost, 127.x.y.z or [::1]."""
    return hosts.is_loopback(host[1 : host.index("]")] if host.startswith("[") else host.partition(":")[0])
