"""Wait for a condition with back-off, never for a length of time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from regtest.errors import WaitError

T = TypeVar("T")


def wait_for(predicate: Callable[[], T], timeout: float = 30, what: str = "a condition") -> T:
    """Ask until the answer is true and return it; `timeout` in seconds.

    The pause between two questions grows from 10 ms to 250 ms. Raises WaitError, which names `what`, when the time is
    up. What the predicate raises passes through.
    """
    end = time.monotonic() + timeout
    pause = 0.01
    while True:
        answer = predicate()
        if answer:
            return answer
        if time.monotonic() >= end:
            raise WaitError(f"{what}: not so within {timeout:g} seconds")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.25)
