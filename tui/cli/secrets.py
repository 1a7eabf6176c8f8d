"""Secrets come by prompt, by file or by file descriptor; never by argument or environment, which others can see."""

import os
from dataclasses import dataclass
from pathlib import Path

from tui.cli.exits import LockedError
from tui.cli.terminal import Terminal
from wallet.errors import EncodingError

_LIMIT = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretSource:
    """Where a secret is to be read from, before anything is read."""

    file: Path | None
    fd: int | None

    def read(self, what: str) -> str | None:
        """The secret without its final line feed, or None where neither was named. Raises EncodingError."""
        if self.file is not None and self.fd is not None:
            raise EncodingError(f"two sources for the {what}", hint="name a file or a descriptor, not both")
        if self.file is None and self.fd is None:
            return None
        try:
            raw = _read(self.file if self.file is not None else self.fd)
        except OSError as error:
            raise EncodingError(
                f"cannot read the {what}: {error.strerror}", hint="check the path or the descriptor"
            ) from error
        if len(raw) > _LIMIT:
            raise EncodingError(f"the {what} is longer than {_LIMIT} bytes", hint="is this the right file?")
        try:
            return raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            raise EncodingError(f"the {what} is not UTF-8 text", hint="is this the right file?") from None


def _read(source: Path | int | None) -> bytes:
    if isinstance(source, Path):
        with source.open("rb") as file:
            return file.read(_LIMIT + 1)
    assert source is not None
    with os.fdopen(source, "rb", closefd=False) as file:
        return file.read(_LIMIT + 1)


def password(source: SecretSource, terminal: Terminal, *, of: str) -> str:
    """The password of an existing wallet. Raises LockedError where it is not given and cannot be asked for."""
    given = source.read("password")
    if given is not None:
        return given
    if not terminal.interactive:
        raise LockedError(f"the password of {of} is needed", hint="give it with --password-file or --password-fd")
    return terminal.ask_hidden(f"Password of {of}:", instead="--password-file")


def new_password(source: SecretSource, terminal: Terminal, *, of: str) -> str:
    """A password for a new wallet, typed twice where it is asked for. Raises KeystoreError for a short one."""
    given = source.read("password")
    if given is None:
        if not terminal.interactive:
            raise LockedError(f"a password for {of} is needed", hint="give it with --password-file or --password-fd")
        given = terminal.ask_hidden(f"New password for {of}:", instead="--password-file")
        if given != terminal.ask_hidden("The same again:", instead="--password-file"):
            raise EncodingError("the two passwords differ", hint="nothing was made; start again")
    from wallet.keys.keystore import require_good_password

    require_good_password(given)
    return given


def recovery_words(source: SecretSource, terminal: Terminal) -> str:
    """The recovery words as typed, unchecked."""
    given = source.read("recovery words")
    if given is not None:
        return given
    if not terminal.interactive:
        raise LockedError("the recovery words are needed", hint="give them with --words-file or --words-fd")
    return terminal.ask_hidden("Recovery words (not shown):", instead="--words-file")


def new_passphrase(source: SecretSource, terminal: Terminal, *, wanted: bool) -> str:
    """A BIP39 passphrase for new words, typed twice; empty where none is wanted."""
    given = source.read("passphrase")
    if given is not None or not wanted:
        return given or ""
    terminal.note("A wrong passphrase opens another, empty wallet, with no error. It is not on the word sheet.")
    first = terminal.ask_hidden("BIP39 passphrase:", instead="--passphrase-file")
    if first != terminal.ask_hidden("The same again:", instead="--passphrase-file"):
        raise EncodingError("the two passphrases differ", hint="nothing was made; start again")
    return first


def old_passphrase(source: SecretSource, terminal: Terminal, *, wanted: bool) -> str:
    """The BIP39 passphrase that belongs to the words; empty where there is none."""
    given = source.read("passphrase")
    if given is not None or not wanted:
        return given or ""
    return terminal.ask_hidden("BIP39 passphrase:", instead="--passphrase-file")
