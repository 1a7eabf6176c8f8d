"""What container engines on this machine know as the digest of an image: a second witness beside the registry."""

import os
import shutil
import subprocess
from pathlib import Path

from assets.images.digest import Digest
from assets.images.reference import ImageReference
from assets.images.tag import Tag
from wallet.documents import read_json

_ENGINES = ("docker", "podman")
_PATIENCE = 20.0
"""Seconds that a local engine has to answer."""


def local_digests(name: str, tag: Tag) -> tuple[tuple[str, Digest], ...]:
    """What docker and podman on this machine know as the digest of an image, where they are there."""
    found = []
    for engine in _ENGINES:
        program = shutil.which(engine, path=os.environ.get("PATH"))
        if program is None or not Path(program).is_absolute():
            continue
        found += [(engine, digest) for digest in _inspect(program, name, tag)]
    return tuple(found)


def _inspect(program: str, name: str, tag: Tag) -> list[Digest]:
    command = [program, "image", "inspect", "--format", "{{json .RepoDigests}}", f"{name}:{tag}"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=False)  # noqa: S603 - no shell
        listed = read_json(done.stdout, what="the engine's answer") if done.returncode == 0 else []
        known = [ImageReference.parse(str(entry)) for entry in listed]
        return [one.digest for one in known if one.digest is not None and one.name == name]
    except (OSError, subprocess.TimeoutExpired, ValueError, TypeError):
        return []
