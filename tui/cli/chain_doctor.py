"""`dockchains chain doctor`."""

from assets.services.read_models.wallet_views import CheckView
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.exits import ExitCode
from tui.cli.output import Output
from tui.cli.remedies import words
from tui.text import lines, plain

_WORDS = {"ok": "OK", "note": "note", "problem": "PROBLEM"}


@verb(needs=Needs.NOTHING, node_options=True, example="dockchains chain doctor --network regtest")
def command(call: Call) -> Output:
    """Check that the node can do what is needed, and say what to do about what it cannot.

    The exit code is 3 where a problem keeps the program from working.
    """
    from tui.verbs.chain.status import doctor

    view = doctor(call.workplace)
    told = [line for check in view.checks for line in _lines(check)]
    return Output(data=view, text=lines(told), code=ExitCode.OK if view.healthy else ExitCode.REFUSED)


def _lines(check: CheckView) -> list[str]:
    lines = [f"{_WORDS[check.level]:<8} {check.name}: {plain(check.found, limit=400)}"]
    if check.advice:
        lines.append(f"{'':<8} {plain(words(check.advice), limit=400)}")
    return lines
