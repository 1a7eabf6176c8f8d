"""The keys of everything that an owner sealed, for whoever hands them to holders: the gate's bundle."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from assets.errors import RegistryError
from assets.images.content_key import ContentKey
from assets.images.digest import Digest
from assets.images.repository import RepositoryState
from assets.images.secret_ring import SecretRing
from assets.registry.encryption import Seal
from assets.registry.oci import Manifest
from assets.remedies import ImageRemedy
from wallet.advice import Prose
from wallet.errors import EncodingError

NOT_OURS = (
    "it was sealed with a secret that is not this wallet's: an earlier owner hands it over after a sale"
    " (" + ImageRemedy.TAKE_IN_FROM_SELLER.of() + ")"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedKeys:
    """Content keys by the digest of the sealed form, and why there is none for the others."""

    keys: Mapping[Digest, ContentKey] = field(repr=False)
    missing: Mapping[Digest, Prose]


def sealed_keys(state: RepositoryState, secrets: SecretRing, read: Callable[[Digest], Manifest]) -> SealedKeys:
    """Every key that the wallet has for sealed forms that count: by its words, or by what sellers handed over.

    `read` gives an encrypted manifest, whose annotations say which secret and generation its key comes from. A form
    that cannot be read, or that an earlier owner sealed who did not hand the secret over, is told as missing.
    """
    keys: dict[Digest, ContentKey] = {}
    missing: dict[Digest, Prose] = {}
    for sealing in state.sealings:
        try:
            seal = Seal.read(read(sealing.ciphertext))
        except (RegistryError, EncodingError) as error:
            missing.setdefault(sealing.ciphertext, str(error))
            continue
        secret = secrets.with_id(state.genesis.txid, seal.secret)
        key = None if secret is None else secret.content_key(sealing.plaintext, seal.generation)
        if key is not None and seal.fits(key):
            keys[sealing.ciphertext] = key
        else:
            missing.setdefault(sealing.ciphertext, NOT_OURS)
    return SealedKeys(keys=keys, missing={one: why for one, why in missing.items() if one not in keys})
