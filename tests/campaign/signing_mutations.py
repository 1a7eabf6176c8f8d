"""What a mistaken composer, or whoever asks for a signature, makes of a draft: one to four changes at random places."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from bitcoin.core import COutPoint, CTransaction, CTxOut
from bitcoin.core.script import CScript

from assets.images.digest import Digest
from assets.images.record import Revoke, RevokeReason
from assets.protocols.open_assets.marker import Flaw, parse_closed
from tests.builders import genesis_record, marker, p2pkh, p2tr, script
from tests.campaign.signing_drafts import World
from wallet.coins import AccountKind, KeyPath
from wallet.transactions import UnsignedTransaction, assemble


@dataclass
class Parts:
    """A transaction in pieces, to be changed."""

    inputs: list[tuple[COutPoint, int]]
    outputs: list[CTxOut]
    version: int
    locktime: int


def mutated(unsigned: UnsignedTransaction, world: World, rng: Random, most: int) -> CTransaction:
    """The transaction after up to `most` changes."""
    tx = unsigned.tx
    parts = Parts(
        inputs=[(txin.prevout, txin.nSequence) for txin in tx.vin],
        outputs=list(tx.vout),
        version=tx.nVersion,
        locktime=tx.nLockTime,
    )
    for _ in range(rng.randint(0, most)):
        rng.choice(CHANGES)(parts, world, rng)
    if not parts.inputs:
        parts.inputs = [(tx.vin[0].prevout, 0xFFFFFFFD)]
    if not parts.outputs:
        parts.outputs = [tx.vout[0]]
    return assemble(tuple(parts.inputs), tuple(parts.outputs), version=parts.version, locktime=parts.locktime)


def honest(tx: CTransaction, world: World) -> UnsignedTransaction:
    """The transaction with its coins and keys as they truly are. Coins that are not there are left to the caller."""
    held = [world.coins[txin.prevout] for txin in tx.vin]
    own = ((vout, world.own.get(bytes(out.scriptPubKey))) for vout, out in enumerate(tx.vout))
    return UnsignedTransaction(
        tx=tx,
        prevouts=tuple(one.prevout for one in held),
        own_outputs=tuple((vout, path) for vout, path in own if path is not None),
    )


def lying(unsigned: UnsignedTransaction, world: World, rng: Random) -> UnsignedTransaction:
    """A wrong word on whose an input or an output is, or on what a coin holds."""
    prevouts = list(unsigned.prevouts)
    number = rng.randrange(len(prevouts))
    one = prevouts[number]
    match rng.randrange(4):
        case 0:
            prevouts[number] = replace(one, path=None)
        case 1:
            prevouts[number] = replace(one, path=KeyPath(rng.choice(list(AccountKind)), 0, rng.randrange(9)))
        case 2 if unsigned.own_outputs:
            kept = list(unsigned.own_outputs)
            del kept[rng.randrange(len(kept))]
            return replace(unsigned, own_outputs=tuple(kept))
        case _:
            vout = rng.randrange(len(unsigned.tx.vout))
            return replace(unsigned, own_outputs=(*unsigned.own_outputs, (vout, KeyPath(AccountKind.BTC, 0, 1))))
    del world
    return replace(unsigned, prevouts=tuple(prevouts))


def _output(parts: Parts, rng: Random) -> int:
    return rng.randrange(len(parts.outputs)) if parts.outputs else -1


def _value(parts: Parts, world: World, rng: Random) -> None:
    at = _output(parts, rng)
    if at >= 0:
        old = parts.outputs[at]
        by = rng.choice([-5_000, -600, -1, 1, 200, 5_000, 100_000, -old.nValue])
        parts.outputs[at] = CTxOut(max(0, old.nValue + by), old.scriptPubKey)


def _moved_value(parts: Parts, world: World, rng: Random) -> None:
    if len(parts.outputs) > 1:
        giver, taker = rng.sample(range(len(parts.outputs)), 2)
        sats = min(parts.outputs[giver].nValue, rng.choice([1, 300, 5_000]))
        for at, by in ((giver, -sats), (taker, sats)):
            parts.outputs[at] = CTxOut(parts.outputs[at].nValue + by, parts.outputs[at].scriptPubKey)


def _any_script(world: World, rng: Random) -> CScript:
    kinds = (
        lambda: script("thief"),
        lambda: p2tr("thief"),
        lambda: p2pkh("thief"),
        lambda: CScript(b"\x6a\x01\x07"),
        lambda: world.key(AccountKind.BTC, rng.choice([0, 1, 700])).script,
        lambda: world.key(AccountKind.BTC, rng.choice([0, 1, 700]), 1).script,
        lambda: world.key(AccountKind.UNITS, rng.choice([0, 1, 9, 700])).script,
        lambda: world.key(AccountKind.ISSUING, rng.choice([0, 5, 700])).script,
        lambda: world.key(AccountKind.SHOP, rng.randrange(3)).script,
    )
    return rng.choice(kinds)()


def _other_script(parts: Parts, world: World, rng: Random) -> None:
    at = _output(parts, rng)
    if at >= 0:
        parts.outputs[at] = CTxOut(parts.outputs[at].nValue, _any_script(world, rng))


def _dropped_output(parts: Parts, world: World, rng: Random) -> None:
    at = _output(parts, rng)
    if at >= 0:
        del parts.outputs[at]


def _swapped_outputs(parts: Parts, world: World, rng: Random) -> None:
    rng.shuffle(parts.outputs)


def _added_output(parts: Parts, world: World, rng: Random) -> None:
    one = CTxOut(rng.choice([330, 600, 5_000, 40_000]), _any_script(world, rng))
    parts.outputs.insert(rng.randint(0, len(parts.outputs)), one)


def _dropped_input(parts: Parts, world: World, rng: Random) -> None:
    if parts.inputs:
        del parts.inputs[rng.randrange(len(parts.inputs))]


def _added_input(parts: Parts, world: World, rng: Random) -> None:
    coin = rng.choice(list(world.coins))
    if coin not in {outpoint for outpoint, _ in parts.inputs}:
        parts.inputs.insert(rng.randint(0, len(parts.inputs)), (coin, 0xFFFFFFFD))


def _exchanged_input(parts: Parts, world: World, rng: Random) -> None:
    _dropped_input(parts, world, rng)
    _added_input(parts, world, rng)


def _swapped_inputs(parts: Parts, world: World, rng: Random) -> None:
    rng.shuffle(parts.inputs)


def _added_with_its_sats(parts: Parts, world: World, rng: Random) -> None:
    """Another coin of ours, all of which goes to somebody."""
    before = {outpoint for outpoint, _ in parts.inputs}
    _added_input(parts, world, rng)
    for outpoint, _ in parts.inputs:
        if outpoint not in before:
            parts.outputs.append(CTxOut(world.coins[outpoint].txout.nValue - 300, _any_script(world, rng)))


def _marked(parts: Parts) -> tuple[int, list[int], bytes] | None:
    found = parse_closed(assemble((), tuple(parts.outputs)))
    return (
        None if found is None or isinstance(found, Flaw) else (found[0], list(found[1].quantities), found[1].metadata)
    )


def _quantities(parts: Parts, world: World, rng: Random) -> None:
    found = _marked(parts)
    if found is None:
        return
    at, quantities, metadata = found
    match rng.randrange(6):
        case 0 if quantities:
            quantities[rng.randrange(len(quantities))] += rng.choice([1, 7, 1_000_000])
        case 1 if quantities:
            where = rng.randrange(len(quantities))
            quantities[where] = max(0, quantities[where] - rng.choice([1, 2, 10]))
        case 2:
            quantities.append(rng.choice([1, 5]))
        case 3:
            rng.shuffle(quantities)
        case 4:
            quantities.insert(0, rng.choice([0, 1]))
        case _:
            quantities = [sum(quantities)]
    parts.outputs[at] = marker(quantities, metadata)


def _metadata(parts: Parts, world: World, rng: Random) -> None:
    found = _marked(parts)
    if found is not None:
        at, quantities, metadata = found
        revoke = Revoke(digest=Digest.of(b"another"), reason=RevokeReason.COMPROMISED).serialize()
        flipped = bytes([*metadata[:-1], metadata[-1] ^ 1]) if metadata else b"x"
        parts.outputs[at] = marker(quantities, rng.choice([b"", revoke, flipped, genesis_record(), b"DC\x01\x08abc"]))


def _added_marker(parts: Parts, world: World, rng: Random) -> None:
    quantities = rng.choice([[], [1], [0, 1], [500], [1, 1_000]])
    metadata = rng.choice([b"", b"", genesis_record()])
    parts.outputs.insert(rng.randint(0, min(3, len(parts.outputs))), marker(quantities, metadata))


def _moved_marker(parts: Parts, world: World, rng: Random) -> None:
    found = _marked(parts)
    if found is not None:
        one = parts.outputs.pop(found[0])
        parts.outputs.insert(rng.randint(0, len(parts.outputs)), one)


def _fields(parts: Parts, world: World, rng: Random) -> None:
    if rng.random() < 0.5:
        parts.version = rng.choice([0, 1, 2, 3, -1])
    else:
        parts.locktime = rng.choice([0, 799, 800, 801, 499_999_999, 500_000_000, 2_000_000_000])


def _sequence(parts: Parts, world: World, rng: Random) -> None:
    if parts.inputs:
        at = rng.randrange(len(parts.inputs))
        sequence = rng.choice([0, 1, 144, 0xFFFFFFFE, 0xFFFFFFFF, 0x400001, 0x80000001])
        parts.inputs[at] = (parts.inputs[at][0], sequence)


CHANGES: tuple[Callable[[Parts, World, Random], None], ...] = (
    _value, _moved_value, _other_script, _dropped_output, _swapped_outputs, _added_output, _dropped_input, _added_input,
    _exchanged_input, _swapped_inputs, _added_with_its_sats, _quantities, _quantities, _metadata, _added_marker,
    _moved_marker, _fields, _sequence,
)  # fmt: skip
"""Every kind of change."""
