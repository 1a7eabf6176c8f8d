"""What evidence of a repository takes along beside its lineage."""

from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.lineage import read_lineage
from assets.services.trust.manifests import ManifestReader, keepers_of, revoked_manifests
from tui.verbs.reading import Reading
from wallet.hashes import Txid


def revoked_manifests_of(reading: Reading, chain: ChainAccess, genesis: Txid, name: str | None) -> tuple[bytes, ...]:
    """The manifests of a repository's revoked lists, as far as this machine and the registry have them."""
    chain.catch_up()
    lineage = read_lineage(chain, genesis, confirmations=reading.reading_confirmations)
    if lineage is None:
        return ()
    name = lineage.state.statement.name.name or name
    if name is None:
        return ()
    reader = ManifestReader(reading.registry, reading.manifests, name, keepers_of(lineage.state))
    return revoked_manifests(lineage.state, reader)
