"""What a changed setting `index_start` means for indexes that are there: none begins elsewhere by itself."""

from assets.services.chain.following import start_remark
from tui.bootstrap import first_block, index_of
from tui.paths import Paths
from tui.settings import Settings
from wallet.advice import Prose
from wallet.network import NETWORKS


def index_remarks(paths: Paths, settings: Settings) -> tuple[Prose, ...]:
    """What to do so that `index_start` counts, one text for each network whose index begins elsewhere.

    Needs no node. Raises StoreError where an index cannot be read.
    """
    found: list[Prose] = []
    for name, network in NETWORKS.items():
        if settings.network in (None, name) and paths.index(name).exists():
            index, asked = index_of(paths, network), first_block(network, settings)
            try:
                remark = start_remark(index.start_height(), asked, asked)
            finally:
                index.close()
            if remark:
                found.append(f"{name}: " + remark)
    return tuple(found)
