"""Rows of the colour index and the values that they stand for."""

from collections.abc import Iterable, Iterator
from typing import Any

from bitcoin.core import COutPoint
from bitcoin.core.script import CScript

from assets.index.changes import UnitCreated
from assets.model import AssetId, Authorship, GenesisFact, Genuine, Holding, Movement, MovementKind, Position
from wallet.amount import Sats
from wallet.hashes import BlockHash, Txid

Row = tuple[Any, ...]

_KINDS = {MovementKind.GENESIS: 1, MovementKind.TRANSFER: 2, MovementKind.LOSS: 3}
_KIND_OF = {code: kind for kind, code in _KINDS.items()}
_AUTHORSHIPS = {
    Authorship.AUTHORISED: 1,
    Authorship.WRONG_PLACE: 2,
    Authorship.OTHER_SCRIPT: 3,
    Authorship.NOT_TITLE: 4,
    Authorship.PARTIAL_SIGNATURE: 5,
    Authorship.UNPROVEN: 6,
    Authorship.NO_RECORD: 7,
    Authorship.OVERSIZE: 8,
}
_AUTHORSHIP_OF = {code: authorship for authorship, code in _AUTHORSHIPS.items()}

SELECT_GENESIS = """
    SELECT txid, block, height, position, asset, issuing_script, input_txid, input_vout, title_script, title_value,
        treasury_script, treasury_value, units, definition, name, name_hash
    FROM genesis
"""
INSERT_GENESIS = "INSERT INTO genesis VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

SELECT_UNIT = "SELECT txid, vout, genesis, quantity, title, script, value FROM unit "
INSERT_UNIT = "INSERT INTO unit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)"

SELECT_MOVEMENT = """
    SELECT block, height, position, part, txid, kind, genesis, title, quantity, source_txid, source_vout,
        source_script, source_value, target_vout, target_script, target_value, attachment, authorship, author
    FROM movement
"""
INSERT_MOVEMENT = "INSERT INTO movement VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def genesis_row(fact: GenesisFact) -> Row:
    """The row of a confirmed genesis."""
    return (
        fact.txid,
        fact.block,
        fact.position.height,
        fact.position.index,
        fact.asset,
        bytes(fact.issuing_script),
        fact.genesis_input.hash,
        fact.genesis_input.n,
        bytes(fact.title.script),
        fact.title.value,
        bytes(fact.treasury.script),
        fact.treasury.value,
        fact.units,
        fact.definition,
        fact.name.encode("ascii") if fact.name is not None else None,
        fact.name_hash,
    )


def genesis_of(row: Row) -> GenesisFact:
    """The inverse of `genesis_row`."""
    txid, block, height, position, asset, issuing, input_txid, input_vout = row[:8]
    title_script, title_value, treasury_script, treasury_value, units, definition, name, name_hash = row[8:]
    return GenesisFact(
        txid=Txid(txid),
        position=Position(height=height, index=position),
        block=BlockHash(block),
        asset=AssetId(asset),
        issuing_script=CScript(issuing),
        genesis_input=COutPoint(input_txid, input_vout),
        title=Holding(outpoint=COutPoint(txid, 0), script=CScript(title_script), value=Sats(title_value)),
        treasury=Holding(outpoint=COutPoint(txid, 1), script=CScript(treasury_script), value=Sats(treasury_value)),
        units=units,
        definition=definition,
        name=name.decode("ascii") if name is not None else None,
        name_hash=name_hash,
    )


def unit_row(made: UnitCreated) -> Row:
    """The row of a coin that got units."""
    outpoint = made.holding.outpoint
    return (
        outpoint.hash,
        outpoint.n,
        made.units.genesis,
        made.units.quantity,
        int(made.units.title),
        bytes(made.holding.script),
        made.holding.value,
        made.block.hash,
        made.block.height,
    )


def unit_of(row: Row) -> tuple[Holding, Genuine]:
    """A coin and its units from the columns of SELECT_UNIT."""
    txid, vout, genesis, quantity, title, script, value = row
    holding = Holding(outpoint=COutPoint(txid, vout), script=CScript(script), value=Sats(value))
    return holding, Genuine(genesis=Txid(genesis), quantity=quantity, title=bool(title))


def movement_rows(movements: Iterable[Movement]) -> Iterator[Row]:
    """The rows of confirmed movements in chain order, numbered inside each transaction."""
    part, last = 0, None
    for movement in movements:
        part = part + 1 if movement.txid == last else 0
        last = movement.txid
        source, target = movement.source, movement.target
        yield (
            movement.block,
            movement.position.height,
            movement.position.index,
            part,
            movement.txid,
            _KINDS[movement.kind],
            movement.genesis,
            int(movement.title),
            movement.quantity,
            source.outpoint.hash if source is not None else None,
            source.outpoint.n if source is not None else None,
            bytes(source.script) if source is not None else None,
            source.value if source is not None else None,
            target.outpoint.n if target is not None else None,
            bytes(target.script) if target is not None else None,
            target.value if target is not None else None,
            movement.attachment,
            _AUTHORSHIPS[movement.authorship],
            bytes(movement.author),
        )


def movement_of(row: Row) -> Movement:
    """The inverse of `movement_rows`, from the columns of SELECT_MOVEMENT."""
    block, height, position, _, txid, kind, genesis, title, quantity = row[:9]
    source_txid, source_vout, source_script, source_value = row[9:13]
    target_vout, target_script, target_value, attachment, authorship, author = row[13:]
    return Movement(
        kind=_KIND_OF[kind],
        txid=Txid(txid),
        position=Position(height=height, index=position),
        block=BlockHash(block),
        genesis=Txid(genesis),
        title=bool(title),
        quantity=quantity,
        source=_holding(source_txid, source_vout, source_script, source_value),
        target=_holding(txid, target_vout, target_script, target_value),
        attachment=attachment,
        authorship=_AUTHORSHIP_OF[authorship],
        author=CScript(author),
    )


def _holding(txid: bytes, vout: int | None, script: bytes | None, value: int | None) -> Holding | None:
    if vout is None or script is None or value is None:
        return None
    return Holding(outpoint=COutPoint(txid, vout), script=CScript(script), value=Sats(value))
