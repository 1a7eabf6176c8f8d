"""A6, the owner as the attacker: what was sealed is not what was promised, and anybody can be shown.

And the other way round: nobody can make an honest owner look like a cheat.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from assets.errors import BrokenSealError, ImageError, NotFoundError
from assets.images.content_key import ContentKey, RepositorySecret
from assets.images.digest import Digest
from assets.images.record import Release
from assets.images.record import Seal as SealRecord
from assets.images.reference import ImageReference
from assets.images.repository import RepositoryState
from assets.images.seal_proof import SealProof
from assets.images.tag import Tags
from assets.registry.encryption import Seal
from assets.registry.fake import FakeRegistry
from assets.registry.oci import ContentDescriptor
from assets.services.images.delivery import Delivery, Destination, Kind
from assets.services.images.image_content import opened
from assets.services.images.image_source import RegistrySource
from assets.services.images.pulling import Puller, SealedForm
from assets.services.images.seal_proving import check_proof, proof_of
from assets.services.images.sealing import SealedImage, Sealer, push_sealed
from assets.services.trust.image_tree import ImageTree, read_tree
from assets.store.image_store import ImageStore
from tests.assets.images.lineage import Lineage
from tests.assets.registry.images import image, push_list
from tests.attacks.cheating_sealers import OtherContent, OtherContentOpenly, OtherKey, UnknownCipher
from wallet.errors import EncodingError
from wallet.hashes import Txid
from wallet.network import REGTEST, SIGNET

NAME = "registry.example/acme/app"


@dataclass(frozen=True)
class Case:
    """An image that was released and sealed, the chain's word on it, and somebody who pulled it."""

    lineage: Lineage
    state: RepositoryState
    sealed: SealedImage
    key: ContentKey
    registry: FakeRegistry
    store: ImageStore
    folder: Path

    @property
    def form(self) -> SealedForm:
        return SealedForm(plaintext=self.sealed.plaintext, ciphertext=self.sealed.ciphertext.digest)

    @property
    def puller(self) -> Puller:
        return Puller(self.registry, self.store, NAME)

    def open(self) -> None:
        fetched, original = self.puller.fetch(self.form.ciphertext), self.puller.original(self.form)
        content = opened(self.store, fetched, original, self.key)
        delivery = Delivery(content, ImageReference.parse(f"{NAME}:1"), self.folder)
        delivery.deliver(original, Destination(kind=Kind.LAYOUT, path=self.folder / "out"), self.registry)

    def proof(self, broken: BrokenSealError, key: ContentKey | None = None) -> SealProof:
        return proof_of(
            broken,
            network=REGTEST,
            name=NAME,
            genesis=self.state.genesis.txid,
            encrypted=self.puller.tree(self.form.ciphertext),
            original=self.puller.original(self.form),
            key=key or self.key,
        )

    def fetched(self, layer: ContentDescriptor) -> Path:
        """A ciphertext as the checker gets it."""
        path = self.folder / "checked"
        path.write_bytes(self.registry.blob(NAME, layer, 100_000))
        return path

    def check(self, proof: SealProof) -> str:
        return check_proof(SealProof.parse(proof.serialize()), self.state, self.fetched).reason


def case(folder: Path, sealer: type[Sealer] = Sealer, annotations: Callable[[Seal], Seal] = lambda seal: seal) -> Case:
    lineage, registry = Lineage(), FakeRegistry()
    digest = push_list(registry, NAME, "1", image("one", "amd64"), image("one", "arm64"))
    secret = RepositorySecret(genesis=lineage.txid, value=b"s" * 32)
    key = secret.content_key(digest)
    staging, out = folder / "staging", folder / "work"
    staging.mkdir()
    out.mkdir()
    sealed = sealer(RegistrySource(registry, NAME), key, staging).seal(digest, annotations(Seal.of(secret, key, 1)))
    push_sealed(sealed, NAME, registry, genesis=lineage.txid, network=REGTEST)
    lineage.step(Release(digest=digest, tags=Tags.of("1"), final=False).serialize())
    lineage.step(SealRecord(plaintext=digest, ciphertext=sealed.ciphertext.digest).serialize())
    return Case(lineage, lineage.state(), sealed, key, registry, ImageStore(folder / "store"), out)


CHEATS = {
    OtherKey: "does not open the layer",
    OtherContent: "opens to something else",
    OtherContentOpenly: "and the released image has",
    UnknownCipher: "cannot be opened",
}


