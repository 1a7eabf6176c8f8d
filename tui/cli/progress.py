"""Progress of long work, on standard error: a bar on a terminal, a line now and then elsewhere."""

import contextlib
import time
from types import TracebackType
from typing import Any

from tui.cli.terminal import Terminal
from tui.text import written
from tui.verbs.progress import Progress as Step

_QUIET = 2.0
"""Seconds before anything is shown: short work stays silent."""

_PERIOD = 10.0
"""Seconds between two lines where there is no terminal."""


class Progress:
    """Called with (done, total); shows something only once the work has taken a while. Ends by itself when done."""

    def __init__(self, what: str, terminal: Terminal, *, size: bool = False) -> None:
        """With `size`, what is counted are bytes."""
        self._what = written(what)
        self._size = size
        self._terminal = terminal
        self._next = time.monotonic() + _QUIET
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def __call__(self, done: int, total: int) -> None:
        """Reports how far the work is. A terminal that cannot be written to is no reason to end the work."""
        with contextlib.suppress(OSError, ValueError):
            if self._bar is not None:
                self._bar.update(self._task, completed=done, total=total)
            elif time.monotonic() >= self._next:
                self._show(done, total)
        if done >= total:
            self._stop()

    def _show(self, done: int, total: int) -> None:
        self._next = time.monotonic() + _PERIOD
        if self._terminal.draws:
            self._start(done, total)
        else:
            self._terminal.note(f"{self._what}: {self._text(done)} of {self._text(total)}")

    def _start(self, done: int, total: int) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            MofNCompleteColumn,
            ProgressColumn,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )
        from rich.progress import Progress as Bar

        console = Console(stderr=True, no_color=not self._terminal.colors)
        figures: tuple[ProgressColumn, ...] = (MofNCompleteColumn(),)
        if self._size:
            figures = (DownloadColumn(), TransferSpeedColumn())
        text = TextColumn("{task.description}", markup=False)
        self._bar = Bar(text, BarColumn(), *figures, TimeRemainingColumn(), console=console, transient=True)
        self._task = self._bar.add_task(self._what, completed=done, total=total)
        self._bar.start()

    def _text(self, count: int) -> str:
        return f"{count / 1_000_000:,.1f} MB" if self._size else str(count)

    def _stop(self) -> None:
        if self._bar is not None:
            with contextlib.suppress(OSError, ValueError):
                self._bar.stop()
            self._bar = None
            self._next = time.monotonic() + _PERIOD


class Bars:
    """A verb's reports as displays on standard error, one step of the work at a time."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._what = ""
        self._shown: Progress | None = None

    def __call__(self, step: Step) -> None:
        """A step has come so far; another step than the last one begins a display of its own."""
        if self._shown is None or step.what != self._what:
            self.close()
            self._what, self._shown = step.what, Progress(step.what, self._terminal, size=step.bytes)
        self._shown(step.done, step.total)

    def close(self) -> None:
        """Takes the display away."""
        if self._shown is not None:
            self._shown.__exit__(None, None, None)
            self._shown = None
