"""The digest by which an image is named: sha256 of the exact bytes of its manifest (OCI image specification)."""

import re
from dataclasses import dataclass
from typing import Self

from wallet.errors import EncodingError
from wallet.hashes import sha256

_SHA256 = re.compile(r"sha256:([0-9a-f]{64})", re.ASCII)
_ALGORITHM = re.compile(r"([a-z0-9]+(?:[+._-][a-z0-9]+)*):", re.ASCII)
_HINT = "expected sha256: and 64 lower-case hexadecimal digits"


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """32 bytes of sha256. No other algorithm is known: a record on the chain has room for no other."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != 32:
            raise EncodingError(f"a sha256 digest has 32 bytes, not {len(self.raw)}", hint=_HINT)

    @classmethod
    def from_raw(cls, raw: bytes) -> Self:
        """A digest from its 32 bytes. Raises EncodingError for any other length."""
        return cls(bytes(raw))

    @classmethod
    def of(cls, content: bytes) -> Self:
        """The digest of a manifest's or a blob's bytes."""
        return cls(sha256(content))

    @classmethod
    def parse(cls, text: str) -> Self:
        """A digest from `sha256:<hex>`. Raises EncodingError, by name for another algorithm."""
        match = _SHA256.fullmatch(text)
        if match is not None:
            return cls(bytes.fromhex(match[1]))
        algorithm = _ALGORITHM.match(text)
        if algorithm is not None and algorithm[1] != "sha256":
            raise EncodingError(
                f"the digest algorithm {algorithm[1][:40]} is not supported: only sha256 is bound on the chain",
                hint="push the image again with sha256 digests, and use the sha256 digest of its manifest",
            )
        raise EncodingError(f"not a digest: {text[:100]!a}", hint=_HINT)

    @property
    def hex(self) -> str:
        """64 lower-case hexadecimal digits, without the algorithm."""
        return self.raw.hex()

    def __str__(self) -> str:
        return f"sha256:{self.raw.hex()}"
