"""Which addresses are spoken to, and which URLs that a registry names are followed (T9)."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.errors import RegistryError
from assets.registry.endpoint import Origin, Url, registry_origin
from assets.registry.transport import Request, Transport
from wallet.hosts import is_loopback

REMOTE = Origin("https", "registry.example", 443)
LOCAL = Origin("http", "127.0.0.1", 5000)


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("registry.example/acme/app", "https://registry.example"),
        ("registry.example:5000/acme/app", "https://registry.example:5000"),
        ("docker.io/library/nginx", "https://registry-1.docker.io"),
        ("localhost/app", "https://localhost"),
        ("[::1]:5000/app", "https://[::1]:5000"),
        ("127.0.0.1:5000/app", "https://127.0.0.1:5000"),
    ],
)
def test_a_name_is_served_by_the_host_that_it_names(name: str, origin: str) -> None:
    assert str(registry_origin(name)) == origin


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.8.7", "::1", "localhost"])
def test_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["registry.example", "127.1", "0.0.0.0", "10.0.0.1", "::ffff:127.0.0.1", "localhost.example", "127.0.0.1.example"],
)
def test_everything_else_is_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "url", ["http://registry.example/v2/", "http://10.0.0.1:5000/v2/", "http://localhost.example/v2/"]
)
def test_plain_http_to_another_machine_is_refused_without_a_packet(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_may_leave(*_: object, **__: object) -> None:
        raise AssertionError("a name was looked up, or a connection was opened")

    monkeypatch.setattr(socket, "getaddrinfo", nothing_may_leave)
    monkeypatch.setattr(socket.socket, "connect", nothing_may_leave)
    with pytest.raises(RegistryError, match="plain HTTP"):
        Url.parse(url, asked=REMOTE)
    host = url.removeprefix("http://").partition("/")[0].partition(":")[0]
    with pytest.raises(RegistryError, match="plain HTTP"):
        Transport().send(Request(method="GET", url=Url(Origin("http", host, 80), "/v2/"), limit=10))


def test_localhost_that_leads_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def lying(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 5000))]

    monkeypatch.setattr(socket, "getaddrinfo", lying)
    with pytest.raises(RegistryError, match="not this machine"):
        Transport().send(Request(method="GET", url=Url(Origin("http", "localhost", 5000), "/v2/"), limit=10))


@pytest.mark.parametrize("url", ["http://127.0.0.1:6379/", "https://localhost/", "https://[::1]/x"])
def test_a_remote_registry_cannot_point_at_this_machine(url: str) -> None:
    with pytest.raises(RegistryError, match="this machine itself"):
        Url.parse(url, asked=REMOTE)
    assert Url.parse(url, asked=LOCAL).origin.loopback


def test_a_relative_url_stays_where_it_was_named() -> None:
    asked = Url(LOCAL, "/v2/acme/app/blobs/uploads/")
    assert str(Url.parse("/v2/x?a=b", asked=asked)) == "http://127.0.0.1:5000/v2/x?a=b"
    assert str(Url.parse("y", asked=asked)) == "http://127.0.0.1:5000/v2/acme/app/blobs/uploads/y"


@pytest.mark.parametrize(
    "url",
    [
        "https://a@registry.example/",
        "file:///etc/passwd",
        "https://x:99999/",
        "https://[::1/",
        "https://a b/",
        "https://a\\@b/",
        "https://registry.example/\r\nX: y",
        "https://r\u00e9gistry.example/",
        "https://" + "a" * 9000,
    ],
)
def test_an_odd_url_is_refused(url: str) -> None:
    with pytest.raises(RegistryError, match=r"unusable URL|this machine"):
        Url.parse(url, asked=REMOTE)


@given(st.text())
def test_any_text_is_a_safe_url_or_a_registry_error(text: str) -> None:
    try:
        found = Url.parse(text, asked=REMOTE)
    except RegistryError:
        return
    assert found.origin.scheme == "https"
    assert found.target.startswith("/")
    assert str(found).isascii()
