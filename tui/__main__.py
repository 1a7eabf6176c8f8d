"""`python -m tui` and `dockchains`."""

import sys


def main() -> None:
    """Runs the command line and leaves with its exit code."""
    from tui.cli.run import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
