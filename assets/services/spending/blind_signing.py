"""What can be told of a transaction where no node answers: enough to stop a theft of a title, not to judge colours.

Coins on the account for units are taken to hold some. How many, the transaction that made the coin says, where the PSBT
brings it along: its marker is part of what the txid commits to. What descends from a genesis cannot be told from it.
"""

from collections.abc import Sequence

from bitcoin.core import COutPoint, CTransaction

from assets.errors import GuardError
from assets.protocols.open_assets.marker import Marker, parse_closed
from assets.protocols.open_assets.rule import quantity_of
from wallet.coins import AccountKind
from wallet.transactions import UnsignedTransaction

_ASK = "nothing was signed; look at it where a node answers"


def check_blind(unsigned: UnsignedTransaction, previous: Sequence[CTransaction | None], *, hand_over: bool) -> None:
    """Refuses what burns a coin of the account for units, and what may take a title away without leave.

    `previous` are the transactions that made the inputs, None where one is not known. A title is a single unit, on
    input 0, and moves with the first quantity. Raises GuardError.
    """
    held = {
        number: _units_of(previous[number], spent.outpoint)
        for number, spent in enumerate(unsigned.prevouts)
        if spent.path is not None and spent.path.account is AccountKind.UNITS
    }
    carrying = [number for number, units in held.items() if units != 0]
    if not carrying:
        return
    found = parse_closed(unsigned.tx)
    if not isinstance(found, tuple):
        raise GuardError(
            f"refused (burn): input {carrying[0]} lies on the account for units, and the transaction moves none: what "
            "it holds would be burnt",
            hint=_ASK,
        )
    misplaced = next((number for number in carrying if number > 0 and held[number] in (1, None)), None)
    if misplaced is not None and not hand_over:
        raise GuardError(
            f"refused (title): input {misplaced} may hold a repository's title, which is kept only on input 0",
            hint=f"{_ASK}; if you do hand a repository over with its units, say --hand-over",
        )
    taker = _first_taker(unsigned.tx, *found)
    if held.get(0, 0) in (1, None) and taker not in dict(unsigned.own_outputs) and not hand_over:
        where = "no output takes it" if taker is None else f"output {taker} takes it away from this wallet"
        raise GuardError(
            f"refused (title): input 0 may hold a repository's title, and {where}",
            hint=f"{_ASK}; if you do hand a repository over, or a single access unit, say --hand-over",
        )


def _units_of(previous: CTransaction | None, outpoint: COutPoint) -> int | None:
    """The most units that a coin can hold; None where that is not known."""
    if previous is None:
        return None
    found = parse_closed(previous)
    if not isinstance(found, tuple):
        return 0
    return quantity_of(outpoint.n, found[1].quantities, found[0])


def _first_taker(tx: CTransaction, marker_output: int, marker: Marker) -> int | None:
    """The first output that takes units."""
    outputs = range(len(tx.vout))
    return next((vout for vout in outputs if quantity_of(vout, marker.quantities, marker_output)), None)
