"""`python -m tui` and `dockchains`: the terminal app where nothing else is asked for at a terminal, else a command."""

import sys


def main() -> None:
    """Runs the app or the command line, and leaves with its exit code."""
    if len(sys.argv) == 1 and all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        from tui.app.start import start

        sys.exit(start())
    from tui.cli.run import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
