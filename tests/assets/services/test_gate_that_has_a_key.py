"""The gate of a sealed image is the one that its owner's definition names, under whatever name the image was pulled."""

from pathlib import Path

import pytest

from assets.images.digest import Digest
from assets.images.pin import Pins
from assets.images.reference import ImageReference
from assets.remedies import ImageRemedy
from assets.services.access.gate_finding import key_due
from assets.services.images.content_keys import KeyGate
from assets.services.images.key_gate import key_gate
from assets.services.trust.verifying import Answer, Question, verify
from assets.store.document_store import DocumentStore
from tests.assets.services.closed_world import GATE, ClosedWorld, Issued

NAME, LONG = "registry.example/acme/film", "registry.example/studio/a/film/with/a/long/name"
MIRROR = "mirror.example/acme/film"


@pytest.fixture
def closed(tmp_path: Path) -> ClosedWorld:
    return ClosedWorld(tmp_path)


def judged(closed: ClosedWorld, name: str, issued: Issued) -> Answer:
    """What somebody is answered who asks for an image of a repository by this name."""
    question = Question(
        reference=ImageReference(name=name, tag=None, digest=Digest.of(b"sealed")),
        pins=Pins(),
        lock=None,
        genesis=issued.genesis,
        confirmations=1,
        allow=frozenset(),
    )
    return verify(question, closed.world.access, closed.world.registry, DocumentStore(closed.home / "manifests"))


@pytest.mark.parametrize("name", [NAME, MIRROR])
def test_it_is_the_repositorys_own_wherever_the_image_lies(closed: ClosedWorld, name: str) -> None:
    answer = judged(closed, name, closed.issue(NAME))
    found = key_gate(answer, closed.world.registry, closed.documents)
    assert found == KeyGate(origin=GATE, name=NAME)


def test_a_name_that_the_chain_only_hashes_is_known_from_the_login(closed: ClosedWorld) -> None:
    film = closed.issue(LONG)
    answer = judged(closed, MIRROR, film)
    assert key_gate(answer, closed.world.registry, closed.documents) is None
    closed.grant(film, 0)
    closed.log_in(closed.draft(film))
    assert key_gate(answer, closed.world.registry, closed.documents) == KeyGate(origin=GATE, name=LONG)


def test_there_is_none_where_the_owner_names_none_or_nobody_has_the_definition(closed: ClosedWorld) -> None:
    free, silent = closed.issue(NAME, gate=None), closed.issue("registry.example/acme/other", push=False)
    liar = closed.issue("registry.example/acme/liar", claims=NAME)
    for issued in (free, silent, liar):
        answer = judged(closed, MIRROR, issued)
        assert key_gate(answer, closed.world.registry, closed.documents) is None


def test_whoever_seals_is_told_that_the_gate_has_no_key_yet(closed: ClosedWorld) -> None:
    gated, free = closed.issue(NAME), closed.issue("registry.example/acme/free", gate=None)
    silent = closed.issue("registry.example/acme/other", push=False)
    said = [
        key_due(issued.name, state, closed.world.registry, closed.documents)
        for issued in (gated, free, silent)
        if (state := judged(closed, issued.name, issued).state) is not None
    ]
    assert [one is not None for one in said] == [True, False, False]
    assert GATE in str(said[0])
    assert str(ImageRemedy.EXPORT_GATE_KEEPING_KEY.of()) in str(said[0])
