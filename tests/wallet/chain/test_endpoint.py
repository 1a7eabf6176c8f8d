"""Where a node is, and how passwords reach it and nobody else."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.chain.endpoint import CookieFile, Endpoint, Login
from wallet.errors import ChainUnavailableError, EncodingError

COOKIE = Path("cookie")


def parsed(text: str) -> Endpoint:
    return Endpoint.parse(text, cookie=COOKIE, port=18443)


def test_an_address_has_a_host_a_port_and_perhaps_a_login() -> None:
    assert parsed("http://127.0.0.1") == Endpoint(host="127.0.0.1", port=18443, credentials=CookieFile(COOKIE))
    assert parsed("http://[::1]:9000/").origin == "http://[::1]:9000"
    assert parsed("https://node.example:443").tls
    login = parsed("http://al%3Aice:p%40ss%2Fword@localhost:1").credentials
    assert login == Login("al:ice", "p@ss/word")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "127.0.0.1:8332",
        "ftp://127.0.0.1",
        "http://",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:8332/wallet/x",
        "http://127.0.0.1/?a=b",
        "http://secretuser@127.0.0.1",
        "http://:secretpass@127.0.0.1",
        "http://a:secretpass@127.0.0.1:port",
        "http://a:secretpass@[::1",
    ],
)
def test_a_malformed_address_is_refused_without_showing_its_password(text: str) -> None:
    with pytest.raises(EncodingError) as raised:
        parsed(text)
    assert "secret" not in f"{raised.value} {raised.value.hint}"


@pytest.mark.parametrize("host", ["192.168.0.7", "node.example", "0.0.0.0", "[2001:db8::1]", "127.0.0.1.example"])
def test_a_password_never_crosses_the_network_in_clear(host: str) -> None:
    with pytest.raises(EncodingError, match="plain http"):
        parsed(f"http://{host}:8332")


@given(st.text(), st.text())
def test_credentials_are_never_shown(user: str, password: str) -> None:
    endpoint = Endpoint(host="127.0.0.1", port=1, credentials=Login(user, password))
    assert repr(endpoint) == "Endpoint(host='127.0.0.1', port=1, credentials=Login(), tls=False)"


def test_a_cookie_is_read_anew_each_time(tmp_path: Path) -> None:
    path = tmp_path / ".cookie"
    for secret in ("__cookie__:one", "__cookie__:two"):
        path.write_text(secret + "\n")
        assert CookieFile(path).authorization() == "Basic " + base64.b64encode(secret.encode()).decode()


@pytest.mark.parametrize("content", [b"", b"no colon", b"a:b\nc:d", b"a:" + b"x" * 5000, b"a:\x00"])
def test_what_is_no_cookie_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / ".cookie"
    path.write_bytes(content)
    with pytest.raises(ChainUnavailableError, match="not a cookie file"):
        CookieFile(path).authorization()


def test_a_missing_or_unreadable_cookie_says_so(tmp_path: Path) -> None:
    with pytest.raises(ChainUnavailableError, match="no cookie file") as raised:
        CookieFile(tmp_path / ".cookie").authorization()
    assert "is it running" in raised.value.hint
    with pytest.raises(ChainUnavailableError, match="cannot be read"):
        CookieFile(tmp_path).authorization()
