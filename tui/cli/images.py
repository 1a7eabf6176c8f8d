"""What the commands about images share: chain and documents, confirmations."""

from collections.abc import Callable
from pathlib import Path

from assets.images.canonical import DOCUMENT_LIMIT
from assets.services.chain.chain_access import ChainAccess
from assets.store.document_store import DocumentStore
from assets.store.name_store import NameStore
from tui.cli.call import Call
from tui.text import lines
from tui.verbs.image.fields import bare_name
from wallet.errors import EncodingError, WalletError

__all__ = ["bare_name"]

READ_CONFIRMATIONS = 1
"""Blocks that settle a record for whoever only reads."""


def chain_of(call: Call) -> ChainAccess:
    """Node and index of the call's network; catching up shows its progress, and says what fell out of the chain."""
    return call.workplace.chain()


def manifests_of(call: Call) -> DocumentStore:
    """Manifests that were read before."""
    return call.house.manifests


def definitions_of(call: Call) -> DocumentStore:
    """Definitions that this user published."""
    return call.house.definitions


def names_of(call: Call) -> NameStore:
    """Names of repositories that this user typed."""
    return call.house.names


def reading_confirmations(call: Call) -> int:
    """How many blocks settle a record for a reader."""
    return call.settings.confirmations or READ_CONFIRMATIONS


def settling_confirmations(call: Call) -> int:
    """How many blocks settle what a pin rests on: 6 on mainnet, 1 on test networks, unless set."""
    return call.settings.confirmations or call.house.network.confirmations


def quietly(note: Callable[[str], None], attempt: Callable[[], object]) -> bool:
    """Runs what may fail without undoing what was done before; says why it failed."""
    try:
        attempt()
    except WalletError as error:
        note(lines(str(error), [f"  {error.hint}"] if error.hint else []))
        return False
    return True


def document_in(file: Path) -> bytes:
    """A document that somebody prepared. Raises EncodingError."""
    try:
        with file.open("rb") as opened:
            return opened.read(DOCUMENT_LIMIT + 1)
    except OSError as error:
        raise EncodingError(f"cannot read {file}: {error.strerror}", hint="check the path") from error


def text_in(file: Path) -> str:
    """A list that somebody wrote. Raises EncodingError."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise EncodingError(f"cannot read {file}: {error.strerror}", hint="check the path") from error
    except UnicodeDecodeError as error:
        raise EncodingError(f"{file} is not UTF-8 text", hint="save it as UTF-8") from error
