"""Which image a person means, by what it is judged and where it goes, parsed in one way for both front ends. Pure.

Every parser raises EncodingError.
"""

from pathlib import Path
from typing import overload

from assets.images.origin import parse_origin
from assets.images.reference import ImageReference
from assets.images.verdict import Verdict, parse_allowed
from assets.services.images.delivery import Destination
from tui.verbs.image.fields import bare_name
from wallet.errors import EncodingError
from wallet.hashes import Txid, parse_txid


def reference(text: str) -> ImageReference:
    """An image, by name and perhaps tag and digest."""
    return ImageReference.parse(text.strip())


@overload
def genesis(text: str) -> Txid: ...
@overload
def genesis(text: str | None) -> Txid | None: ...
def genesis(text: str | None) -> Txid | None:
    """The genesis that was named, if any."""
    return None if text is None else parse_txid(text.strip().lower())


def allowed(text: str | None) -> frozenset[Verdict]:
    """The verdicts to accept."""
    return frozenset() if text is None else parse_allowed(text)


def name_or_genesis(text: str) -> tuple[str | None, Txid | None]:
    """What one field holds in which either may stand."""
    try:
        return None, genesis(text)
    except EncodingError:
        return bare_name(text), None


def destination(text: str) -> Destination:
    """A destination as `image pull --to` takes it."""
    return Destination.parse(text.strip())


def whole_destination(text: str) -> Destination:
    """A destination as `image pull --to` takes it, whose path hangs on nothing; `~` is the home."""
    found = destination(text)
    if found.path is None:
        return found
    return Destination(kind=found.kind, path=_whole(found.path), name=found.name, tag=found.tag)


def gate_origin(text: str | None) -> str | None:
    """Where a gate is reached, if that is said: https, or http on loopback."""
    return None if text is None else parse_origin(text.strip())


def listening_address(text: str) -> tuple[str, int]:
    """Host and port to listen at, as HOST:PORT; a v6 address stands in brackets."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise EncodingError(f"not an address to listen on: {text[:80]!a}", hint="expected HOST:PORT, as 127.0.0.1:5010")
    return host, int(port)


def _whole(path: Path) -> Path:
    try:
        whole = path.expanduser()
    except RuntimeError as error:
        raise EncodingError(f"not a path: {error}", hint="such as /home/you/app") from error
    if not whole.is_absolute():
        raise EncodingError("not a full path", hint=f"such as {Path.home() / path.name}")
    return whole
