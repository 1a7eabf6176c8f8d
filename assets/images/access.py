"""Who may pull and push what: the table by which a gate grants scopes. Pure values; the chain is asked elsewhere.

A gate answers with what is asked and entitled, each scope judged alone. Only whole names that stand in the table are
known: there are no patterns, no other resource types than `repository`, and no other actions than `pull` and `push`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from assets.images.name import split_name
from wallet.errors import EncodingError
from wallet.hashes import Txid

SIBLING = "dockchains"
"""The last part of the public repository beside each other one: definition, listings and evidence are there."""

MAX_SCOPES = 64
"""Scopes of one question; container tools ask for two at most."""

MAX_SCOPE_TEXT = 1_000

_REPOSITORY = "repository"


class Action(StrEnum):
    """What may be granted."""

    PULL = "pull"
    PUSH = "push"


class Standing(StrEnum):
    """What somebody is to a repository, as the chain has it at this moment."""

    STRANGER = "stranger"
    HOLDER = "holder"
    """Holds a genuine, confirmed access unit; or held the title last, before the repository froze."""
    OWNER = "owner"
    """Holds the title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A repository at the registry that the gate knows: of which genesis, and whether it is the public sibling."""

    genesis: Txid
    sibling: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is asked for: actions on one resource (Distribution's token scope). `actions` are as they were written."""

    kind: str
    name: str
    actions: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Actions on a repository, by its path at the registry. Never empty."""

    name: str
    actions: frozenset[Action]

    @property
    def words(self) -> tuple[str, ...]:
        """The actions as tokens list them."""
        return tuple(action.value for action in Action if action in self.actions)


@dataclass(frozen=True, slots=True)
class AccessTable:
    """Paths at one registry, and what each is."""

    places: Mapping[str, Place]

    @classmethod
    def of(cls, repositories: Iterable[tuple[str, Txid]]) -> "AccessTable":
        """The table for canonical names, all of one host, and their geneses.

        Raises EncodingError where the names are of several hosts, where one stands twice, or where one is the public
        sibling of another.
        """
        places: dict[str, Place] = {}
        hosts = set()
        for name, genesis in repositories:
            host, path = split_name(name)
            hosts.add(host)
            for key, sibling in ((path, False), (f"{path}/{SIBLING}", True)):
                if key in places:
                    raise EncodingError(
                        f"{host}/{key} would stand for two repositories", hint="a gate knows each name once"
                    )
                places[key] = Place(genesis=genesis, sibling=sibling)
        if len(hosts) > 1:
            raise EncodingError(
                f"the names are at {len(hosts)} registries: {', '.join(sorted(hosts))}",
                hint="a gate serves one registry; make one for each",
            )
        return cls(places)

    @property
    def geneses(self) -> frozenset[Txid]:
        """Every genesis in the table."""
        return frozenset(place.genesis for place in self.places.values())


def parse_scopes(texts: Iterable[str]) -> tuple[Scope, ...]:
    """Scopes as a client asks for them: several parameters, several in each. What is no scope is left out.

    Scopes of one resource are put together. Raises EncodingError for more than MAX_SCOPES.
    """
    found: dict[tuple[str, str], frozenset[str]] = {}
    parts = [part for text in texts for part in text.split(" ") if part]
    if len(parts) > MAX_SCOPES:
        raise EncodingError(f"{len(parts)} scopes are asked for", hint=f"ask for at most {MAX_SCOPES} at once")
    for part in parts:
        kind, colon, rest = part.partition(":")
        name, second, actions = rest.rpartition(":")
        if colon and second and len(part) <= MAX_SCOPE_TEXT:
            key = (kind, name)
            found[key] = found.get(key, frozenset()) | frozenset(actions.split(","))
    return tuple(Scope(kind=kind, name=name, actions=actions) for (kind, name), actions in found.items())


def entitled(place: Place, standing: Standing, *, is_open: bool) -> frozenset[Action]:
    """What somebody may do in a place. `is_open` says that the repository's owner asks for no access unit."""
    pull = place.sibling or is_open or standing is not Standing.STRANGER
    allowed = {Action.PULL: pull, Action.PUSH: standing is Standing.OWNER}
    return frozenset(action for action, granted in allowed.items() if granted)


def grants(
    scopes: Iterable[Scope],
    table: AccessTable,
    *,
    standing: Callable[[Txid], Standing],
    is_open: Callable[[Txid], bool],
) -> tuple[Grant, ...]:
    """What is asked and entitled. `standing` is only asked where the answer hangs on it."""
    found = []
    for scope in scopes:
        place = table.places.get(scope.name) if scope.kind == _REPOSITORY else None
        if place is None:
            continue
        asked = frozenset(action for action in Action if action.value in scope.actions)
        opened = not place.sibling and is_open(place.genesis)
        allowed = entitled(place, Standing.STRANGER, is_open=opened)
        if asked - allowed:
            allowed = entitled(place, standing(place.genesis), is_open=opened)
        if asked & allowed:
            found.append(Grant(name=scope.name, actions=asked & allowed))
    return tuple(found)
