"""Asset ids and Open Assets addresses as text: base58check under prefixes of their own."""

from bitcoin.base58 import InvalidBase58Error, decode, encode
from bitcoin.core import Hash

from assets.model import AssetId
from wallet.errors import EncodingError
from wallet.network import NETWORKS, Network

NAMESPACE = 19
"""The byte in front of the version byte of an address that says: whoever made this can keep coloured coins."""


def asset_id_text(asset: AssetId, network: Network) -> str:
    """An asset id as Open Assets wallets show it; begins with `A` on mainnet and `o` on test networks."""
    return _base58check(bytes([network.asset_prefix]) + asset)


def parse_asset_id(text: str, network: Network) -> AssetId:
    """The inverse of `asset_id_text`. Raises EncodingError, which names the network that the id belongs to."""
    data = _decode(text, "an asset id", size=21)
    if data[0] != network.asset_prefix:
        others = [other.name for other in NETWORKS.values() if other.asset_prefix == data[0]]
        belongs = f"it belongs to {' or '.join(others)}" if others else f"it begins with version byte {data[0]}"
        raise EncodingError(f"not an asset id of {network.name}: {belongs}", hint="check which network you are on")
    return AssetId(data[1:])


def open_assets_address(address: str) -> str:
    """The Open Assets form of a base58 address. Bech32 addresses have none."""
    return _base58check(bytes([NAMESPACE]) + _decode(address, "a base58 address", size=21))


def plain_address(address: str) -> str:
    """The base58 address inside an Open Assets address; the inverse of `open_assets_address`."""
    data = _decode(address, "an Open Assets address", size=22)
    if data[0] != NAMESPACE:
        raise EncodingError(f"not an Open Assets address: its namespace byte is {data[0]}, not {NAMESPACE}")
    return _base58check(data[1:])


def _base58check(data: bytes) -> str:
    text: str = encode(data + Hash(data)[:4])
    return text


def _decode(text: str, what: str, *, size: int) -> bytes:
    if len(text) > 64 or not text.isascii():
        raise EncodingError(f"not {what}: {text[:80]!a}", hint="copy it again, without spaces")
    try:
        raw = decode(text)
    except (InvalidBase58Error, ValueError) as error:
        raise EncodingError(f"not {what}: {text[:80]!a} is not base58", hint="copy it again") from error
    data, checksum = raw[:-4], raw[-4:]
    if len(raw) < 5 or Hash(data)[:4] != checksum:
        raise EncodingError(f"not {what}: the checksum of {text[:80]!a} is wrong", hint="look for a typing error")
    if len(data) != size:
        raise EncodingError(f"not {what}: {text[:80]!a} holds {len(data)} bytes, not {size}")
    return bytes(data)
