"""Small shell scripts that run a program of an unpacked Debian package beside its own libraries.

The program is started through the C library's loader of its own suite, so it runs on a machine whose C library is
older. One whose C library was left out is of the machine's suite, and started by its own name. The scripts find
everything relative to themselves: the checkout may be moved.
"""

from __future__ import annotations

import os
from pathlib import Path

from regtest.errors import MissingTool

_LIBRARIES = ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu")
_LOADERS = tuple(f"{folder}/ld-linux-x86-64.so.2" for folder in _LIBRARIES)

_SCRIPT = """\
#!/bin/sh
# Runs {program} of Debian beside its own libraries.
here=$(dirname "$(readlink -f "$0")")
root="$here/../debian/{bundle}"
{policy}exec "$root/{loader}" --library-path "{libraries}" --argv0 {name} "$root/{program}" "$@"
"""

_WITHOUT_LOADER = """\
#!/bin/sh
# Runs {program} of Debian beside its own libraries, with the machine's C library.
here=$(dirname "$(readlink -f "$0")")
root="$(readlink -f "$here/..")/debian/{bundle}"
LD_LIBRARY_PATH="{libraries}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}" exec "$root/{program}" "$@"
"""

_NO_POLICY = """\
# Without a signature policy skopeo refuses to work; Debian's usual one asks for no signature either.
if [ ! -e "${HOME:-/nonexistent}/.config/containers/policy.json" ] && [ ! -e /etc/containers/policy.json ]; then
    set -- --insecure-policy "$@"
fi
"""


def first_existing(root: Path, paths: tuple[str, ...]) -> str:
    """The first of some paths that is a file below `root`; MissingTool if none is."""
    for path in paths:
        if (root / path).is_file():
            return path
    raise MissingTool(f"the fetched packages hold none of {', '.join(paths)}")


def is_static(program: Path) -> bool:
    """Whether an ELF program runs without a loader: only then is it of use alone inside an image."""
    with program.open("rb") as opened:
        head = opened.read(4096)
    return head.startswith(b"\x7fELF") and b"/ld-" not in head


def install(name: str, program: str, bundle: Path, binaries: Path) -> None:
    """Put `name` into the folder `binaries`: a link to a static program, else a script that runs `program`.

    `program` is relative to `bundle`, which lies in the folder `debian` beside `binaries`. The last step is a rename,
    so that no half-written script is ever found.
    """
    binaries.mkdir(parents=True, exist_ok=True)
    fresh = binaries / f".{name}.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    if is_static(bundle / program):
        fresh.symlink_to(Path("..") / "debian" / bundle.name / program)
    else:
        fresh.write_text(_script(name, program, bundle), encoding="utf-8")
        fresh.chmod(0o755)
    fresh.replace(binaries / name)


def _script(name: str, program: str, bundle: Path) -> str:
    libraries = ":".join(f"$root/{folder}" for folder in _LIBRARIES if (bundle / folder).is_dir())
    if not any((bundle / loader).is_file() for loader in _LOADERS):
        return _WITHOUT_LOADER.format(program=program, bundle=bundle.name, libraries=libraries)
    return _SCRIPT.format(
        program=program,
        bundle=bundle.name,
        policy=_NO_POLICY if name == "skopeo" else "",
        loader=first_existing(bundle, _LOADERS),
        libraries=libraries,
        name=name,
    )
