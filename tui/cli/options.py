"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from tui.cli.completion import network_names, wallet_names
from tui.cli.secrets import SecretSource

C = TypeVar("C", bound=Callable[..., object])
Decorator = Callable[[C], C]

COMMON = ("as_json", "debug", "network", "wallet", "node_url", "node_cookie", "again")
"""Parameters of every command that the frame takes for itself."""

_PATH = click.Path(path_type=Path)


def common(*, wallet: bool, node: bool) -> tuple[Callable[[Any], Any], ...]:
    """What every command understands, as far as it concerns it."""
    shared = [
        click.option("--json", "as_json", is_flag=True, help="Answer with one JSON object."),
        click.option(
            "--network",
            metavar="NAME",
            shell_complete=network_names,
            help="regtest, signet, testnet4 or mainnet.",
        ),
        click.option("--debug", is_flag=True, help="Show the traceback of an unexpected error."),
    ]
    if wallet:
        which = "Which wallet, where there are several."
        shared.append(click.option("--wallet", metavar="NAME", shell_complete=wallet_names, help=which))
    if node:
        shared.append(click.option("--node-url", metavar="URL", help="The node's RPC address."))
        shared.append(click.option("--node-cookie", metavar="FILE", help="The node's cookie file."))
    return tuple(shared)


def password(command: C) -> C:
    """`--password-file` and `--password-fd`."""
    command = click.option("--password-fd", type=int, metavar="FD", help="Read the password from this descriptor.")(
        command
    )
    return click.option("--password-file", type=_PATH, metavar="FILE", help="Read the password from this file.")(
        command
    )


def words(command: C) -> C:
    """`--words-file` and `--words-fd`."""
    command = click.option("--words-fd", type=int, metavar="FD", help="Read the recovery words from this descriptor.")(
        command
    )
    return click.option("--words-file", type=_PATH, metavar="FILE", help="Read the recovery words from this file.")(
        command
    )


def passphrase(command: C) -> C:
    """`--passphrase`, `--passphrase-file` and `--passphrase-fd` (BIP39)."""
    command = click.option(
        "--passphrase-fd", type=int, metavar="FD", help="Read the BIP39 passphrase from this descriptor."
    )(command)
    command = click.option(
        "--passphrase-file", type=_PATH, metavar="FILE", help="Read the BIP39 passphrase from this file."
    )(command)
    return click.option("--passphrase", is_flag=True, help="Ask for a BIP39 passphrase beside the words.")(command)


def spending(command: C) -> C:
    """What every command that spends understands: password, `--fee-rate`, `--yes`, `--dry-run` and `--again`."""
    twice = "Do it although the same is signed already, and nobody was told that it was sent."
    command = click.option("--again", is_flag=True, help=twice)(command)
    command = click.option("--dry-run", is_flag=True, help="Show the transaction and sign nothing.")(command)
    command = click.option("--yes", is_flag=True, help="Do not ask for a confirmation.")(command)
    command = click.option("--fee-rate", metavar="RATE", help="In sat/vB, such as 2.5. Default: the node's estimate.")(
        command
    )
    return password(command)


def waiting(command: C) -> C:
    """`--wait`: how many confirmations to wait for after sending."""
    return click.option(
        "--wait",
        type=click.IntRange(min=1),
        metavar="N",
        help="Wait for N confirmations after sending; Ctrl-C stops only the waiting.",
    )(command)


def psbt(command: C) -> C:
    """`--psbt`: leave the transaction for keys that lie elsewhere."""
    return click.option(
        "--psbt",
        type=_PATH,
        callback=_new_file,
        metavar="FILE",
        help="Sign nothing: write the transaction to a new FILE (- is standard output) for a cold key.",
    )(command)


def _new_file(_context: click.Context, _parameter: click.Parameter, file: Path | None) -> Path | None:
    """Raises BadParameter where the file exists, before any coin is chosen."""
    if file is not None and str(file) != "-" and file.exists():
        raise click.BadParameter(f"{file} exists already; choose another name")
    return file


def meant(command: C) -> C:
    """`--genesis`: which repository, where a name alone does not tell."""
    return click.option(
        "--genesis",
        metavar="TXID",
        help="Which one, where NAME fits several that you have to do with: anybody can give you one.",
    )(command)


def refuse_waiting_for_nothing(wait: int | None, psbt: Path | None) -> None:
    """Raises UsageError where both are given."""
    if wait is not None and psbt is not None:
        raise click.UsageError("--wait waits for what is sent, and --psbt sends nothing.")


def source(file: Path | None, fd: int | None) -> SecretSource:
    """Where a secret comes from, as the two options say."""
    return SecretSource(file=file, fd=fd)
