"""How far node and index are, and what the node can do."""

from assets.services.chain.doctor import examine
from assets.services.chain.following import chain_status
from assets.services.read_models.wallet_views import ChainView, DoctorView
from tui.verbs.reading import Reading


def status(reading: Reading) -> ChainView:
    """How far node and index are. Raises ChainError, IndexStateError."""
    house = reading.house
    return chain_status(
        house.node,
        house.index if house.index.path.exists() else None,
        network=house.network,
        node=house.endpoint.origin,
        now=reading.now(),
        start=house.index_start,
    )


def doctor(reading: Reading) -> DoctorView:
    """What the node can do, and what to fix. A node that does not answer is a finding."""
    house = reading.house
    return examine(house.node.status, network=house.network, node=house.endpoint.origin, now=reading.now())
