"""A gate and its bundle hold back the keys of what was revoked, in whatever form."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assets.images.content_key import ContentKey
from assets.images.digest import Digest
from assets.images.record import Seal
from assets.registry.media_types import MANIFESTS_ARTIFACT, OCI_INDEX
from assets.registry.oci import ContentDescriptor
from assets.registry.referrers import attach
from assets.services.access.gate_exporting import GateExport, GateOrder, export_gate
from assets.services.access.revoked_keys import RevokedKeys
from tests.assets.registry.images import image, image_list
from tests.assets.services.image_world import Repository, World
from tests.builders import NAME
from wallet.network import REGTEST

AMD, ARM = image("plain", "amd64"), image("plain", "arm64")
SEALED_AMD, SEALED_ARM = image("sealed", "amd64"), image("sealed", "arm64")
PLAIN, SEALED = image_list(AMD, ARM), image_list(SEALED_AMD, SEALED_ARM)
PLAINTEXT, CIPHERTEXT = Digest.of(PLAIN), Digest.of(SEALED)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A chain, and a registry that has the sealed form with the originals beside it."""
    made = World(tmp_path)
    for one in (SEALED_AMD, SEALED_ARM):
        made.registry.put(NAME, None, one.manifest)
    made.registry.put(NAME, "1.0", SEALED)
    subject = ContentDescriptor(media_type=OCI_INDEX, digest=CIPHERTEXT, size=len(SEALED))
    attach(made.registry, NAME, subject, MANIFESTS_ARTIFACT, (PLAIN, AMD.manifest, ARM.manifest), {})
    yield made
    made.store.close()


@pytest.fixture
def app(world: World) -> Repository:
    """A repository whose 1.0 is a list of two platforms, and sealed."""
    made = world.publish()
    made.release(PLAINTEXT, "1.0").act(Seal(plaintext=PLAINTEXT, ciphertext=CIPHERTEXT).serialize())
    world.chain.mine()
    return made


def why_not(world: World, app: Repository, digest: Digest = CIPHERTEXT) -> str | None:
    """What the gate says of a key."""
    return RevokedKeys(world.access, world.registry, {app.txid: NAME}).why_not(app.txid, digest)


def test_without_a_revocation_no_document_is_read(world: World, app: Repository) -> None:
    world.registry.asked.clear()
    assert why_not(world, app) is None
    assert not world.registry.asked


@pytest.mark.parametrize("revoked", [PLAINTEXT, CIPHERTEXT, AMD.digest, SEALED_ARM.digest], ids=lambda one: one.hex[:6])
def test_the_key_of_a_revoked_image_is_held_back_from_the_mempool_on(
    world: World, app: Repository, revoked: Digest
) -> None:
    app.revoke(revoked, alone=True)
    why = why_not(world, app)
    assert why is not None
    assert f"the owner revoked {revoked}" in why


def test_the_key_of_another_image_is_given_out(world: World, app: Repository) -> None:
    other = image("other")
    world.registry.put(NAME, None, other.manifest)
    app.revoke(other.digest)
    world.chain.mine()
    assert why_not(world, app) is None


def test_what_nobody_could_verify_is_held_back_as_well(world: World, app: Repository) -> None:
    app.revoke(Digest.of(b"nowhere"))
    world.chain.mine()
    why = why_not(world, app)
    assert why is not None
    assert "could be a list that holds this image" in why
    app.release(PLAINTEXT, "1.0")
    world.chain.mine()
    assert why_not(world, app) is None, "bound anew"


def test_a_bundle_holds_no_key_of_a_revoked_image(world: World, app: Repository) -> None:
    keys = {CIPHERTEXT: ContentKey(b"k" * 32)}
    order = GateOrder(origin="https://gate.example", service=None, pins=(app.pin(),))
    plain = exported(world, order).bundle
    earlier = replace(plain, content={app.txid: keys})
    order = replace(order, earlier=earlier)
    assert exported(world, order).bundle.content == {app.txid: keys}
    app.revoke(PLAINTEXT)
    world.chain.mine()
    export = exported(world, order)
    assert export.bundle.content == {}
    assert "the owner revoked" in export.missing[NAME][CIPHERTEXT]


def exported(world: World, order: GateOrder) -> GateExport:
    return export_gate(
        order,
        REGTEST,
        world.access,
        None,
        lambda name, digest: world.registry.manifest(name, digest).document,
        lambda _, __: order.origin,
        now=world.access.clock(),
    )
