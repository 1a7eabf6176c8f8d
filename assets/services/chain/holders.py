"""Use case: who holds the access units of a repository, treasury and circulating told apart.

Only genuine units in coins that the node still has count: what a plain payment spent has ended.
"""

from collections.abc import Callable

from bitcoin.core.script import CScript

from assets.errors import ImageError, IndexStateError
from assets.index.liveness import MAX_ATTEMPTS, Liveness, held
from assets.index.reader import IndexReader
from assets.model import Genuine, Holding
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.lineage import read_lineage
from assets.services.chain.script_address import address_or_nothing
from assets.services.read_models.access_views import HoldersView, HolderView
from wallet.hashes import Txid, display

Progress = Callable[[int, int], None]


def list_holders(genesis: Txid, chain: ChainAccess, *, progress: Progress | None = None) -> HoldersView:
    """Asks the node for every coin that the index has unspent.

    Raises ImageError where there is no such genesis in a block, IndexStateError where the chain moves meanwhile.
    """
    lineage = read_lineage(chain, genesis, confirmations=1)
    if lineage is None or lineage.state.genesis.position.height is None:
        raise ImageError(
            f"there is no genesis {display(genesis)} in a block", hint="check the txid, or wait for a block"
        )
    for _ in range(MAX_ATTEMPTS):
        with chain.store.snapshot() as reader:
            found = _present(genesis, chain, reader, progress)
            tip = reader.tip()
        if found is not None and tip is not None:
            break
        chain.catch_up()
    else:
        raise IndexStateError("the chain moves faster than the holders can be counted", hint="try again in a moment")
    state = lineage.state
    holders = _grouped(found, state.owner, chain)
    treasury = sum(one.units for one in holders if one.treasury)
    circulating = sum(one.units for one in holders if not one.treasury)
    return HoldersView(
        name=state.statement.name.name or f"name with hash {state.statement.name.name_hash.hex()}",
        genesis=display(genesis),
        network=chain.network.name,
        height=tip.height,
        issued=state.genesis.units,
        treasury=treasury,
        circulating=circulating,
        ended=max(0, state.genesis.units - treasury - circulating),
        holders=holders,
    )


def _present(
    genesis: Txid, chain: ChainAccess, reader: IndexReader, progress: Progress | None
) -> list[tuple[Holding, Genuine]] | None:
    """The coins with access units that the node has, or None where it stands at another block than the index."""
    listed = [(holding, units) for holding, units in reader.holdings(genesis) if not units.title]
    found = []
    for number, (holding, units) in enumerate(listed):
        if progress is not None:
            progress(number, len(listed))
        liveness = held(chain.source, reader, holding.outpoint)
        if liveness is Liveness.BEHIND:
            return None
        if liveness is Liveness.HELD:
            found.append((holding, units))
    return found


def _grouped(found: list[tuple[Holding, Genuine]], title: CScript, chain: ChainAccess) -> tuple[HolderView, ...]:
    coins: dict[bytes, list[int]] = {}
    for holding, units in found:
        coins.setdefault(bytes(holding.script), []).append(units.quantity)
    views = [
        HolderView(
            script=script.hex(),
            address=address_or_nothing(CScript(script), chain.network),
            units=sum(quantities),
            coins=len(quantities),
            treasury=script == bytes(title),
        )
        for script, quantities in coins.items()
    ]
    return tuple(sorted(views, key=lambda view: (not view.treasury, -view.units, view.script)))
