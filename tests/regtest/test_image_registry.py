"""The registry of the harness: start, stop, login, TLS."""

from __future__ import annotations

import http.client
import ssl
from pathlib import Path

import pytest

from regtest.certificate import write_certificate
from regtest.errors import StartError
from regtest.plugin import RegistryFactory
from regtest.registry import BearerLogin, PasswordLogin, Registry

pytestmark = pytest.mark.registry


def ask(registry: Registry, context: ssl.SSLContext | None = None) -> tuple[int, str]:
    """Status and challenge of `GET /v2/`."""
    connection = (
        http.client.HTTPConnection("127.0.0.1", registry.port, timeout=10)
        if context is None
        else http.client.HTTPSConnection("127.0.0.1", registry.port, timeout=10, context=context)
    )
    try:
        connection.request("GET", "/v2/")
        answer = connection.getresponse()
        return answer.status, answer.getheader("WWW-Authenticate") or ""
    finally:
        connection.close()


def test_a_registry_answers_and_keeps_its_port_over_a_restart(registry_factory: RegistryFactory) -> None:
    registry = registry_factory()
    assert ask(registry) == (200, "")
    port = registry.port
    registry.stop()
    with pytest.raises(ConnectionRefusedError):
        ask(registry)
    registry.start()
    assert registry.port == port
    assert ask(registry)[0] == 200


def test_a_registry_with_a_password_answers_401(registry_factory: RegistryFactory) -> None:
    status, challenge = ask(registry_factory(login=PasswordLogin(realm="a realm")))
    assert status == 401
    assert challenge == 'Basic realm="a realm"'


def test_a_registry_with_bearer_tokens_names_its_token_server(
    registry_factory: RegistryFactory, tmp_path: Path
) -> None:
    certificate, _ = write_certificate(tmp_path)
    login = BearerLogin(realm="http://127.0.0.1:1/token", service="reg", issuer="us", certificate=certificate)
    status, challenge = ask(registry_factory(login=login))
    assert status == 401
    assert challenge.startswith('Bearer realm="http://127.0.0.1:1/token",service="reg"')


def test_a_registry_with_tls_is_trusted_only_by_its_certificate(registry_factory: RegistryFactory) -> None:
    registry = registry_factory(tls=True)
    assert ask(registry, ssl.create_default_context(cafile=str(registry.certificate)))[0] == 200
    with pytest.raises(ssl.SSLCertVerificationError):
        ask(registry, ssl.create_default_context())


def test_a_registry_that_cannot_start_shows_its_log(tmp_path: Path) -> None:
    login = BearerLogin(realm="http://127.0.0.1:1/", service="s", issuer="i", certificate=tmp_path / "missing.crt")
    with pytest.raises(StartError, match=r"missing\.crt"):
        Registry(tmp_path / "registry", login=login).start()
