"""The keys of an owner's sealed images, from the words and what the encrypted manifests say."""

from assets.errors import NotFoundError
from assets.images.content_key import RepositorySecret, repository_secret
from assets.images.digest import Digest
from assets.images.record import Seal as SealRecord
from assets.images.secret_ring import SecretRing
from assets.registry.encryption import Seal, encrypted_manifest
from assets.registry.media_types import OCI_MANIFEST
from assets.registry.oci import ImageManifest, Manifest, parse_manifest
from assets.services.images.sealed_keys import sealed_keys
from tests.assets.images.lineage import Lineage
from tests.assets.registry.images import image
from wallet.secret_store import SeedSecrets

WORDS, OTHERS = SeedSecrets(bytes(64)), SeedSecrets(b"o" * 64)


def seal(lineage: Lineage, plaintext: Digest, ciphertext: Digest) -> None:
    lineage.step(SealRecord(plaintext=plaintext, ciphertext=ciphertext).serialize())


class Forms:
    """Encrypted manifests by digest."""

    def __init__(self) -> None:
        self.held: dict[Digest, Manifest] = {}

    def add(self, secret: RepositorySecret, plaintext: Digest, generation: int) -> Digest:
        key = secret.content_key(plaintext, generation)
        original = parse_manifest(image(str(generation)).manifest, OCI_MANIFEST)
        assert isinstance(original, ImageManifest)
        data = encrypted_manifest(original, original.layers, Seal.of(secret, key, generation).annotations())
        self.held[Digest.of(data)] = parse_manifest(data, OCI_MANIFEST)
        return Digest.of(data)

    def read(self, digest: Digest) -> Manifest:
        if digest not in self.held:
            raise NotFoundError("it is gone")
        return self.held[digest]


def test_every_epoch_and_generation_of_the_wallets_own_is_found() -> None:
    lineage, forms, plaintext = Lineage(), Forms(), Digest.of(b"plain")
    wanted = {}
    for epoch, generation in ((1, 1), (1, 2), (3, 7)):
        secret = repository_secret(WORDS, lineage.txid, epoch)
        form = forms.add(secret, plaintext, generation)
        wanted[form] = secret.content_key(plaintext, generation)
        seal(lineage, plaintext, form)
    found = sealed_keys(lineage.state(), SecretRing(WORDS), forms.read)
    assert dict(found.keys) == wanted
    assert not found.missing


def test_what_another_owner_sealed_or_what_is_gone_is_told_as_missing() -> None:
    lineage, forms, plaintext = Lineage(), Forms(), Digest.of(b"plain")
    theirs = forms.add(repository_secret(OTHERS, lineage.txid), plaintext, 1)
    gone = Digest.of(b"gone")
    seal(lineage, plaintext, theirs)
    seal(lineage, plaintext, gone)
    found = sealed_keys(lineage.state(), SecretRing(WORDS), forms.read)
    assert not found.keys
    assert found.missing[gone] == "it is gone"
    assert "not this wallet's" in found.missing[theirs]


def test_a_key_that_the_image_does_not_commit_to_is_not_handed_out() -> None:
    """A SEAL may name a form that was made for another plaintext; its key would open nothing."""
    lineage, forms = Lineage(), Forms()
    form = forms.add(repository_secret(WORDS, lineage.txid), Digest.of(b"one"), 1)
    seal(lineage, Digest.of(b"another"), form)
    assert form in sealed_keys(lineage.state(), SecretRing(WORDS), forms.read).missing


def test_keys_do_not_print() -> None:
    lineage, forms, plaintext = Lineage(), Forms(), Digest.of(b"plain")
    seal(lineage, plaintext, forms.add(repository_secret(WORDS, lineage.txid), plaintext, 1))
    found = sealed_keys(lineage.state(), SecretRing(WORDS), forms.read)
    (key,) = found.keys.values()
    assert key.value.hex() not in repr(found)
    assert repr(key.value) not in repr(found)


def test_a_secret_that_a_seller_handed_over_opens_what_the_seller_sealed() -> None:
    lineage, forms, plaintext = Lineage(), Forms(), Digest.of(b"plain")
    theirs, own = repository_secret(OTHERS, lineage.txid), repository_secret(WORDS, lineage.txid)
    old, new = forms.add(theirs, plaintext, 1), forms.add(own, plaintext, 1)
    for form in (old, new):
        seal(lineage, plaintext, form)
    found = sealed_keys(lineage.state(), SecretRing(WORDS, (theirs,)), forms.read)
    assert dict(found.keys) == {old: theirs.content_key(plaintext), new: own.content_key(plaintext)}
    assert not found.missing
