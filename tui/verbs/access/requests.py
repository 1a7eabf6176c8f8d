"""What a person asks about access to closed images, parsed and not looked up yet. Cheap to import."""

from dataclasses import dataclass
from pathlib import Path

from wallet.hashes import Txid

LONGEST_LOGIN = 30
"""Days that a login holds at most, and where nothing else is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Give access units of a repository's treasury away; `name` is how it was called where that was asked.

    `shares` are unit addresses or links, each with `=QUANTITY` or one unit; `listed` is a list of them, a line each:
    address and quantity. `plain` allows addresses that were not made for units.
    """

    genesis: Txid
    name: str
    shares: tuple[str, ...] = ()
    listed: str | None = None
    plain: bool = False
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Log in at the gate of a repository, by its genesis; `name` is the canonical name of what is to be pulled."""

    genesis: Txid
    name: str
    days: int = LONGEST_LOGIN
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Logout:
    """End logins: those that a canonical name means, that of one session (its public key in hex), or all."""

    name: str | None = None
    session: str | None = None
    everywhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportGate:
    """What a gate runs from, for `file`: a new one, or with `keep_key` an earlier one that goes on with its key.

    `origin` is where the gate is reached, `service` the registry's name in tokens; None is what the earlier file has,
    else the registry's host. It serves the `names` that are pinned, or all that is pinned at `registry`, or all.
    `meant` is the genesis by which a single name was asked for. `others` are bundles whose content keys go along.
    """

    file: Path
    origin: str | None = None
    service: str | None = None
    registry: str | None = None
    names: tuple[str, ...] = ()
    meant: Txid | None = None
    others: tuple[Path, ...] = ()
    keep_key: bool = False
