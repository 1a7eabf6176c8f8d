"""`docker-credential-dockchains`: what docker, podman, skopeo and buildah ask for a login (docker's helper protocol).

It is started for each pull, often twice, so it imports next to nothing: no keystore, no words, no command line. It
reads the session key that `dockchains access login` left, and answers for no host but those that were logged in.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import TextIO

from assets.store.session_store import GateSession, SessionStore
from tui.paths import Paths
from tui.text import written
from tui.version import VERSION
from wallet.documents import read_json
from wallet.errors import WalletError

NOT_FOUND = "credentials not found in native keychain"
"""The words by which clients know that there is no login; they go on without one."""

_NO_SERVER = "no credentials server URL"
_NO_USER = "no credentials username"
_USAGE = "Usage: docker-credential-dockchains <store|get|erase|list|version>"
_SCHEMES = ("https://", "http://")
_LIMIT = 64 * 1024


class HelperError(Exception):
    """What is printed on standard output before the program ends with exit code 1."""


def run(arguments: list[str], stdin: TextIO, store: SessionStore, now: int, note: Callable[[str], None]) -> str:
    """What is printed on standard output, without the final line feed. Raises HelperError.

    `note` takes words for a person, which clients let through from standard error.
    """
    verbs = {"get": _get, "store": _store, "erase": _erase, "list": _list, "version": _version}
    if len(arguments) != 1 or arguments[0] not in verbs:
        raise HelperError(_USAGE)
    try:
        return verbs[arguments[0]](stdin, store, now, note)
    except WalletError as error:
        from tui.cli.remedies import words

        raise HelperError(f"{error}: {words(error.advice)}" if error.advice else str(error)) from None


def _get(stdin: TextIO, store: SessionStore, now: int, note: Callable[[str], None]) -> str:
    server = _line(stdin)
    session = _session(store, server)
    if session is None:
        raise HelperError(NOT_FOUND)
    if session.is_over(now):
        note(f"dockchains: the login at {session.gate} has ended; renew it: dockchains access login {session.image}")
        raise HelperError(NOT_FOUND)
    return json.dumps({"ServerURL": server, "Username": session.username, "Secret": session.secret(now)})


def _store(stdin: TextIO, store: SessionStore, now: int, note: Callable[[str], None]) -> str:
    """Nothing is kept: logins are made by the wallet. What we ourselves gave out may come back."""
    try:
        given = read_json(stdin.read(_LIMIT), what="the input")
        server, username = str(given["ServerURL"]), str(given["Username"])
    except (ValueError, KeyError, TypeError):
        raise HelperError("the credentials are not as docker writes them") from None
    if not server.strip():
        raise HelperError(_NO_SERVER)
    if not username.strip():
        raise HelperError(_NO_USER)
    session = _session(store, server)
    if session is None or session.username != username:
        raise HelperError("no passwords are kept here; log in with your wallet: dockchains access login IMAGE")
    return ""


def _erase(stdin: TextIO, store: SessionStore, now: int, note: Callable[[str], None]) -> str:
    """The session key goes, so that nobody can use the login any more. What stays is how to undo the rest of it.

    A refusal would not be seen: docker calls its logout a success where any spelling of the host could be erased.
    """
    session = _session(store, _line(stdin))
    if session is not None and not session.is_over(now):
        store.save(session.closed(now, other_key=os.urandom(32)))
        note(
            f"dockchains: the login at {session.gate} is over on this machine; its entries in the files of container"
            f" tools are taken out by: dockchains access logout {session.image}"
        )
    return ""


def _list(stdin: TextIO, store: SessionStore, now: int, note: Callable[[str], None]) -> str:
    return json.dumps({one.host: one.username for one in store.all() if one.entries and not one.is_over(now)})


def _version(stdin: TextIO, store: SessionStore, now: int, note: Callable[[str], None]) -> str:
    return f"docker-credential-dockchains {VERSION}"


def _line(stdin: TextIO) -> str:
    server = stdin.read(_LIMIT).strip()
    if not server:
        raise HelperError(_NO_SERVER)
    return server


def _session(store: SessionStore, server: str) -> GateSession | None:
    """The login for a server, where its registry asks the gate that the login is for."""
    session = store.load(host_of(server))
    return session if session is not None and session.entries else None


def host_of(server: str) -> str:
    """The registry's host as names have it, from what a client says: with or without scheme, path, or port 443."""
    lowered = server.strip().lower()
    for scheme in _SCHEMES:
        lowered = lowered.removeprefix(scheme)
    return lowered.partition("/")[0].removesuffix(":443")


def main(environ: Mapping[str, str] | None = None) -> None:
    """The executable: answers on standard output, errors too, as the protocol has it; exit code 0 or 1."""
    paths = Paths.of(os.environ if environ is None else environ)
    code = 0
    try:
        said = run(sys.argv[1:], sys.stdin, SessionStore(paths.logins), int(time.time()), _note)
    except HelperError as error:
        said, code = str(error), 1
    except UnicodeDecodeError:
        said, code = _NO_SERVER, 1
    if said and not _said(sys.stdout, said):
        code = 1
    sys.exit(code)


def _note(text: str) -> None:
    _said(sys.stderr, text)


def _said(stream: TextIO | None, text: str) -> bool:
    """Whether a line could be written; a stream may be closed, or on a full disk."""
    if stream is None:
        return False
    try:
        stream.write(written(text) + "\n")
        stream.flush()
    except (OSError, ValueError):
        return False
    return True


if __name__ == "__main__":
    main()
