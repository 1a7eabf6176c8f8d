"""What a transaction of this wallet was for, where the journal does not know: from what the index says of its units.

A wallet that came back from its words has no journal, and neither does a second device with the same words.
"""

from collections.abc import Collection

from bitcoin.core.script import CScript

from assets.images.record import RecordFlaw, kind_of, parse_record
from assets.index.reader import IndexReader
from assets.model import Holding, Movement, MovementKind
from wallet.hashes import Txid


def words_of_units(reader: IndexReader, own: Collection[bytes]) -> dict[Txid, str]:
    """A word or two for every transaction in a block that moved units from or to one wallet's `own` scripts.

    The title says more than access units, and what left the wallet says more than what stayed in it.
    """
    found: dict[Txid, tuple[int, str]] = {}
    for movement in reader.movements_touching(CScript(script) for script in own):
        rank, word = _title(movement, own) if movement.title else _units(movement, own)
        if movement.txid not in found or rank < found[movement.txid][0]:
            found[movement.txid] = (rank, word)
    return {txid: word for txid, (_, word) in found.items()}


def _title(movement: Movement, own: Collection[bytes]) -> tuple[int, str]:
    match movement.kind:
        case MovementKind.GENESIS:
            return 0, "issue"
        case MovementKind.LOSS:
            return 0, "title lost"
        case MovementKind.TRANSFER if not _is_ours(movement.source, own):
            return 0, "title received"
        case MovementKind.TRANSFER if not _is_ours(movement.target, own):
            return 0, "transfer"
        case MovementKind.TRANSFER:
            return 0, _record(movement)


def _record(movement: Movement) -> str:
    """As the journal has it: `release`, `revoke`, `define`, `seal`; a final release is a release."""
    record = parse_record(movement.attachment) if movement.attachment else None
    if record is None or isinstance(record, RecordFlaw):
        return "title moved"
    return kind_of(record).name.lower().replace("final", "release")


def _units(movement: Movement, own: Collection[bytes]) -> tuple[int, str]:
    if movement.kind is MovementKind.LOSS:
        return 2, "units ended"
    if not _is_ours(movement.source, own):
        return 3, "units received"
    return (1, "grant") if not _is_ours(movement.target, own) else (4, "units moved")


def _is_ours(holding: Holding | None, own: Collection[bytes]) -> bool:
    return holding is not None and bytes(holding.script) in own
