"""The definition of a gated repository stands in its public sibling, and is found there by everybody."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assets.errors import RegistryUnavailableError, UnauthorizedError
from assets.images.digest import Digest
from assets.registry.fake import FakeRegistry
from assets.registry.port import Artifact
from assets.services.chain.claims import DEFINITION_TAG, DEFINITION_TYPE, read_claim, served_document, sibling_of
from assets.services.owning.publishing import publish_definition
from tests.assets.services.closed_world import ClosedWorld, Issued
from wallet.network import REGTEST

NAME = "registry.example/studio/film"


class Gated(FakeRegistry):
    """A registry that refuses what is closed; `down` names places that do not answer."""

    def __init__(self) -> None:
        super().__init__()
        self.closed: set[str] = set()
        self.down: set[str] = set()

    def fetch_artifact(
        self, name: str, tag: str, artifact_type: str, limit: int, note: Callable[[str], None] | None = None
    ) -> Artifact | None:
        """As every registry, for those who may."""
        if name in self.down:
            raise RegistryUnavailableError(f"no answer for {name}")
        if name in self.closed:
            raise UnauthorizedError(f"{name} is closed")
        return super().fetch_artifact(name, tag, artifact_type, limit, note)


def document_at(registry: FakeRegistry, place: str) -> bytes | None:
    found = registry.fetch_artifact(place, DEFINITION_TAG, DEFINITION_TYPE, 65_536)
    return None if found is None else found.data


@pytest.fixture
def closed(tmp_path: Path) -> ClosedWorld:
    return ClosedWorld(tmp_path)


def published(closed: ClosedWorld, issued: Issued, *places: str) -> Gated:
    """A registry that has the repository's definition at these places, and refuses the repository itself."""
    registry = Gated()
    for place in (sibling_of(issued.name), issued.name):
        document = document_at(closed.world.registry, place)
        if document is not None:
            for target in places:
                registry.push_artifact(target, DEFINITION_TAG, DEFINITION_TYPE, document, {})
    registry.closed.add(issued.name)
    return registry


def test_a_gated_definition_goes_to_the_sibling_and_another_beside_the_images(closed: ClosedWorld) -> None:
    gated, opened = closed.issue(NAME), closed.issue("registry.example/open/app", gate=None)
    registry = closed.world.registry
    assert document_at(registry, sibling_of(gated.name)) is not None
    assert document_at(registry, gated.name) is None
    assert document_at(registry, opened.name) is not None
    assert document_at(registry, sibling_of(opened.name)) is None


def test_what_an_earlier_definition_left_elsewhere_is_replaced(closed: ClosedWorld) -> None:
    before = closed.issue(NAME, gate=None)
    registry = closed.world.registry
    closed.issue(NAME)
    now = document_at(registry, sibling_of(NAME))
    assert now is not None
    assert document_at(registry, NAME) == now
    publish_definition(NAME, before.genesis, now, registry, REGTEST)
    assert document_at(registry, NAME) == now


def test_a_stranger_reads_the_claim_of_a_gated_repository(closed: ClosedWorld) -> None:
    film = closed.issue(NAME)
    registry = published(closed, film, sibling_of(NAME))
    answer = read_claim(registry, NAME, closed.world.access)
    assert answer.claim is not None
    assert answer.claim.genesis == film.genesis


def test_a_holder_who_may_read_the_repository_finds_it_too(closed: ClosedWorld) -> None:
    film = closed.issue(NAME)
    registry = published(closed, film, sibling_of(NAME))
    registry.closed.clear()
    assert read_claim(registry, NAME, closed.world.access).claim is not None


def test_a_closed_repository_without_a_sibling_is_told_as_closed(closed: ClosedWorld) -> None:
    registry = Gated()
    registry.closed.add(NAME)
    with pytest.raises(UnauthorizedError):
        read_claim(registry, NAME, closed.world.access)
    registry.closed.add(sibling_of(NAME))
    with pytest.raises(UnauthorizedError, match=f"{NAME} is closed"):
        read_claim(registry, NAME, closed.world.access)


def test_a_registry_that_stops_answering_is_told(closed: ClosedWorld) -> None:
    registry = Gated()
    registry.down.add(sibling_of(NAME))
    with pytest.raises(RegistryUnavailableError):
        read_claim(registry, NAME, closed.world.access)
    with pytest.raises(RegistryUnavailableError):
        served_document(NAME, Digest(bytes(32)), registry)


def test_the_document_with_a_digest_is_found_at_either_place(closed: ClosedWorld) -> None:
    film = closed.issue(NAME)
    document = document_at(closed.world.registry, sibling_of(NAME))
    assert document is not None
    digest = Digest.of(document)
    registry = published(closed, film, sibling_of(NAME))
    assert served_document(NAME, digest, registry) == document
    registry.closed.clear()
    assert served_document(NAME, digest, registry) == document
    assert served_document(NAME, Digest(bytes(32)), registry) is None
    registry.closed.add(NAME)
    with pytest.raises(UnauthorizedError):
        served_document(NAME, Digest(bytes(32)), registry)
