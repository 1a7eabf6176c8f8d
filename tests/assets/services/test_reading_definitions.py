"""A definition is shown only where its bytes have the sha256 that the chain carries."""

from assets.errors import RegistryUnavailableError
from assets.images.digest import Digest
from assets.registry.fake import FakeRegistry
from assets.services.chain.claims import DEFINITION_TAG, DEFINITION_TYPE
from assets.services.chain.definitions import find_definition
from tests.assets.images.test_definition import built

NAME = "registry.example/acme/app"
DOCUMENT = built(source="https://example.org/app").document
SHA256 = Digest.of(DOCUMENT).hex


class Kept:
    """Documents in memory."""

    def __init__(self, *documents: bytes) -> None:
        self.documents = {Digest.of(one): one for one in documents}

    def load(self, digest: Digest) -> bytes | None:
        """One of them."""
        return self.documents.get(digest)

    def save(self, data: bytes) -> Digest:
        """One more."""
        self.documents[Digest.of(data)] = data
        return Digest.of(data)


class DeadRegistry(FakeRegistry):
    """No answer."""

    def fetch_artifact(self, *_: object, **__: object) -> None:
        """Nobody is there."""
        raise RegistryUnavailableError("no answer from registry.example")


def published(document: bytes) -> FakeRegistry:
    """A registry with a definition."""
    registry = FakeRegistry()
    registry.push_artifact(NAME, DEFINITION_TAG, DEFINITION_TYPE, document, {})
    return registry


def test_a_document_that_is_kept_here_needs_no_registry() -> None:
    view, why_not = find_definition(NAME, SHA256, Kept(DOCUMENT), DeadRegistry())
    assert view is not None
    assert (view.sha256, view.links, why_not) == (SHA256, (("source", "https://example.org/app"),), "")


def test_a_published_document_is_shown_where_it_is_the_one_that_the_chain_carries() -> None:
    view, _ = find_definition(NAME, SHA256, Kept(), published(DOCUMENT))
    assert view is not None
    other = built(source="https://example.org/other").document
    view, why_not = find_definition(NAME, SHA256, Kept(), published(other))
    assert view is None
    assert "another one than the chain carries" in why_not


def test_why_there_is_none_is_said() -> None:
    assert find_definition(NAME, SHA256, Kept(), FakeRegistry())[1].startswith("it is not on this machine")
    assert "no answer" in find_definition(NAME, SHA256, Kept(), DeadRegistry())[1]


def test_a_document_that_is_no_definition_is_not_shown() -> None:
    junk = b"[]"
    view, why_not = find_definition(NAME, Digest.of(junk).hex, Kept(junk), FakeRegistry())
    assert view is None
    assert why_not
