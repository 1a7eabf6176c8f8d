"""The story that `make demo` tells, once, in this process."""

import io

import pytest
from rich.console import Console

from regtest import scenario

OWNERS = ("REVOKED", "NEW_OWNER", "PIN_CHANGED")

pytestmark = [pytest.mark.node, pytest.mark.registry, pytest.mark.long]


def test_every_step_of_the_story_turns_out_as_it_should(dockchains: tuple[str, ...]) -> None:
    told = io.StringIO()
    code = scenario.run(Console(file=told, width=scenario.WIDTH), program=dockchains)
    text = told.getvalue()
    assert code == 0, text
    assert text.endswith("Every step turned out as it should.\n")
    for verdict in ("VERIFIED", "UNPINNED", "PENDING", "SUPERSEDED", "MISMATCH", "UNRELEASED", *OWNERS):
        assert verdict in text
