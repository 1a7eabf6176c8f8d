"""A gate that is reached on this machine listens where it is reached."""

import pytest

from assets.images.origin import parse_origin
from assets.server.listening import parse_loopback
from tui.gate import BEHIND_A_PROXY, default_listen


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://127.0.0.1:24601", "127.0.0.1:24601"),
        ("http://localhost:8000", "localhost:8000"),
        ("http://[::1]:8000", "[::1]:8000"),
        ("http://[::1]", BEHIND_A_PROXY),
        ("http://localhost", BEHIND_A_PROXY),
        ("http://127.0.0.2:8000", BEHIND_A_PROXY),
        ("https://gate.example", BEHIND_A_PROXY),
        ("https://gate.example:8443", BEHIND_A_PROXY),
        ("https://127.0.0.1:8443", BEHIND_A_PROXY),
    ],
)
def test_it_listens_at_its_origin_or_behind_a_proxy(origin: str, expected: str) -> None:
    found = default_listen(parse_origin(origin))
    assert found == expected
    parse_loopback(found, "gate")
