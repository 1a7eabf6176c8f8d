"""Coins that a stranger pays to a wallet and that carry, or might carry, what the wallet cannot move."""

from collections.abc import Sequence

from bitcoin.core import COutPoint, CTransaction, CTxIn, CTxOut
from bitcoin.core.script import CScript
from coincurve import PublicKey

from assets.model import Sign
from assets.protocols.other_colors.rc4 import keystream
from tests.assets.index.signing_party import Coin, Signer
from tests.attacks.ground import FEE, Ground
from tests.builders import with_witnesses
from wallet.hashes import sha256, txid_of
from wallet.transactions import RBF_SEQUENCE

STRANGER = Signer("who pays with poisoned coins")
ATTACH = b"CNTRPRTY\x65A95428956661682177|5|0"
TRANSFER_TAG = 51
ENVELOPE = b"\x00\x63\x03ord\x01\x01\x0atext/plain\x00\x02hi\x68"
_TRUE = b"\x51"


def poisoned(sign: Sign, script: CScript, ground: Ground, sats: int) -> COutPoint:
    """A coin in a block, past the policy of the node where that would not have it."""
    if sign is Sign.INSCRIPTION:
        return _inscribed(script, ground, sats)
    paying = ground.coin(STRANGER, sats + 2 * FEE)
    outputs = [CTxOut(sats, script)]
    sequence, version = RBF_SEQUENCE, 2
    match sign:
        case Sign.COUNTERPARTY:
            stream = keystream(bytes(paying.outpoint.hash)[::-1], len(ATTACH))
            outputs.append(_data(bytes(left ^ right for left, right in zip(ATTACH, stream, strict=True))))
        case Sign.COLORED_COINS:
            outputs.append(_data(bytes.fromhex("434302150101")))
        case Sign.RUNES:
            outputs.append(CTxOut(0, CScript(bytes.fromhex("6a5d0414011400"))))
        case Sign.EPOBC:
            sequence, version = TRANSFER_TAG, 1
        case _:
            pass
    tx = _signed(paying, outputs, sequence, version)
    ground.mine_any(tx)
    return COutPoint(txid_of(tx), 0)


def two_faced(script: CScript, ground: Ground, sats: int) -> tuple[CTransaction, CTransaction]:
    """One transaction with two witnesses, hence one txid: the first is plain, the second carries an inscription."""
    leaves = (_TRUE, ENVELOPE + _TRUE)
    coin, controls = _taproot_coin(leaves, ground, sats + FEE)
    bare = CTransaction([CTxIn(coin, CScript(), RBF_SEQUENCE)], [CTxOut(sats, script)], 0, 2)
    plain, inscribed = (with_witnesses(bare, [(leaf, control)]) for leaf, control in zip(leaves, controls, strict=True))
    return plain, inscribed


def _inscribed(script: CScript, ground: Ground, sats: int) -> COutPoint:
    _, tx = two_faced(script, ground, sats)
    ground.mine_any(tx)
    return COutPoint(txid_of(tx), 0)


def _data(payload: bytes) -> CTxOut:
    return CTxOut(0, CScript(b"\x6a" + bytes([len(payload)]) + payload))


def _signed(paying: Coin, outputs: Sequence[CTxOut], sequence: int, version: int) -> CTransaction:
    bare = CTransaction([CTxIn(paying.outpoint, CScript(), sequence)], list(outputs), 0, version)
    return with_witnesses(bare, [paying.signer.witness(bare, 0, paying.value)])


def _taproot_coin(leaves: tuple[bytes, bytes], ground: Ground, sats: int) -> tuple[COutPoint, tuple[bytes, bytes]]:
    """A coin in the mempool that either leaf spends, and the control block of each (BIP341)."""
    inner = STRANGER.public[1:]
    first, second = (_tagged("TapLeaf", b"\xc0" + bytes([len(leaf)]) + leaf) for leaf in leaves)
    root = _tagged("TapBranch", min(first, second) + max(first, second))
    outer = PublicKey(b"\x02" + inner).add(_tagged("TapTweak", inner + root)).format()
    begin = bytes([0xC0 | (outer[0] & 1)]) + inner
    paying = ground.coin(STRANGER, sats + FEE)
    tx = _signed(paying, [CTxOut(sats, CScript(b"\x51\x20" + outer[1:]))], RBF_SEQUENCE, 2)
    ground.send(tx)
    return COutPoint(txid_of(tx), 0), (begin + second, begin + first)


def _tagged(tag: str, data: bytes) -> bytes:
    name = sha256(tag.encode())
    return sha256(name + name + data)
