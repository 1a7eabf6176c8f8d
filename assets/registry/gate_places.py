"""Where a gate is spoken to, and what of its words may be shown."""

import json

from assets.images.origin import parse_origin
from assets.registry.endpoint import Url, registry_origin
from assets.registry.printable import printable


def gate_url(gate: str, path: str, name: str) -> Url:
    """A path at a gate's origin, for the repository `name`.

    Raises EncodingError for what is no origin, and RegistryError where a definition of a registry elsewhere names a
    gate on this machine.
    """
    return Url.parse(f"{parse_origin(gate)}{path}", asked=registry_origin(name))


def said_by_gate(body: bytes) -> str:
    """The words of a gate's refusal, `{error, message, next}`; empty where it has none."""
    try:
        document = json.loads(body)
        return printable(": ".join(str(document[key]) for key in ("message", "next") if key in document))
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""
