"""All repository secrets that a wallet has: those that its words make, and those that sellers handed over."""

from dataclasses import dataclass, field

from assets.images.content_key import RepositorySecret, secret_with_id
from wallet.hashes import Txid
from wallet.secret_store import SecretStore


@dataclass(frozen=True, slots=True)
class SecretRing:
    """Secrets by their id. `own` makes those of the wallet's words, `received` came with titles that were bought."""

    own: SecretStore = field(repr=False)
    received: tuple[RepositorySecret, ...] = field(default=(), repr=False)

    def with_id(self, genesis: Txid, wanted: bytes) -> RepositorySecret | None:
        """The secret of a repository that has an id (8 bytes); None where it is somebody else's."""
        found = (one for one in self.received if (one.genesis, one.id) == (genesis, wanted))
        return next(found, None) or secret_with_id(self.own, genesis, wanted)

    def received_for(self, genesis: Txid) -> tuple[RepositorySecret, ...]:
        """What sellers handed over for a repository."""
        return tuple(one for one in self.received if one.genesis == genesis)
