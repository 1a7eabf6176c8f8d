"""Registries behind a proxy: what the environment says of it, and a real registry through a real tunnel."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.errors import RegistryError, RegistryUnavailableError
from assets.images.reference import ImageReference
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from assets.registry.endpoint import Origin
from assets.registry.media_types import DEFINITION
from assets.registry.proxy import ProxyRules
from assets.registry.settings import RegistrySettings
from regtest.certificate import RESERVED, write_certificate
from regtest.plugin import RegistryFactory
from regtest.registry import Registry
from regtest.server import free_port
from tests.assets.registry.images import image, push_image
from tests.assets.registry.proxy_server import ProxyServer
from tui.bootstrap import House
from tui.paths import Paths
from tui.settings import Settings

PROXY = {"HTTPS_PROXY": "http://proxy.example:3128"}
NAME = f"{RESERVED}/acme/proxied"
SECRET = "p@ss word"


def at(host: str, port: int = 443) -> Origin:
    """A registry by HTTPS."""
    return Origin("https", host, port)


def through(environ: dict[str, str], origin: Origin) -> str | None:
    """The proxy's address, or None where the registry is reached directly."""
    proxy = ProxyRules.of(environ).proxy_for(origin)
    return None if proxy is None else proxy.url


# What the environment says.


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": ""}, None),
        (PROXY, "http://proxy.example:3128"),
        ({"https_proxy": "proxy.example:3128"}, "http://proxy.example:3128"),
        ({"https_proxy": "http://second.example", **PROXY}, "http://proxy.example:3128"),
        ({"HTTPS_PROXY": "https://proxy.example/"}, "https://proxy.example:443"),
        ({"HTTPS_PROXY": "http://[::1]:8080"}, "http://[::1]:8080"),
        ({"HTTP_PROXY": "http://proxy.example:3128"}, None),
    ],
    ids=["nothing", "empty", "upper", "lower, no scheme", "upper before lower", "by TLS", "IPv6", "HTTP_PROXY"],
)
def test_the_variable_names_the_proxy(environ: dict[str, str], expected: str | None) -> None:
    assert through(environ, at("registry.example")) == expected


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.3.2.1", "::1"])
def test_this_machine_is_never_asked_for_through_a_proxy(host: str) -> None:
    assert through(PROXY, at(host, 5000)) is None
    assert through(PROXY, Origin("http", host, 5000)) is None


@pytest.mark.parametrize(
    ("entries", "host", "direct"),
    [
        ("registry.example", "registry.example", True),
        ("REGISTRY.example", "registry.example", True),
        ("example", "registry.example", True),
        (".example", "registry.example", True),
        ("*.example", "registry.example", True),
        (".registry.example", "registry.example", False),
        ("*.registry.example", "registry.example", False),
        ("gistry.example", "registry.example", False),
        ("other.example, registry.example ,", "registry.example", True),
        ("registry.example:443", "registry.example", True),
        ("registry.example:5000", "registry.example", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3:443", "10.1.2.3", True),
        ("10.1.2.3:5000", "10.1.2.3", False),
        ("[2001:db8::1]:443", "2001:db8::1", True),
        ("2001:db8::/32", "2001:db8::1", True),
        ("10.0.0.0/8", "registry.example", False),
        ("*", "registry.example", True),
        (",,:, . ,*.", "registry.example", False),
    ],
)
def test_exceptions_are_read_as_other_tools_read_them(entries: str, host: str, *, direct: bool) -> None:
    for variable in ("NO_PROXY", "no_proxy"):
        assert (through({**PROXY, variable: entries}, at(host)) is None) is direct


@pytest.mark.parametrize(
    "address",
    ["socks5://proxy.example:1080", f"http://user:{SECRET}@", "http://proxy.example:port", "http://proxy.example/x?y"],
)
def test_an_address_that_cannot_be_used_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(RegistryError, match="HTTPS_PROXY") as refused:
        through({"HTTPS_PROXY": address}, at("registry.example"))
    assert "NO_PROXY" in str(refused.value.hint)
    assert SECRET not in f"{refused.value} {refused.value.hint}"


def test_an_address_that_cannot_be_used_matters_only_where_it_is_needed() -> None:
    rules = {"HTTPS_PROXY": "socks5://proxy.example", "NO_PROXY": "registry.example"}
    assert through(rules, at("registry.example")) is None
    assert through(rules, at("localhost")) is None


@given(address=st.text(max_size=60), entries=st.text(max_size=60))
def test_any_environment_names_a_proxy_or_is_refused(address: str, entries: str) -> None:
    rules = ProxyRules.of({"HTTPS_PROXY": address, "NO_PROXY": entries})
    for origin in (at("registry.example"), at("10.0.0.1"), at("2001:db8::1")):
        try:
            proxy = rules.proxy_for(origin)
        except RegistryError:
            continue
        assert proxy is None or (proxy.host and re.fullmatch(r"https?://[!-~]+:\d+", proxy.url))


def test_who_we_are_to_a_proxy_stands_in_no_repr() -> None:
    rules = ProxyRules.of({"HTTPS_PROXY": "http://user:p%40ss%20word@proxy.example"})
    proxy = rules.proxy_for(at("registry.example"))
    assert proxy is not None
    assert (proxy.login, proxy.url) == (f"user:{SECRET}", "http://proxy.example:80")
    shown = f"{rules!r} {proxy!r} {RegistrySettings(proxies=rules)!r}"
    assert SECRET not in shown
    assert "p%40ss" not in shown


def test_the_program_takes_the_proxy_from_its_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY["HTTPS_PROXY"])
    monkeypatch.setenv("NO_PROXY", "direct.example")
    rules = House(Settings(), Paths.of({"DOCKCHAINS_HOME": str(tmp_path)})).registry_settings.proxies
    assert rules == ProxyRules.of({**PROXY, "NO_PROXY": "direct.example"})


