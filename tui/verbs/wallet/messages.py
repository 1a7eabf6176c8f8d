"""Texts that are signed with an address (BIP322), and who signed one."""

from assets.services.read_models.wallet_views import MessageView
from assets.services.wallets.messages import BIP322, judge_message, own_path, require_free_text, sign_text
from tui.verbs.keys import Keys
from tui.verbs.reading import Reading

FORM = BIP322
"""The form of every signature that is made here."""


def own_address(address: str, place: Reading) -> str:
    """The path of the key behind an address of this wallet. Raises EncodingError, MissingKeyError."""
    return str(own_path(address.strip(), place.house.account, place.house.wallet_store))


def sign(address: str, message: str, place: Reading, keys: Keys) -> str:
    """A signature over exactly this text. It moves nothing; texts of the program's own forms are refused."""
    house = place.house
    house.require_keys()
    require_free_text(message)
    path = own_path(address.strip(), house.account, house.wallet_store)
    return sign_text(message, path, keys())


def judge(address: str, message: str, signature: str) -> MessageView:
    """Whether the holder of an address signed a text. Asks nobody."""
    return judge_message(address.strip(), message, "".join(signature.split()))
