"""Addresses: the text form of an output script on one network.

There are two kinds. A Bitcoin address is what every wallet understands. A unit address carries the same script under
a prefix that other wallets refuse (`dc`, `dct`, `dcrt`), because a wallet that knows nothing of units would spend them
as fees. Each parser refuses the other kind and says why.
"""

from bitcoin.base58 import Base58Error
from bitcoin.base58 import decode as base58_decode
from bitcoin.base58 import encode as base58_encode
from bitcoin.core import Hash
from bitcoin.core.script import CScript

from wallet.errors import EncodingError
from wallet.keys import bech32
from wallet.network import NETWORKS, Network
from wallet.remedies import WalletRemedy

_MAX_BASE58 = 40
_HASH160 = 20


def address_of(script: CScript, network: Network) -> str:
    """The Bitcoin address of a script. Raises EncodingError where the script has none (bare scripts, OP_RETURN)."""
    program = _program_of(script)
    if program is not None:
        return bech32.encode_program(network.hrp, *program)
    raw = bytes(script)
    if len(raw) == 25 and raw[:3] == b"\x76\xa9\x14" and raw[23:] == b"\x88\xac":
        return _base58check(network.p2pkh_prefix, raw[3:23])
    if len(raw) == 23 and raw[:2] == b"\xa9\x14" and raw[22:] == b"\x87":
        return _base58check(network.p2sh_prefix, raw[2:22])
    raise EncodingError(f"this script has no address: {raw[:40].hex()}")


def parse_address(text: str, network: Network) -> CScript:
    """The script of a Bitcoin address: P2PKH, P2SH, or a witness program of any version (BIP173, BIP350).

    Raises EncodingError for a unit address and for the address of another network, which it names.
    """
    text = text.strip()
    hrp = _prefix_of(text)
    if hrp in _prefixes(unit=True):
        raise EncodingError(
            "this is a unit address, where a Bitcoin address is wanted",
            hint=WalletRemedy.GRANT_THERE.of(),
        )
    if hrp in _prefixes(unit=False):
        _check_prefix(hrp, network.hrp, unit=False)
        return CScript(bech32.decode_program(text).script)
    return _parse_base58(text, network)


def unit_address_of(script: CScript, network: Network) -> str:
    """The unit address of a P2WPKH, P2WSH or P2TR script. Raises EncodingError for any other script."""
    program = _program_of(script)
    if program is None or not _may_hold_units(*program):
        raise EncodingError(
            "only P2WPKH, P2WSH and P2TR scripts have a unit address", hint="ask the receiver for a unit address"
        )
    return bech32.encode_program(network.unit_hrp, *program)


def parse_unit_address(text: str, network: Network) -> CScript:
    """The script of a unit address. Raises EncodingError for a Bitcoin address and for another network's."""
    text = text.strip()
    hrp = _prefix_of(text)
    if hrp not in _prefixes(unit=True):
        parse_address(text, network)
        raise EncodingError(
            "this is a plain Bitcoin address, where a unit address is wanted",
            hint=WalletRemedy.WANT_UNIT_ADDRESS.of(hrp=network.unit_hrp),
        )
    _check_prefix(hrp, network.unit_hrp, unit=True)
    program = bech32.decode_program(text)
    if not _may_hold_units(program.version, program.program):
        raise EncodingError("a unit address of a kind that this version does not know", hint="is there an update?")
    return CScript(program.script)


def _program_of(script: CScript) -> tuple[int, bytes] | None:
    raw = bytes(script)
    if not 4 <= len(raw) <= 42 or raw[1] != len(raw) - 2:
        return None
    if raw[0] == 0:
        return (0, raw[2:]) if len(raw) in (22, 34) else None
    return (raw[0] - 0x50, raw[2:]) if 0x51 <= raw[0] <= 0x60 else None


def _may_hold_units(version: int, program: bytes) -> bool:
    return (version, len(program)) in ((0, 20), (0, 32), (1, 32))


def _prefix_of(text: str) -> str:
    return text.lower().rpartition("1")[0]


def _prefixes(*, unit: bool) -> frozenset[str]:
    return frozenset(network.unit_hrp if unit else network.hrp for network in NETWORKS.values())


def _check_prefix(hrp: str, wanted: str, *, unit: bool) -> None:
    if hrp == wanted:
        return
    names = [network.name for network in NETWORKS.values() if hrp == (network.unit_hrp if unit else network.hrp)]
    raise _other_network(names)


def _other_network(names: list[str]) -> EncodingError:
    return EncodingError(
        f"this address belongs to {' or '.join(names)}", hint="ask for an address of the network that you use"
    )


def _base58check(prefix: int, payload: bytes) -> str:
    raw = bytes((prefix,)) + payload
    return str(base58_encode(raw + Hash(raw)[:4]))


def _parse_base58(text: str, network: Network) -> CScript:
    not_an_address = EncodingError(
        f"not an address: {text[:100]!r}", hint=f"an address of {network.name} begins with {network.hrp}1"
    )
    if len(text) > _MAX_BASE58:
        raise not_an_address
    try:
        raw = bytes(base58_decode(text))
    except (Base58Error, ValueError) as error:
        raise not_an_address from error
    if len(raw) != 1 + _HASH160 + 4 or Hash(raw[:-4])[:4] != raw[-4:]:
        raise not_an_address
    prefix, payload = raw[0], raw[1:-4]
    if prefix == network.p2pkh_prefix:
        return CScript(b"\x76\xa9\x14" + payload + b"\x88\xac")
    if prefix == network.p2sh_prefix:
        return CScript(b"\xa9\x14" + payload + b"\x87")
    names = [other.name for other in NETWORKS.values() if prefix in (other.p2pkh_prefix, other.p2sh_prefix)]
    raise _other_network(names) if names else not_an_address
