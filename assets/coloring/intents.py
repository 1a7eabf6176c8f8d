"""What somebody wants done with units, for a colour rule to compose."""

from collections.abc import Sequence
from dataclasses import dataclass

from assets.coloring.compose import TITLE_VALUE
from assets.coloring.plan import Grant, Recipient, UnitCoin
from assets.coloring.sale import Deal
from wallet.amount import Sats
from wallet.transactions import Prevout


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueIntent:
    """A repository's genesis: spends `issuing`; the title and `units` access units go to `owner`."""

    issuing: Prevout
    owner: Recipient
    units: int
    record: bytes
    title_value: Sats = TITLE_VALUE


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordIntent:
    """A record by the holder of the title, which stays on its script."""

    title: UnitCoin
    record: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverIntent:
    """The title, and with it the treasury's coins if there are any, goes to a new owner."""

    title: UnitCoin
    treasury: Sequence[UnitCoin]
    to: Recipient
    title_value: Sats = TITLE_VALUE


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantIntent:
    """Access units go to others, or are split among scripts of one's own; what is left over goes to `rest`."""

    coins: Sequence[UnitCoin]
    grants: Sequence[Grant]
    rest: Recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleIntent:
    """The buyer's transaction of a sale."""

    deal: Deal


Intent = IssueIntent | RecordIntent | HandOverIntent | GrantIntent | SaleIntent
