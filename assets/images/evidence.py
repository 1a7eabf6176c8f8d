"""The evidence document: the transactions that decide a title's lineage, with the branches that prove them.

JSON lines, oldest first, each in canonical form: `{tx, block, index, branch, coinbase, coinbase_branch, wbranch}` for a
transaction, and at the end `{tip, height}`. Hashes are in display hex, from the leaf's sibling upwards. Where a block
has no witness commitment, the last three are left out, and the witnesses are unproven. Lines `{document}` before the
last one (version 2) carry the manifests of revoked lists in base64. Nothing here is believed: it is read as a value,
and proven against block headers elsewhere; a manifest is known by its sha256.
"""

import base64
import binascii
from dataclasses import dataclass

import msgspec

from assets.images.canonical import Json, decode_into, encode
from wallet.errors import EncodingError
from wallet.hashes import BlockHash, display

MAX_EVIDENCE = 64 * 1024 * 1024
"""Bytes of the largest document that is read: some ten thousand transactions."""

MAX_LINE = 9 * 1024 * 1024
"""Bytes of the longest line, in hex: more than one transaction that fills a block, and far more than is relayed."""

MAX_BRANCH = 32
"""Steps of the longest branch; no block holds more than 2^20 transactions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessProof:
    """What ties a transaction's witnesses to its block (BIP141): the coinbase, its Merkle branch, and the branch from
    the transaction's wtxid to the coinbase's witness commitment."""

    coinbase: bytes
    coinbase_branch: tuple[bytes, ...]
    branch: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceStep:
    """One transaction with witnesses as it is serialised, its block, its number there, and its Merkle branch."""

    tx: bytes
    block: BlockHash
    index: int
    branch: tuple[bytes, ...]
    witness: WitnessProof | None

    def serialize(self) -> bytes:
        """Its line, without the line feed."""
        document: dict[str, Json] = {
            "tx": self.tx.hex(),
            "block": display(self.block),
            "index": self.index,
            "branch": [display(node) for node in self.branch],
        }
        if self.witness is not None:
            document |= {
                "coinbase": self.witness.coinbase.hex(),
                "coinbase_branch": [display(node) for node in self.witness.coinbase_branch],
                "wbranch": [display(node) for node in self.witness.branch],
            }
        return encode(document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The steps, oldest first, the block as of which they were all there was, and manifests of revoked lists."""

    steps: tuple[EvidenceStep, ...]
    tip: BlockHash
    height: int
    documents: tuple[bytes, ...] = ()

    def serialize(self) -> bytes:
        """The document; every line ends with a line feed."""
        last = encode({"height": self.height, "tip": display(self.tip)})
        documents = (encode({"document": base64.b64encode(one).decode("ascii")}) for one in self.documents)
        return b"".join(line + b"\n" for line in (*(step.serialize() for step in self.steps), *documents, last))


class _Step(msgspec.Struct, forbid_unknown_fields=True):
    tx: str
    block: str
    index: int
    branch: list[str]
    coinbase: str | None = None
    coinbase_branch: list[str] | None = None
    wbranch: list[str] | None = None


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    document: str


class _Tip(msgspec.Struct, forbid_unknown_fields=True):
    tip: str
    height: int


def parse_evidence(document: bytes) -> Evidence:
    """The document as a value. Raises EncodingError for everything that is not exactly of this form."""
    if len(document) > MAX_EVIDENCE:
        raise EncodingError(f"the evidence has more than {MAX_EVIDENCE} bytes", hint="is it the right file?")
    lines = document.split(b"\n")
    if len(lines) < 3 or lines[-1]:
        raise EncodingError(
            "the evidence is cut off, or none", hint="its last line ends with a line feed: fetch it anew"
        )
    last = decode_into(lines[-2], _Tip, limit=MAX_LINE, what="the evidence's last line")
    body = lines[:-2]
    while body and body[-1].startswith(_DOCUMENT):
        body.pop()
    steps = tuple(_step(line, f"line {number} of the evidence") for number, line in enumerate(body, 1))
    carried = enumerate(lines[len(body) : -2], len(body) + 1)
    return Evidence(
        steps=steps,
        tip=BlockHash(_hash(last.tip, "the evidence's last line")),
        height=last.height,
        documents=tuple(_document(line, f"line {number} of the evidence") for number, line in carried),
    )


def _step(line: bytes, what: str) -> EvidenceStep:
    read = decode_into(line, _Step, limit=MAX_LINE, what=what)
    parts = (read.coinbase, read.coinbase_branch, read.wbranch)
    witness = None
    if read.coinbase is not None and read.coinbase_branch is not None and read.wbranch is not None:
        witness = WitnessProof(
            coinbase=_bytes(read.coinbase, what),
            coinbase_branch=_branch(read.coinbase_branch, what),
            branch=_branch(read.wbranch, what),
        )
    elif any(part is not None for part in parts):
        raise EncodingError(f"{what}: coinbase, coinbase_branch and wbranch stand together", hint=_HINT)
    return EvidenceStep(
        tx=_bytes(read.tx, what),
        block=BlockHash(_hash(read.block, what)),
        index=read.index,
        branch=_branch(read.branch, what),
        witness=witness,
    )


def _document(line: bytes, what: str) -> bytes:
    text = decode_into(line, _Document, limit=MAX_LINE, what=what).document
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not found or base64.b64encode(found).decode("ascii") != text:
        raise EncodingError(f"{what}: not base64 in its one form", hint=_HINT)
    return found


_DOCUMENT = b'{"document":'
_HINT = "fetch it anew, or have the publisher make it again"


def _branch(texts: list[str], what: str) -> tuple[bytes, ...]:
    if len(texts) > MAX_BRANCH:
        raise EncodingError(f"{what}: a branch of {len(texts)} steps", hint=_HINT)
    return tuple(_hash(text, what) for text in texts)


def _hash(text: str, what: str) -> bytes:
    found = _bytes(text, what)
    if len(found) != 32:
        raise EncodingError(f"{what}: a hash has 32 bytes", hint=_HINT)
    return found[::-1]


def _bytes(text: str, what: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if not found or found.hex() != text:
        raise EncodingError(f"{what}: not lower-case hexadecimal", hint=_HINT)
    return found
