"""A wallet in one file: the encrypted keystore as it is, the public facts, labels, coins frozen and freed, secrets.

A pure codec. The file is one JSON object in exactly the bytes in which it would be written again, with a checksum, so
that damage is noticed. It holds no secret in the clear, but whoever has it sees what the wallet holds. Nothing in it is
believed before the password opened the keystore and the public keys were derived anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from wallet.bip329 import check_ref
from wallet.coins import AccountKind
from wallet.documents import decode_json
from wallet.errors import EncodingError, NewerVersionError, StoreError, WalletError
from wallet.hashes import display, outpoint_text, parse_outpoint, parse_txid, sha256
from wallet.keys.keystore import read_header
from wallet.remedies import WalletRemedy
from wallet.store.handovers import HandedSecret
from wallet.store.wallet_store import Label, LabelType

FORMAT = "dockchains backup"
VERSION = 3
"""The newest that is known. One without freed coins is still written, and read, as version 2, and one without secrets
from sellers either as version 1."""

MAX_BACKUP = 32 * 1024 * 1024
"""Bytes of the largest backup that is read."""

MAX_CURSOR = 100_000
"""Keys of a chain that may have been handed out: every one of them is derived when the wallet is looked at."""

SECRET_ID_BYTES = 8
MAX_SCRIPT = 10_000
MAX_HANDED = 4096
"""Bytes of a script, and characters of an encrypted secret."""

_DAMAGED = "the backup is damaged"
_HINT = "take another copy of it, or restore the wallet from its words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The number of the first key of a chain that was not handed out."""

    account: AccountKind
    chain: int
    next: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup holds. `keystore` are the keystore file's bytes, `made` is in unix seconds.

    `frozen` and `freed` are coins as TXID:VOUT; `cursors` keep keys that were handed out from being handed out again.
    `secrets` are those of repositories that sellers handed over, encrypted to keys that follow from the words.
    """

    name: str
    made: int
    birth_height: int
    xpubs: tuple[tuple[AccountKind, str], ...]
    cursors: tuple[Cursor, ...]
    labels: tuple[Label, ...]
    frozen: tuple[str, ...]
    keystore: bytes
    secrets: tuple[HandedSecret, ...] = ()
    freed: tuple[str, ...] = ()


class _Label(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    type: str
    ref: str
    label: str | None = None
    origin: str | None = None


class _Document(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True):
    """The file, its fields in the order in which they are written."""

    birth_height: int
    checksum: str
    cursors: tuple[tuple[int, int, int], ...]
    format: str
    freed: tuple[str, ...] = ()
    frozen: tuple[str, ...]
    keystore: str
    labels: tuple[_Label, ...]
    made: int
    name: str
    secrets: tuple[tuple[str, str, str, str], ...] = ()
    version: int
    xpubs: tuple[tuple[int, str], ...]


class _Prelude(msgspec.Struct, frozen=True):
    format: str
    version: int


def write_backup(backup: Backup) -> bytes:
    """The file's bytes."""
    document = _Document(
        birth_height=backup.birth_height,
        checksum="",
        cursors=tuple((cursor.account.value, cursor.chain, cursor.next) for cursor in backup.cursors),
        format=FORMAT,
        freed=backup.freed,
        frozen=backup.frozen,
        keystore=backup.keystore.decode("utf-8"),
        labels=tuple(_Label(label.type.value, label.ref, label.label, label.origin) for label in backup.labels),
        made=backup.made,
        name=backup.name,
        secrets=tuple((display(one.subject), one.id.hex(), one.script.hex(), one.document) for one in backup.secrets),
        version=_version(backup.secrets, backup.freed),
        xpubs=tuple((account.value, xpub) for account, xpub in backup.xpubs),
    )
    data = msgspec.json.encode(msgspec.structs.replace(document, checksum=_checksum(document))) + b"\n"
    assert read_backup(data) == backup, "what is written can be read"
    return data


def read_backup(data: bytes) -> Backup:
    """The contents of a backup. Raises StoreError for damage, NewerVersionError for a version that is not known."""
    document = _parse(data)
    try:
        return _values(document)
    except (WalletError, ValueError) as error:
        raise StoreError(f"{_DAMAGED}: {error}", hint=_HINT) from error


def _parse(data: bytes) -> _Document:
    if len(data) > MAX_BACKUP:
        raise StoreError("this file is too large for a backup", hint=WalletRemedy.CHOOSE_BACKUP.of())
    try:
        prelude = decode_json(data, _Prelude, what="the backup")
    except EncodingError as error:
        raise StoreError(f"{_DAMAGED}, or it is none", hint=_HINT) from error
    if prelude.format != FORMAT:
        raise StoreError("this file is not a backup", hint=WalletRemedy.CHOOSE_BACKUP.of())
    if prelude.version > VERSION:
        raise NewerVersionError(
            f"the backup was written by a newer version (format {prelude.version})", hint="update the program"
        )
    try:
        document = decode_json(data, _Document, what="the backup")
    except EncodingError as error:
        raise StoreError(_DAMAGED, hint=_HINT) from error
    version = _version(document.secrets, document.freed)
    written = msgspec.json.encode(document) + b"\n" == data and document.version == version
    if not written or document.checksum != _checksum(document):
        raise StoreError(f"{_DAMAGED}: its checksum does not fit", hint=_HINT)
    return document


def _checksum(document: _Document) -> str:
    return sha256(msgspec.json.encode(msgspec.structs.replace(document, checksum=""))).hex()


def _values(document: _Document) -> Backup:
    """The document's values, each checked. Raises EncodingError, KeystoreError or ValueError."""
    keystore = document.keystore.encode("utf-8")
    read_header(keystore)
    if not 0 <= document.birth_height < 2**31 or not 0 <= document.made < 2**53:
        raise EncodingError("a number is out of bounds")
    if any(chain not in (0, 1) or not 0 <= next_ <= MAX_CURSOR for _, chain, next_ in document.cursors):
        raise EncodingError("a number is out of bounds")
    return Backup(
        name=document.name,
        made=document.made,
        birth_height=document.birth_height,
        xpubs=tuple((AccountKind(account), xpub) for account, xpub in document.xpubs),
        cursors=tuple(Cursor(account=AccountKind(a), chain=chain, next=next_) for a, chain, next_ in document.cursors),
        labels=tuple(_checked(label) for label in document.labels),
        frozen=tuple(outpoint_text(parse_outpoint(coin)) for coin in document.frozen),
        keystore=keystore,
        secrets=tuple(_secret(*one) for one in document.secrets),
        freed=tuple(outpoint_text(parse_outpoint(coin)) for coin in document.freed),
    )


def _version(secrets: Sequence[object], freed: Sequence[object]) -> int:
    """The oldest version that has room for all of it."""
    if freed:
        return VERSION
    return 2 if secrets else 1


def _secret(subject: str, id_: str, script: str, document: str) -> HandedSecret:
    """Raises EncodingError or ValueError for what is out of form; that it opens is not known before it is needed."""
    found = HandedSecret(
        subject=parse_txid(subject), id=bytes.fromhex(id_), script=bytes.fromhex(script), document=document
    )
    if len(found.id) != SECRET_ID_BYTES or len(found.script) > MAX_SCRIPT or len(document) > MAX_HANDED:
        raise EncodingError("a repository secret is out of bounds")
    return found


def _checked(label: _Label) -> Label:
    kind = LabelType(label.type)
    return Label(type=kind, ref=check_ref(kind, label.ref), label=label.label, origin=label.origin)
