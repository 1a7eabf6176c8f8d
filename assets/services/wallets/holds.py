"""Why a coin is set aside: by the user, by a listing, by a shop, by whoever reserved it, by a signed transaction.

What is decided about a coin is decided by these values; their words are for people alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bitcoin.core import COutPoint

from wallet.hashes import Txid, display
from wallet.store.reservations import Reservation

_SHOP = "a shop"


@dataclass(frozen=True, slots=True)
class Frozen:
    """The user froze it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An open listing of this wallet names it. `listing` is the beginning of its id, in hexadecimal."""

    listing: str


@dataclass(frozen=True, slots=True)
class AtShop:
    """A lot whose key a shop has. `owner` is the name under which the shop reserves it."""

    owner: str


@dataclass(frozen=True, slots=True)
class Reserved:
    """Somebody of this wallet reserved it: a draft for a cold key, a bid. `owner` is the name that they gave."""

    owner: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A transaction that this wallet signed spends it, and no block holds that transaction yet."""

    txid: Txid


Hold = Frozen | Listed | AtShop | Reserved | Signed
"""Why a coin is set aside. Whoever adds a reason says its words in `hold_words`, and mypy names what else to decide."""


def hold_words(hold: Hold) -> str:
    """The reason as a person reads it, behind `is` or a colon. Both front ends show these words."""
    match hold:
        case Frozen():
            return "frozen by you"
        case Listed(listing=listing):
            return f"listed for sale as {listing}"
        case AtShop(owner=owner) | Reserved(owner=owner):
            return f"reserved by {owner}"
        case Signed(txid=txid):
            return f"the signed transaction {display(txid)} of this wallet spends it"


def shop_owner(since: int) -> str:
    """The name under which lots are reserved once a shop has their keys; `since` in unix seconds."""
    return f"{_SHOP} since {since}"


def hold_of(owner: str) -> AtShop | Reserved:
    """What a reservation says by the name of its owner, which is all that the database keeps."""
    return AtShop(owner) if owner.startswith(_SHOP) else Reserved(owner)


def set_aside(reservations: Iterable[Reservation], frozen: Iterable[COutPoint]) -> dict[COutPoint, Hold]:
    """The holds on coins that are reserved or frozen; what the user froze is told as frozen, whoever else holds it."""
    holds: dict[COutPoint, Hold] = {one.outpoint: hold_of(one.owner) for one in reservations}
    holds.update((outpoint, Frozen()) for outpoint in frozen)
    return holds
