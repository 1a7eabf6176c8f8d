"""The colouring of one transaction, suspended wherever it waits for an ancestor.

A genesis needs the script that input 0 spends; a closed transfer the genuine coins from input 0 on; what is neither
is coloured by the Open Assets reference rule. Inputs are consulted in order and only as far as they decide.
"""

from collections.abc import Generator

from bitcoin.core import COutPoint

from assets.coloring.genesis import genesis_outputs
from assets.coloring.shape import Answer, ColorOf, ScriptOf, Steps
from assets.coloring.signatures import commits_to_everything
from assets.coloring.trace import UNCOLORED, Trace
from assets.coloring.transfer import move
from assets.model import AssetUnits, Genuine
from assets.protocols.open_assets.marker import Flaw, Marker
from assets.protocols.open_assets.rule import SpentOutput, asset_id_of, color_outputs
from assets.protocols.open_assets.shape import MarkerShape
from wallet.hashes import Txid, display, outpoint_text


def color_steps(txid: Txid, shape: MarkerShape) -> Steps:
    """Colours the outputs of a transaction, one of which at least may have units."""
    if shape.genesis is not None:
        minted = yield from _genesis_steps(txid, shape)
        if minted is not None:
            return minted
    inputs = _Inputs(shape.prevouts)
    if shape.closed is not None:
        moved = yield from _closed_steps(shape, shape.closed, inputs)
        if moved is not None:
            return moved
    for marker in shape.markers:
        colored = yield from _reference_steps(shape, marker, inputs)
        if colored is not None:
            return colored
    return (UNCOLORED,) * len(shape.scripts)


def _genesis_steps(txid: Txid, shape: MarkerShape) -> Generator[ScriptOf, Answer, tuple[Trace, ...] | None]:
    """The outputs of a genesis; None where the signature does not make it one."""
    claim = shape.genesis
    assert claim is not None
    script = yield ScriptOf(shape.prevouts[0])
    if not isinstance(script, bytes):
        return _unknown(shape, f"the coin that the genesis {display(txid)} spends is not in the chain")
    covered = commits_to_everything(shape.witness, script)
    if covered is None:
        return _unknown(shape, f"the witness of the genesis {display(txid)} is missing")
    if not covered:
        return None
    asset = asset_id_of(script)
    units = tuple(Trace(AssetUnits(asset, genuine.quantity), genuine) for genuine in genesis_outputs(txid, claim.units))
    return units + (UNCOLORED,) * (len(shape.scripts) - len(units))


class _Inputs:
    """The traces of a transaction's inputs, looked up in order and only as far as somebody asks."""

    def __init__(self, prevouts: tuple[COutPoint, ...]) -> None:
        self._prevouts = prevouts
        self.traces: list[Trace] = []

    def at(self, number: int) -> Generator[ColorOf, Answer, Trace | None]:
        """The trace of an input; None behind the last. Inputs are asked for in order."""
        if number == len(self._prevouts):
            return None
        if number == len(self.traces):
            answer = yield ColorOf(self._prevouts[number])
            assert isinstance(answer, Trace)
            self.traces.append(answer)
        return self.traces[number]


def _closed_steps(
    shape: MarkerShape, marker: tuple[int, Marker], inputs: _Inputs
) -> Generator[ColorOf, Answer, tuple[Trace, ...] | None]:
    """The outputs of a closed transfer; None where it is none. Stops at the first input that is not of the run."""
    number, parsed = marker
    if any(parsed.quantities[:number]):
        return None
    needed = sum(parsed.quantities)
    run: list[Trace] = []
    held = 0
    while held < needed:
        trace = yield from inputs.at(len(run))
        if trace is None:
            break
        if trace.reason is not None:
            return _unknown(shape, trace.reason)
        if trace.genuine is None or (run and trace.genuine.genesis != _genuine(run[0]).genesis):
            break
        run.append(trace)
        held += trace.genuine.quantity
    transfer = move(marker, len(shape.scripts), [trace.genuine for trace in run])
    if not transfer.closed:
        return None
    assert run[0].units is not None, "genuine units are units"
    asset = run[0].units.asset
    return tuple(
        UNCOLORED if genuine is None else Trace(AssetUnits(asset, genuine.quantity), genuine)
        for genuine in transfer.outputs
    )


def _genuine(trace: Trace) -> Genuine:
    assert trace.genuine is not None
    return trace.genuine


def _reference_steps(
    shape: MarkerShape, marker: tuple[int, Marker], inputs: _Inputs
) -> Generator[ColorOf | ScriptOf, Answer, tuple[Trace, ...] | None]:
    """The outputs under one marker by the reference rule; None where this marker is not valid."""
    number, parsed = marker
    issued = b""
    if any(parsed.quantities[:number]):
        script = yield ScriptOf(shape.prevouts[0])
        if not isinstance(script, bytes):
            return _unknown(shape, f"the coin {outpoint_text(shape.prevouts[0])} is not in the chain")
        issued = script
    missing = sum(parsed.quantities[number:])
    spent = [SpentOutput(issued, None)]
    consulted = 0
    while missing > 0:
        trace = yield from inputs.at(consulted)
        if trace is None:
            return None
        if trace.reason is not None:
            return _unknown(shape, trace.reason)
        consulted += 1
        spent.append(SpentOutput(b"", trace.units))
        missing -= 0 if trace.units is None else trace.units.quantity
    colored = color_outputs(parsed.quantities, number, len(shape.scripts), spent)
    if isinstance(colored, Flaw):
        return None
    return tuple(UNCOLORED if output.units is None else Trace(output.units) for output in colored)


def _unknown(shape: MarkerShape, reason: str) -> tuple[Trace, ...]:
    unknown = Trace(reason=reason)
    return tuple(unknown if shape.may_color(vout) else UNCOLORED for vout in range(len(shape.scripts)))
