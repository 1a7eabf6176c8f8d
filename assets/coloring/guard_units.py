"""The guard's recolouring: what the transaction does to units, by both rules, against what was meant."""

from collections import Counter
from collections.abc import Sequence

from assets.coloring.authorship import record_shape
from assets.coloring.compose import TITLE_MINIMUM, UNITS_VALUE
from assets.coloring.genesis import MARKER_OUTPUT, TITLE_OUTPUT, TREASURY_OUTPUT, GenesisClaim, claim_of
from assets.coloring.guard_case import Case, Check, require
from assets.coloring.plan import Mint
from assets.coloring.sign_words import refuse_other_color
from assets.coloring.transfer import Transfer, apply
from assets.model import AssetId, AssetUnits, Authorship, CoinColor, Foreign, Genuine, OtherColor, Unknown
from assets.protocols.open_assets.marker import MAX_PAYLOAD, Marker, parse_closed, resembles_marker
from assets.protocols.open_assets.rule import SpentOutput, asset_id_of, color_transaction
from wallet.amount import format_sats
from wallet.hashes import Txid, display, outpoint_text

_ONE_ASSET = AssetId(bytes(20))
"""Stands for the asset of the coins that are spent: they are of one genesis, so that any one id serves."""


def check_units(case: Case, colors: Sequence[CoinColor]) -> None:
    """Colours of the inputs, marker and record, genesis, title, units, burns, and that both rules agree."""
    spent = _genuine_inputs(case, colors)
    if case.expectation.mint is None:
        require(Check.MINT, claim_of(case.tx) is None, "it is one, and none was asked for")
    marker = _check_marker(case)
    transfer = apply(case.tx, spent)
    if case.expectation.mint is not None:
        _check_mint(case, case.expectation.mint, spent)
    _check_record(case, marker, transfer, spent)
    _check_moved(case, transfer)
    _check_values(case)
    check_agreement(case, transfer, spent)


def _genuine_inputs(case: Case, colors: Sequence[CoinColor]) -> list[Genuine | None]:
    spent: list[Genuine | None] = []
    for number, (prevout, color) in enumerate(zip(case.unsigned.prevouts, colors, strict=True)):
        where = f"input {number} ({outpoint_text(prevout.outpoint)})"
        match color:
            case Unknown(reason=reason):
                require(Check.UNKNOWN_COLOR, False, f"{where}: {reason}")  # noqa: FBT003 - never holds
            case Foreign(quantity=quantity, asset=asset):
                require(Check.FOREIGN_UNITS, False, f"{where} holds {quantity:,} of asset {asset.hex()}")  # noqa: FBT003
            case OtherColor():
                refuse_other_color(where, prevout.outpoint, color)
            case _:
                spent.append(color)
    geneses = {units.genesis for units in spent if units is not None}
    names = ", ".join(sorted(display(genesis) for genesis in geneses))
    require(Check.MIXED_REPOSITORIES, len(geneses) <= 1, f"it spends units of {names}")
    return spent


def _check_marker(case: Case) -> Marker | None:
    """The one marker in its place and in its only form, or none at all."""
    if case.expectation.record is None:
        stray = [vout for vout, txout in enumerate(case.tx.vout) if resembles_marker(txout.scriptPubKey)]
        require(Check.MARKER, not stray, f"output {stray} is one, and none was meant")
        return None
    parsed = parse_closed(case.tx)
    if not isinstance(parsed, tuple):
        require(Check.MARKER, False, "there is none" if parsed is None else str(parsed))  # noqa: FBT003
        raise AssertionError
    number, marker = parsed
    place = 0 if case.expectation.mint is None else MARKER_OUTPUT
    value = case.tx.vout[number].nValue
    size = len(marker.serialize())
    require(Check.MARKER, number == place, f"it is output {number}, expected {place}")
    require(Check.MARKER, value == 0, f"it holds {format_sats(value)}, expected none")
    require(Check.MARKER, size <= MAX_PAYLOAD, f"its payload has {size} bytes, and {MAX_PAYLOAD} are relayed")
    return marker


def _check_mint(case: Case, mint: Mint, spent: Sequence[Genuine | None]) -> None:
    claim = claim_of(case.tx)
    if not isinstance(claim, GenesisClaim):
        require(Check.MINT, False, f"it is none: {claim or 'no GENESIS record in output 2'}")  # noqa: FBT003
        raise AssertionError
    require(Check.MINT, claim.units == mint.units, f"it issues {claim.units:,} units, expected {mint.units:,}")
    require(Check.MINT, not any(spent), "it spends coins that hold units")
    first = case.unsigned.prevouts[0]
    asset = asset_id_of(first.txout.scriptPubKey)
    require(
        Check.MINT,
        first.outpoint == mint.genesis_input,
        f"input 0 is {outpoint_text(first.outpoint)}, expected {outpoint_text(mint.genesis_input)}",
    )
    require(Check.MINT, asset == mint.asset, f"it issues asset {asset.hex()}, expected {mint.asset.hex()}")
    _check_mint_scripts(case, mint)


