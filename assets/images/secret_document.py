"""A repository's secret as it changes hands: canonical JSON, `{genesis, secret}`. A secret in the clear."""

import msgspec

from assets.images.canonical import decode_into, encode
from assets.images.content_key import ContentKey, RepositorySecret
from wallet.hashes import display, parse_txid

DOCUMENT_LIMIT = 4096
"""Bytes that such a document may have."""

_WHAT = "the document with the repository secret"


class _Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    genesis: str
    secret: str


def secret_document(secret: RepositorySecret) -> bytes:
    """The document of a secret."""
    return encode({"genesis": display(secret.genesis), "secret": secret.value.hex()})


def parse_secret_document(document: bytes) -> RepositorySecret:
    """The inverse of `secret_document`. Raises EncodingError, which does not show what was given."""
    shape = decode_into(document, _Shape, limit=DOCUMENT_LIMIT, what=_WHAT)
    return RepositorySecret(genesis=parse_txid(shape.genesis), value=ContentKey.parse(shape.secret).value)
