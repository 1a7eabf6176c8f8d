"""The header of a 401, as registries write it and as they should not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.registry.challenge import parse_challenges


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", []),
        ("Basic", [("basic", {})]),
        ('Basic realm="a, b"', [("basic", {"realm": "a, b"})]),
        (
            'Bearer realm="https://auth.example/token",service="r",scope="repository:a/b:pull,push"',
            [
                (
                    "bearer",
                    {"realm": "https://auth.example/token", "service": "r", "scope": "repository:a/b:pull,push"},
                )
            ],
        ),
        (
            'Negotiate, Basic realm="x", Bearer realm=y',
            [("negotiate", {}), ("basic", {"realm": "x"}), ("bearer", {"realm": "y"})],
        ),
        (r'Basic realm="a\"b\\c"', [("basic", {"realm": r'a"b\c'})]),
        ('Basic realm="first", realm="second"', [("basic", {"realm": "first"})]),
        ('Basic realm = "spaced"', [("basic", {"realm": "spaced"})]),
        ('Basic realm="never closed', [("basic", {})]),
        ('realm="no scheme"', []),
    ],
)
def test_challenges_are_read(header: str, expected: list[tuple[str, dict[str, str]]]) -> None:
    assert [(one.scheme, dict(one.parameters)) for one in parse_challenges(header)] == expected


@given(st.text())
def test_any_header_is_read_to_some_end(header: str) -> None:
    for one in parse_challenges(header):
        assert one.scheme == one.scheme.lower()


def test_a_long_hostile_header_is_read_quickly() -> None:
    assert len(parse_challenges('a="' + '\\"' * 5000)) == 0
    assert len(parse_challenges("a " * 100_000)) <= 4096
