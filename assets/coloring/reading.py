"""Reading: what a transaction does, as one of the deeds that Dockchains knows, before anybody signs it.

It takes the exact transaction, the coins that it spends with the keys of ours behind them, and their colours, and reads
nothing else. A transaction that is none of the deeds is refused with what was found. Drafts, foreign PSBTs, the shop
and the view of any transaction share it, so that one transaction has one meaning.

| deed | inputs | outputs |
|---|---|---|
| payment, to oneself, joint | plain coins of ours on bitcoin keys, others' | no marker; ours on bitcoin keys |
| funding of an issuing coin | plain coins of ours | one issuing key, change |
| cancel of an issuing coin | coins of ours on issuing keys | bitcoin keys of ours |
| genesis | issuing coin of ours, plain coins of ours | title and treasury on one unit key of ours, marker, change |
| record | title of ours, plain coins of ours | marker, title on the same script, change |
| hand-over | title and treasury of ours, plain coins of ours | marker, title and treasury on one script, change |
| grant, split, merge, lots, recall | access units of ours, plain coins of ours | marker, units, change |
| sale | title and units of ours, others' plain coins | marker, all units to others, the rest |
| bid | others' title and units, plain coins of ours | marker, all units to unit keys of ours, the rest |
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from assets.coloring.genesis import TREASURY_OUTPUT, GenesisClaim, claim_of
from assets.coloring.guard_case import Check, require
from assets.coloring.plan import Mint, UnitsAt
from assets.coloring.sign_words import refuse_other_color
from assets.coloring.transfer import Transfer, apply
from assets.images.record import Record, RecordFlaw, RecordKind, kind_of, parse_record
from assets.model import CoinColor, Foreign, Genuine, OtherColor, Unknown
from assets.protocols.open_assets.marker import Marker, parse_closed, resembles_marker
from assets.protocols.open_assets.rule import asset_id_of
from wallet.amount import format_sats
from wallet.coins import AccountKind, KeyPath
from wallet.hashes import Txid, outpoint_text
from wallet.transactions import Prevout, UnsignedTransaction


class Deed(StrEnum):
    """What a transaction does, in the words that people read."""

    PAYMENT = "payment"
    SELF_PAYMENT = "payment to oneself"
    JOINT_PAYMENT = "joint payment"
    FUNDING = "funding of an issuing coin"
    CANCEL = "cancel of an issuing coin"
    GENESIS = "genesis"
    RECORD = "record"
    HANDOVER = "hand-over"
    GRANT = "grant"
    SPLIT = "split"
    MERGE = "merge"
    LOTS = "lots"
    RECALL = "recall"
    SALE = "sale"
    BID = "bid"


PAYMENTS = frozenset({Deed.PAYMENT, Deed.SELF_PAYMENT, Deed.JOINT_PAYMENT, Deed.FUNDING, Deed.CANCEL})
"""The deeds without a marker, which move no units."""

_OP_RETURN = b"\x6a"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a transaction does.

    `units` are all outputs that hold genuine units afterwards (those of a genesis excluded). `title_leaves` is the
    genesis whose title goes to somebody else; `leaving` are the access units that go to others, `kept` those of the
    spent ones that stay. `record` is what the marker says.
    """

    deed: Deed
    units: tuple[UnitsAt, ...] = ()
    title_leaves: Txid | None = None
    leaving: int = 0
    kept: int = 0
    record: Record | None = None

    @property
    def words(self) -> str:
        """The deed for people; a record by its kind."""
        if self.deed is not Deed.RECORD or self.record is None:
            return str(self.deed)
        return f"{kind_of(self.record).name.lower()} record"


def read(unsigned: UnsignedTransaction, colors: Sequence[CoinColor]) -> Reading:
    """What a transaction does. `colors` has one entry for each input.

    Raises GuardError where it is none of the deeds.
    """
    view = _Look.at(unsigned, colors)
    if not has_marker(unsigned):
        return _payment(view)
    for number, prevout in enumerate(unsigned.prevouts):
        require(
            Check.SEGWIT,
            prevout.txout.scriptPubKey.is_witness_scriptpubkey(),
            f"input {number} ({outpoint_text(prevout.outpoint)}) is not segwit: whoever signs it could still change "
            "the txid, and units are named by it",
        )
    if isinstance(claim_of(unsigned.tx), GenesisClaim):
        return _genesis(view)
    return _move(view)


def has_marker(unsigned: UnsignedTransaction) -> bool:
    """Whether any output could be taken for a marker."""
    return any(resembles_marker(txout.scriptPubKey) for txout in unsigned.tx.vout)


