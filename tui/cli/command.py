"""What makes a function a command: its options, the context it needs, its answer.

A command is (arguments, context it needs, output value). It parses text, calls one service and returns an `Output`; it
writes nothing to standard output itself.
"""

import inspect
from collections.abc import Callable
from enum import Enum
from typing import Any

import click

from tui.bootstrap import House
from tui.cli import options
from tui.cli.call import Call
from tui.cli.exits import MEANINGS, ExitCode
from tui.cli.interruption import WaitingStopped, cleaned_up
from tui.cli.output import Output, emit

_SENDING = {"again", "broadcast"}
"""Parameters by which a command that signs and sends is known."""

_SIGNED = f"\n\n\b\nExit code {ExitCode.SIGNED:d}: {MEANINGS[ExitCode.SIGNED]}"


class Needs(Enum):
    """What must be there before a command starts. It is checked first, so that nothing is half done."""

    NOTHING = (False, False)
    WALLET = (True, False)
    NODE = (False, True)
    WALLET_AND_NODE = (True, True)


def verb(
    *, needs: Needs, example: str, new_wallet: bool = False, node_options: bool = False, name: str | None = None
) -> Callable[[Callable[..., Output]], click.Command]:
    """Turns `function(call, **parameters) -> Output` into a command.

    The first line of the docstring is its help, `example` a command line that works. `new_wallet` is for commands that
    name a wallet which need not exist, `node_options` for those that look at a node which need not answer. `name` is
    for verbs of two words; others are named by their module.
    """
    wallet, node = needs.value

    def decorate(function: Callable[..., Output]) -> click.Command:
        def run(**parameters: Any) -> int:
            own = {key: value for key, value in parameters.items() if key not in options.COMMON}
            shared = {key: parameters.get(key) for key in options.COMMON}
            call = Call.opened(shared, click.get_current_context().obj or House)
            if wallet:
                call.house.require_wallet()
            if node:
                call.house.require_node()
            try:
                with cleaned_up():
                    output = function(call, **own)
                    call.close()
                    emit(output, as_json=call.as_json)
            except WaitingStopped:
                raise
            except (Exception, KeyboardInterrupt) as error:
                told = call.broken_off(error)
                if told is error:
                    raise
                raise told from error
            finally:
                call.close()
            return output.code

        run.__name__ = function.__name__
        parameters = list(getattr(function, "__click_params__", []))
        for option in options.common(wallet=wallet or new_wallet, node=node or new_wallet or node_options):
            option(run)
        shared = list(reversed(run.__click_params__))  # type: ignore[attr-defined]
        del run.__click_params__  # type: ignore[attr-defined]
        return click.Command(
            name or function.__module__.rpartition("_")[2],
            callback=run,
            params=[*reversed(parameters), *shared],
            help=inspect.cleandoc(function.__doc__ or ""),
            epilog=f"\b\nExample:\n  {example}" + (_SIGNED if _SENDING & {one.name for one in parameters} else ""),
        )

    return decorate
