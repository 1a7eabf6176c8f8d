"""Whoever asks for an image by its own digest, where only its sealed form is in the registry, is told of that form."""

from dataclasses import replace
from pathlib import Path

import pytest

from assets.errors import NotFoundError
from assets.images.digest import Digest
from assets.images.reference import ImageReference
from assets.images.verdict import Judgement, Verdict
from assets.registry.fake import FakeRegistry
from assets.services.images.pulling import pull
from assets.services.trust.verifying import Answer
from assets.store.image_store import ImageStore
from tests.assets.images.lineage import NAME, Lineage, digest


def answer(lineage: Lineage) -> Answer:
    """The image `a` verified."""
    return Answer(
        reference=ImageReference(name=NAME, tag=None, digest=digest("a")),
        digest=digest("a"),
        judgement=Judgement(verdict=Verdict.VERIFIED, findings=(), allowed=(), ruling=None),
        vouchers=(),
        claimed=None,
        state=lineage.state(),
        rivals=(),
        tip=None,
        notes=(),
    )


def refusal(store: ImageStore, asked: Answer) -> NotFoundError:
    with pytest.raises(NotFoundError) as caught:
        pull(asked, FakeRegistry(), store, ())
    return caught.value


def test_the_newest_sealed_form_is_named(tmp_path: Path) -> None:
    sealed = answer(Lineage().release("a", "1").seal("a", "c").seal("b", "x").seal("a", "d").mempool().seal("a", "e"))
    said = refusal(ImageStore(tmp_path), sealed)
    assert said.hint.endswith(f"its sealed form opens to it: {NAME}@{digest('d')}")
    assert str(digest("a")) in str(said)


def test_what_was_never_sealed_is_just_not_there(tmp_path: Path) -> None:
    plain = answer(Lineage().release("a", "1").seal("b", "x"))
    assert "sealed" not in refusal(ImageStore(tmp_path), plain).hint
    other = replace(plain, digest=Digest.of(b"x"))
    assert "sealed" not in refusal(ImageStore(tmp_path), other).hint
