"""Completion by the tab key: the scripts that shells load, and what is proposed without importing any command."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from tui.text import lines

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

PROGRAM = "dockchains"
VARIABLE = "_DOCKCHAINS_COMPLETE"


def script(shell: str) -> str:
    """What bash, zsh or fish loads: it asks the program, at each press of the key, what may follow."""
    from click.shell_completion import ShellComplete, get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None, "one of the three shells that click knows"
    made = kind(click.Command(PROGRAM), {}, PROGRAM, VARIABLE)
    return lines(ShellComplete.source(made).strip("\n").split("\n"))


def proposals(named: Iterable[tuple[str, str]], incomplete: str) -> "list[CompletionItem]":
    """Those of (name, help) that begin as was typed."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(name, help=text) for name, text in named if name.startswith(incomplete)]


def network_names(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The networks that begin as was typed."""
    from wallet.network import NETWORKS

    return [name for name in NETWORKS if name.startswith(incomplete)]


def wallet_names(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The wallets on this machine that begin as was typed, of the network that was typed before, or of all."""
    import os

    from tui.paths import Paths
    from wallet.network import NETWORKS

    paths = Paths.of(os.environ)
    network = ctx.params.get("network")
    names = {name for each in ([network] if network else NETWORKS) for name in paths.wallet_names(each)}
    return sorted(name for name in names if name.startswith(incomplete))


def setting_keys(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The settings that begin as was typed."""
    from tui.settings import PARSERS

    return [key for key in PARSERS if key.startswith(incomplete)]
