"""What one transaction does to genuine units, as movements from holder to holder. Pure.

The colouring decides where units go; here its answer meets the scripts, values and places of the coins.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bitcoin.core import COutPoint, CTransaction
from bitcoin.core.script import CScript

from assets.coloring.genesis import GenesisClaim, GenesisParts
from assets.coloring.transfer import Segment, Transfer
from assets.model import Authorship, GenesisFact, Genuine, Holding, Movement, MovementKind, Position
from assets.protocols.table import RULE
from wallet.amount import Sats
from wallet.hashes import BlockHash, Txid, txid_of

HeldUnits = tuple[Holding, Genuine]
"""A coin and the units in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a transaction did: movements in the order of its inputs and outputs, coins that lost and got units.

    `genesis` is there where the transaction is one. A genesis whose witness is missing makes movements that say so, and
    no units: nobody may take them for genuine.
    """

    movements: tuple[Movement, ...]
    spent: tuple[COutPoint, ...] = ()
    created: tuple[HeldUnits, ...] = ()
    genesis: GenesisFact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What all movements of one transaction share."""

    tx: CTransaction
    txid: Txid
    position: Position
    block: BlockHash | None

    def holding(self, vout: int) -> Holding:
        txout = self.tx.vout[vout]
        return Holding(outpoint=COutPoint(self.txid, vout), script=txout.scriptPubKey, value=Sats(txout.nValue))


def effect_of(
    tx: CTransaction,
    *,
    position: Position,
    block: BlockHash | None,
    spent: tuple[HeldUnits | None, ...],
    spent_script: Callable[[COutPoint], CScript],
) -> Effect | None:
    """What `tx` does to units; None where it touches none.

    `spent` is what each input holds. `spent_script` answers the script of the coin that input 0 spends; it is asked
    only for what has the shape of a genesis, and where later inputs lose units.
    """
    place = _Place(tx=tx, txid=txid_of(tx), position=position, block=block)
    genesis = _genesis(place, spent_script)
    if not any(spent):
        return genesis
    moved = _transfer(place, spent, spent_script)
    if genesis is None:
        return moved
    return Effect(
        movements=moved.movements + genesis.movements,
        spent=moved.spent,
        created=moved.created + genesis.created,
        genesis=genesis.genesis,
    )


def _genesis(place: _Place, spent_script: Callable[[COutPoint], CScript]) -> Effect | None:
    if not isinstance(RULE.claim(place.tx), GenesisClaim):
        return None
    parts = RULE.genesis(place.tx, spent_script(place.tx.vin[0].prevout))
    if not isinstance(parts, GenesisParts):
        return None
    held = tuple(zip((parts.title, parts.treasury), parts.outputs, strict=True))
    movements = tuple(
        Movement(
            kind=MovementKind.GENESIS,
            txid=parts.txid,
            position=place.position,
            block=place.block,
            genesis=parts.txid,
            title=units.title,
            quantity=units.quantity,
            source=None,
            target=holding,
            attachment=parts.record.serialize(),
            authorship=parts.authorship,
            author=parts.issuing_script,
        )
        for holding, units in held
    )
    return Effect(
        movements=movements,
        created=held if parts.authorship is Authorship.AUTHORISED else (),
        genesis=parts.fact(place.position, place.block),
    )


def _transfer(
    place: _Place, spent: tuple[HeldUnits | None, ...], spent_script: Callable[[COutPoint], CScript]
) -> Effect:
    first = spent[0]
    author = first[0].script if first is not None else spent_script(place.tx.vin[0].prevout)
    transfer = RULE.move(place.tx, tuple(held[1] if held is not None else None for held in spent))
    authored = RULE.authorship(place.tx, first[1] if first is not None else None, author, transfer)
    movements = tuple(
        movement
        for segment in transfer.segments
        for movement in _of_segment(place, segment, _source(spent, segment), transfer, authored, author)
    )
    return Effect(
        movements=movements,
        spent=tuple(held[0].outpoint for held in spent if held is not None),
        created=tuple((place.holding(vout), units) for vout, units in enumerate(transfer.outputs) if units is not None),
    )


def _source(spent: tuple[HeldUnits | None, ...], segment: Segment) -> Holding:
    held = spent[segment.input]
    assert held is not None, "units come from coins that hold units"
    return held[0]


def _of_segment(
    place: _Place, segment: Segment, source: Holding, transfer: Transfer, authored: Authorship, author: CScript
) -> Iterator[Movement]:
    """One movement, or two where the title arrived as an access unit."""

    def movement(kind: MovementKind, target: Holding | None, *, title: bool) -> Movement:
        return Movement(
            kind=kind,
            txid=place.txid,
            position=place.position,
            block=place.block,
            genesis=segment.units.genesis,
            title=title,
            quantity=segment.quantity,
            source=source,
            target=target,
            attachment=transfer.marker.metadata if transfer.marker is not None else b"",
            authorship=authored,
            author=author,
        )

    if segment.output is None or (segment.units.title and not segment.title_after):
        yield movement(MovementKind.LOSS, None, title=segment.units.title)
    if segment.output is not None:
        yield movement(MovementKind.TRANSFER, place.holding(segment.output), title=segment.title_after)
