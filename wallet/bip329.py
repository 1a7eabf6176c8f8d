"""Labels as JSON lines (BIP329): what wallets exchange, one object a line, no key of ours in it.

A pure codec. Reading takes all lines or none: every damaged one is named by its number.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from wallet.documents import read_json
from wallet.errors import EncodingError
from wallet.hashes import outpoint_text, parse_outpoint, parse_txid
from wallet.keys.address import parse_address
from wallet.network import NETWORKS
from wallet.store.wallet_store import Label, LabelType

MAX_FILE = 16 * 1024 * 1024
"""Bytes of the largest file that is read."""

MAX_LABEL = 1_000
"""Characters of the longest label."""

_NAMED = 10
"""How many damaged lines an error names."""

_MOST_DAMAGED = 1_000
"""Damaged lines after which no more of a file is read."""

_KNOWN = frozenset(kind.value for kind in LabelType)
_PUBLIC_KEY = re.compile(r"(0[23][0-9a-f]{64}|[0-9a-f]{64}|04[0-9a-f]{128})")

_EXTENDED_KEY = re.compile(r"[a-zA-Z]pub[1-9A-HJ-NP-Za-km-z]{90,116}")
_PRIVATE_KEY = re.compile(r"[a-zA-Z]prv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The labels of a file, in its order. `skipped` counts lines of types that this version does not know."""

    labels: tuple[Label, ...]
    skipped: int


def write_labels(labels: Iterable[Label]) -> str:
    """One line for each label, absent keys left out, each with a line feed. All ASCII: the rest is escaped."""
    return "".join(json.dumps(_document(label)) + "\n" for label in labels)


def read_labels(data: bytes) -> Labels:
    """All labels of a file; empty lines are allowed. Raises EncodingError that names the damaged lines."""
    if len(data) > MAX_FILE:
        raise EncodingError("the file of labels is too large", hint=f"at most {MAX_FILE} bytes are read")
    labels: list[Label] = []
    damaged: list[str] = []
    skipped = 0
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            label = _label(line)
        except ValueError as error:
            damaged.append(f"line {number}: {error}")
            if len(damaged) == _MOST_DAMAGED:
                break
            continue
        if label is None:
            skipped += 1
        else:
            labels.append(label)
    if damaged:
        least = "at least " if len(damaged) == _MOST_DAMAGED else ""
        more = f"; and {least}{len(damaged) - _NAMED} more" if len(damaged) > _NAMED else ""
        raise EncodingError(
            f"the file of labels is damaged: {'; '.join(damaged[:_NAMED])}{more}",
            hint="nothing was imported; repair or remove these lines",
        )
    return Labels(labels=tuple(labels), skipped=skipped)


def check_ref(kind: LabelType, ref: str) -> str:
    """The reference in its one form. Raises EncodingError where it is none of this type."""
    return _REFS[kind](ref)


def _document(label: Label) -> dict[str, object]:
    document = {
        "type": label.type.value,
        "ref": label.ref,
        "label": label.label,
        "origin": label.origin,
        "spendable": label.spendable,
    }
    return {key: value for key, value in document.items() if value is not None}


def _label(line: bytes) -> Label | None:
    """A label; None where its type is not known. Raises ValueError in words for people."""
    document = _object(line)
    kind = document.get("type")
    if not isinstance(kind, str):
        raise EncodingError("it has no type")
    if kind not in _KNOWN:
        return None
    ref = document.get("ref")
    if not isinstance(ref, str):
        raise EncodingError("it has no ref")
    return Label(
        type=LabelType(kind),
        ref=check_ref(LabelType(kind), ref),
        label=_text(document, "label"),
        origin=_text(document, "origin"),
        spendable=_spendable(document, kind),
    )


def _object(line: bytes) -> dict[str, Any]:
    document = read_json(line, what="it")
    if not isinstance(document, dict):
        raise EncodingError("it is no JSON object")
    return document


def _text(document: dict[str, Any], key: str) -> str | None:
    value = document.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > MAX_LABEL:
        raise EncodingError(f"its {key} is no text of at most {MAX_LABEL} characters")
    return value


def _spendable(document: dict[str, Any], kind: str) -> bool | None:
    value = document.get("spendable")
    if value is None:
        return None
    if not isinstance(value, bool):
        raise EncodingError("its spendable is neither true nor false")
    if kind != LabelType.OUTPUT:
        raise EncodingError(f"only an output is spendable or not, and it is of type {kind}")
    return value


def _txid(ref: str) -> str:
    parse_txid(ref)
    return ref


def _outpoint(ref: str) -> str:
    return outpoint_text(parse_outpoint(ref))


def _address(ref: str) -> str:
    for network in NETWORKS.values():
        try:
            parse_address(ref, network)
        except EncodingError:
            continue
        return ref.lower() if ref.lower().startswith(f"{network.hrp}1") else ref
    raise EncodingError(
        f"not a Bitcoin address: {ref[:100]!r}",
        hint="a label stands for a transaction id, TXID:VOUT of a coin, an address, or an extended public key",
    )


def _extended_key(ref: str) -> str:
    """Any version bytes are taken, since wallets have many; private keys are not."""
    if _PRIVATE_KEY.match(ref):
        raise EncodingError("its ref is a private key")
    if not _EXTENDED_KEY.fullmatch(ref):
        raise EncodingError(f"not an extended public key: {ref[:140]!r}")
    return ref


def _public_key(ref: str) -> str:
    if not _PUBLIC_KEY.fullmatch(ref):
        raise EncodingError(f"not a public key: {ref[:140]!r}")
    return ref


_REFS: dict[LabelType, Callable[[str], str]] = {
    LabelType.TX: _txid,
    LabelType.ADDR: _address,
    LabelType.PUBKEY: _public_key,
    LabelType.INPUT: _outpoint,
    LabelType.OUTPUT: _outpoint,
    LabelType.XPUB: _extended_key,
}
"""How the reference of each type is checked."""
