"""A person at a terminal: runs `dockchains` under a pseudo-terminal and types answers to its questions."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

DEADLINE = 120.0
"""Seconds until a conversation counts as stuck."""

Answer = str | Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was shown on the terminal, what went to standard output, and the exit code."""

    shown: str
    stdout: str
    code: int


def converse(
    arguments: Sequence[str], answers: Sequence[tuple[str, Answer]], environment: Mapping[str, str]
) -> Conversation:
    """Waits for each question (a regular expression) in turn and types its answer.

    An answer may be a function of all that was shown so far. Standard output is a pipe, as in `$(dockchains ...)`.
    """
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", *arguments],
        stdin=slave,
        stderr=slave,
        stdout=subprocess.PIPE,
        env=dict(environment) | {"TERM": "xterm", "NO_COLOR": "1"},
        start_new_session=True,
    )
    os.close(slave)
    try:
        shown = _talk(master, answers)
        assert process.stdout is not None
        stdout = process.stdout.read().decode()
        shown += _read(master, 0.2)
        return Conversation(shown, stdout, process.wait(DEADLINE))
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
        os.close(master)


def _talk(master: int, answers: Sequence[tuple[str, Answer]]) -> str:
    shown, answered = "", 0
    end = time.monotonic() + DEADLINE
    for question, answer in answers:
        while (found := re.search(question, shown[answered:])) is None:
            if time.monotonic() > end:
                raise AssertionError(f"never asked {question!r}:\n{shown}")
            fresh = _read(master, 0.2)
            if fresh == "\0":
                raise AssertionError(f"ended without asking {question!r}:\n{shown}")
            shown += fresh
        answered += found.end()
        text = answer if isinstance(answer, str) else answer(shown)
        os.write(master, (text + "\n").encode())
    return shown


def _read(master: int, wait: float) -> str:
    """What the program shows within `wait` seconds; a NUL once it has ended."""
    if not select.select([master], [], [], wait)[0]:
        return ""
    try:
        return os.read(master, 65536).decode("utf-8", "replace") or "\0"
    except OSError:
        return "\0"