@pytest.mark.parametrize(("sealer", "why"), CHEATS.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_every_broken_seal_is_found_and_proven_to_whoever_has_only_the_proof(
    tmp_path: Path, sealer: type[Sealer], why: str
) -> None:
    broken = case(tmp_path, sealer)
    with pytest.raises(BrokenSealError, match=why) as found:
        broken.open()
    assert not (broken.folder / "out").exists()
    proof = broken.proof(found.value)
    assert (proof.layer is not None) is (sealer is OtherContent)
    assert broken.check(proof) == str(found.value)
    proven = check_proof(proof, broken.state, broken.fetched)
    assert proven.released
    assert proven.sealing.step.author == broken.state.owner


def test_an_image_that_commits_to_no_key_is_proven_without_any(tmp_path: Path) -> None:
    broken = case(tmp_path, annotations=lambda seal: replace(seal, generation=1000))
    proof = replace(broken.proof(BrokenSealError("x")), key=None)
    assert "does not commit" in broken.check(proof)
    assert b'"key"' not in proof.serialize()


def test_a_sealed_form_of_another_image_is_proven(tmp_path: Path) -> None:
    broken = case(tmp_path)
    other = push_list(broken.registry, NAME, "2", image("two", "amd64"))
    broken.lineage.step(SealRecord(plaintext=other, ciphertext=broken.form.ciphertext).serialize())
    original: ImageTree = read_tree(RegistrySource(broken.registry, NAME).manifest, other)
    proof = proof_of(
        BrokenSealError("x"),
        network=REGTEST,
        name=NAME,
        genesis=broken.state.genesis.txid,
        encrypted=broken.puller.tree(broken.form.ciphertext),
        original=original,
        key=broken.key,
    )
    state = broken.lineage.state()
    proven = check_proof(proof, state, broken.fetched)
    assert "not built as the released one" in proven.reason
    assert not proven.released


@pytest.fixture
def honest(tmp_path: Path) -> Case:
    return case(tmp_path)


def accuse(honest: Case, **changed: object) -> SealProof:
    layer = honest.sealed.blobs[-1].descriptor.digest
    return replace(honest.proof(BrokenSealError("they cheat", layer=str(layer))), **changed)  # type: ignore[arg-type]


def test_an_honest_owner_is_not_proven_guilty(honest: Case) -> None:
    honest.open()
    with pytest.raises(ImageError, match="opens to exactly what was released"):
        honest.check(accuse(honest))
    with pytest.raises(ImageError, match="names no layer"):
        honest.check(accuse(honest, layer=None))
    with pytest.raises(ImageError, match="names no layer"):
        honest.check(accuse(honest, layer=Digest.of(b"another")))


def test_a_key_of_the_accusers_own_proves_nothing(honest: Case) -> None:
    with pytest.raises(ImageError, match="anybody could have made it up"):
        honest.check(accuse(honest, key=ContentKey(b"x" * 32)))
    with pytest.raises(ImageError, match="anybody could have made it up"):
        honest.check(accuse(honest, key=None))


def test_bytes_that_the_accuser_damaged_prove_nothing(honest: Case) -> None:
    proof = accuse(honest)

    def damaged(layer: ContentDescriptor) -> Path:
        path = honest.fetched(layer)
        path.write_bytes(b"x" * layer.size)
        return path

    with pytest.raises(ImageError, match="the bytes at hand are not the layer"):
        check_proof(proof, honest.state, damaged)


def test_manifests_of_the_accusers_own_prove_nothing(honest: Case) -> None:
    proof = accuse(honest)
    for left_out in range(len(proof.manifests)):
        fewer = tuple(one for number, one in enumerate(proof.manifests) if number != left_out)
        with pytest.raises(ImageError, match="lacks the manifest"):
            honest.check(replace(proof, manifests=(*fewer, b"{}", image("evil").manifest)))


def test_a_seal_that_the_chain_does_not_have_proves_nothing(honest: Case, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    forged = case(other, OtherKey)
    with pytest.raises(ImageError, match="no owner of this repository sealed"):
        check_proof(forged.proof(BrokenSealError("x")), honest.state, forged.fetched)


def test_a_seal_without_its_blobs_is_no_proof_but_a_registry_that_lacks_them(honest: Case) -> None:
    proof = accuse(honest)
    assert proof.layer is not None
    with pytest.raises(NotFoundError):
        check_proof(proof, honest.state, lambda layer: Path(FakeRegistry().blob(NAME, layer, 1000).decode()))


def test_a_proof_is_canonical_and_survives_its_file(honest: Case) -> None:
    proof = accuse(honest, network=SIGNET.genesis, challenge=SIGNET.challenge)
    assert SealProof.parse(proof.serialize()) == proof
    assert proof.is_on(SIGNET)
    assert not proof.is_on(REGTEST)
    assert honest.key.value.hex() not in repr(proof)
    assert Txid(proof.genesis) == honest.state.genesis.txid


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"v":1', b'"v":2'),
        (b'"kind":"seal proof"', b'"kind":"shop"'),
        (b'"v":1', b'"extra":1,"v":1'),
        (b'"v":1', b'"v": 1'),
        (b'"key":"', b'"key":"zz'),
        (b'"name":"r', b'"name":"R'),
        (b'"manifests":["', b'"manifests":["!'),
        (b'"plaintext":"sha256:', b'"plaintext":"sha512:'),
    ],
)
def test_what_is_no_proof_is_refused(honest: Case, old: bytes, new: bytes) -> None:
    data = accuse(honest).serialize()
    assert old in data
    with pytest.raises(EncodingError):
        SealProof.parse(data.replace(old, new, 1))
