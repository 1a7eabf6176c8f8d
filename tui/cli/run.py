"""Runs a command line from text to exit code; the only place that catches what commands raise."""

import contextlib
import os
import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from assets.errors import AmbiguousNameError
from tui.cli.exits import DeclinedError, ExitCode, error_document, exit_code_of
from tui.cli.groups import RootGroup
from tui.cli.output import UnwrittenError, emit_json
from tui.cli.terminal import Terminal
from tui.settings import require_text
from tui.text import indented, lines
from wallet.errors import WalletError

if TYPE_CHECKING:
    from tui.cli.call import HouseFactory


def run(arguments: Sequence[str], build: "HouseFactory | None" = None) -> int:
    """The exit code of one command line. `build` makes the house; the default one is the real one."""
    words = list(arguments) or ["--help"]
    flags = words[: words.index("--")] if "--" in words else words
    failure = Failure(Terminal(), as_json="--json" in flags, debug="--debug" in flags)
    try:
        for number, word in enumerate(words, 1):
            require_text(word, f"argument {number}")
        return int(RootGroup().main(args=words, prog_name="dockchains", standalone_mode=False, obj=build) or 0)
    except click.UsageError as error:
        return failure.usage(error)
    except (click.Abort, KeyboardInterrupt):
        return failure.told(ExitCode.INTERRUPTED, "interrupted", "interrupted")
    except DeclinedError:
        return failure.told(ExitCode.DECLINED, "declined", "declined; nothing was done")
    except AmbiguousNameError as error:
        return failure.expected(_with_command(error, words))
    except WalletError as error:
        return failure.expected(error)
    except UnwrittenError as error:
        return failure.unwritten(error)
    except Exception as error:  # noqa: BLE001 - the edge of the program: everything becomes a message and a code
        return failure.bug(error)


def _with_command(error: AmbiguousNameError, words: Sequence[str]) -> AmbiguousNameError:
    """The same error; where this wallet issued just one of the repositories, with the very command for that one."""
    own = [one.genesis for one in error.repositories if one.issued and one.owned]
    if len(own) != 1:
        return error
    end = words.index("--") if "--" in words else len(words)
    command = shlex.join(["dockchains", *words[:end], "--genesis", own[0], *words[end:]])
    hint = f"for the one that this wallet issued: {command}; otherwise " + error.advice
    return AmbiguousNameError(str(error), repositories=error.repositories, hint=hint)


class Failure:
    """Says how a command failed: for people on standard error, for programs as one JSON object as well."""

    def __init__(self, terminal: Terminal, *, as_json: bool, debug: bool) -> None:
        self._terminal = terminal
        self._as_json = as_json
        self._debug = debug

    def usage(self, error: click.UsageError) -> int:
        """A command line that is not understood."""
        if isinstance(error, click.exceptions.NoArgsIsHelpError):
            self._terminal.note(lines(error.format_message().splitlines()))
            return ExitCode.USAGE
        path = error.ctx.command_path if error.ctx else "dockchains"
        message = " ".join(error.format_message().split())
        return self.told(ExitCode.USAGE, "usage", message, f"see {path} --help")

    def expected(self, error: WalletError) -> int:
        """What a person can do something about."""
        self._answer(error_document(error))
        self._terminal.error(str(error), error.advice)
        if self._debug:
            self._traceback(error)
        return exit_code_of(error)

    def unwritten(self, error: UnwrittenError) -> int:
        """The command did its work, and its answer is lost."""
        self._terminal.error(
            f"the answer cannot be written to standard output: {error}",
            "what the command did is done; `dockchains wallet history` shows what was sent",
        )
        return ExitCode.REFUSED

    def bug(self, error: Exception) -> int:
        """What must not happen."""
        import logging

        from tui import log

        file = log.active()
        if file is not None:
            logging.getLogger(__name__).error("unexpected error", exc_info=error)
        if self._debug:
            self._traceback(error)
        where = f"the details are in {file}; --debug shows them here" if file else "--debug shows the details"
        return self.told(ExitCode.BUG, "bug", f"unexpected error: {type(error).__name__}", where)

    def told(self, code: ExitCode, kind: str, message: str, hint: str = "") -> int:
        """Says it, and hands back the code."""
        self._answer({"error": {"kind": kind, "message": message, "hint": hint}})
        self._terminal.error(message, hint)
        return code

    def _answer(self, document: dict[str, object]) -> None:
        """The failure for programs. Where it cannot be written, the words for people still can."""
        if self._as_json:
            with contextlib.suppress(UnwrittenError):
                emit_json(document)

    def _traceback(self, error: Exception) -> None:
        import traceback

        from tui.log import redact

        self._terminal.note(indented(redact("".join(traceback.format_exception(error)))))


def main() -> int:
    """The command `dockchains`. Whatever it makes is for this user only."""
    os.umask(0o077)
    _occupy_standard_descriptors()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    return run(sys.argv[1:])


def _occupy_standard_descriptors() -> None:
    """A database must never be opened where a closed standard output or error was: what is printed would end in it."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
