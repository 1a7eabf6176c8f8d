"""Logins at gates, kept for the credential helper."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from assets.images.pull_secret import check_pull_secret
from assets.store.session_store import DAY, GateSession, SessionStore, WrittenEntry
from wallet.errors import EncodingError, StoreError

NOW = 1_800_000_000
SESSION = GateSession(
    host="registry.example:5000",
    gate="https://gate.example",
    image="registry.example:5000/acme/app",
    network="0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
    key=bytes(31) + b"\x07",
    since=NOW,
    until=NOW + 30 * DAY,
    scripts=2,
    entries=(
        WrittenEntry(path=Path("/home/x/.docker/config.json"), previous="pass"),
        WrittenEntry(path=Path("/home/x/.config/containers/auth.json"), made_object=True, made_file=True),
        WrittenEntry(path=Path("/run/x/containers/auth.json"), made_object=True, made_file=True, made_folder=True),
    ),
)


def store(folder: Path) -> SessionStore:
    return SessionStore(folder / "logins")


@pytest.mark.parametrize(
    "session",
    [
        SESSION,
        replace(SESSION, entries=()),
        replace(SESSION, challenge="51"),
        replace(SESSION, host="[::1]:5000"),
        replace(SESSION, host="localhost"),
    ],
)
def test_a_login_reads_back_as_it_was_kept(tmp_path: Path, session: GateSession) -> None:
    store(tmp_path).save(session)
    assert store(tmp_path).load_at(session.host, session.gate) == session
    assert store(tmp_path).all() == store(tmp_path).at(session.host) == (session,)
    assert store(tmp_path).load(session.host) == (session if session.entries else None)
    assert store(tmp_path).load_at(session.host, "https://other.example") is None


def test_the_key_is_for_this_user_alone(tmp_path: Path) -> None:
    store(tmp_path).save(SESSION)
    file = tmp_path / "logins" / "registry.example:5000.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    file.chmod(0o644)
    with pytest.raises(StoreError, match="others"):
        store(tmp_path).load(SESSION.host)


def test_no_key_stands_in_a_repr() -> None:
    assert SESSION.key.hex() not in repr(SESSION)
    assert repr(SESSION.key) not in repr(SESSION)


def test_a_login_makes_passwords_for_its_gate() -> None:
    session = bytes.fromhex(SESSION.username)
    check_pull_secret(session, SESSION.secret(NOW), gate=SESSION.gate, now=NOW)


def test_a_login_says_how_long_it_lasts() -> None:
    assert (SESSION.days_left(NOW), SESSION.days_left(NOW + DAY + 1), SESSION.days_left(NOW + 31 * DAY)) == (30, 29, 0)
    assert (SESSION.is_over(SESSION.until - 1), SESSION.is_over(SESSION.until)) == (False, True)


def test_a_login_can_be_forgotten_twice(tmp_path: Path) -> None:
    store(tmp_path).save(SESSION)
    store(tmp_path).forget(SESSION)
    store(tmp_path).forget(SESSION)
    assert store(tmp_path).load(SESSION.host) is None
    assert store(tmp_path).all() == ()


def test_a_host_has_one_login_for_tools_and_one_at_each_gate_for_keys(tmp_path: Path) -> None:
    keys = tuple(
        replace(SESSION, entries=(), gate=f"https://gate{number}.example", key=bytes(31) + bytes((number,)))
        for number in (1, 2, 3)
    )
    for session in (SESSION, *keys):
        store(tmp_path).save(session)
    assert set(store(tmp_path).all()) == {SESSION, *keys}
    assert store(tmp_path).load(SESSION.host) == SESSION
    assert all(store(tmp_path).load_at(SESSION.host, one.gate) == one for one in (SESSION, *keys))
    store(tmp_path).forget(keys[1])
    assert set(store(tmp_path).at(SESSION.host)) == {SESSION, keys[0], keys[2]}


def test_a_login_under_another_ones_name_is_damaged(tmp_path: Path) -> None:
    store(tmp_path).save(replace(SESSION, entries=()))
    (file,) = (tmp_path / "logins").iterdir()
    file.rename(file.with_name("registry.example:5000.json"))
    with pytest.raises(StoreError, match="cannot be read"):
        store(tmp_path).load(SESSION.host)


@pytest.mark.parametrize("host", ["", "..", "../x", "a/b", "a\\b", ".hidden", "UPPER", "a" * 256, "x\n"])
def test_what_is_no_host_is_no_file(tmp_path: Path, host: str) -> None:
    assert store(tmp_path).load(host) is None
    assert store(tmp_path).load_at(host, SESSION.gate) is None
    with pytest.raises(EncodingError):
        replace(SESSION, host=host)


@pytest.mark.parametrize(
    "change",
    [
        {"host": "other.example"},
        {"key": "00"},
        {"key": 7},
        {"until": "soon"},
        {"until": True},
        {"entries": {}},
        {"entries": [{"path": 1}]},
        {"v": 2},
        {"v": "1"},
    ],
    ids=str,
)
def test_a_damaged_login_is_told(tmp_path: Path, change: dict[str, object]) -> None:
    store(tmp_path).save(SESSION)
    file = tmp_path / "logins" / "registry.example:5000.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(StoreError) as caught:
        store(tmp_path).load(SESSION.host)
    assert caught.value.hint
    file.write_bytes(b"\xff[")
    with pytest.raises(StoreError, match="cannot be read"):
        store(tmp_path).load(SESSION.host)