def judged_colors(unsigned: UnsignedTransaction, colors: Sequence[CoinColor]) -> list[CoinColor]:
    """The colours that matter: without a marker, what others' coins hold is their own business."""
    marked = has_marker(unsigned)
    return [
        color if marked or prevout.path is not None else None
        for prevout, color in zip(unsigned.prevouts, colors, strict=True)
    ]


def moved_units(unsigned: UnsignedTransaction, colors: Sequence[CoinColor]) -> tuple[Transfer, tuple[UnitsAt, ...]]:
    """What the transaction does to genuine units, and the outputs that hold some afterwards."""
    moved = apply(unsigned.tx, [color if isinstance(color, Genuine) else None for color in colors])
    return moved, tuple(
        UnitsAt(vout=vout, script=unsigned.tx.vout[vout].scriptPubKey, units=units)
        for vout, units in enumerate(moved.outputs)
        if units is not None
    )


def stated_mint(unsigned: UnsignedTransaction) -> Mint | None:
    """The genesis that the transaction claims to be, as it stands."""
    claim = claim_of(unsigned.tx)
    if not isinstance(claim, GenesisClaim):
        return None
    first = unsigned.prevouts[0]
    title, treasury = unsigned.tx.vout[: TREASURY_OUTPUT + 1]
    return Mint(
        asset=asset_id_of(first.txout.scriptPubKey),
        genesis_input=first.outpoint,
        title_script=title.scriptPubKey,
        treasury_script=treasury.scriptPubKey,
        units=claim.units,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """The parts of a transaction by whose they are."""

    unsigned: UnsignedTransaction
    colors: tuple[CoinColor, ...]
    paths: dict[int, KeyPath]

    @classmethod
    def at(cls, unsigned: UnsignedTransaction, colors: Sequence[CoinColor]) -> "_Look":
        return cls(unsigned=unsigned, colors=tuple(judged_colors(unsigned, colors)), paths=dict(unsigned.own_outputs))

    @property
    def own(self) -> list[tuple[int, Prevout]]:
        return [(number, one) for number, one in enumerate(self.unsigned.prevouts) if one.path is not None]

    @property
    def joint(self) -> bool:
        return len(self.own) < len(self.unsigned.prevouts)

    def input_name(self, number: int) -> str:
        return f"input {number} ({outpoint_text(self.unsigned.prevouts[number].outpoint)})"


def _payment(view: _Look) -> Reading:
    """Bitcoin alone: nothing that has, or might have, colour, and no marker."""
    for number, _ in view.own:
        _require_plain(view, number)
    issuing = [number for number, one in view.own if _account(one) is AccountKind.ISSUING]
    if issuing:
        return _cancel(view, issuing)
    for number, _ in view.own:
        _require_bitcoin_key(view, number)
    asked = [vout for vout, path in view.paths.items() if path.account is AccountKind.ISSUING]
    for vout, path in view.paths.items():
        require(
            Check.PLACE,
            path.account in (AccountKind.BTC, AccountKind.ISSUING),
            f"output {vout} pays bitcoin to the key {path} of this wallet, where only units lie",
        )
    if asked:
        require(
            Check.ISSUING_SCRIPT,
            len(asked) == 1 and not view.joint and _all_own(view),
            f"output {asked[0]} pays to the issuing script of {view.paths[asked[0]]}, which only issuing does",
        )
        return Reading(deed=Deed.FUNDING)
    if view.joint:
        return Reading(deed=Deed.JOINT_PAYMENT)
    return Reading(deed=Deed.SELF_PAYMENT if _all_own(view) else Deed.PAYMENT)


def _cancel(view: _Look, issuing: list[int]) -> Reading:
    back = all(path.account is AccountKind.BTC for path in view.paths.values())
    require(
        Check.ISSUING_SCRIPT,
        len(issuing) == len(view.unsigned.prevouts) and len(view.paths) == len(view.unsigned.tx.vout) and back,
        f"{view.input_name(issuing[0])} lies on an issuing script: it goes back to bitcoin keys of this wallet, alone, "
        "or into a genesis",
    )
    return Reading(deed=Deed.CANCEL)


def _genesis(view: _Look) -> Reading:
    unsigned = view.unsigned
    require(Check.DEED, not view.joint, "it is a genesis that spends coins of others, too")
    first = unsigned.prevouts[0]
    require(
        Check.ISSUING_SCRIPT,
        _account(first) is AccountKind.ISSUING,
        f"{view.input_name(0)} is not on an issuing script of this wallet, and a genesis would mint by it",
    )
    for number in range(len(unsigned.prevouts)):
        _require_plain(view, number)
        if number:
            _require_bitcoin_key(view, number)
    owner = view.paths.get(0)
    require(
        Check.MINT,
        owner is not None and owner.account is AccountKind.UNITS and view.paths.get(TREASURY_OUTPUT) == owner,
        f"title and treasury are on {_place(view, 0)} and {_place(view, TREASURY_OUTPUT)}, expected one key for units",
    )
    found = parse_closed(unsigned.tx)
    assert isinstance(found, tuple), "a claim has a marker"
    _require_only_change(view, {0, TREASURY_OUTPUT, found[0]})
    record = parse_record(found[1].metadata)
    return Reading(deed=Deed.GENESIS, record=None if isinstance(record, RecordFlaw) else record)


def _move(view: _Look) -> Reading:
    """Units, by one closed transfer."""
    found = parse_closed(view.unsigned.tx)
    if not isinstance(found, tuple):
        require(Check.MARKER, False, f"it has a marker that is none: {found}")  # noqa: FBT003 - never holds
        raise AssertionError
    for number, color in enumerate(view.colors):
        _require_known(view, number, color)
    moved, units = moved_units(view.unsigned, view.colors)
    carrying = [number for number, color in enumerate(view.colors) if isinstance(color, Genuine)]
    first = view.colors[0]
    require(
        Check.DEED,
        isinstance(first, Genuine) and moved.closed,
        f"it has a marker, and {view.input_name(0)} holds {'units' if first else 'no units'}: "
        f"{moved.flaw or 'nothing would be moved'}",
    )
    assert isinstance(first, Genuine)
    _require_places(view, units)
    own = {number for number, _ in view.own}
    if own.isdisjoint(carrying):
        return _bid(view, carrying, units, moved.marker_output)
    require(
        Check.DEED,
        own.issuperset(carrying),
        "it moves units of this wallet and of others at once",
    )
    if view.joint:
        return _sale(view, carrying, units)
    for number in own.difference(carrying):
        _require_bitcoin_key(view, number)
    _require_only_change(view, {found[0], *(at.vout for at in units)})
    if found[1].metadata:
        return _record(found[1], units)
    return _handed(view, units) if first.title else _given(view, carrying, units)


def _record(marker: Marker, units: tuple[UnitsAt, ...]) -> Reading:
    """The title's holder says something. Whether it would count, the guard asks by its shape."""
    record = parse_record(marker.metadata)
    if isinstance(record, RecordFlaw) or kind_of(record) is RecordKind.GENESIS:
        why = record if isinstance(record, RecordFlaw) else "a GENESIS in no genesis"
        require(Check.RECORD, False, f"it says {marker.metadata.hex()}, which is no record: {why}")  # noqa: FBT003
        raise AssertionError
    return Reading(deed=Deed.RECORD, units=units, record=record)


def _handed(view: _Look, units: tuple[UnitsAt, ...]) -> Reading:
    scripts = {bytes(at.script) for at in units}
    require(
        Check.DEED,
        len(scripts) == 1 and bool(units) and units[0].units.title,
        "it moves a title, and the units beside it go elsewhere than the title",
    )
    return _left(Deed.HANDOVER, view, units)


def _given(view: _Look, carrying: list[int], units: tuple[UnitsAt, ...]) -> Reading:
    accounts = [path.account for at in units if (path := view.paths.get(at.vout)) is not None]
    if len(accounts) < len(units):
        deed = Deed.GRANT
    elif AccountKind.SHOP in accounts:
        deed = Deed.LOTS
    elif all(_account(view.unsigned.prevouts[number]) is AccountKind.SHOP for number in carrying):
        deed = Deed.RECALL
    else:
        deed = Deed.MERGE if len(units) == 1 else Deed.SPLIT
    return _left(deed, view, units)


def _sale(view: _Look, carrying: list[int], units: tuple[UnitsAt, ...]) -> Reading:
    own = [number for number, _ in view.own]
    stays = [at.vout for at in units if at.vout in view.paths]
    require(
        Check.DEED,
        own == carrying and not stays and not _metadata(view),
        "it spends units of this wallet and coins of others, and is no sale: a sale gives all of these units away, "
        "says nothing, and takes no other coin of this wallet",
    )
    _require_own_bitcoin(view, {at.vout for at in units})
    return _left(Deed.SALE, view, units)


def _bid(view: _Look, carrying: list[int], units: tuple[UnitsAt, ...], marker_output: int | None) -> Reading:
    for number, _ in view.own:
        _require_bitcoin_key(view, number)
    others = [number for number, one in enumerate(view.unsigned.prevouts) if one.path is None]
    require(
        Check.DEED,
        others == carrying and all(at.vout in view.paths for at in units) and not _metadata(view),
        "it moves units of others, and is no bid: a bid takes all of them to this wallet, says nothing, and spends no "
        "other coin of others",
    )
    assert marker_output is not None, "it is closed"
    _require_own_bitcoin(view, {at.vout for at in units})
    return _left(Deed.BID, view, units)


def _left(deed: Deed, view: _Look, units: tuple[UnitsAt, ...]) -> Reading:
    gone = [at.units for at in units if at.vout not in view.paths]
    stay = [at.units for at in units if at.vout in view.paths]
    return Reading(
        deed=deed,
        units=units,
        title_leaves=next((one.genesis for one in gone if one.title), None),
        leaving=sum(one.quantity for one in gone if not one.title),
        kept=sum(one.quantity for one in stay if not one.title),
    )


def _require_places(view: _Look, units: tuple[UnitsAt, ...]) -> None:
    """Titles lie on keys for units, access units there and on keys of lots."""
    for at in units:
        path = view.paths.get(at.vout)
        if path is None:
            continue
        may = (AccountKind.UNITS,) if at.units.title else (AccountKind.UNITS, AccountKind.SHOP)
        what = "the title" if at.units.title else f"{at.units.quantity:,} access units"
        require(
            Check.PLACE,
            path.account in may,
            f"output {at.vout} puts {what} on the key {path} of this wallet, where no units are looked for: they would "
            "be lost to it",
        )


def _require_only_change(view: _Look, taken: set[int]) -> None:
    """Every output but those `taken` is bitcoin for this wallet."""
    for vout in range(len(view.unsigned.tx.vout)):
        if vout not in taken:
            require(
                Check.DEED,
                vout in view.paths,
                f"output {vout} pays {format_sats(view.unsigned.tx.vout[vout].nValue)} to somebody else, beside units",
            )
    _require_own_bitcoin(view, taken)


def _require_own_bitcoin(view: _Look, taken: set[int]) -> None:
    for vout, path in view.paths.items():
        require(
            Check.PLACE,
            vout in taken or path.account is AccountKind.BTC,
            f"output {vout} pays bitcoin to the key {path} of this wallet, where none is looked for",
        )


def _require_plain(view: _Look, number: int) -> None:
    color = view.colors[number]
    _require_known(view, number, color)
    if isinstance(color, Genuine):
        what = "the title" if color.title else f"{color.quantity:,} access units"
        require(Check.BURN, False, f"{view.input_name(number)} holds {what}, which would be burnt")  # noqa: FBT003


def _require_known(view: _Look, number: int, color: CoinColor) -> None:
    match color:
        case Unknown(reason=reason):
            require(Check.UNKNOWN_COLOR, False, f"{view.input_name(number)}: {reason}")  # noqa: FBT003
        case Foreign(quantity=quantity, asset=asset):
            require(
                Check.FOREIGN_UNITS,
                False,  # noqa: FBT003
                f"{view.input_name(number)} holds {quantity:,} of asset {asset.hex()}",
            )
        case OtherColor():
            refuse_other_color(view.input_name(number), view.unsigned.prevouts[number].outpoint, color)
        case _:
            pass


def _require_bitcoin_key(view: _Look, number: int) -> None:
    path = view.unsigned.prevouts[number].path
    require(
        Check.PLACE,
        path is None or path.account is AccountKind.BTC,
        f"{view.input_name(number)} lies on the key {path} of this wallet, whose coins pay for nothing",
    )


def _all_own(view: _Look) -> bool:
    outputs = view.unsigned.tx.vout
    return all(vout in view.paths or txout.scriptPubKey[:1] == _OP_RETURN for vout, txout in enumerate(outputs))


def _account(prevout: Prevout) -> AccountKind | None:
    return None if prevout.path is None else prevout.path.account


def _metadata(view: _Look) -> bytes:
    found = parse_closed(view.unsigned.tx)
    return found[1].metadata if isinstance(found, tuple) else b""


def _place(view: _Look, vout: int) -> str:
    path = view.paths.get(vout)
    return str(path) if path is not None else view.unsigned.tx.vout[vout].scriptPubKey.hex()
