"""What people read about a login, byte for byte."""

from dataclasses import replace

from assets.services.read_models.access_views import LoginView
from tui.cli.logins import login_text

VIEW = LoginView(
    host="registry.example",
    image="registry.example/studio/film",
    gate="https://gate.example",
    network="regtest",
    session="02" + "ab" * 32,
    scripts=3,
    since=1_800_000_000,
    until=1_802_592_000,
    days_left=30,
    over=False,
    files=("/home/reader/.docker/config.json", "/home/reader/.config/containers/auth.json"),
)


def test_a_login_says_where_until_when_and_who_was_told() -> None:
    assert login_text(VIEW) == (
        "registry.example at https://gate.example\n"
        "  for      registry.example/studio/film on regtest\n"
        "  until    2027-02-14 08:00 UTC (30 days left)\n"
        "  scripts  3\n"
        "  tools    /home/reader/.docker/config.json, /home/reader/.config/containers/auth.json"
    )


def test_a_login_that_is_over_or_for_keys_alone_says_so() -> None:
    text = login_text(replace(VIEW, over=True, days_left=0, files=()))
    assert "(it is over; log in again)" in text
    assert text.endswith("tools    none: for the keys of sealed images alone")


def test_what_is_hostile_in_a_login_stays_text() -> None:
    assert "\x1b" not in login_text(replace(VIEW, gate="https://gate.example\x1b[2J", files=("/tmp/\x1b]0;x",)))
