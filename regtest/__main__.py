"""`python -m regtest`: a throw-away Bitcoin network and image registry from the command line."""

from __future__ import annotations

import shlex
import shutil
import signal
import sys
from contextlib import ExitStack
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import FrameType

import click

from regtest.errors import HarnessError
from regtest.harness import settings_for
from regtest.node import Node
from regtest.packages import tools
from regtest.registry import Registry
from regtest.state import Running, State, load_state, running_state, state_folder


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """A throw-away Bitcoin network (regtest) and image registry."""


@cli.command()
def up() -> None:
    """Start a node and a registry that stay up, and print how to use them.

    Example: eval "$(python -m regtest up)"
    """
    folder = state_folder()
    state = load_state(folder)
    if state is None or not (state.node.is_alive() and state.registry.is_alive()):
        if state is not None:
            _end(state)
        state = _start()
    node = state.attach()
    home = folder / "home"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, value in {**settings_for(home, node), "REGISTRY": f"127.0.0.1:{state.registry.port}"}.items():
        click.echo(f"export {name}={shlex.quote(value)}")
    click.echo(f"a node (height {node.height()}) and a registry are up; `python -m regtest down` stops them", err=True)


def _start() -> State:
    tools(fetch=True)
    folder = state_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    node = Node(folder / "node", extra=("-walletbroadcast=1",), detached=True)
    registry = Registry(folder / "registry", detached=True)
    with ExitStack() as starting:
        starting.enter_context(node)
        starting.enter_context(registry)
        state = State(
            folder=folder,
            node=Running.of(node.pid, node.rpc_port),
            registry=Running.of(registry.pid, registry.port),
        )
        state.save()
        starting.pop_all()
    return state


def _end(state: State) -> None:
    state.registry.end()
    state.node.end()
    state.forget()


@cli.command()
@click.option("--wipe", is_flag=True, help="Also remove the chain, the images and the wallets.")
def down(*, wipe: bool) -> None:
    """Stop what `up` started, and nothing else. The chain and the images stay for the next `up`."""
    folder = state_folder()
    state = load_state(folder)
    if state is not None:
        _end(state)
    if wipe and folder.exists():
        shutil.rmtree(folder)
    click.echo("nothing was up" if state is None else "stopped", err=True)


@cli.command()
@click.argument("blocks", type=click.IntRange(1, 10_000), default=1)
def mine(blocks: int) -> None:
    """Mine BLOCKS blocks and print their hashes.

    Example: python -m regtest mine 6
    """
    for block in running_state().attach().mine(blocks):
        click.echo(block)


@cli.command()
@click.argument("address")
@click.argument("btc")
def fund(address: str, btc: str) -> None:
    """Pay BTC to an ADDRESS and print the txid; the next block confirms it.

    Example: python -m regtest fund bcrt1q... 0.05
    """
    click.echo(running_state().attach().fund(address, _sats(btc)))


def _sats(btc: str) -> int:
    """An amount in BTC as sats; more than eight decimals are an error, not rounded."""
    try:
        sats = Decimal(btc) * 100_000_000
    except InvalidOperation as error:
        raise click.BadParameter(f"not an amount in BTC: {btc}") from error
    if not sats.is_finite() or sats != sats.to_integral_value() or sats <= 0:
        raise click.BadParameter(f"an amount in BTC is positive and has at most eight decimals: {btc}")
    return int(sats)


@cli.command()
@click.argument("depth", type=click.IntRange(1, 100))
def reorg(depth: int) -> None:
    """Replace the last DEPTH blocks by one more, and print the new hashes. Transactions are mined again.

    Example: python -m regtest reorg 2
    """
    for block in running_state().attach().reorg(depth):
        click.echo(block)


@cli.command()
@click.option(
    "--readme", type=click.Path(path_type=Path, exists=True), metavar="FILE", help="Write the story's table into FILE."
)
def demo(readme: Path | None) -> None:
    """Tell the whole story on a real node and a real registry; exit 0 if every step is as it should be."""
    from regtest import scenario

    tools(fetch=True)
    sys.exit(scenario.run(readme=readme))


@cli.command()
def play() -> None:
    """Open a shell with a node, a registry and two funded wallets; everything is stopped when it ends."""
    from regtest import playground

    sys.exit(playground.play())


def _end_in_order(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main() -> None:
    """Run a command; what the harness cannot do is one message on standard error and exit code 1."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end_in_order)
    try:
        cli(prog_name="python -m regtest")
    except HarnessError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
