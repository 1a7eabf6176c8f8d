"""Is there room on the disk? Asked before much is written, since a full disk also stops the wallet."""

import os
from pathlib import Path

from assets.remedies import ImageRemedy
from wallet.errors import StoreError

MARGIN = 32 * 1024 * 1024
"""Bytes that are left free for everything else."""


def require_space(folder: Path, needed: int) -> None:
    """Raises StoreError where a folder's disk has no room for so many bytes. The folder need not exist yet."""
    existing = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.is_dir())
    status = os.statvfs(existing)
    free = status.f_bavail * status.f_frsize
    if needed > 0 and status.f_blocks > 0 and free < needed + MARGIN:
        raise StoreError(
            f"this takes {_text(needed)} on the disk of {existing}, and {_text(max(0, free - MARGIN))} are free",
            hint=ImageRemedy.FORGET_IMAGES.of(),
        )


def _text(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"
