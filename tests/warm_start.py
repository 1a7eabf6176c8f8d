"""Parties' commands, started from a process that has imported the program already: imports are most of what a test run
costs, since it types thousands of commands.

Each command is still a process of its own, with the arguments, environment, folder, streams and file descriptors of its
caller, and ends as every Python does. Nothing that one does is known to the next: the process that they are forked from
imports, and runs nothing. Commands at a terminal, services, and those that a test kills are started as people start
them, and so are those that bring variables which a Python reads when it starts.

Run as a script this file is that process.
"""

import contextlib
import fcntl
import gc
import importlib
import json
import os
import pkgutil
import resource
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, NoReturn

from regtest.party import Call, Completed, start_process

PACKAGES = ("wallet", "assets", "tui")
NOT_OF_COMMANDS = ("tui.app", "assets.server", "tui.__main__", "tui.credential_helper")
"""What the app and services alone load, and what runs where it is imported."""

_READ_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "OPENSSL", "SSL_", "TZ")
"""How variables begin that a Python and its libraries read when they start."""

_LENGTH = 4
_ON_THE_WAY = 900
"""File descriptors from here on wait for those before to be closed."""


@dataclass(slots=True)
class WarmStart:
    """Starts commands of `program`, a Python with a script, from a warm process; others as `start_process` does."""

    program: tuple[str, ...]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _server: subprocess.Popen[bytes] | None = None
    _control: socket.socket | None = None
    _began: dict[str, str] = field(default_factory=dict)

    def __call__(self, call: Call) -> Completed | None:
        """What the command printed and its exit code; None where it did not end in time, and was killed."""
        if call.command[: len(self.program)] != self.program:
            return start_process(call)
        control = self._running()
        return self._start(call, control) if _read_at_start(call.environment) == self._began else start_process(call)

    def close(self) -> None:
        """Ends the warm process."""
        if self._server is not None and self._control is not None:
            with self._server:
                self._control.close()
            self._server = self._control = None

    def _running(self) -> socket.socket:
        with self._lock:
            if self._control is None:
                self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                self._began = _read_at_start(os.environ)
                # Pipes, since a stream of Python's is made once, and for what it is then.
                with theirs:
                    self._server = subprocess.Popen(
                        [sys.executable, "-P", __file__, str(theirs.fileno())],
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE,
                        pass_fds=(theirs.fileno(),),
                    )
            return self._control

    def _start(self, call: Call, control: socket.socket) -> Completed | None:
        asked = {
            "words": call.command[len(self.program) - 1 :],
            "environment": dict(call.environment),
            "folder": str(call.folder),
            "descriptors": call.descriptors,
            "largest file": resource.getrlimit(resource.RLIMIT_FSIZE),
        }
        payload = json.dumps(asked).encode()
        ours, theirs = socket.socketpair()
        with ours:
            read, write = (os.open(os.devnull, os.O_RDONLY), None) if call.input is None else os.pipe()
            out, err = os.pipe(), os.pipe()
            given = (theirs.fileno(), read, out[1], err[1])
            try:
                socket.send_fds(control, [b"+"], [*given, *call.descriptors])
            finally:
                theirs.close()
                for descriptor in given[1:]:
                    os.close(descriptor)
            readers = [_Reader(one[0]) for one in (out, err)]
            if write is not None:
                _Writer(write, call.input or "")
            ours.sendall(len(payload).to_bytes(_LENGTH, "big") + payload)
            ours.settimeout(call.timeout)
            try:
                code = _exactly(ours, _LENGTH)
            except TimeoutError:
                return None
        stdout, stderr = (one.all() for one in readers)
        return Completed(stdout=stdout, stderr=stderr, code=int.from_bytes(code, "big", signed=True))


