"""Run skopeo and return what it prints."""

from __future__ import annotations

import subprocess

from regtest.errors import CommandError
from regtest.packages import tools


def skopeo(*arguments: str, timeout: float = 120) -> str:
    """Run `skopeo ARGUMENTS` without a signature policy; returns its standard output.

    `timeout` in seconds. Raises CommandError with skopeo's own words.
    """
    command = [str(tools(fetch=False).skopeo), "--insecure-policy", *arguments]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise CommandError(f"skopeo {' '.join(arguments)}: no end within {timeout:g} seconds") from error
    if done.returncode != 0:
        raise CommandError(f"skopeo {' '.join(arguments)}: exit code {done.returncode}\n{done.stderr.strip()}")
    return done.stdout
