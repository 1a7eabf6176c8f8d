"""The folders of wallets on their way: a file elsewhere that goes with one, and what killed programs left in them.

Imports nothing heavy: every command sweeps before it does anything else.
"""

import hashlib
import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from wallet.documents import read_json
from wallet.errors import StoreError
from wallet.store.files import read_private, write_private
from wallet.store.signing_lock import SigningLock
from wallet.store.unfinished import remove_dead, sweep

SIGNING_LOCK = "signing.lock"
"""In a wallet's folder: held by whoever signs, and by whoever writes the keystore."""

_BESIDE = "beside.json"
"""In a wallet that is not made yet: which file elsewhere goes with it."""

_LARGEST = 64 * 1024
_OLD_WALLET = re.compile(r"\..+\.(\d{1,9})\.new")
"""How version 0.1 named a wallet on its way to its name, with the process that made it."""

_OLD_KEYSTORE = re.compile(r"\.keystore\.json(\.bak)?\.[a-z0-9_]{8}")
"""How version 0.1 named a keystore on its way to its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A new file that goes with a new wallet and lies elsewhere: there where the wallet is, gone where it is not."""

    path: Path
    data: bytes = field(repr=False)


def write_beside(unfinished: Path, beside: Beside) -> None:
    """First what will be there, and then the file, so that whoever finds the folder left behind can take it back.

    Raises StoreError, also where the file exists.
    """
    path = beside.path.absolute()
    said = {"file": str(path), "sha256": hashlib.sha256(beside.data).hexdigest()}
    write_private(unfinished / _BESIDE, json.dumps(said).encode("utf-8"), overwrite=False)
    write_private(path, beside.data, overwrite=False)


def take_back(unfinished: Path) -> None:
    """Removes the file that was written beside a wallet that never was; one with other bytes stays. Never raises."""
    with suppress(OSError, StoreError, ValueError, KeyError, TypeError):
        said = read_json(read_private(unfinished / _BESIDE, _LARGEST) or b"{}", what="the note beside the folder")
        file = Path(said["file"])
        data = read_private(file, _LARGEST)
        if data is not None and hashlib.sha256(data).hexdigest() == said["sha256"]:
            file.unlink()


def is_made(folder: Path) -> None:
    """The wallet has its name, and what was written beside it stays. Raises OSError."""
    (folder / _BESIDE).unlink(missing_ok=True)


def sweep_wallets(folder: Path) -> None:
    """Removes what killed programs left in the folder of a network's wallets, and in each of them. Never raises."""
    sweep(folder, take_back)
    with suppress(OSError):
        for wallet in sorted(folder.iterdir()):
            old = _OLD_WALLET.fullmatch(wallet.name)
            if old is not None:
                _sweep_old_wallet(wallet, int(old[1]))
            elif wallet.is_dir() and not wallet.name.startswith("."):
                sweep(wallet)
                _sweep_old_keystores(wallet)
                is_made(wallet)


def _sweep_old_wallet(unfinished: Path, process: int) -> None:
    """A wallet that version 0.1 was making: its folder names the process, and nothing locks it."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        remove_dead(unfinished)


def _sweep_old_keystores(wallet: Path) -> None:
    """Version 0.1 held the wallet's lock while it wrote a keystore: what is there while nobody has it was left."""
    left = [file for file in wallet.iterdir() if _OLD_KEYSTORE.fullmatch(file.name)]
    if left:
        with suppress(StoreError), SigningLock(wallet / SIGNING_LOCK):
            for file in left:
                file.unlink(missing_ok=True)