class _Reader(threading.Thread):
    """Reads a pipe to its end."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(daemon=True)
        self._file: IO[str] = os.fdopen(descriptor)
        self._text = ""
        self._error: Exception | None = None
        self.start()

    def run(self) -> None:
        with self._file:
            try:
                self._text = self._file.read()
            except ValueError as error:
                self._error = error

    def all(self) -> str:
        self.join()
        if self._error is not None:
            raise self._error
        return self._text


class _Writer(threading.Thread):
    """Writes text into a pipe, as much as anybody reads."""

    def __init__(self, descriptor: int, text: str) -> None:
        super().__init__(daemon=True)
        self._file, self._left = os.fdopen(descriptor, "w"), text
        self.start()

    def run(self) -> None:
        with contextlib.suppress(BrokenPipeError), self._file:
            self._file.write(self._left)


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_READ_AT_START)}


def _exactly(connection: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count:
        more = connection.recv(count - len(got))
        if not more:
            raise EOFError("the other side of a warm start is gone")
        got += more
    return got


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a forked process is to become. `descriptors` are those that came, in the order of their `places`."""

    words: list[str]
    environment: dict[str, str]
    folder: str
    largest_file: tuple[int, int]
    descriptors: list[int]
    places: list[int]

    def become(self) -> NoReturn:
        """Runs the script in this process, to its end."""
        waiting = [fcntl.fcntl(one, fcntl.F_DUPFD, _ON_THE_WAY) for one in self.descriptors]
        for one in self.descriptors:
            os.close(one)
        for one, place in zip(waiting, self.places, strict=True):
            os.dup2(one, place)
            os.close(one)
        os.chdir(self.folder)
        os.environ.clear()
        os.environ.update(self.environment)
        resource.setrlimit(resource.RLIMIT_FSIZE, self.largest_file)
        sys.argv = list(self.words)
        runpy.run_path(self.words[0], run_name="__main__")
        sys.exit()


class _Server:
    """Forks a process for each command that is asked for, until nobody can ask any more."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._woken, self._waker = socket.socketpair()
        self._woken.setblocking(False)
        self._waker.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._callers: dict[int, socket.socket] = {}

    def next(self) -> _Asked | None:
        """In each forked process what it is to become; in the first one None, at the end."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._waker.fileno())
        self._selector.register(self._control, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._woken:
                    with contextlib.suppress(BlockingIOError):
                        self._woken.recv(4096)
                    self._reap()
                elif key.fileobj is self._control:
                    message, descriptors, _, _ = socket.recv_fds(self._control, 1, 64)
                    if not message:
                        return None
                    asked = self._forked(socket.socket(fileno=descriptors[0]), descriptors[1:])
                    if asked is not None:
                        return asked
                else:
                    self._give_up(key.fileobj)

    def _forked(self, caller: socket.socket, descriptors: list[int]) -> _Asked | None:
        asked = json.loads(_exactly(caller, int.from_bytes(_exactly(caller, _LENGTH), "big")))
        pid = os.fork()
        if pid:
            self._callers[pid] = caller
            self._selector.register(caller, selectors.EVENT_READ)
            for one in descriptors:
                os.close(one)
            return None
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        for connection in (caller, self._control, self._woken, self._waker, *self._callers.values()):
            connection.close()
        return _Asked(
            words=asked["words"],
            environment=asked["environment"],
            folder=asked["folder"],
            largest_file=tuple(asked["largest file"]),
            descriptors=descriptors,
            places=[0, 1, 2, *asked["descriptors"]],
        )

    def _reap(self) -> None:
        """Tells the callers of commands that have ended."""
        while self._callers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            caller = self._callers.pop(pid)
            self._selector.unregister(caller)
            with caller, contextlib.suppress(OSError):
                caller.sendall(os.waitstatus_to_exitcode(status).to_bytes(_LENGTH, "big", signed=True))

    def _give_up(self, caller: object) -> None:
        """Kills the command of a caller who has gone; it cannot refuse."""
        pid = next(pid for pid, one in self._callers.items() if one is caller)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        gone = self._callers.pop(pid)
        self._selector.unregister(gone)
        gone.close()


def _import_everything() -> None:
    for package in PACKAGES:
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not found.name.startswith(NOT_OF_COMMANDS):
                importlib.import_module(found.name)


def main() -> None:
    """The warm process, and each command that is forked from it."""
    _import_everything()
    gc.collect()
    gc.freeze()
    asked = _Server(socket.socket(fileno=int(sys.argv[1]))).next()
    if asked is not None:
        asked.become()


if __name__ == "__main__":
    main()