def _check_mint_scripts(case: Case, mint: Mint) -> None:
    for vout, expected in ((TITLE_OUTPUT, mint.title_script), (TREASURY_OUTPUT, mint.treasury_script)):
        script = case.tx.vout[vout].scriptPubKey
        require(Check.MINT, script == expected, f"output {vout} is on {script.hex()}, expected {expected.hex()}")


def _check_record(case: Case, marker: Marker | None, transfer: Transfer, spent: Sequence[Genuine | None]) -> None:
    """The metadata byte for byte; a record stands in the title's own canonical form, where it will count."""
    expected = case.expectation.record
    if marker is None or expected is None:
        return
    require(
        Check.RECORD,
        marker.metadata == expected,
        f"it says {marker.metadata.hex() or 'nothing'}, expected {expected.hex() or 'nothing'}",
    )
    if not expected or case.expectation.mint is not None:
        return
    require(Check.RECORD, marker.quantities == (1,), f"it moves {list(marker.quantities)}, and not the title alone")
    shape = record_shape(case.tx, spent[0], bytes(case.unsigned.prevouts[0].txout.scriptPubKey), transfer)
    require(Check.RECORD, shape is Authorship.AUTHORISED, f"it would not count: {shape}")


def _check_moved(case: Case, transfer: Transfer) -> None:
    """The title is not frozen, every output holds the units that were meant, and no others end."""
    frozen = [
        item for item in transfer.segments if item.units.title and item.output is not None and not item.title_after
    ]
    require(Check.TITLE, not frozen, "it would become an access unit, and the repository would be frozen for ever")
    burned: Counter[tuple[Txid, bool]] = Counter()
    for item in transfer.segments:
        if item.output is None:
            burned[item.units.genesis, item.units.title] += item.quantity
    asked: Counter[tuple[Txid, bool]] = Counter()
    for burn in case.expectation.burns:
        asked[burn.genesis, burn.title] += burn.quantity
    why = f" ({transfer.flaw})" if transfer.flaw else ""
    require(Check.BURN, burned == asked, f"{_burns(burned)} would end{why}, expected {_burns(asked)}")
    actual = {
        (vout, bytes(case.tx.vout[vout].scriptPubKey), units)
        for vout, units in enumerate(transfer.outputs)
        if units is not None
    }
    expected = {(item.vout, bytes(item.script), item.units) for item in case.expectation.units}
    require(Check.UNITS, actual == expected, f"it gives {_units(actual)}, expected {_units(expected)}")


def _check_values(case: Case) -> None:
    """Coloured outputs hold at least 546 sat (title) and 330 sat (access units)."""
    titles = {item.vout: item.units.title for item in case.expectation.units}
    if case.expectation.mint is not None:
        titles |= {TITLE_OUTPUT: True, TREASURY_OUTPUT: False}
    for vout, is_title in titles.items():
        value, minimum = case.tx.vout[vout].nValue, TITLE_MINIMUM if is_title else UNITS_VALUE
        require(
            Check.DUST,
            value >= minimum,
            f"output {vout} holds {format_sats(value)}, and a coin with units at least {format_sats(minimum)}",
        )


def check_agreement(case: Case, transfer: Transfer, spent: Sequence[Genuine | None]) -> None:
    """The Open Assets reference sees in every output what closed transfers, or the genesis, put there."""
    coins = [
        SpentOutput(
            bytes(prevout.txout.scriptPubKey), None if units is None else AssetUnits(_ONE_ASSET, units.quantity)
        )
        for prevout, units in zip(case.unsigned.prevouts, spent, strict=True)
    ]
    reference = [output.units for output in color_transaction(case.tx, coins)]
    mint = case.expectation.mint
    if mint is None:
        ours = [None if units is None else AssetUnits(_ONE_ASSET, units.quantity) for units in transfer.outputs]
    else:
        minted = [AssetUnits(mint.asset, 1), AssetUnits(mint.asset, mint.units)]
        ours = [*minted, *[None] * (len(case.tx.vout) - len(minted))]
    for vout, (theirs, our) in enumerate(zip(reference, ours, strict=True)):
        require(
            Check.AGREEMENT,
            theirs == our,
            f"output {vout} holds {_quantity(theirs)} by the reference and {_quantity(our)} by closed transfers",
        )


def _quantity(units: AssetUnits | None) -> str:
    return "nothing" if units is None else f"{units.quantity:,} of {units.asset.hex()}"


def _burns(burns: Counter[tuple[Txid, bool]]) -> str:
    named = [
        f"{'the title' if title else f'{quantity:,} access units'} of {display(genesis)}"
        for (genesis, title), quantity in sorted(burns.items())
    ]
    return ", ".join(named) or "nothing"


def _units(places: set[tuple[int, bytes, Genuine]]) -> str:
    named = [
        f"{'the title' if units.title else f'{units.quantity:,} access units'} to output {vout} ({script.hex()})"
        for vout, script, units in sorted(places, key=lambda place: place[0])
    ]
    return ", ".join(named) or "nothing"
