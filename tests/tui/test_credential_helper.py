"""`docker-credential-dockchains`: docker's protocol, and how little it loads."""

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from assets.images.pull_secret import check_pull_secret
from assets.registry.credential_program import ask_program, find_program
from assets.registry.logins import Login
from assets.store.session_store import DAY, GateSession, SessionStore, WrittenEntry
from tui.credential_helper import NOT_FOUND, HelperError, host_of, run

NOW = 1_800_000_000
HOST = "registry.example:5000"
SESSION = GateSession(
    host=HOST,
    gate="https://gate.example",
    image=f"{HOST}/acme/app",
    network="0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
    key=bytes(31) + b"\x07",
    since=NOW - DAY,
    until=NOW + DAY,
    scripts=1,
    entries=(WrittenEntry(path=Path("/home/x/.docker/config.json")),),
)
Ask = Callable[..., str]


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    store = SessionStore(tmp_path / "logins")
    store.save(SESSION)
    return store


@pytest.fixture
def ask(store: SessionStore) -> Ask:
    def ask(*arguments: str, stdin: str = "", now: int = NOW, notes: list[str] | None = None) -> str:
        return run(list(arguments), io.StringIO(stdin), store, now, (notes if notes is not None else []).append)

    return ask


def refused(ask: Ask, *arguments: str, stdin: str = "", now: int = NOW) -> str:
    with pytest.raises(HelperError) as caught:
        ask(*arguments, stdin=stdin, now=now)
    return str(caught.value)


def test_get_gives_the_session_and_a_fresh_password(ask: Ask) -> None:
    given = json.loads(ask("get", stdin=HOST))
    assert list(given) == ["ServerURL", "Username", "Secret"]
    assert (given["ServerURL"], given["Username"]) == (HOST, SESSION.username)
    check_pull_secret(bytes.fromhex(given["Username"]), given["Secret"], gate=SESSION.gate, now=NOW)


@pytest.mark.parametrize("form", ["{}", "{}\n", "https://{}", "https://{}/", "http://{}/v2/", " {} "])
def test_a_server_may_be_written_as_clients_write_it(ask: Ask, form: str) -> None:
    assert json.loads(ask("get", stdin=form.format(HOST)))["Username"] == SESSION.username


@pytest.mark.parametrize(
    "server",
    [
        "registry.example",
        "registry.example:5001",
        "evil.example",
        "https://index.docker.io/v1/",
        f"{HOST}.evil.example",
        f"evil.example/{HOST}",
        f"https://evil.example/https://{HOST}",
        f"{HOST}@evil.example",
        "../../etc/passwd",
        "..",
        "x" * 10_000,
        "\x00",
    ],
)
def test_another_host_is_told_nothing(ask: Ask, server: str) -> None:
    assert refused(ask, "get", stdin=server) == NOT_FOUND


def test_an_ended_login_is_none_and_says_why(ask: Ask) -> None:
    notes: list[str] = []
    with pytest.raises(HelperError, match=NOT_FOUND):
        ask("get", stdin=HOST, now=SESSION.until, notes=notes)
    assert notes == [
        f"dockchains: the login at https://gate.example has ended; renew it: dockchains access login {HOST}/acme/app"
    ]


def test_a_login_for_keys_alone_is_not_shown_to_the_registry(store: SessionStore, ask: Ask) -> None:
    store.forget(SESSION)
    store.save(replace(SESSION, entries=()))
    assert refused(ask, "get", stdin=HOST) == NOT_FOUND
    assert ask("list") == "{}"


def test_list_names_hosts_and_sessions(ask: Ask) -> None:
    assert json.loads(ask("list")) == {HOST: SESSION.username}
    assert ask("list", now=SESSION.until) == "{}"


def test_store_keeps_no_password(ask: Ask) -> None:
    own = json.dumps({"ServerURL": HOST, "Username": SESSION.username, "Secret": "1.x"})
    assert ask("store", stdin=own) == ""
    other = json.dumps({"ServerURL": HOST, "Username": "me", "Secret": "hunter2"})
    said = refused(ask, "store", stdin=other)
    assert "access login" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("text", ["", "[]", "{}", "nonsense", "[" * 100_000])
def test_store_refuses_what_is_no_credential(ask: Ask, text: str) -> None:
    assert "not as docker writes them" in refused(ask, "store", stdin=text)


