"""Whether a listing sells the repository that a buyer means: what was pinned under its name decides."""

from assets.errors import OfferError
from assets.images.name import name_hash
from assets.images.pin import Pins
from assets.services.trust.title_report import hashed_name
from wallet.hashes import Txid, display


def compare_with_pin(name: str, genesis: Txid, pins: Pins, meant: Txid | None) -> str:
    """A warning where nothing of the buyer's says that this genesis is the repository of that name, else nothing.

    `name` is as a `SaleReport` has it, `meant` the genesis that the buyer named, if any. Raises OfferError where
    another one is pinned.
    """
    pin = next((one for one in pins.pins if name in (one.name, hashed_name(name_hash(one.name)))), None)
    if pin is not None and pin.genesis != genesis:
        raise OfferError(
            "repository",
            f"you pinned {name} to genesis {display(pin.genesis)}, and the listing sells {display(genesis)}",
            hint="it is another repository under the same name",
        )
    if pin is None and meant is None:
        return f"nothing of yours says that genesis {display(genesis)} is the {name} that you mean: name it, or pin it"
    return ""
