"""What the guard's checks share: the transaction, the expectation, and how a difference is told."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bitcoin.core import CTransaction

from assets.coloring.plan import Expectation
from assets.errors import GuardError
from wallet.advice import Prose
from wallet.coins import KeyPath
from wallet.transactions import UnsignedTransaction

Whose = Callable[[bytes], KeyPath | None]
"""Answers the key of this wallet that an output script pays, None for anybody else's."""


class Check(StrEnum):
    """The guard's checks, by the names that its errors begin with."""

    VERSION = "version"
    LOCKTIME = "locktime"
    SEQUENCE = "sequence"
    UNSIGNED = "unsigned"
    PREVOUTS = "spent coins"
    OWN_INPUTS = "own inputs"
    FOREIGN_INPUTS = "others' inputs"
    OWN_KEYS = "own keys"
    ISSUING_SCRIPT = "issuing script"
    OWN_OUTPUTS = "own outputs"
    PAYMENTS = "payments"
    DELTA = "bitcoin balance"
    FEE = "fee"
    FEE_RATE = "fee rate"
    DUST = "dust"
    WEIGHT = "weight"
    UNKNOWN_COLOR = "unknown colour"
    FOREIGN_UNITS = "foreign units"
    OTHER_COLOR = "another protocol"
    MIXED_REPOSITORIES = "two repositories"
    MARKER = "marker"
    RECORD = "record"
    MINT = "genesis"
    TITLE = "title"
    UNITS = "units"
    BURN = "burn"
    AGREEMENT = "the two colourings"
    DEED = "what it does"
    PLACE = "place"
    SEGWIT = "segwit"
    HELD = "set aside"
    CONFLICT = "conflict"
    TREASURY = "treasury"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One run of the guard. `tip_height` is None where no node answers."""

    unsigned: UnsignedTransaction
    expectation: Expectation
    whose: Whose
    tip_height: int | None = None

    @property
    def tx(self) -> CTransaction:
        """The transaction that would be signed."""
        return self.unsigned.tx


_HINT = "nothing was signed; the transaction would not do what was asked for"


def require(check: Check, holds: bool, details: str, *, hint: Prose = _HINT) -> None:  # noqa: FBT001 - reads as an assertion
    """Raises GuardError with the check's name and the figures unless the condition holds."""
    if not holds:
        raise GuardError(f"refused ({check}): {details}", hint=hint)
