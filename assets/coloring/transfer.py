"""Closed transfers: how genuine units move, decided from the units that a transaction spends and nothing else.

1. Exactly one output looks like a marker, and it is in the shortest form (`parse_closed`); it is output m.
2. k >= 1 is the length of the longest run of genuine coins of one genesis from input 0 on. Later inputs are never
   consulted; genuine units on them end.
3. All quantities before output m are zero.
4. The quantities add up to at most the units of inputs 0..k-1.

Outputs then take their units from those inputs in order, and what is left over is destroyed. The title moves only
where its coin is input 0 and the first quantity that is not zero is 1; else the repository is frozen for ever, and the
unit, if an output took it, is an access unit. Any other spend ends the units.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bitcoin.core import CTransaction

from assets.model import Genuine
from assets.protocols.open_assets.marker import Flaw, Marker, parse_closed
from assets.protocols.open_assets.rule import quantity_of
from wallet.hashes import Txid


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Units that went from one input to one output, in the order of inputs and outputs.

    `output` is None where they ended. `units` is what the spent coin held in all, `quantity` how many of them went this
    way. `title_after` tells that the title arrived as the title; a segment of a title coin without it is its loss.
    """

    input: int
    output: int | None
    units: Genuine
    quantity: int
    title_after: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What a transaction does to the genuine units that it spends.

    `outputs` has one entry for each output. `closed` tells a closed transfer; if it is none, `flaw` says why (None
    where there is no marker at all) and all units end. `marker` and `marker_output` are there only in a closed one.
    """

    outputs: tuple[Genuine | None, ...]
    segments: tuple[Segment, ...]
    closed: bool
    flaw: Flaw | None = None
    marker: Marker | None = None
    marker_output: int | None = None

    @property
    def titles_lost(self) -> tuple[Txid, ...]:
        """The geneses whose repository is frozen from here on."""
        return tuple(item.units.genesis for item in self.segments if item.units.title and not item.title_after)


def apply(tx: CTransaction, spent: Sequence[Genuine | None]) -> Transfer:
    """What `tx` does to the genuine units that its inputs hold, one entry of `spent` for each input.

    Entries after the first run of one genesis decide nothing; where they are given, their units are shown to end.
    """
    assert len(spent) == len(tx.vin), "one entry for each input"
    parsed = Flaw.COINBASE if tx.is_coinbase() else parse_closed(tx)
    if isinstance(parsed, Flaw) or parsed is None:
        return _ended(len(tx.vout), spent, parsed)
    return move(parsed, len(tx.vout), spent)


def move(marker: tuple[int, Marker], outputs: int, spent: Sequence[Genuine | None]) -> Transfer:
    """`apply` for a transaction of which the marker (rule 1 holds) and the number of outputs are known."""
    number, parsed = marker
    run = run_of(spent)
    flaw = _broken_rule(number, parsed, run)
    if flaw is not None:
        return _ended(outputs, spent, flaw)
    assigned = _assign(number, parsed, outputs, run)
    segments = (*assigned, *_ends(spent, start=len(run)))
    titles = {item.output for item in assigned if item.title_after}
    colored = tuple(
        Genuine(genesis=run[0].genesis, quantity=quantity, title=output in titles) if quantity else None
        for output in range(outputs)
        for quantity in (quantity_of(output, parsed.quantities, number),)
    )
    return Transfer(outputs=colored, segments=segments, closed=True, marker=parsed, marker_output=number)


def run_of(spent: Sequence[Genuine | None]) -> tuple[Genuine, ...]:
    """The longest run of genuine coins of one genesis from input 0 on (rule 2)."""
    run: list[Genuine] = []
    for units in spent:
        if units is None or (run and units.genesis != run[0].genesis):
            break
        run.append(units)
    return tuple(run)


def _broken_rule(number: int, marker: Marker, run: Sequence[Genuine]) -> Flaw | None:
    if not run:
        return Flaw.NO_GENUINE_INPUT
    if any(marker.quantities[:number]):
        return Flaw.ISSUES
    if sum(marker.quantities) > sum(units.quantity for units in run):
        return Flaw.TOO_FEW_UNITS
    return None


def _assign(number: int, marker: Marker, outputs: int, run: Sequence[Genuine]) -> tuple[Segment, ...]:
    """Outputs take units from the inputs in order; what is left over ends."""
    wanted = [
        (output, quantity)
        for output in range(number + 1, outputs)
        if (quantity := quantity_of(output, marker.quantities, number))
    ]
    title_moves = bool(wanted) and run[0].title and wanted[0][1] == 1
    segments: list[Segment] = []
    queue = iter(wanted)
    output, missing = next(queue, (None, 0))
    for input_, units in enumerate(run):
        left = units.quantity
        while left:
            taken = left if output is None else min(left, missing)
            title_after = title_moves and input_ == 0 and output is not None
            segments.append(Segment(input=input_, output=output, units=units, quantity=taken, title_after=title_after))
            left -= taken
            missing -= taken
            if output is not None and not missing:
                output, missing = next(queue, (None, 0))
    return tuple(segments)


def _ends(spent: Sequence[Genuine | None], *, start: int) -> Iterator[Segment]:
    for input_, units in enumerate(spent[start:], start):
        if units is not None:
            yield Segment(input=input_, output=None, units=units, quantity=units.quantity)


def _ended(outputs: int, spent: Sequence[Genuine | None], flaw: Flaw | None) -> Transfer:
    return Transfer(outputs=(None,) * outputs, segments=tuple(_ends(spent, start=0)), closed=False, flaw=flaw)
