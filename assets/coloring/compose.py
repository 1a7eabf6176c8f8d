"""From an intent to the exact shape of a transaction that does it.

| transaction | inputs | outputs |
|---|---|---|
| genesis | issuing coin, BTC | title, treasury, marker, change |
| record | title, BTC if needed | marker, title on the same script, change |
| handover | title (and treasury), BTC | marker, title (treasury) on the new script, change |
| grant | access coins, BTC | marker, units..., rest, change |

BTC inputs come after the coloured ones and BTC change is last: what is appended there never touches colour.
"""

from collections.abc import Sequence

from bitcoin.core import CTxOut
from bitcoin.core.script import CScript

from assets.coloring.plan import FeeFromOutput, Grant, PlannedInput, PlannedOutput, Recipient, Role, TxPlan, UnitCoin
from assets.errors import InsufficientQuantityError
from assets.images.record import Genesis, parse_record
from assets.model import MAX_ACCESS_UNITS
from assets.protocols.open_assets.compose import compose_marker
from wallet.amount import Sats
from wallet.coins import AccountKind, KeyPath
from wallet.errors import EncodingError, StateError
from wallet.transactions import Prevout, dust_limit

TITLE_VALUE = Sats(10_000)
"""What a title holds unless told otherwise: about 40 releases pay their own fee."""

TITLE_MINIMUM = Sats(546)
UNITS_VALUE = Sats(330)
"""What a coin with access units holds."""

ChangeTo = tuple[CScript, KeyPath]
"""Where BTC change goes."""


def plan_genesis(
    *,
    issuing: Prevout,
    owner: Recipient,
    units: int,
    record: bytes,
    change: ChangeTo,
    title_value: Sats = TITLE_VALUE,
) -> TxPlan:
    """Issues the asset of the script that `issuing` is on: the title and `units` access units, both to `owner`."""
    if issuing.path is None or issuing.path.account is not AccountKind.ISSUING:
        raise StateError("a genesis spends a coin on one of this wallet's issuing scripts, and this is none")
    if bytes(owner.script) == bytes(issuing.txout.scriptPubKey):
        raise StateError("an issuing script never holds units", hint="send them to an address for units")
    if not 1 <= units <= MAX_ACCESS_UNITS:
        raise EncodingError(f"not a number of access units: {units}", hint=f"from 1 to {MAX_ACCESS_UNITS}")
    if not isinstance(parse_record(record), Genesis):
        raise EncodingError("a genesis carries a GENESIS record, and this is none")
    return TxPlan(
        inputs=(PlannedInput(prevout=issuing, role=Role.ISSUING, color=None),),
        outputs=(
            _output(owner, max(title_value, TITLE_MINIMUM), Role.TITLE),
            _output(owner, UNITS_VALUE, Role.TREASURY),
            _marker(compose_marker([1, units], [], record)),
        ),
        may_append_inputs=True,
        change=change,
    )


def plan_record(*, title: UnitCoin, record: bytes, change: ChangeTo) -> TxPlan:
    """A record by the holder of the title: release, revoke, define, seal. The title stays on its script and pays the
    fee while it can.
    """
    _check_title(title)
    if not record:
        raise EncodingError("there is no record to write")
    spent = title.prevout
    stays = Recipient(script=spent.txout.scriptPubKey, path=spent.path)
    return TxPlan(
        inputs=(_input(title, Role.TITLE),),
        outputs=(
            _marker(compose_marker([], [1], record)),
            _output(stays, Sats(spent.txout.nValue), Role.TITLE),
        ),
        may_append_inputs=True,
        change=change,
        fee_from=FeeFromOutput(vout=1, minimum=TITLE_MINIMUM, refill=TITLE_VALUE),
    )


def plan_handover(
    *,
    title: UnitCoin,
    treasury: Sequence[UnitCoin],
    to: Recipient,
    change: ChangeTo,
    title_value: Sats = TITLE_VALUE,
) -> TxPlan:
    """Gives the title, and with it the treasury's coins if there are any, to a new owner. Carries no record."""
    _check_title(title)
    units = _access_units(treasury, title) if treasury else 0
    outputs = [
        _marker(compose_marker([], [1, units], b"")),
        _output(to, max(title_value, TITLE_MINIMUM), Role.TITLE),
    ]
    if units:
        outputs.append(_output(to, UNITS_VALUE, Role.TREASURY))
    return TxPlan(
        inputs=(_input(title, Role.TITLE), *(_input(coin, Role.TREASURY) for coin in treasury)),
        outputs=tuple(outputs),
        may_append_inputs=True,
        change=change,
    )


def plan_grant(*, coins: Sequence[UnitCoin], grants: Sequence[Grant], rest: Recipient, change: ChangeTo) -> TxPlan:
    """Gives access units to others, or splits them among scripts of one's own; what is left over goes to `rest`."""
    left = _left_over(coins, grants)
    outputs = [_output(grant.to, UNITS_VALUE, Role.UNITS) for grant in grants]
    if left:
        outputs.append(_output(rest, UNITS_VALUE, Role.UNITS))
    quantities = [*(grant.quantity for grant in grants), left]
    return TxPlan(
        inputs=tuple(_input(coin, Role.UNITS) for coin in coins),
        outputs=(_marker(compose_marker([], quantities, b"")), *outputs),
        may_append_inputs=True,
        change=change,
    )


def _left_over(coins: Sequence[UnitCoin], grants: Sequence[Grant]) -> int:
    if not coins or not grants:
        raise StateError("there is nothing to give, or nobody to give it to")
    for grant in grants:
        if grant.quantity < 1:
            raise EncodingError(f"not a number of access units: {grant.quantity}", hint="at least 1")
    available = _access_units(coins, coins[0])
    needed = sum(grant.quantity for grant in grants)
    if needed > available:
        raise InsufficientQuantityError(
            f"{needed:,} access units are needed, and these coins hold {available:,}",
            needed=needed,
            available=available,
            hint="give fewer, or wait until more arrive",
        )
    return available - needed


def _access_units(coins: Sequence[UnitCoin], like: UnitCoin) -> int:
    """The units of coins that must all be access units of one repository."""
    for coin in coins:
        if coin.units.title:
            raise StateError("the title is no access unit; moving it like one would freeze the repository")
        if coin.units.genesis != like.units.genesis:
            raise StateError("units of two repositories never go into one transaction")
    return sum(coin.units.quantity for coin in coins)


def _check_title(coin: UnitCoin) -> None:
    if not coin.units.title:
        raise StateError("this coin is not the title of a repository")


def _input(coin: UnitCoin, role: Role) -> PlannedInput:
    return PlannedInput(prevout=coin.prevout, role=role, color=coin.units)


def _output(to: Recipient, value: Sats, role: Role) -> PlannedOutput:
    return PlannedOutput(txout=CTxOut(max(value, dust_limit(to.script)), to.script), role=role, path=to.path)


def _marker(txout: CTxOut) -> PlannedOutput:
    return PlannedOutput(txout=txout, role=Role.MARKER)
