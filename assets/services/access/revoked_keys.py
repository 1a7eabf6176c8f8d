"""Whether a gate may give out the key of a sealed image: not of one that its owner revoked, in whatever form.

It asks as a verifier does, of chain and mempool, and reads the same documents, from the gate's own registry.
"""

from collections.abc import Mapping

from assets.images.coverage import Coverage, revoked_text
from assets.images.digest import Digest
from assets.images.gaps import unsure
from assets.images.word import Words
from assets.registry.port import ContentSource
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.lineage import read_lineage
from assets.services.trust.manifests import ManifestReader, gather, keepers_of
from wallet.hashes import Txid

CACHE_BYTES = 64 * 1024 * 1024
"""Manifests that a gate keeps in memory; some ten thousand of a usual size."""


class RevokedKeys:
    """Answers for the repositories that a gate serves, by genesis and canonical name. Safe in threads."""

    def __init__(self, chain: ChainAccess, registry: ContentSource, names: Mapping[Txid, str]) -> None:
        self._chain = chain
        self._registry = registry
        self._names = names
        self._documents = _Memory()

    def why_not(self, genesis: Txid, digest: Digest) -> str | None:
        """Why the key of a sealed form is not given out; None where it may be.

        What cannot be decided, since a document is missing, is no verified image for anybody either. Raises ChainError,
        IndexStateError.
        """
        lineage = read_lineage(self._chain, genesis, confirmations=1)
        if lineage is None or not lineage.state.revocations:
            return None
        state = lineage.state
        reader = ManifestReader(self._registry, self._documents, self._names[genesis], keepers_of(state))
        words = Words(Coverage(state, gather(state, None, digest, reader.held)), None)
        revoked = words.rule(digest)[0].revoked
        if revoked:
            return revoked_text(words.coverage, digest, revoked[0])
        return next((gap.reason for gap in unsure(words, digest)), None)


class _Memory:
    """Documents of the gate's own registry, the first ones that fit. Implements `Documents`."""

    def __init__(self) -> None:
        self._kept: dict[Digest, bytes] = {}
        self._size = 0

    def load(self, digest: Digest) -> bytes | None:
        """The document with a digest, or None."""
        return self._kept.get(digest)

    def save(self, data: bytes) -> Digest:
        """Keep a document, while there is room."""
        digest = Digest.of(data)
        if digest not in self._kept and self._size + len(data) <= CACHE_BYTES:
            self._size += len(data)
            self._kept[digest] = data
        return digest