# A real registry, through a real tunnel.


@pytest.fixture(scope="module")
def secure(registry_factory: RegistryFactory) -> Registry:
    return registry_factory(tls=True)


@contextmanager
def client_behind(proxy: str, secure: Registry) -> Iterator[RegistryClient]:
    """A client whose environment names this proxy."""
    settings = RegistrySettings(
        ca_file=secure.certificate, proxies=ProxyRules.of({"HTTPS_PROXY": proxy}), retries=1, back_off=0
    )
    with RegistryClient(CredentialFinder.nowhere(), settings) as client:
        yield client


def routes(secure: Registry) -> dict[str, int]:
    """The reserved name, which no resolver knows, leads to the registry."""
    return {f"{RESERVED}:443": secure.port}


@pytest.mark.registry
def test_images_are_pushed_and_resolved_through_one_tunnel(secure: Registry) -> None:
    one = image("proxied")
    with ProxyServer(routes(secure)) as proxy, client_behind(f"http://{proxy.host}", secure) as client:
        push_image(client, NAME, one, "1.0")
        client.push_artifact(NAME, "dockchains", DEFINITION, b'{"v":1}', {"dockchains.genesis": "ab" * 32})
        found = client.resolve(ImageReference.parse(f"{NAME}:1.0"))
    assert found.digest == one.digest
    assert proxy.asked == [f"{RESERVED}:443"], "one connection, reused"
    assert b"/v2/" not in proxy.tunnelled
    assert b"HTTP/1.1" not in proxy.tunnelled


@pytest.mark.registry
def test_a_proxy_that_is_spoken_to_by_tls_works_as_well(secure: Registry) -> None:
    one = image("proxied by tls")
    assert secure.certificate is not None
    with (
        ProxyServer(routes(secure), tls=(secure.certificate, secure.folder / "server.key")) as proxy,
        client_behind(f"https://{proxy.host}", secure) as client,
    ):
        push_image(client, NAME, one, "tls")
        assert client.resolve(ImageReference.parse(f"{NAME}:tls")).digest == one.digest
    assert proxy.asked == [f"{RESERVED}:443"]


@pytest.mark.registry
def test_a_proxys_login_goes_to_the_proxy_alone(secure: Registry) -> None:
    one = image("proxied with a login")
    login = f"user:{SECRET}"
    with ProxyServer(routes(secure), login=login) as proxy:
        with client_behind(f"http://user:p%40ss%20word@{proxy.host}", secure) as client:
            push_image(client, NAME, one, "login")
            assert client.resolve(ImageReference.parse(f"{NAME}:login")).digest == one.digest
        with client_behind(f"http://user:wr0ng@{proxy.host}", secure) as client:
            with pytest.raises(RegistryUnavailableError, match="wants another login") as refused:
                client.resolve(ImageReference.parse(f"{NAME}:login"))
            assert "wr0ng" not in f"{refused.value} {refused.value.hint}"
    assert all("Authorization: Basic" not in re.sub("Proxy-Authorization: Basic", "", head) for head in proxy.heads)


@pytest.mark.registry
def test_a_proxy_that_leads_nowhere_makes_the_registry_unavailable(secure: Registry) -> None:
    with (
        ProxyServer({}) as proxy,
        client_behind(f"http://{proxy.host}", secure) as client,
        pytest.raises(RegistryUnavailableError, match=f"does not lead to {RESERVED}:443: 502 Bad Gateway"),
    ):
        client.resolve(ImageReference.parse(f"{NAME}:1.0"))


@pytest.mark.registry
def test_a_proxy_that_is_not_there_is_named_without_its_password(secure: Registry) -> None:
    port = free_port()
    with (
        client_behind(f"http://user:p%40ss%20word@127.0.0.1:{port}", secure) as client,
        pytest.raises(RegistryUnavailableError, match=f"proxy http://127.0.0.1:{port}") as refused,
    ):
        client.resolve(ImageReference.parse(f"{NAME}:1.0"))
    assert "p%40ss" not in f"{refused.value} {refused.value.hint}"
    assert SECRET not in f"{refused.value} {refused.value.hint}"


@pytest.mark.registry
def test_a_proxy_that_puts_itself_in_the_registrys_place_is_not_trusted(secure: Registry, tmp_path: Path) -> None:
    with (
        ProxyServer(routes(secure)) as proxy,
        RegistryClient(
            CredentialFinder.nowhere(),
            RegistrySettings(
                ca_file=write_certificate(tmp_path)[0],
                proxies=ProxyRules.of({"HTTPS_PROXY": f"http://{proxy.host}"}),
                retries=0,
            ),
        ) as client,
        pytest.raises(RegistryUnavailableError, match=r"TLS certificate of registry\.example is not trusted"),
    ):
        client.resolve(ImageReference.parse(f"{NAME}:1.0"))


@pytest.mark.registry
def test_a_registry_of_this_machine_is_reached_whatever_the_proxy(image_registry: Registry) -> None:
    one, name = image("direct"), f"{image_registry.host}/acme/direct"
    rules = ProxyRules.of({"HTTPS_PROXY": f"http://127.0.0.1:{free_port()}", "HTTP_PROXY": "http://proxy.example"})
    with RegistryClient(CredentialFinder.nowhere(), RegistrySettings(proxies=rules)) as client:
        push_image(client, name, one, "1")
        assert client.resolve(ImageReference.parse(f"{name}:1")).digest == one.digest
