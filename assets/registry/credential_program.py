"""Docker's credential programs: `docker-credential-NAME get`, the host on stdin, a JSON object on stdout."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec

from assets.errors import UnauthorizedError
from assets.registry.logins import Credentials, credentials_of
from assets.registry.printable import printable
from wallet.documents import decode_json
from wallet.errors import EncodingError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_NOT_FOUND = "credentials not found"
_MAX_OUTPUT = 64 * 1024
SECONDS = 30.0
"""How long a program may take; it may have to ask for a password."""


class _Output(msgspec.Struct, rename="pascal"):
    username: str
    secret: str


def find_program(name: str, path: str) -> Path | None:
    """The program on a PATH; relative entries are passed over, so that no program of the current directory runs."""
    if not _NAME.fullmatch(name):
        return None
    folders = os.pathsep.join(folder for folder in path.split(os.pathsep) if Path(folder).is_absolute())
    found = shutil.which(f"docker-credential-{name}", path=folders) if folders else None
    return None if found is None else Path(found)


def ask_program(
    program: Path, host: str, environ: Mapping[str, str], *, seconds: float = SECONDS
) -> Credentials | None:
    """What the program knows for a host; None where it knows nothing.

    Raises UnauthorizedError where it fails. What it prints on success is never shown.
    """
    try:
        done = subprocess.run(  # noqa: S603 - an absolute path, and no shell
            [str(program), "get"],
            input=host.encode("ascii"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _failed(program, f"does not answer within {seconds:.0f} seconds") from None
    except OSError as error:
        raise _failed(program, f"cannot be run: {error.strerror}") from None
    if done.returncode != 0:
        said = done.stdout[:_MAX_OUTPUT].decode("utf-8", "replace").strip()
        if said.startswith(_NOT_FOUND):
            return None
        raise _failed(program, f"says: {printable(said)}" if said else f"ends with status {done.returncode}")
    return _parse(program, done.stdout)


def _parse(program: Path, output: bytes) -> Credentials | None:
    try:
        found = decode_json(output[:_MAX_OUTPUT], _Output, what="the answer")
    except EncodingError:
        raise _failed(program, "answers with something that is no credential") from None
    return credentials_of(found.username, found.secret) if found.secret else None


def _failed(program: Path, why: str) -> UnauthorizedError:
    return UnauthorizedError(
        f"the credential program {program.name} {why}",
        hint="repair it, or take its entry out of docker's config.json or containers' auth.json",
    )
