"""What the sealed forms of a repository say of the secrets that they were made with."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from assets.errors import NotFoundError, RegistryError
from assets.images.digest import Digest
from assets.images.repository import RepositoryState, Sealing
from assets.registry.encryption import Seal
from assets.registry.oci import Manifest
from assets.registry.port import ManifestSource
from assets.remedies import ImageRemedy
from wallet.errors import EncodingError

ReadManifest = Callable[[Digest], Manifest]
"""Gives an encrypted manifest. Raises RegistryError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadForm:
    """A sealed form, and what its manifest says of its key."""

    sealing: Sealing
    seal: Seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """Sealed forms that could be read, and why the others could not, each digest once."""

    read: tuple[ReadForm, ...]
    unread: tuple[tuple[Digest, str], ...]


def read_forms(sealings: Iterable[Sealing], read: ReadManifest) -> Forms:
    """Reads each sealed form; one that is gone, or says nothing of its key, is told with the reason."""
    found: list[ReadForm] = []
    unread: dict[Digest, str] = {}
    for sealing in sealings:
        try:
            found.append(ReadForm(sealing=sealing, seal=Seal.read(read(sealing.ciphertext))))
        except (RegistryError, EncodingError) as error:
            unread.setdefault(sealing.ciphertext, str(error))
    return Forms(read=tuple(found), unread=tuple(unread.items()))


def reader_of(registry: ManifestSource, state: RepositoryState, known: Iterable[str] = ()) -> ReadManifest:
    """Reads manifests of a repository under the names that it has had, the newest first.

    `known` are names that the user has typed: the chain holds only the hash of a long one.
    """
    names = _names(state, tuple(known))

    def read(digest: Digest) -> Manifest:
        missing: RegistryError | None = None
        for name in names:
            try:
                return registry.manifest(name, digest).document
            except RegistryError as error:
                missing = missing or error
        raise missing or NotFoundError(
            "the chain holds only a hash of the repository's name",
            hint=ImageRemedy.MAKE_KNOWN.of(),
        )

    return read


def _names(state: RepositoryState, known: Sequence[str]) -> tuple[str, ...]:
    found: list[str] = []
    for statement in reversed(state.statements):
        own = statement.name.name
        found.extend([own] if own is not None else [name for name in known if statement.name.matches(name)])
    return tuple(dict.fromkeys(found))
