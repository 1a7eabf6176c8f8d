"""Entries in the files of docker and podman: put in, taken out, and not a byte around them changed."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.store.container_logins import ContainerLogins, Undone
from assets.store.json_splice import with_value, without
from assets.store.session_store import WrittenEntry
from wallet.errors import EncodingError, StoreError

HOST = "registry.example:5000"
DOCKERS = '{\n\t"auths": {\n\t\t"other.example": {\n\t\t\t"auth": "dTpw\\u003c"\n\t\t}\n\t},\n\t"HttpHeaders": {}\n}'


def logins(home: Path, **environ: str) -> ContainerLogins:
    return ContainerLogins(environ=environ, home=home)


def written(home: Path, **environ: str) -> tuple[ContainerLogins, tuple[WrittenEntry, ...]]:
    found = logins(home, **environ)
    entries = found.plan(HOST)
    found.write(HOST, entries)
    return found, entries


def docker_file(home: Path, text: str | bytes) -> Path:
    path = home / ".docker" / "config.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_files_that_were_not_there_are_made_private_and_removed_again(tmp_path: Path) -> None:
    found, entries = written(tmp_path)
    paths = [entry.path for entry in entries]
    assert paths == [tmp_path / ".docker/config.json", tmp_path / ".config/containers/auth.json"]
    for path in paths:
        assert json.loads(path.read_text()) == {"credHelpers": {HOST: "dockchains"}}
        assert path.stat().st_mode & 0o777 == 0o600
    assert [found.undo(HOST, entry) for entry in entries] == [Undone.REMOVED, Undone.REMOVED]
    assert not any(path.parent.exists() for path in paths)


def test_a_folder_that_was_there_or_holds_something_by_now_stays(tmp_path: Path) -> None:
    (tmp_path / ".docker").mkdir()
    found, entries = written(tmp_path)
    (tmp_path / ".config/containers/policy.json").write_text("{}")
    assert [found.undo(HOST, entry) for entry in entries] == [Undone.REMOVED, Undone.REMOVED]
    assert list((tmp_path / ".docker").iterdir()) == []
    assert [path.name for path in (tmp_path / ".config/containers").iterdir()] == ["policy.json"]


def test_the_environment_says_where_the_files_are(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    moved = logins(tmp_path, DOCKER_CONFIG=str(tmp_path / "d"), XDG_RUNTIME_DIR=str(run), XDG_CONFIG_HOME="/c")
    assert moved.files() == (
        tmp_path / "d/config.json",
        run / "containers/auth.json",
        Path("/c/containers/auth.json"),
    )
    chosen = logins(tmp_path, XDG_RUNTIME_DIR=str(run), REGISTRY_AUTH_FILE=str(tmp_path / "auth"))
    assert chosen.files() == (tmp_path / ".docker/config.json", tmp_path / "auth")
    assert logins(tmp_path, XDG_RUNTIME_DIR=str(tmp_path / "none")).files()[1:] == (
        tmp_path / ".config/containers/auth.json",
    )


@pytest.mark.parametrize(
    "text",
    [
        DOCKERS,
        DOCKERS + "\n",
        DOCKERS.replace("\n", "\r\n"),
        DOCKERS.replace("\t", "    "),
        '{"auths":{"x":{}},"credsStore":"secretservice"}',
        '{"credHelpers":{"other.example":"pass"},"n":1.50,"e":1E2}',
        '{\n  "credHelpers" : {\n    "a.example" : "one",\n    "b.example" : "two"\n  }\n}\n',
        f'{{"credHelpers": {{"{HOST}": "pass", "z": "q"}}}}',
        '{"credHelpers":{}}',
        "{}",
        '{"a":"\\u00e9\u00e9"}',
        '{"credHelpers":{"a":"1"},"credHelpers":{"b":"2"}}',
    ],
)
def test_everything_else_stays_to_the_byte(tmp_path: Path, text: str) -> None:
    path = docker_file(tmp_path, text)
    path.chmod(0o640)
    found, (docker, _) = written(tmp_path)
    now = json.loads(path.read_bytes())
    assert now["credHelpers"][HOST] == "dockchains"
    before = json.loads(text)
    assert {key: now[key] for key in before if key != "credHelpers"} == {
        key: before[key] for key in before if key != "credHelpers"
    }
    found.undo(HOST, docker)
    assert path.read_bytes() == text.encode()
    assert path.stat().st_mode & 0o777 == 0o640


def test_what_was_added_meanwhile_stays(tmp_path: Path) -> None:
    found, (docker, _) = written(tmp_path)
    text = docker.path.read_text()
    docker.path.write_text(with_value(with_value(text, "credHelpers", "b.example", "pass"), "auths", "x", "y"))
    assert found.undo(HOST, docker) is Undone.REMOVED
    assert json.loads(docker.path.read_text()) == {"credHelpers": {"b.example": "pass"}, "auths": {"x": "y"}}


def test_an_entry_that_somebody_changed_is_left_alone(tmp_path: Path) -> None:
    found, (docker, podman) = written(tmp_path)
    docker.path.write_text(docker.path.read_text().replace('"dockchains"', '"pass"'))
    podman.path.unlink()
    assert found.undo(HOST, docker) is Undone.FOREIGN
    assert found.undo(HOST, podman) is Undone.GONE
    assert "pass" in docker.path.read_text()


def test_another_program_is_put_back(tmp_path: Path) -> None:
    path = docker_file(tmp_path, json.dumps({"credHelpers": {HOST: "pass"}}))
    found, (docker, _) = written(tmp_path)
    assert docker.previous == "pass"
    assert found.undo(HOST, docker) is Undone.RESTORED
    assert json.loads(path.read_text()) == {"credHelpers": {HOST: "pass"}}


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    found, entries = written(tmp_path)
    before = [entry.path.stat().st_mtime_ns for entry in entries]
    found.write(HOST, entries)
    assert [entry.path.stat().st_mtime_ns for entry in entries] == before
    assert {entry.previous for entry in found.plan(HOST)} == {None}


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "docker.json"
    real.parent.mkdir()
    real.write_text("{}")
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker/config.json").symlink_to(real)
    written(tmp_path)
    assert (tmp_path / ".docker/config.json").is_symlink()
    assert json.loads(real.read_text())["credHelpers"][HOST] == "dockchains"


def test_an_empty_file_is_as_good_as_none(tmp_path: Path) -> None:
    path = docker_file(tmp_path, " \n")
    written(tmp_path)
    assert json.loads(path.read_text())["credHelpers"][HOST] == "dockchains"


@pytest.mark.parametrize("data", [b"[]", b"{", b"\xff", b'"x"', b"{}{}", b"nonsense", b"[" * 100_000])
def test_a_file_that_is_no_such_file_is_told_and_left_as_it_is(tmp_path: Path, data: bytes) -> None:
    path = docker_file(tmp_path, data)
    with pytest.raises(StoreError, match=r"config\.json"):
        logins(tmp_path).plan(HOST)
    assert path.read_bytes() == data


json_values = st.recursive(
    st.booleans() | st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text(max_size=6) | st.just("o"), json_values, max_size=4),
    st.sampled_from([None, 1, "\t", 3]),
    st.booleans(),
    st.text(max_size=6),
)
def test_any_object_takes_an_entry_and_loses_it_again(
    document: dict[str, object], indent: int | str | None, ascii_only: bool, key: str
) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    changed = with_value(text, "o", key, "program")
    inner = document.get("o")
    expected = {**document, "o": {**(inner if isinstance(inner, dict) else {}), key: "program"}}
    assert json.loads(changed) == expected
    del expected["o"][key]  # type: ignore[attr-defined]
    assert json.loads(without(changed, "o", key)) == expected
    if "o" not in document:
        assert json.loads(without(changed, "o", None)) == document
        assert without(changed, "o", None) == text or not document


@given(st.text(max_size=30))
def test_any_text_is_edited_or_refused(text: str) -> None:
    try:
        changed = with_value(text, "o", "k", "v")
    except EncodingError:
        return
    assert json.loads(changed)["o"]["k"] == "v"
