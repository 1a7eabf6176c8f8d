"""What a reorganisation took away, told to people: the records and moves that no block holds any more."""

from collections.abc import Iterable

from assets.images.history import step_of
from assets.images.record import Genesis, RecordFlaw, parse_record
from assets.index.image_index import SyncReport
from assets.index.reader import IndexReader
from assets.model import Movement, MovementKind
from assets.services.chain.image_words import record_view
from assets.services.read_models.wallet_views import FallenView
from wallet.hashes import Txid, display, parse_txid


def fallen_views(report: SyncReport, reader: IndexReader) -> tuple[FallenView, ...]:
    """One view for each transaction that fell out, oldest first. `reader` knows the names of what is left."""
    names = {one.genesis: _name_in(one) for one in report.dropped if one.kind is MovementKind.GENESIS}
    first: dict[Txid, Movement] = {}
    for movement in report.dropped:
        known = first.get(movement.txid)
        if known is None or (movement.title and not known.title):
            first[movement.txid] = movement
    return tuple(_view(movement, names, reader) for movement in first.values())


def still_fallen(views: Iterable[FallenView], reader: IndexReader) -> tuple[FallenView, ...]:
    """Those whose transaction is still in no block that was read: a notice goes when its record is back."""
    views = tuple(views)
    geneses = {parse_txid(view.genesis) for view in views}
    back = {display(movement.txid) for genesis in geneses for movement in reader.movements_of(genesis)}
    return tuple(view for view in views if view.txid not in back)


def _view(movement: Movement, names: dict[Txid, str], reader: IndexReader) -> FallenView:
    genesis = movement.genesis
    fact = reader.genesis(genesis)
    name = names.get(genesis) or (fact.name if fact is not None else None) or display(genesis)
    return FallenView(txid=display(movement.txid), genesis=display(genesis), name=name, what=_what(movement))


def _what(movement: Movement) -> str:
    if movement.kind is MovementKind.GENESIS:
        return "the genesis"
    if not movement.title:
        return f"a transfer of {movement.quantity:,} access units"
    view = record_view(step_of(movement, settled=False))
    if view.kind == "transfer":
        return "a hand-over"
    if view.kind == "loss":
        return "the loss of the title"
    detail = ", ".join(view.tags) or view.detail
    return f"the record {view.kind} {detail} {view.digest or ''}".strip()


def _name_in(movement: Movement) -> str:
    """The name that a genesis claims, or an empty text where the record holds only its hash."""
    record = parse_record(movement.attachment)
    return record.name.name or "" if not isinstance(record, RecordFlaw) and isinstance(record, Genesis) else ""
