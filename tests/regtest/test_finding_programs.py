"""Where the harness finds its programs, and what it says when one is missing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from regtest import packages
from regtest.errors import MissingTool
from regtest.launcher import install, is_static
from regtest.packages import ENGINES, IMAGES, NODE, VARIABLES, find, suites_of, tools

DYNAMIC = b"\x7fELF" + b"\0" * 60 + b"/lib64/ld-linux-x86-64.so.2\0"


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No program by variable or PATH."""
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))


def executable(path: Path, data: bytes = b"#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o755)
    return path


def test_a_variable_comes_before_path_and_path_before_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    assert find("bitcoind", cache) is None
    cached = executable(cache / "bin" / "bitcoind")
    assert find("bitcoind", cache) == cached
    on_path = executable(tmp_path / "path" / "bitcoind")
    assert find("bitcoind", cache) == on_path
    told = executable(tmp_path / "elsewhere" / "node")
    monkeypatch.setenv("BITCOIND", str(told))
    assert find("bitcoind", cache) == told


def test_a_variable_that_names_nothing_is_never_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(tmp_path / "cache" / "bin" / "skopeo")
    monkeypatch.setenv("SKOPEO", str(tmp_path / "missing"))
    with pytest.raises(MissingTool, match="SKOPEO="):
        find("skopeo", tmp_path / "cache")


def test_a_busybox_that_needs_libraries_is_not_fit_for_an_image(tmp_path: Path) -> None:
    assert not is_static(executable(tmp_path / "path" / "busybox", DYNAMIC))
    assert find("busybox", tmp_path / "cache") is None
    static = executable(tmp_path / "path" / "busybox", b"\x7fELF" + b"\0" * 200)
    assert find("busybox", tmp_path / "cache") == static


def test_a_missing_program_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingTool, match=r"not found: bitcoind, .*busybox\. "):
        tools(fetch=False, cache=tmp_path)


def test_elsewhere_than_debian_the_message_names_programs_and_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "_os_release", lambda: {"ID": "fedora"})
    with pytest.raises(MissingTool) as caught:
        tools(fetch=True, cache=tmp_path, say=lambda _line: None)
    for word in ("bitcoind", "skopeo", "busybox", *VARIABLES.values()):
        assert word in str(caught.value)


def test_a_machine_that_lists_no_debian_archive_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_is_debian", lambda: True)
    monkeypatch.setattr(packages, "machine_sources", lambda: ())
    (tmp_path / "fetch-left-by-a-killed-run").mkdir()
    with pytest.raises(MissingTool, match="is listed in /etc/apt"):
        tools(fetch=True, cache=tmp_path, say=lambda _line: None)
    assert not (tmp_path / "bin").exists()
    assert not list(tmp_path.glob("fetch-*"))


def test_the_node_comes_from_the_backports_where_the_suite_has_none() -> None:
    assert suites_of(NODE, "bookworm") == suites_of(NODE, "trixie") == ("trixie", "trixie-backports")
    assert suites_of(NODE, "forky") == ("forky",)
    assert suites_of(IMAGES, "bookworm") == ("bookworm",)


def test_a_fetched_program_runs_through_its_own_loader_wherever_the_cache_lies(tmp_path: Path) -> None:
    bundle = tmp_path / "a place" / "debian" / "node"
    executable(bundle / "usr/bin/tool", DYNAMIC)
    loader = b'#!/bin/sh\nprintf "%s|" "$@"\n'
    executable(bundle / "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", loader)
    install("tool", "usr/bin/tool", bundle, tmp_path / "a place" / "bin")
    moved = (tmp_path / "a place").rename(tmp_path / "another place")
    done = subprocess.run(
        [moved / "bin" / "tool", "a b", "-c"], capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"}
    )
    words = done.stdout.rstrip("|").split("|")
    assert words[0] == "--library-path"
    assert words[2:4] == ["--argv0", "tool"]
    assert Path(words[4]).resolve() == moved / "debian/node/usr/bin/tool"
    assert words[5:] == ["a b", "-c"]


def test_a_fetched_program_without_a_loader_runs_by_its_own_name_with_its_own_libraries(tmp_path: Path) -> None:
    bundle = tmp_path / "a place" / "debian" / "engines"
    program = executable(bundle / "usr/bin/tool", b'#!/bin/sh\nprintf "%s|" "$0" "$LD_LIBRARY_PATH" "$@"\n')
    (bundle / "usr/lib/x86_64-linux-gnu").mkdir(parents=True)
    install("tool", "usr/bin/tool", bundle, tmp_path / "a place" / "bin")
    moved = (tmp_path / "a place").rename(tmp_path / "another place")
    done = subprocess.run(
        [moved / "bin" / "tool", "a b", "-c"], capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"}
    )
    here = moved / "debian/engines"
    assert program.relative_to(tmp_path / "a place") == (here / "usr/bin/tool").relative_to(moved)
    assert done.stdout == f"{here}/usr/bin/tool|{here}/usr/lib/x86_64-linux-gnu|a b|-c|"


def test_engines_are_of_the_machines_own_suite() -> None:
    assert ENGINES.restarts
    assert suites_of(ENGINES, "bookworm") == ("bookworm",)


def test_a_static_program_is_linked_as_it_is(tmp_path: Path) -> None:
    bundle = tmp_path / "debian" / "images"
    program = executable(bundle / "bin/busybox", b"\x7fELF" + b"\0" * 200)
    install("busybox", "bin/busybox", bundle, tmp_path / "bin")
    assert (tmp_path / "bin" / "busybox").resolve() == program
