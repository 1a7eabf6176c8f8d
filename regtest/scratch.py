"""Folders for servers and homes that are thrown away: in memory where the machine has a file system for that.

Nodes, registries and wallets write through to the disk again and again. Nothing of theirs outlives the harness, so
memory does as well, and faster.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a new folder of our own is made in it
ROOM = 3 * 1024**3
"""Bytes that must be free, of the file system and of the machine's memory; a module of tests takes some 100 MB."""


def scratch_folder(prefix: str, memory: Path = IN_MEMORY, room: int = ROOM) -> Path:
    """A new folder (0700), in `memory` if there is `room` for programs and their data, else where TMPDIR says.

    Who sets TMPDIR gets the folder there in any case.
    """
    here = memory if "TMPDIR" not in os.environ and _suits(memory, room) else None
    return Path(tempfile.mkdtemp(prefix=prefix, dir=here))


def _suits(folder: Path, room: int) -> bool:
    """Whether everybody may write there and run what is written, and enough is free."""
    try:
        system = os.statvfs(folder)
        free = re.search(r"^MemAvailable: +(\d+) kB$", Path("/proc/meminfo").read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        return False
    if system.f_flag & os.ST_NOEXEC or not os.access(folder, os.W_OK | os.X_OK) or free is None:
        return False
    return min(system.f_bavail * system.f_frsize, int(free[1]) * 1024) >= room
