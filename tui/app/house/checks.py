"""Text fields checked while they are typed. Pure: nobody is asked."""

from collections.abc import Callable, Mapping
from pathlib import Path

from assets.images.digest import Digest
from assets.images.reference import ImageReference
from assets.images.verdict import parse_allowed
from tui.app.house.access_checks import ACCESS_CHECKS
from tui.app.house.market_checks import MARKET_CHECKS
from tui.app.kinds import Kind
from tui.paths import Paths
from tui.settings_file import value_of
from tui.verbs.image.fields import bare_name, built_of, image_of, tags_of, title_value_of, units_of
from tui.verbs.whole_numbers import whole
from wallet.amount import format_btc, format_sats, parse_btc
from wallet.errors import EncodingError, KeystoreError
from wallet.fees import FeeRate
from wallet.hashes import parse_txid
from wallet.keys.keystore import require_good_password
from wallet.keys.uri import PaymentRequest, UnitRequest
from wallet.network import Network

LONGEST = 4096
"""Characters of the longest text that any field takes."""


def check(kind: Kind, text: str, network: Network | None) -> str:
    """A note on a good text, or an empty one. Raises EncodingError, FeeError.

    `network` is None before one is chosen; what depends on it is not checked then.
    """
    if len(text) > LONGEST:
        raise EncodingError("that is too long", hint=f"at most {LONGEST} characters")
    if kind in _ON_NETWORK:
        return _ON_NETWORK[kind](text, network) if network is not None else ""
    return _ALONE[kind](text)


def _address(text: str, network: Network) -> str:
    request = PaymentRequest.parse(text, network)
    return "" if request.amount is None else f"the link asks for {format_btc(request.amount)} BTC"


def _unit_address(text: str, network: Network) -> str:
    request = UnitRequest.parse(text, network)
    return "" if request.amount is None else f"the link asks for {request.amount:,} units"


def _share(text: str, network: Network) -> str:
    """An address and perhaps a quantity, as a line of a list has it."""
    words = text.split()
    if len(words) > 2:
        raise EncodingError("more than an address and a quantity", hint="ADDRESS QUANTITY")
    _unit_address(words[0], network)
    quantity = units_of(words[1]) if len(words) > 1 else 1
    return f"{quantity:,} access {'unit' if quantity == 1 else 'units'}"


def _btc(text: str) -> str:
    return format_sats(parse_btc(text))


def _units(text: str) -> str:
    return f"{units_of(text):,} units"


def _sats(text: str) -> str:
    return f"{format_btc(title_value_of(text))} BTC"


def _height(text: str) -> str:
    whole(text, least=0, most=2**31 - 1, what="a block height")
    return ""


def _rate(text: str) -> str:
    return str(FeeRate.parse(text))


def _reference(text: str) -> str:
    reference = ImageReference.parse(text.strip())
    if reference.tag is None and reference.digest is None:
        return f"{reference.name}:latest"
    return str(reference) if str(reference) != text.strip() else ""


def _name(text: str) -> str:
    name = bare_name(text)
    return name if name != text.strip() else ""


def _lookup(text: str) -> str:
    return "a genesis" if _is_txid(text.strip()) else _name(text)


def _is_txid(text: str) -> bool:
    try:
        parse_txid(text)
    except EncodingError:
        return False
    return True


def _tags(text: str) -> str:
    count = len(tags_of(text))
    return "" if count == 1 else f"{count} tags"


def _digest(text: str) -> str:
    Digest.parse(text.strip())
    return ""


def _build(text: str) -> str:
    return "" if isinstance(built_of(text), Digest) else "a path of what the builder wrote"


def _image(text: str) -> str:
    image_of(text)
    return ""


def _txid(text: str) -> str:
    parse_txid(text.strip().lower())
    return ""


def _allowed(text: str) -> str:
    parse_allowed(text)
    return ""


def _wallet(text: str) -> str:
    Paths(settings_file=Path(), data=Path(), logs=Path()).wallet("regtest", text)
    return ""


def _setting(text: str) -> str:
    """`key=value`, as the settings file would take it."""
    key, _, value = text.partition("=")
    value_of(key, value.strip())
    return ""


def _magnet(text: str) -> str:
    if not text.strip().startswith("magnet:?"):
        raise EncodingError("not a magnet link", hint="it begins with magnet:?")
    return ""


def _password(text: str) -> str:
    try:
        require_good_password(text)
    except KeystoreError as error:
        raise EncodingError(str(error), hint=error.advice) from None
    return ""


_ON_NETWORK: Mapping[Kind, Callable[[str, Network], str]] = {
    Kind.ADDRESS: _address,
    Kind.UNIT_ADDRESS: _unit_address,
    Kind.SHARE: _share,
}
_ALONE: Mapping[Kind, Callable[[str], str]] = {
    Kind.TEXT: lambda _: "",
    Kind.SETTING: _setting,
    Kind.MAGNET: _magnet,
    Kind.BTC: _btc,
    Kind.UNITS: _units,
    Kind.SATS: _sats,
    Kind.RATE: _rate,
    Kind.HEIGHT: _height,
    Kind.REFERENCE: _reference,
    Kind.NAME: _name,
    Kind.LOOKUP: _lookup,
    Kind.TAGS: _tags,
    Kind.IMAGE: _image,
    Kind.DIGEST: _digest,
    Kind.BUILD: _build,
    Kind.TXID: _txid,
    Kind.ALLOWED: _allowed,
    Kind.WALLET: _wallet,
    **MARKET_CHECKS,
    **ACCESS_CHECKS,
    Kind.PASSWORD: _password,
}