def test_what_lacks_server_or_user_is_told_in_dockers_words(ask: Ask) -> None:
    for verb in ("get", "erase"):
        assert refused(ask, verb, stdin=" \n") == "no credentials server URL"
    assert refused(ask, "store", stdin='{"ServerURL":"","Username":"x"}') == "no credentials server URL"
    assert refused(ask, "store", stdin='{"ServerURL":"x","Username":""}') == "no credentials username"


def test_erase_destroys_the_key_and_says_how_to_undo_the_rest(ask: Ask, store: SessionStore) -> None:
    notes: list[str] = []
    assert ask("erase", stdin="other.example") == ""
    assert store.load(HOST) == SESSION
    assert ask("erase", stdin=f"https://{HOST}", notes=notes) == ""
    assert notes[0].endswith(f"dockchains access logout {HOST}/acme/app")
    left = store.load(HOST)
    assert left is not None
    assert (left.is_over(NOW), left.entries, left.key != SESSION.key) == (True, SESSION.entries, True)
    assert refused(ask, "get", stdin=HOST) == NOT_FOUND
    assert ask("erase", stdin=HOST) == ""


@pytest.mark.parametrize("arguments", [(), ("give",), ("get", "more"), ("--help",)])
def test_anything_else_is_answered_by_the_usage(ask: Ask, arguments: tuple[str, ...]) -> None:
    assert refused(ask, *arguments).startswith("Usage: docker-credential-dockchains")


def test_a_session_that_others_can_read_is_an_error(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "logins" / f"{HOST}.json").chmod(0o644)
    assert "others" in refused(ask, "get", stdin=HOST)


def test_a_host_is_read_out_of_what_clients_say() -> None:
    assert host_of("HTTPS://Registry.Example:443/v2/") == "registry.example"
    assert host_of("[::1]:5000") == "[::1]:5000"


def home_with_login(folder: Path) -> Path:
    home = folder / "home"
    now = int(time.time())
    SessionStore(home / "logins").save(replace(SESSION, since=now - DAY, until=now + DAY))
    return home


def test_as_a_program_it_answers_our_own_client(tmp_path: Path) -> None:
    home = home_with_login(tmp_path)
    program = tmp_path / "docker-credential-dockchains"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tui.credential_helper "$@"\n')
    program.chmod(0o755)
    environ = {**os.environ, "DOCKCHAINS_HOME": str(home)}
    found = find_program("dockchains", str(tmp_path))
    assert found == program
    given = ask_program(program, HOST, environ)
    assert isinstance(given, Login)
    assert given.username == SESSION.username
    assert ask_program(program, "other.example", environ) is None
    done = subprocess.run([program, "get"], input=b"x.example", capture_output=True, env=environ)
    assert (done.returncode, done.stdout) == (1, NOT_FOUND.encode() + b"\n")


def test_it_loads_no_keys_no_words_and_no_command_line(tmp_path: Path) -> None:
    code = (
        "import sys, io\n"
        "sys.argv[1:] = ['get']\n"
        f"sys.stdin = io.StringIO({HOST!r})\n"
        "from tui.credential_helper import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "print(*sorted(sys.modules))\n"
    )
    environ = {**os.environ, "DOCKCHAINS_HOME": str(home_with_login(tmp_path))}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environ)
    assert done.returncode == 0, done.stderr
    answer, modules = done.stdout.strip().split("\n")
    assert json.loads(answer)["Username"] == SESSION.username
    loaded = set(modules.split())
    heavy = {"bitcoin", "bip32utils", "mnemonic", "embit", "argon2", "cryptography", "jwcrypto", "msgspec", "sqlite3"}
    front = {"click", "textual", "rich", "urllib3", "ssl", "subprocess", "asyncio"}
    assert not {name.partition(".")[0] for name in loaded} & (heavy | front)
    ours = {name for name in loaded if name.partition(".")[0] in ("wallet", "assets", "tui")}
    assert ours <= {
        "wallet", "wallet.advice", "wallet.documents", "wallet.errors", "wallet.store", "wallet.store.files",
        "wallet.store.signing_lock", "wallet.store.unfinished", "wallet.store.wallet_folders",
        "assets", "assets.errors", "assets.images", "assets.images.pull_secret", "assets.remedies",
        "assets.store", "assets.store.session_store",
        "tui", "tui.credential_helper", "tui.paths", "tui.text", "tui.version",
    }  # fmt: skip
