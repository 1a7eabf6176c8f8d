"""Where credentials are found, and that they are never shown."""

import base64
import json
from pathlib import Path

import pytest

from assets.errors import UnauthorizedError
from assets.registry.credential_program import ask_program, find_program
from assets.registry.credentials import CredentialFinder
from assets.registry.logins import IdentityToken, Login

NAME = "registry.example:5000/acme/app"
HOST = "registry.example:5000"


def packed(username: str, secret: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{username}:{secret}".encode()).decode()}


def write(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def finder(home: Path, **environ: str) -> CredentialFinder:
    return CredentialFinder(environ=environ, home=home)


def program(folder: Path, name: str, script: str) -> Path:
    path = write(folder / f"docker-credential-{name}", f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_nothing_is_found_where_nothing_is_stored(tmp_path: Path) -> None:
    assert finder(tmp_path).find(NAME) is None
    assert CredentialFinder.nowhere().find(NAME) is None


@pytest.mark.parametrize("key", [HOST, f"https://{HOST}", f"https://{HOST}/v1/", f"{HOST}/acme", NAME])
def test_dockers_file_is_read_by_any_usual_key(tmp_path: Path, key: str) -> None:
    write(tmp_path / ".docker/config.json", {"auths": {key: packed("me", "se:cret")}, "HttpHeaders": {}})
    assert finder(tmp_path).find(NAME) == Login("me", "se:cret")


def test_another_registrys_credentials_are_not_taken(tmp_path: Path) -> None:
    others = ["registry.example", "registry.example:50", "example:5000", f"{HOST}/acme/ap", "docker.io"]
    write(tmp_path / ".docker/config.json", {"auths": {other: packed("me", "secret") for other in others}})
    assert finder(tmp_path).find(NAME) is None


def test_the_most_specific_key_counts(tmp_path: Path) -> None:
    auths = {HOST: packed("host", "1"), f"{HOST}/acme": packed("acme", "2")}
    write(tmp_path / ".docker/config.json", {"auths": auths})
    assert finder(tmp_path).find(NAME) == Login("acme", "2")
    assert finder(tmp_path).find(f"{HOST}/other/app") == Login("host", "1")


@pytest.mark.parametrize("key", ["https://index.docker.io/v1/", "docker.io"])
def test_docker_hub_has_a_key_of_its_own(tmp_path: Path, key: str) -> None:
    write(tmp_path / ".docker/config.json", {"auths": {key: packed("me", "secret")}})
    assert finder(tmp_path).find("docker.io/library/nginx") == Login("me", "secret")


def test_the_files_are_asked_in_order(tmp_path: Path) -> None:
    def stored(path: str, username: str) -> str:
        return str(write(tmp_path / path, {"auths": {HOST: packed(username, "x")}}))

    stored("home/.docker/config.json", "docker")
    home = tmp_path / "home"
    assert finder(home).find(NAME) == Login("docker", "x")
    stored("other/config.json", "other")
    moved = {"DOCKER_CONFIG": str(tmp_path / "other")}
    assert finder(home, **moved).find(NAME) == Login("other", "x")
    stored("run/containers/auth.json", "containers")
    moved["XDG_RUNTIME_DIR"] = str(tmp_path / "run")
    assert finder(home, **moved).find(NAME) == Login("containers", "x")
    moved["REGISTRY_AUTH_FILE"] = stored("chosen.json", "chosen")
    assert finder(home, **moved).find(NAME) == Login("chosen", "x")
    assert finder(home, **moved).find("registry.example/other") is None


def test_an_identity_token_is_known_as_such(tmp_path: Path) -> None:
    write(tmp_path / ".docker/config.json", {"auths": {HOST: {**packed("me", ""), "identitytoken": "refresh"}}})
    assert finder(tmp_path).find(NAME) == IdentityToken("refresh")


@pytest.mark.parametrize("content", ["{", '{"auths": 7}', {"auths": {HOST: {"auth": "%%%secret"}}}])
def test_a_damaged_file_is_named_and_not_shown(tmp_path: Path, content: object) -> None:
    path = write(tmp_path / ".docker/config.json", content)
    with pytest.raises(UnauthorizedError, match="cannot be read") as caught:
        finder(tmp_path).find(NAME)
    assert str(path) in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    write(tmp_path / ".docker/config.json", "")
    assert finder(tmp_path).find(NAME) is None


def test_a_program_is_asked_with_the_host_on_stdin(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    program(tmp_path / "bin", "test", f'cat > {seen}; echo \'{{"ServerURL":"x","Username":"me","Secret":"s"}}\'')
    write(tmp_path / ".docker/config.json", {"credHelpers": {HOST: "test"}})
    found = finder(tmp_path, PATH=f"{tmp_path}/bin:/usr/bin:/bin").find(NAME)
    assert found == Login("me", "s")
    assert seen.read_text() == HOST


def test_a_program_gives_identity_tokens_by_a_special_user(tmp_path: Path) -> None:
    program(tmp_path / "bin", "test", 'echo \'{"Username":"<token>","Secret":"refresh"}\'')
    write(tmp_path / ".docker/config.json", {"credsStore": "test"})
    found = finder(tmp_path, PATH=f"{tmp_path}/bin:/usr/bin:/bin").find(NAME)
    assert found == IdentityToken("refresh")


def test_a_program_that_knows_nothing_leaves_us_anonymous(tmp_path: Path) -> None:
    program(tmp_path / "bin", "test", "echo 'credentials not found in native keychain'; exit 1")
    write(tmp_path / ".docker/config.json", {"credHelpers": {HOST: "test"}})
    assert finder(tmp_path, PATH=f"{tmp_path}/bin:/bin").find(NAME) is None


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo locked; exit 1", "says: locked"),
        ("exit 3", "status 3"),
        ("echo 'secret but no JSON'", "no credential"),
        ("exec tail -f /dev/null", "does not answer"),
    ],
)
def test_a_program_that_fails_is_named(tmp_path: Path, script: str, why: str) -> None:
    found = program(tmp_path, "test", script)
    with pytest.raises(UnauthorizedError, match=why) as caught:
        ask_program(found, HOST, {"PATH": "/usr/bin:/bin"}, seconds=0.5)
    assert "secret" not in str(caught.value)


def test_a_missing_program_for_the_host_is_an_error_and_a_general_one_is_not(tmp_path: Path) -> None:
    write(tmp_path / ".docker/config.json", {"credHelpers": {HOST: "absent"}})
    with pytest.raises(UnauthorizedError, match="absent"):
        finder(tmp_path, PATH="/bin").find(NAME)
    write(tmp_path / ".docker/config.json", {"credsStore": "absent", "auths": {HOST: packed("me", "x")}})
    assert finder(tmp_path, PATH="/bin").find(NAME) == Login("me", "x")


def test_no_program_of_the_current_directory_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "test", "exit 0")
    monkeypatch.chdir(tmp_path)
    assert find_program("test", ".") is None
    assert find_program("test", "") is None
    assert find_program("test", ":relative:") is None
    assert find_program("../test", str(tmp_path)) is None
    assert find_program("test", f".:{tmp_path}") == tmp_path / "docker-credential-test"


def test_no_secret_stands_in_a_repr(tmp_path: Path) -> None:
    for value in (Login("me", "hidden"), IdentityToken("hidden"), finder(tmp_path, SECRET="hidden")):
        assert "hidden" not in repr(value)


def test_a_user_name_with_a_colon_is_refused() -> None:
    with pytest.raises(UnauthorizedError, match="colon"):
        Login("a:b", "c").basic()
