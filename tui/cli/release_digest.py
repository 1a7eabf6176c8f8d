"""Asking which digest is released, where no builder says it: what the registry has beside what local engines have."""

from dataclasses import replace

from tui.cli.exits import NoTerminalError
from tui.cli.terminal import Terminal
from tui.verbs.image.release import WhichDigest
from tui.verbs.image.requests import Release


def require_somebody(terminal: Terminal) -> None:
    """Raises NoTerminalError where nobody can be asked."""
    if not terminal.interactive:
        raise NoTerminalError(
            "no digest, and nobody to ask: what a registry merely says is never signed",
            hint="give --digest, --layout or --metadata-file from your builder",
        )


def compared(terminal: Terminal, asked: WhichDigest) -> Release:
    """The request with the digest that a person compared. Raises DeclinedError."""
    engines = [(one.tag, engine, digest) for one in asked.tags for engine, digest in one.engines]
    terminal.note(f"the registry serves   {asked.digest}")
    for tag, engine, digest in engines:
        terminal.note(f"{engine} last pushed or pulled {digest}" + (f" as {tag}" if len(asked.tags) > 1 else ""))
    if not engines:
        terminal.note("no local engine knows this image")
    elif any(one.engines and all(digest != one.served for _, digest in one.engines) for one in asked.tags):
        terminal.note("warning: the registry and the local engine differ; a tag may have been moved behind your back")
    terminal.confirm(f"Release {asked.digest}?", yes=False)
    return replace(asked.request, compared=asked.digest)
