"""An address for people, where a script has one: all that looking at images needs of a wallet's keys."""

from bitcoin.core.script import CScript

from wallet.errors import EncodingError
from wallet.keys.address import address_of, unit_address_of
from wallet.network import Network


def address_or_nothing(script: CScript, network: Network) -> str:
    """The address of a script, or an empty text where it has none."""
    try:
        return address_of(script, network)
    except EncodingError:
        return ""


def unit_address_or_nothing(script: CScript, network: Network) -> str:
    """The unit address of a script, or an empty text where it has none."""
    try:
        return unit_address_of(script, network)
    except EncodingError:
        return ""
