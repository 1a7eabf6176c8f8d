"""What a registry asks for with status 401: the `WWW-Authenticate` header (RFC 9110, section 11.6.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_MAX_HEADER = 8192
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAMETER = re.compile(rf'({_WORD})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|({_WORD}))')
_SCHEME = re.compile(rf"({_WORD})(?=[ \t]*(?:,|$)|[ \t]+)")
_SEPARATOR = re.compile(r"[ \t,]*")
_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Challenge:
    """A scheme in lower case, and its parameters by lower-case name."""

    scheme: str
    parameters: Mapping[str, str]


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """The challenges of a header, several of which may be joined by commas.

    Reading ends at the first byte that fits the grammar no more; what came before it counts.
    """
    found: list[tuple[str, dict[str, str]]] = []
    text = header[:_MAX_HEADER]
    at = _after(text, 0)
    while at < len(text):
        parameter = _PARAMETER.match(text, at)
        if parameter is not None and found:
            name, quoted, plain = parameter.groups()
            found[-1][1].setdefault(name.lower(), plain if quoted is None else _ESCAPE.sub(r"\1", quoted))
            at = _after(text, parameter.end())
            continue
        scheme = _SCHEME.match(text, at)
        if scheme is None:
            break
        found.append((scheme[1].lower(), {}))
        at = _after(text, scheme.end())
    return tuple(Challenge(scheme, parameters) for scheme, parameters in found)


def _after(text: str, at: int) -> int:
    separator = _SEPARATOR.match(text, at)
    return at if separator is None else separator.end()
