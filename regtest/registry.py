"""A real Distribution registry (docker-registry 2.8) on the loopback interface, with or without login and TLS."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import ssl
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from regtest.certificate import write_certificate
from regtest.errors import StartError
from regtest.packages import tools
from regtest.server import ServerProcess, free_port

USER = "acme"
PASSWORD = "only for the harness"  # noqa: S105 - the one account of throw-away registries
_HTPASSWD = "$2b$05$jS4Rq6DFoUi8P8Y89C0hpuESuuZfOWotGrl9P66bwq5QAOyb7098C"
"""`PASSWORD` hashed by bcrypt, the only scheme that the registry reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordLogin:
    """HTTP basic authentication with the one account `USER` and `PASSWORD`."""

    realm: str = "regtest"


@dataclass(frozen=True, slots=True, kw_only=True)
class BearerLogin:
    """Bearer tokens of the Distribution token specification, from the server at `realm`.

    `certificate` is the PEM file whose key signs the tokens.
    """

    realm: str
    service: str
    issuer: str
    certificate: Path


class Registry:
    """One registry with its storage below `folder`. Deleting is allowed; `certificate` is set where `tls` is on."""

    def __init__(
        self,
        folder: Path,
        *,
        login: PasswordLogin | BearerLogin | None = None,
        tls: bool = False,
        program: Path | None = None,
        detached: bool = False,
    ) -> None:
        self.folder = folder
        self.login = login
        self.port = 0
        self.certificate: Path | None = None
        self._key: Path | None = None
        self._tls = tls
        self._program = program
        self._detached = detached
        self._server: ServerProcess | None = None

    @property
    def host(self) -> str:
        """`127.0.0.1:PORT`, as it stands in image names."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The registry's address with its scheme."""
        return f"{'https' if self._tls else 'http'}://{self.host}"

    @property
    def storage(self) -> Path:
        """Where blobs and tags lie as files, for tests that tamper with them."""
        return self.folder / "storage"

    @property
    def pid(self) -> int | None:
        """The process id while the registry runs."""
        return self._server.pid if self._server is not None else None

    def start(self) -> None:
        """Start and wait until `/v2/` answers; the port of the first start is kept. Raises StartError."""
        if self._program is None:
            self._program = tools(fetch=False).registry
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._tls and self.certificate is None:
            self.certificate, self._key = write_certificate(self.folder)
        for attempt in range(3):
            fixed = self.port != 0
            self.port = self.port or free_port()
            try:
                return self._start_once(self._program)
            except StartError as error:
                if fixed or attempt == 2 or "address already in use" not in str(error):
                    raise
                self.port = 0
        return None

    def _start_once(self, program: Path) -> None:
        config = self.folder / "config.yml"
        config.write_text(json.dumps(self._config(), indent=1), encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("REGISTRY_", "OTEL_"))}
        server = ServerProcess(
            name="docker-registry",
            command=(str(program), "serve", str(config)),
            log=self.folder / "registry.log",
            environment=kept,
            detached=self._detached,
        )
        server.start(self._answers)
        self._server = server

    def _config(self) -> dict[str, Any]:
        """The registry's configuration. It reads YAML, of which JSON is a part."""
        served: dict[str, Any] = {"addr": self.host, "secret": secrets.token_hex(16)}
        if self._tls:
            served["tls"] = {"certificate": str(self.certificate), "key": str(self._key)}
        config: dict[str, Any] = {
            "version": 0.1,
            "log": {"level": "warn"},
            "storage": {"filesystem": {"rootdirectory": str(self.storage)}, "delete": {"enabled": True}},
            "http": served,
        }
        match self.login:
            case PasswordLogin(realm=realm):
                accounts = self.folder / "htpasswd"
                accounts.write_text(f"{USER}:{_HTPASSWD}\n", encoding="ascii")
                config["auth"] = {"htpasswd": {"realm": realm, "path": str(accounts)}}
            case BearerLogin() as bearer:
                config["auth"] = {
                    "token": {
                        "realm": bearer.realm,
                        "service": bearer.service,
                        "issuer": bearer.issuer,
                        "rootcertbundle": str(bearer.certificate),
                    }
                }
            case None:
                pass
        return config

    def _answers(self) -> bool:
        """Whether the registry speaks: 200, or 401 where a login is asked for."""
        connection: http.client.HTTPConnection
        if self._tls:
            trusted = ssl.create_default_context(cafile=str(self.certificate))
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=5, context=trusted)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/v2/")
            return connection.getresponse().status in {200, 401}
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """End the registry and wait for it; what was pushed stays in its folder."""
        if self._server is not None:
            self._server.stop()

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of the registry's log."""
        return self._server.tail(lines) if self._server is not None else ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
