"""One error, told by both front ends: the command line with a command, the app with a key and a place."""

import json
from typing import Any

import pytest

from assets.remedies import ImageRemedy
from tui.app.text import shown, told
from tui.cli.exits import error_document
from tui.cli.output import emit_json
from tui.cli.terminal import Terminal
from wallet.errors import StateError

ERROR = StateError("it waits", hint="nothing was signed; " + ImageRemedy.TAKE_BACK_LISTING.of(listing="0123"))


def test_the_command_line_names_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal().error(str(ERROR), ERROR.advice)
    assert capsys.readouterr().err == (
        "error: it waits\n  nothing was signed; take it back first: dockchains market cancel 0123\n"
    )


def test_the_app_names_a_key_and_a_place() -> None:
    said = "nothing was signed; take it back first: Take back (x) in Market (8) (0123)"
    assert told(ERROR) == f"it waits - {said}"
    assert shown(ERROR.advice) == said
    assert "dockchains " not in told(ERROR)


def test_programs_read_the_remedy_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    document: Any = error_document(ERROR)["error"]
    assert document["remedy"] == "take-back-listing"
    assert document["hint"] == "nothing was signed; take it back first: dockchains market cancel 0123"
    assert "remedy" not in error_document(StateError("no", hint="wait"))["error"]  # type: ignore[operator]
    emit_json({"notes": (ERROR.advice, "plain")})
    assert json.loads(capsys.readouterr().out) == {"notes": [document["hint"], "plain"]}
