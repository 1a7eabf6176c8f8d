"""What a pull-only registry gives out: the port between who speaks HTTP and who knows what verifies."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedManifest:
    """A manifest's exact bytes, what they are, and their digest as text."""

    data: bytes
    media_type: str
    digest: str


class Shelf(Protocol):
    """What may be given out. `host` is the registry that a mirror's client had in mind, empty where it does not say."""

    def manifest(self, name: str, selector: str, host: str) -> ServedManifest | None:
        """A manifest by tag or digest, or None where it may not be given out."""

    def blob(self, name: str, digest: str, host: str) -> Path | None:
        """A file with a blob, or None."""

    def tags(self, name: str, host: str) -> tuple[str, ...] | None:
        """The tags of a repository, or None where nothing of it may be given out."""

    def refusal(self, name: str, selector: str, host: str) -> str:
        """Why an image that is here is not given out, for people; empty where nothing is known of it."""
