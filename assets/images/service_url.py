"""Where a service listens: an origin, and a path below which its endpoints lie."""

import re

from assets.images.origin import parse_origin
from wallet.errors import EncodingError

_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*", re.ASCII)
MAX_URL = 255


def parse_service_url(text: str) -> str:
    """A URL such as `https://shop.example/acme`, its own canonical form: no query, no final slash, no dot segments.

    https anywhere, http on loopback only. Raises EncodingError.
    """
    scheme, separator, rest = text.partition("://")
    host, slash, path = rest.partition("/")
    if len(text) > MAX_URL or not separator:
        raise EncodingError(f"not a service's URL: {text[:100]!a}", hint="expected https://HOST[:PORT][/PATH]")
    parse_origin(f"{scheme}://{host}")
    if not _PATH.fullmatch(slash + path) or {".", ".."} & set(path.split("/")):
        raise EncodingError(f"not a service's path: {text[:100]!a}", hint="no query, no escapes, no final slash")
    return text
