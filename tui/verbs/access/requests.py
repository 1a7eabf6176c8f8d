"""What a person asks about access to closed images, parsed and not looked up yet. Cheap to import."""

from dataclasses import dataclass

from wallet.hashes import Txid


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
