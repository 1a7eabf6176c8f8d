"""Read the machine's own apt configuration, to learn from which mirror it gets Debian.

Both forms that apt knows are read: one-line `.list` files and deb822 `.sources` files (sources.list(5)). Pure
functions over text; only `machine_sources` reads files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ALIASES = ("stable", "oldstable", "testing", "unstable", "sid")
_ONE_LINE = re.compile(r"^deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s*(?P<components>.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class AptSource:
    """One archive of binary packages that the machine uses.

    `signed_by` is the value of apt's Signed-By (a path, fingerprints or a whole key in deb822's folded form), or
    None where apt's global keyring decides. Options that weaken apt's checks, such as `trusted=yes`, are not kept.
    """

    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str | None = None


def parse_one_line(text: str) -> tuple[AptSource, ...]:
    """The `deb` lines of a one-line `.list` file; comments, `deb-src` and lines that do not parse are left out."""
    return tuple(source for line in text.splitlines() if (source := _one_line(line.split("#", 1)[0].strip())))


def _one_line(line: str) -> AptSource | None:
    match = _ONE_LINE.match(line)
    if match is None:
        return None
    pairs = (word.split("=", 1) for word in (match["options"] or "").split())
    options = {pair[0].lower(): pair[1] for pair in pairs if len(pair) == 2}
    return AptSource(
        uri=match["uri"],
        suites=(match["suite"],),
        components=tuple(match["components"].split()),
        signed_by=options.get("signed-by"),
    )


def parse_deb822(text: str) -> tuple[AptSource, ...]:
    """The stanzas of a deb822 `.sources` file that are enabled and offer `deb`, one source for each URI."""
    found: list[AptSource] = []
    for stanza in re.split(r"\n[ \t]*\n", text):
        fields = _fields(stanza)
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").strip().lower() in {
            "no",
            "false",
        }:
            continue
        found.extend(
            AptSource(
                uri=uri,
                suites=tuple(fields.get("suites", "").split()),
                components=tuple(fields.get("components", "").split()),
                signed_by=fields.get("signed-by") or None,
            )
            for uri in fields.get("uris", "").split()
        )
    return tuple(found)


def _fields(stanza: str) -> dict[str, str]:
    """The fields of one stanza by lower-case name; folded lines keep their leading blank."""
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line[0] in " \t":
            if name:
                fields[name] = f"{fields[name]}\n{line}" if fields[name] else f"\n{line}"
            continue
        name, _, value = line.partition(":")
        name = name.strip().lower()
        fields[name] = value.strip()
    return fields


def machine_sources(etc: Path = Path("/etc/apt")) -> tuple[AptSource, ...]:
    """Every archive in `sources.list` and `sources.list.d`, in apt's order. Unreadable files are left out."""
    parts = sorted((etc / "sources.list.d").glob("*")) if (etc / "sources.list.d").is_dir() else []
    found: list[AptSource] = []
    for path in [etc / "sources.list", *parts]:
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if path.suffix == ".list":
            found.extend(parse_one_line(text))
        elif path.suffix == ".sources":
            found.extend(parse_deb822(text))
    return tuple(found)


def debian_candidates(sources: tuple[AptSource, ...], codename: str) -> tuple[AptSource, ...]:
    """The archives that may be Debian's own, the likeliest first.

    Other vendors also publish a suite called after Debian's, with a component `main`. A URI that ends in `/debian`
    comes first, and so does one whose stanza lists `CODENAME-updates`; which one really serves Debian is for the
    caller to try. Security archives hold no suite of this name and drop out.
    """
    names = {codename, *ALIASES}
    fitting = [
        source
        for source in sources
        if "main" in source.components and names & set(source.suites) and not source.uri.startswith("cdrom:")
    ]
    updates = f"{codename}-updates"

    def doubt(source: AptSource) -> int:
        ends = source.uri.rstrip("/").endswith("/debian")
        return -2 * int(ends) - int(updates in source.suites)

    unique: dict[str, AptSource] = {}
    for source in sorted(fitting, key=doubt):
        unique.setdefault(source.uri.rstrip("/"), source)
    return tuple(unique.values())
