"""Keystores that cost little to open, since tests open thousands of them.

What a keystore costs stands in its header: one that was made with little memory is opened by the program as it is.
Run as a script this file is `dockchains`, only that a keystore made by it costs little.
"""

import sys
from pathlib import Path

PROGRAM = (sys.executable, "-P", str(Path(__file__).resolve()))
"""What parties type in the place of `dockchains`; `-P`, since folders beside this file are called as the program's."""

_MAKING = (["wallet", "create"], ["wallet", "restore"], ["wallet", "password"])
"""The commands that seal; all others are left alone, what they import included."""


def make_keystores_cheap() -> None:
    """From now on this process seals by one pass over 8 MiB, the least that is opened, where no cost is named."""
    from assets.services.wallets import backups, opening
    from wallet.keys import keystore

    cheap = keystore.KdfCost(passes=1, memory=8 * 1024, lanes=1)
    for function in (keystore.seal, keystore.change_password, opening.create, backups.renew_password):
        assert function.__kwdefaults__ is not None, "costs are named"
        function.__kwdefaults__["cost"] = cheap


if __name__ == "__main__":
    if sys.argv[1:3] in _MAKING:
        make_keystores_cheap()
    from tui.__main__ import main

    main()
