"""What happened to a title, step by step, each record with whether it counts and why not."""

from dataclasses import dataclass
from enum import StrEnum

from bitcoin.core.script import CScript

from assets.images.record import Genesis, Record, RecordFlaw, parse_record
from assets.model import Authorship, GenesisFact, Holding, Movement, MovementKind, Position
from wallet.hashes import BlockHash, Txid


class Ignored(StrEnum):
    """Why a record that can be read does not count, besides what is wrong with its author or its bytes."""

    SECOND_GENESIS = "only the genesis itself can carry a GENESIS record"
    TITLE_LOST = "the transaction ended the title"
    OWNER_CHANGED = "the title moved to another script in the same transaction"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryStep:
    """One movement of the title and the record that came with it.

    `settled` is true from the wanted number of confirmations on. `record` is a flaw where the metadata is none, and
    None without metadata. `ignored` says why the record does not count; it is None where it counts, or where there
    is none. `unproven` is true where the witness that decides is missing. `author` is the script that signed
    input 0. `source` is None in the genesis, `target` where the title ended.
    """

    kind: MovementKind
    txid: Txid
    position: Position
    block: BlockHash | None
    settled: bool
    record: Record | RecordFlaw | None
    ignored: str | None
    unproven: bool
    author: CScript
    source: Holding | None
    target: Holding | None

    @property
    def counted(self) -> Record | None:
        """The record, if it counts."""
        return None if self.ignored is not None or isinstance(self.record, RecordFlaw) else self.record

    @property
    def height(self) -> int | None:
        """The block's height; None in the mempool."""
        return self.position.height


def genesis_step(genesis: GenesisFact, record: Genesis, *, settled: bool, unproven: bool) -> HistoryStep:
    """The first step: the genesis with its own record."""
    return HistoryStep(
        kind=MovementKind.GENESIS,
        txid=genesis.txid,
        position=genesis.position,
        block=genesis.block,
        settled=settled,
        record=record,
        ignored=str(Authorship.UNPROVEN) if unproven else None,
        unproven=unproven,
        author=genesis.issuing_script,
        source=None,
        target=genesis.title,
    )


def step_of(movement: Movement, *, settled: bool) -> HistoryStep:
    """The step that a later movement of the title is."""
    record = parse_record(movement.attachment) if movement.attachment else None
    return HistoryStep(
        kind=movement.kind,
        txid=movement.txid,
        position=movement.position,
        block=movement.block,
        settled=settled,
        record=record,
        ignored=_why_ignored(movement, record),
        unproven=movement.authorship is Authorship.UNPROVEN,
        author=movement.author,
        source=movement.source,
        target=movement.target,
    )


def _why_ignored(movement: Movement, record: Record | RecordFlaw | None) -> str | None:
    if record is None:
        return None
    if isinstance(record, RecordFlaw):
        return str(record)
    if isinstance(record, Genesis):
        return str(Ignored.SECOND_GENESIS)
    if movement.kind is not MovementKind.TRANSFER or movement.source is None or movement.target is None:
        return str(Ignored.TITLE_LOST)
    if movement.source.script != movement.target.script:
        return str(Ignored.OWNER_CHANGED)
    if movement.authorship is not Authorship.AUTHORISED:
        return str(movement.authorship)
    return None
