"""Credentials that docker, podman and skopeo have stored: read anew for each client, never written.

Files in this order, the first with something for the registry counts: `REGISTRY_AUTH_FILE` alone where it is set;
else containers' `auth.json` (`$XDG_RUNTIME_DIR`, then `$XDG_CONFIG_HOME`), then docker's `config.json`
(`$DOCKER_CONFIG`, else `~/.docker`). In a file, a credential program for the host comes first, then the general one,
then what the file itself holds.
"""

import base64
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import msgspec

from assets.errors import UnauthorizedError
from assets.images.name import DOCKER_HUB, split_name
from assets.registry.logins import Credentials, IdentityToken, Login
from wallet.documents import decode_json
from wallet.errors import EncodingError

logger = logging.getLogger(__name__)

_HUB_KEY = "https://index.docker.io/v1/"
_HUB_KEYS = (_HUB_KEY, "index.docker.io", "docker.io", "registry-1.docker.io")
_MAX_FILE = 4 * 1024 * 1024

OwnLogins = Callable[[str], Login | None]
"""Our own login at the gate of a registry's host, or None. Raises StoreError for one that cannot be read."""

_OWN_PROGRAM = "dockchains"


class _Entry(msgspec.Struct):
    auth: str = ""
    username: str = ""
    password: str = ""
    identitytoken: str = ""


class _File(msgspec.Struct):
    auths: dict[str, _Entry | None] | None = None
    cred_helpers: dict[str, str] | None = msgspec.field(name="credHelpers", default=None)
    creds_store: str = msgspec.field(name="credsStore", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialFinder:
    """Where to look. `environ` is the environment, which also goes to credential programs, `home` the user's folder.

    `own` answers in place of our own credential program, so that a login is sent to no origin but its gate's.
    """

    environ: Mapping[str, str] = field(repr=False)
    home: Path
    own: OwnLogins | None = None

    @classmethod
    def nowhere(cls) -> Self:
        """A finder that knows nothing, so that every registry is spoken to anonymously."""
        return cls(environ={"REGISTRY_AUTH_FILE": "/dev/null"}, home=Path("/nonexistent"))

    def find(self, name: str) -> Credentials | None:
        """Credentials for a canonical repository name, or None.

        Raises UnauthorizedError for a file that cannot be read and for a credential program that fails.
        """
        for path in self._files():
            content = _load(path)
            if content is not None and (found := self._in_file(content, path, name)) is not None:
                return found
        return None

    def _files(self) -> Iterator[Path]:
        chosen = self.environ.get("REGISTRY_AUTH_FILE")
        if chosen:
            yield Path(chosen)
            return
        for variable, default in (("XDG_RUNTIME_DIR", None), ("XDG_CONFIG_HOME", self.home / ".config")):
            folder = self.environ.get(variable)
            if folder or default is not None:
                yield (Path(folder) if folder else Path(str(default))) / "containers" / "auth.json"
        docker = self.environ.get("DOCKER_CONFIG")
        yield (Path(docker) if docker else self.home / ".docker") / "config.json"

    def _in_file(self, content: _File, path: Path, name: str) -> Credentials | None:
        host, _ = split_name(name)
        asked = _HUB_KEY if host == DOCKER_HUB else host
        programs = content.cred_helpers or {}
        for key in _host_keys(host):
            if key in programs:
                if programs[key] == _OWN_PROGRAM and self.own is not None:
                    return self.own(host)
                return self._ask(programs[key], asked, path, required=True)
        if content.creds_store:
            found = self._ask(content.creds_store, asked, path, required=False)
            if found is not None:
                return found
        entries = content.auths or {}
        for key in _entry_keys(name):
            entry = entries.get(key)
            if entry is not None and (found := _credentials(entry, path)) is not None:
                return found
        return None

    def _ask(self, program: str, asked: str, path: Path, *, required: bool) -> Credentials | None:
        from assets.registry.credential_program import ask_program, find_program

        found = find_program(program, self.environ.get("PATH", ""))
        if found is not None:
            return ask_program(found, asked, self.environ)
        missing = f"{path} names the credential program {program[:64]!a}, which is not on PATH"
        if required:
            raise UnauthorizedError(missing, hint="install it, or take its entry out of the file")
        logger.warning("%s; going on without it", missing)
        return None


def _host_keys(host: str) -> tuple[str, ...]:
    """The ways in which a file may name a registry's host."""
    if host == DOCKER_HUB:
        return _HUB_KEYS
    return (host, *(f"{scheme}://{host}{tail}" for scheme in ("https", "http") for tail in ("", "/", "/v1/", "/v2/")))


def _entry_keys(name: str) -> Iterator[str]:
    """Keys for a repository, the most specific first, as containers-auth.json has them."""
    parts = name.split("/")
    for length in range(len(parts), 1, -1):
        yield "/".join(parts[:length])
    yield from _host_keys(parts[0])


def _load(path: Path) -> _File | None:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unusable(path, error.strerror or "") from None
    try:
        return decode_json(data, _File, what="the file") if data.strip() else None
    except EncodingError:
        raise _unusable(path, "it is not the JSON that docker and podman write") from None


def _credentials(entry: _Entry, path: Path) -> Credentials | None:
    if entry.identitytoken:
        return IdentityToken(entry.identitytoken)
    if entry.username or entry.password:
        return Login(entry.username, entry.password)
    if not entry.auth:
        return None
    try:
        username, colon, secret = base64.b64decode(entry.auth, validate=True).decode("utf-8").partition(":")
    except ValueError:
        raise _unusable(path, "an entry in it is not base64") from None
    if not colon:
        raise _unusable(path, "an entry in it has no colon")
    return Login(username, secret.rstrip("\0"))


def _unusable(path: Path, why: str) -> UnauthorizedError:
    return UnauthorizedError(
        f"the credentials in {path} cannot be read: {why}", hint="repair or remove the file, then log in again"
    )
