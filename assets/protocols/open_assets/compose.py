"""Writing markers: the one spelling that every implementation reads alike."""

from collections.abc import Sequence

from bitcoin.core import CTxOut

from assets.model import MAX_QUANTITY
from assets.protocols.open_assets.marker import MAX_PAYLOAD, Marker, marker_script
from wallet.errors import EncodingError


def compose_marker(issued: Sequence[int], transferred: Sequence[int], metadata: bytes) -> CTxOut:
    """The marker output between outputs that get `issued` and outputs that get `transferred` units, with 0 sats.

    The list is as short as it can be: no trailing zero, so that outputs may follow. Raises EncodingError where the
    payload has more than the 80 bytes that every node relays, or the quantities are out of range.
    """
    quantities = [*issued, *transferred]
    while quantities and quantities[-1] == 0:
        quantities.pop()
    if any(quantity < 0 for quantity in quantities) or sum(quantities) > MAX_QUANTITY:
        raise EncodingError(f"units out of range: {quantities}", hint="at most 2^63 - 1 units in all")
    marker = Marker(tuple(quantities), metadata)
    size = len(marker.serialize())
    if size > MAX_PAYLOAD:
        raise EncodingError(
            f"the marker would have {size} bytes, and nodes relay {MAX_PAYLOAD}",
            hint="split it into several transactions, or shorten the record",
        )
    return CTxOut(0, marker_script(marker))
