"""Reading the machine's apt configuration, in both of its forms."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from regtest.apt_root import TAKEN_AS_INSTALLED, prepare
from regtest.apt_sources import AptSource, debian_candidates, machine_sources, parse_deb822, parse_one_line

DEB822 = """\
Types: deb
# http://snapshot.example/archive
URIs: http://debian.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb deb-src
URIs: http://debian.example/debian-security http://other.example/debian-security/
Suites: bookworm-security
Components: main contrib
Enabled: yes

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://sources.example/debian
Suites: bookworm
Components: main
"""


def test_a_deb822_file_gives_its_enabled_binary_archives() -> None:
    main, security, other = parse_deb822(DEB822)
    assert main == AptSource(
        uri="http://debian.example/debian",
        suites=("bookworm", "bookworm-updates"),
        components=("main",),
        signed_by="/usr/share/keyrings/debian-archive-keyring.gpg",
    )
    assert security.uri == "http://debian.example/debian-security"
    assert other.uri == "http://other.example/debian-security/"
    assert other.components == ("main", "contrib")


def test_a_key_inside_a_deb822_file_is_kept_whole() -> None:
    key = "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQENBF\n -----END PGP PUBLIC KEY BLOCK-----"
    (source,) = parse_deb822(
        f"Types: deb\nURIs: http://debian.example/debian\nSuites: trixie\nComponents: main\nSigned-By:{key}\n"
    )
    assert source.signed_by == key


def test_one_line_entries_are_read_with_their_options() -> None:
    text = """\
# deb http://comment.example/debian bookworm main
deb http://debian.example/debian bookworm main contrib # the mirror
deb [arch=amd64 signed-by=/k.gpg trusted=yes] https://two.example/debian bookworm main
deb-src http://debian.example/debian bookworm main
deb [ arch=amd64 ] cdrom:[Debian_12]/ bookworm main
deb http://flat.example/ ./
nonsense
"""
    sources = parse_one_line(text)
    assert [source.uri for source in sources[:2]] == ["http://debian.example/debian", "https://two.example/debian"]
    assert sources[0].components == ("main", "contrib")
    assert sources[0].signed_by is None
    assert sources[1].signed_by == "/k.gpg"


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert all(source.uri for source in parse_one_line(text) + parse_deb822(text))


def source(uri: str, *suites: str, components: tuple[str, ...] = ("main",)) -> AptSource:
    return AptSource(uri=uri, suites=suites, components=components)


def test_debian_s_own_archive_comes_before_other_vendors() -> None:
    sources = (
        source("https://vendor.example/apt", "bookworm"),
        source("http://debian.example/debian-security", "bookworm-security"),
        source("https://flat.example/", "./", components=()),
        source("cdrom:[Debian]/", "bookworm"),
        source("http://mirror.example/pub/linux", "bookworm", "bookworm-updates"),
        source("http://debian.example/debian/", "bookworm"),
        source("http://debian.example/debian", "bookworm-updates", "bookworm"),
        source("https://pinned.example/apt", "stable", components=("contrib",)),
    )
    assert [each.uri for each in debian_candidates(sources, "bookworm")] == [
        "http://debian.example/debian",
        "http://mirror.example/pub/linux",
        "https://vendor.example/apt",
    ]


def test_both_forms_are_found_in_the_machine_s_folder(tmp_path: Path) -> None:
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (tmp_path / "sources.list").write_text("deb http://one.example/debian bookworm main\n")
    (parts / "a.list").write_text("deb http://two.example/debian bookworm main\n")
    (parts / "b.sources").write_text(DEB822)
    (parts / "c.list.disabled").write_text("deb http://no.example/debian bookworm main\n")
    uris = [each.uri for each in machine_sources(tmp_path)]
    assert uris[:3] == ["http://one.example/debian", "http://two.example/debian", "http://debian.example/debian"]
    assert not any("no.example" in uri for uri in uris)


def test_a_machine_without_apt_has_no_sources(tmp_path: Path) -> None:
    assert machine_sources(tmp_path / "missing") == ()


def test_a_private_root_asks_only_the_suites_it_was_given(tmp_path: Path) -> None:
    told = AptSource(uri="http://debian.example/debian", suites=("x",), components=("main",), signed_by="/k.gpg")
    prepare(tmp_path / "root", told, ("trixie", "trixie-backports"), lambda _line: None)
    written = parse_deb822((tmp_path / "root" / "sources" / "debian.sources").read_text())
    assert written == (
        AptSource(
            uri="http://debian.example/debian",
            suites=("trixie", "trixie-backports"),
            components=("main",),
            signed_by="/k.gpg",
        ),
    )
    configuration = (tmp_path / "root" / "apt.conf").read_text()
    assert "AllowUnauthenticated" not in configuration
    assert "AllowInsecure" not in configuration
    assert len(set(TAKEN_AS_INSTALLED)) == len(TAKEN_AS_INSTALLED)
