"""What a transaction truly does, worked out without the guard: the Open Assets reference colours it, and bitcoin is
added up straight from the transaction and from what the coins hold.
"""

from collections import Counter
from dataclasses import dataclass

from bitcoin.core import CTransaction

from assets.model import AssetUnits, Foreign, Genuine, OtherColor
from assets.protocols.open_assets.marker import parse_payload, payload_in
from assets.protocols.open_assets.rule import SpentOutput, color_transaction
from tests.campaign.signing_drafts import TIP, World
from wallet.coins import AccountKind
from wallet.fees import MAX_FEE, MAX_RATE

_UNITS = (AccountKind.UNITS, AccountKind.SHOP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """`delta` and `fee` in sats. `paid` are outputs to others; `placed` every output that the reference colours, by
    script, asset and quantity; `ended` and `made` the units that vanish and appear, by asset, ours and all others
    apart; `titles` the titles of ours that are spent and where each goes: a script, or None where it is lost.
    """

    delta: int
    fee: int
    size: int
    paid: Counter[tuple[bytes, int]]
    placed: tuple[tuple[int, bytes, bytes, int], ...]
    ended: Counter[bytes]
    made: Counter[bytes]
    titles: tuple[bytes | None, ...]
    said: bytes
    ours: frozenset[object]


_WITNESS = 1 + 1 + 72 + 1 + 33
"""Weight units of a P2WPKH witness (BIP141): the count, a signature and a key, each behind its length."""


def effects(tx: CTransaction, world: World) -> Effects:
    """What it does to the wallet and to units."""
    held = [world.coins[txin.prevout] for txin in tx.vin]
    spent = [SpentOutput(bytes(one.txout.scriptPubKey), _units(one.color, world)) for one in held]
    after = [output.units for output in color_transaction(tx, spent)]
    into: Counter[bytes] = Counter()
    mine: set[bytes] = set()
    for one, coin in zip(spent, held, strict=True):
        if one.units is not None:
            into[bytes(one.units.asset)] += one.units.quantity
            if coin.path is not None:
                mine.add(bytes(one.units.asset))
    out: Counter[bytes] = Counter()
    for units in after:
        if units is not None:
            out[bytes(units.asset)] += units.quantity
    own = [vout for vout, txout in enumerate(tx.vout) if bytes(txout.scriptPubKey) in world.own]
    given = sum(one.txout.nValue for one in held if one.path is not None)
    return Effects(
        delta=sum(tx.vout[vout].nValue for vout in own) - given,
        fee=sum(one.txout.nValue for one in held) - sum(txout.nValue for txout in tx.vout),
        size=len(tx.serialize()) + -(-(2 + _WITNESS * len(tx.vin)) // 4),
        paid=Counter(
            (bytes(txout.scriptPubKey), txout.nValue)
            for vout, txout in enumerate(tx.vout)
            if vout not in own and txout.nValue
        ),
        placed=tuple(
            (vout, bytes(tx.vout[vout].scriptPubKey), bytes(units.asset), units.quantity)
            for vout, units in enumerate(after)
            if units is not None
        ),
        ended=Counter({asset: gone for asset, gone in (into - out).items() if asset in mine}),
        made=out - into,
        titles=tuple(
            _title_to(tx, number, after)
            for number, one in enumerate(held)
            if one.path is not None and _title(one.color)
        ),
        said=b"".join(_metadata(bytes(txout.scriptPubKey)) for txout in tx.vout),
        ours=frozenset(txin.prevout for txin, one in zip(tx.vin, held, strict=True) if one.path is not None),
    )


def unbearable(tx: CTransaction, does: Effects, world: World) -> list[str]:
    """What no transaction that is signed may do, whoever made it and whatever was named."""
    return [*_costly(does), *_harmful(does), *_reserved(tx, world), *_misplaced(tx, does, world), *_waiting(tx)]


def _costly(does: Effects) -> list[str]:
    wrong = [f"a fee of {does.fee:,} sat"] if not 0 <= does.fee <= MAX_FEE else []
    if does.fee * 1000 > MAX_RATE.sats_per_kvb * does.size or does.fee * 2 < does.size // 2:
        wrong.append(f"a fee of {does.fee:,} sat for about {does.size} vB")
    return wrong


def _harmful(does: Effects) -> list[str]:
    wrong = [f"{sum(does.ended.values()):,} units end"] if does.ended else []
    if any(script[:1] == b"\x6a" for script, _ in does.paid):
        wrong.append("sats where nobody can spend them")
    return [*wrong, "a title is lost"] if any(script is None for script in does.titles) else wrong


def _reserved(tx: CTransaction, world: World) -> list[str]:
    """Whoever pays with a coin that holds another protocol's units loses them, whatever the transaction says."""
    held = [txin.prevout for txin in tx.vin if isinstance(world.color(txin.prevout), OtherColor)]
    return [f"{len(held)} coins that might hold another colour are spent"] if held else []


def _misplaced(tx: CTransaction, does: Effects, world: World) -> list[str]:
    wrong = []
    for vout, script, _, quantity in does.placed:
        path = world.own.get(script)
        if path is not None and path.account not in _UNITS:
            wrong.append(f"{quantity:,} units on {path} (output {vout})")
    colored = {vout for vout, *_ in does.placed}
    for vout, txout in enumerate(tx.vout):
        path = world.own.get(bytes(txout.scriptPubKey))
        if path is not None and vout not in colored and path.account in _UNITS:
            wrong.append(f"bitcoin on {path} (output {vout})")
    for title in does.titles:
        path = world.own.get(title or b"")
        if path is not None and path.account is not AccountKind.UNITS:
            wrong.append(f"a title on {path}")
    return wrong


def _waiting(tx: CTransaction) -> list[str]:
    wrong = []
    if tx.nVersion not in (1, 2) or tx.nLockTime > TIP:
        wrong.append(f"version {tx.nVersion}, lock time {tx.nLockTime:,}")
    if any(txin.nSequence < 1 << 31 and txin.nSequence & 0xFFFF for txin in tx.vin):
        wrong.append("a relative lock")
    return wrong


def unasked(tx: CTransaction, does: Effects, world: World, *, hand_over: bool) -> list[str]:
    """What a foreign transaction does not do unless it was named, or at all."""
    wrong = []
    if does.made:
        wrong.append(f"{sum(does.made.values()):,} units are minted")
    for txout in tx.vout:
        path = world.own.get(bytes(txout.scriptPubKey))
        if path is not None and path.account is AccountKind.ISSUING:
            wrong.append(f"{path} is paid")
    if hand_over:
        return wrong
    if any(script is not None and script not in world.own for script in does.titles):
        wrong.append("a title leaves")
    gone, kept = _shares(tx, does, world)
    if gone > kept:
        wrong.append(f"{gone:,} access units leave, {kept:,} stay")
    return wrong


def _shares(tx: CTransaction, does: Effects, world: World) -> tuple[int, int]:
    """Access units of ours that leave, and that stay."""
    own = [world.coins[txin.prevout] for txin in tx.vin]
    mine = sum(_access(one.color) for one in own if one.path is not None)
    titled = {script for script in does.titles if script is not None} if does.titles else set()
    stays = sum(quantity for _, script, _, quantity in does.placed if script in world.own)
    if titled and next(iter(titled)) in world.own:
        stays -= 1
    return (mine - stays, stays) if mine else (0, 0)


def _access(color: object) -> int:
    return color.quantity if isinstance(color, Genuine) and not color.title else 0


def _title(color: object) -> bool:
    return isinstance(color, Genuine) and color.title


def _title_to(tx: CTransaction, number: int, after: list[AssetUnits | None]) -> bytes | None:
    """The script that a title goes to: it stays one only from input 0, alone in the first output that takes units."""
    first = next(((vout, units) for vout, units in enumerate(after) if units is not None), None)
    if number or first is None or first[1].quantity != 1:
        return None
    return bytes(tx.vout[first[0]].scriptPubKey)


def _units(color: object, world: World) -> AssetUnits | None:
    match color:
        case Genuine(genesis=genesis, quantity=quantity):
            return AssetUnits(world.assets[genesis], quantity)  # type: ignore[arg-type]
        case Foreign(asset=asset, quantity=quantity):
            return AssetUnits(asset, quantity)
        case _:
            return None


def _metadata(script: bytes) -> bytes:
    payload = payload_in(script)
    found = None if payload is None else parse_payload(payload)
    return bytes(getattr(found, "metadata", b""))
