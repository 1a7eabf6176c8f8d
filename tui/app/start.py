"""`dockchains` without arguments: settings, log, lobby, app."""

import math
import os
import signal
import sys

from tui import log
from tui.app.remedies import words
from tui.paths import Paths
from tui.settings import Settings, load
from tui.sweeping import sweep_home
from tui.text import lines
from wallet.errors import WalletError

_REFUSED = 3
"""The exit code of everything that is refused, as the command line has it."""


def start() -> int:
    """Runs the app until it is left; its exit code."""
    paths = Paths.of(os.environ)
    sweep_home(paths)
    try:
        settings = load({}, os.environ, paths.settings_file)
    except WalletError as error:
        told = lines(f"dockchains: {error}", [f"  {words(error.advice)}"] if error.advice else [])
        print(told, file=sys.stderr)
        return _REFUSED
    log.start(paths.log_file)
    from tui.app.app import DockchainsApp
    from tui.app.house.lobby import HouseLobby

    app = DockchainsApp(
        HouseLobby(settings, paths),
        idle_lock=idle_seconds(settings),
        signals=(signal.SIGHUP, signal.SIGINT, signal.SIGTERM),
    )
    app.run()
    if app.underway.words:
        print(f"dockchains: {app.underway.words}", file=sys.stderr)
    if app.return_code:
        print(f"  what was sent, if anything, stands in the history; the log is {paths.log_file}", file=sys.stderr)
    return app.return_code or 0


def idle_seconds(settings: Settings) -> float:
    """After how many seconds without a key the app locks itself; infinity where it never does."""
    return settings.idle_lock * 60.0 if settings.idle_lock else math.inf
