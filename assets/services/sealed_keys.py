"""The keys of everything that an owner sealed, for whoever hands them to holders: the gate's bundle."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from assets.errors import RegistryError
from assets.images.content_key import ContentKey, secret_with_id
from assets.images.digest import Digest
from assets.images.repository import RepositoryState
from assets.registry.encryption import Seal
from assets.registry.oci import Manifest
from wallet.errors import EncodingError
from wallet.secret_store import SecretStore


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedKeys:
    """Content keys by the digest of the sealed form, and why there is none for the others."""

    keys: Mapping[Digest, ContentKey] = field(repr=False)
    missing: Mapping[Digest, str]


def sealed_keys(state: RepositoryState, secrets: SecretStore, read: Callable[[Digest], Manifest]) -> SealedKeys:
    """Every key that the wallet's words make for sealed forms that count.

    `read` gives an encrypted manifest, whose annotations say which secret and generation its key comes from. A form
    that cannot be read, or that an earlier owner sealed, is told as missing.
    """
    keys: dict[Digest, ContentKey] = {}
    missing: dict[Digest, str] = {}
    for sealing in state.sealings:
        try:
            seal = Seal.read(read(sealing.ciphertext))
        except (RegistryError, EncodingError) as error:
            missing.setdefault(sealing.ciphertext, str(error))
            continue
        secret = secret_with_id(secrets, state.genesis.txid, seal.secret)
        key = None if secret is None else secret.content_key(sealing.plaintext, seal.generation)
        if key is not None and seal.fits(key):
            keys[sealing.ciphertext] = key
        else:
            missing.setdefault(sealing.ciphertext, "it was sealed with a secret that is not this wallet's")
    return SealedKeys(keys=keys, missing={one: why for one, why in missing.items() if one not in keys})
