"""What killed runs left is removed before a run does anything else: keystores first."""

from tui.paths import Paths
from wallet.network import NETWORKS
from wallet.store.unfinished import sweep
from wallet.store.wallet_folders import sweep_wallets

_FOLDERS = ("definitions", "manifests", "staging", "images/blobs", "images/kept")
"""Below the folder of a network: where files are written as a whole."""


def sweep_home(paths: Paths) -> None:
    """Removes what nobody is at work on in the folders of this user. Costs a look at each; never raises."""
    networks = [folder for name in NETWORKS if (folder := paths.network(name)).is_dir()]
    for folder in networks:
        sweep_wallets(folder / "wallets")
    for folder in networks:
        sweep(folder)
        for one in _FOLDERS:
            sweep(folder / one)
    for place in (paths.data, paths.logins, paths.logs, paths.settings_file.parent):
        sweep(place)
