"""Command groups that import a command only when it is run or asked for its help."""

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tui.cli.completion import proposals
from tui.cli.exits import MEANINGS
from tui.cli.nouns import NOUNS, Noun
from tui.version import VERSION

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class LazyGroup(click.Group):
    """A noun. Its verbs are listed from the table, without importing them."""

    def __init__(self, noun: Noun) -> None:
        super().__init__(name=noun.name, help=noun.help, no_args_is_help=True)
        self._verbs = {verb.name: verb for verb in noun.verbs}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the table's order."""
        return list(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports a verb."""
        verb = self._verbs.get(cmd_name)
        if verb is None:
            return None
        command = importlib.import_module(verb.module).command
        assert isinstance(command, click.Command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """The verbs from the table, so that a press of the tab key imports none of them."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return proposals(((verb.name, verb.help) for verb in self._verbs.values()), incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The verbs with the table's help."""
        _list(formatter, [(verb.name, verb.help) for verb in self._verbs.values()])


class RootGroup(click.Group):
    """`dockchains`: the nouns."""

    def __init__(self, nouns: Sequence[Noun] = NOUNS) -> None:
        super().__init__(
            name="dockchains",
            help="A terminal wallet for container images on Bitcoin.",
            params=[
                click.Option(
                    ["--version"],
                    is_flag=True,
                    is_eager=True,
                    expose_value=False,
                    callback=_version,
                    help="Show the version.",
                )
            ],
            no_args_is_help=True,
        )
        self._nouns = {noun.name: noun for noun in nouns}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The nouns in the table's order."""
        return list(self._nouns)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The group of a noun."""
        noun = self._nouns.get(cmd_name)
        return LazyGroup(noun) if noun else None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """The nouns from the table."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return proposals(((noun.name, noun.help) for noun in self._nouns.values()), incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The nouns with their verbs."""
        _list(
            formatter,
            [
                (noun.name, f"{noun.help} {', '.join(verb.name for verb in noun.verbs)}")
                for noun in self._nouns.values()
            ],
        )

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The exit codes."""
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(int(code)), meaning) for code, meaning in MEANINGS.items()])
        with formatter.section("Example"):
            formatter.write_text("dockchains wallet create --network regtest")


def _list(formatter: click.HelpFormatter, rows: list[tuple[str, str]]) -> None:
    with formatter.section("Commands"):
        formatter.write_dl(rows)


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value and not ctx.resilient_parsing:
        click.echo(f"dockchains {VERSION}")
        ctx.exit()
