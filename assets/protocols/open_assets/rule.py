"""How Open Assets colours the outputs of a transaction, as the reference implementation does it.

This is the rule for balances: what any Open Assets wallet sees. What is genuine is decided elsewhere, by closed
transfers, and is always a part of what this rule sees.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bitcoin.core import CTransaction

from assets.model import AssetId, AssetUnits
from assets.protocols.open_assets.marker import Flaw, Marker, marker_in
from wallet.hashes import hash160


@dataclass(frozen=True, slots=True)
class SpentOutput:
    """What an input spends: its script and its units (None: uncoloured)."""

    script: bytes
    units: AssetUnits | None


class OutputType(StrEnum):
    """What an output is in a transaction's layout; in one without a valid marker all are UNCOLORED."""

    UNCOLORED = "uncolored"
    ISSUANCE = "issuance"
    MARKER = "marker_output"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class ColoredOutput:
    """An output's place in the layout and the units that it holds."""

    type: OutputType
    units: AssetUnits | None


_UNCOLORED = ColoredOutput(OutputType.UNCOLORED, None)


def asset_id_of(script: bytes) -> AssetId:
    """The id of the asset that spending an output with this script can issue: RIPEMD160(SHA256(script))."""
    return AssetId(hash160(bytes(script)))


def markers_in(tx: CTransaction) -> tuple[tuple[int, Marker], ...]:
    """Every output that parses as a marker and has few enough quantities, by number. A coinbase has none."""
    if tx.is_coinbase() or not tx.vin:
        return ()
    parsed = ((number, marker_in(txout.scriptPubKey)) for number, txout in enumerate(tx.vout))
    return tuple(
        (number, marker)
        for number, marker in parsed
        if isinstance(marker, Marker) and len(marker.quantities) < len(tx.vout)
    )


def quantity_of(output: int, quantities: Sequence[int], marker: int) -> int:
    """The units that a list of quantities gives to an output. The marker is skipped, a missing entry counts 0."""
    if output == marker:
        return 0
    slot = output if output < marker else output - 1
    return quantities[slot] if slot < len(quantities) else 0


def color_outputs(
    quantities: Sequence[int], marker: int, outputs: int, spent: Sequence[SpentOutput]
) -> tuple[ColoredOutput, ...] | Flaw:
    """The colours of `outputs` outputs under one marker, or why this marker is not valid.

    Outputs before the marker are issued, in the asset of the script that input 0 spends; outputs after it take their
    units from the inputs in order. `spent` may end early where the inputs in it hold enough.
    """
    if len(quantities) > outputs - 1:
        return Flaw.TOO_MANY_QUANTITIES
    if not spent:
        return Flaw.TOO_FEW_UNITS
    issued = asset_id_of(spent[0].script)
    result = []
    queue = _Queue(spent)
    for number in range(outputs):
        quantity = quantity_of(number, quantities, marker)
        units: AssetUnits | Flaw | None = None
        if number < marker and quantity:
            units = AssetUnits(issued, quantity)
        elif quantity:
            units = queue.take(quantity)
        if isinstance(units, Flaw):
            return units
        result.append(ColoredOutput(_type_of(number, marker), units))
    return tuple(result)


def color_transaction(tx: CTransaction, spent: Sequence[SpentOutput]) -> tuple[ColoredOutput, ...]:
    """The colours of all outputs: by the first marker whose colouring succeeds, else all are uncoloured.

    `spent` has one entry for every input.
    """
    for number, marker in markers_in(tx):
        colored = color_outputs(marker.quantities, number, len(tx.vout), spent)
        if not isinstance(colored, Flaw):
            return colored
    return (_UNCOLORED,) * len(tx.vout)


def _type_of(number: int, marker: int) -> OutputType:
    if number == marker:
        return OutputType.MARKER
    return OutputType.ISSUANCE if number < marker else OutputType.TRANSFER


class _Queue:
    """The units of the inputs in order; uncoloured inputs are stepped over."""

    def __init__(self, spent: Sequence[SpentOutput]) -> None:
        self._inputs = iter([item.units for item in spent if item.units is not None])
        self._left = 0
        self._asset = AssetId(b"")

    def take(self, quantity: int) -> AssetUnits | Flaw:
        """The next `quantity` (above zero) units, which must be of one asset."""
        asset: AssetId | None = None
        missing = quantity
        while missing:
            if not self._left:
                units = next(self._inputs, None)
                if units is None:
                    return Flaw.TOO_FEW_UNITS
                self._left, self._asset = units.quantity, units.asset
            if asset is not None and asset != self._asset:
                return Flaw.MIXED_ASSETS
            asset = self._asset
            taken = min(self._left, missing)
            self._left -= taken
            missing -= taken
        assert asset is not None, "at least one unit was taken"
        return AssetUnits(asset, quantity)
