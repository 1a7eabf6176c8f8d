"""Dropping kept images: what others need stays, and what is at work is left alone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assets.images.digest import Digest
from assets.images.tag import parse_tag
from assets.registry.fake import FakeRegistry
from assets.services.images.forgetting import Forgetting, forget, plan_forgetting
from assets.services.images.pulling import Puller
from assets.store import space
from assets.store.image_store import ImageStore, KeptImage
from tests.assets.registry.images import image, push_image, push_list
from wallet.errors import StoreError
from wallet.hashes import Txid

NAME = "registry.example/acme/app"
ONE, TWO, OTHER = image("x", "amd64"), image("x", "arm64"), image("other", "amd64")


def kept(digest: Digest, tag: str) -> KeptImage:
    return KeptImage(name=NAME, tag=parse_tag(tag), digest=digest, genesis=Txid(bytes(32)), sealed=False, gated=False)


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    """The list 1.0 of two platforms, one of them again by itself as 1.1, and another image as 2.0."""
    registry, store = FakeRegistry(), ImageStore(tmp_path / "store")
    roots = {
        "1.0": push_list(registry, NAME, "1.0", ONE, TWO),
        "1.1": ONE.digest,
        "2.0": push_image(registry, NAME, OTHER, "2.0"),
    }
    for tag, digest in roots.items():
        Puller(registry, store, NAME).fetch(digest)
        store.keep(kept(digest, tag))
    return store


def tagged(*tags: str) -> Callable[[KeptImage], bool]:
    return lambda one: one.tag in tags


def gone(store: ImageStore, *tags: str, unfinished: bool = False, everything: bool = False) -> Forgetting:
    plan = plan_forgetting(store, tagged(*tags), unfinished=unfinished, everything=everything)
    before = set(store.blobs())
    forget(store, plan)
    assert before - set(store.blobs()) == set(plan.blobs)
    return plan


def test_what_another_image_needs_stays(store: ImageStore) -> None:
    plan = gone(store, "1.0")
    assert [one.tag for one in store.kept()] == ["1.1", "2.0"]
    assert TWO.digest in plan.blobs
    assert all(store.has(digest) for digest in (ONE.digest, Digest.of(ONE.layer), Digest.of(ONE.config)))
    assert plan.size > len(TWO.layer)


def test_the_last_one_that_needs_a_blob_takes_it_along(store: ImageStore) -> None:
    gone(store, "1.0")
    gone(store, "1.1", "2.0")
    assert not store.kept()
    assert not store.blobs()


def test_what_was_never_finished_goes_when_it_is_asked_for(store: ImageStore) -> None:
    orphan, begun, at_work = store.add(b"a blob of no image"), Digest.of(b"begun"), Digest.of(b"at work")
    with store.landing(begun) as landing:
        landing.write(b"beg")
    assert not gone(store).blobs
    with store.landing(at_work):
        plan = gone(store, unfinished=True)
        assert (plan.images, plan.blobs, plan.beginnings) == ((), (orphan,), (begun,))
        assert not store.beginnings()
    assert store.beginnings() == (at_work,)
    assert len(store.kept()) == 3


def test_manifests_that_belong_to_a_sealed_image_stay_until_all_goes(store: ImageStore) -> None:
    original = store.add(image("original of something sealed").manifest)
    gone(store, unfinished=True)
    assert store.has(original)
    gone(store, everything=True)
    assert not store.kept()
    assert not store.blobs()


def test_a_store_that_is_not_there_has_nothing_to_forget(tmp_path: Path) -> None:
    plan = plan_forgetting(ImageStore(tmp_path / "none"), lambda _: True, unfinished=True)
    assert plan == Forgetting(images=(), blobs=(), beginnings=(), size=0)


def test_files_of_others_in_the_store_are_left_alone(store: ImageStore, tmp_path: Path) -> None:
    path = tmp_path / "store" / "blobs" / "notes.txt"
    path.write_text("mine")
    gone(store, everything=True)
    assert path.is_file()


def test_a_pull_that_does_not_fit_on_the_disk_is_refused_before_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry, store = FakeRegistry(), ImageStore(tmp_path / "store")
    digest = push_image(registry, NAME, ONE, "1.0")
    with monkeypatch.context() as patched:
        patched.setattr(space, "MARGIN", 1 << 60)
        with pytest.raises(StoreError, match="are free"):
            Puller(registry, store, NAME).fetch(digest)
    assert not store.has(Digest.of(ONE.layer))
    Puller(registry, store, NAME).fetch(digest)
    with monkeypatch.context() as patched:
        patched.setattr(space, "MARGIN", 1 << 60)
        assert Puller(registry, store, NAME).fetch(digest).root.digest == digest, "what is here needs no room"
