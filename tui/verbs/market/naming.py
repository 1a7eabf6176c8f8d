"""How this user calls repositories, of which the chain may hold only the hash of a name."""

from collections.abc import Callable

from assets.images.record import RecordName
from assets.services.chain.lineage import read_lineage
from tui.verbs.reading import Reading
from wallet.hashes import Txid

Named = Callable[[Txid], str]


def names_of(place: Reading) -> Named:
    """Tells the newest name of a repository, empty where the chain knows none; each is looked up once."""
    known, chain, found = place.known_names, place.chain(), dict[Txid, str]()

    def name(genesis: Txid) -> str:
        if genesis not in found:
            lineage = read_lineage(chain, genesis, confirmations=1)
            found[genesis] = "" if lineage is None else _spelled(lineage.state.statements[-1].name, known)
        return found[genesis]

    return name


def _spelled(name: RecordName, known: tuple[str, ...]) -> str:
    return name.name or next((one for one in known if name.matches(one)), f"name with hash {name.name_hash.hex()}")
