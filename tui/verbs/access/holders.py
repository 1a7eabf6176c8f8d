"""Who holds the access units of a repository."""

from assets.services.chain.holders import list_holders
from assets.services.read_models.access_views import HoldersView
from tui.verbs.progress import counted
from tui.verbs.reading import Reading
from wallet.hashes import Txid


def holders(genesis: Txid, reading: Reading) -> HoldersView:
    """All holders; every coin is asked for at the node. Raises ImageError before the genesis is in a block."""
    chain = reading.chain()
    chain.catch_up()
    return list_holders(genesis, chain, progress=counted(reading.report, "asking for coins"))
