"""What the commands about logins share: the parts that they work with, and the words for a login."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.call import Call
from tui.text import lines, plain

if TYPE_CHECKING:
    from assets.registry.gate_sessions import GateSessions
    from assets.services.access.logging_out import LoginView
    from assets.store.container_logins import ContainerLogins

HELPER = "docker-credential-dockchains"


def gates_of(call: Call) -> "GateSessions":
    """Speaks to gates as the registry's client speaks to registries."""
    from assets.registry.gate_sessions import GateSessions
    from assets.registry.transport import Transport

    return GateSessions(Transport(call.house.registry_settings))


def tools_of() -> "ContainerLogins":
    """The files of this user's container tools."""
    from assets.store.container_logins import ContainerLogins

    return ContainerLogins(environ=dict(os.environ), home=Path.home())


def login_text(view: "LoginView") -> str:
    """A login in a few lines."""
    ends = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(view.until))
    left = "it is over; log in again" if view.over else f"{view.days_left} days left"
    rows = (
        f"{plain(view.host)} at {plain(view.gate)}",
        f"  for      {plain(view.image)} on {view.network}",
        f"  until    {ends} ({left})",
        f"  scripts  {view.scripts}",
        f"  tools    {', '.join(plain(path) for path in view.files) or 'none: for the keys of sealed images alone'}",
    )
    return lines(rows)


def note_about_helper(call: Call) -> None:
    """Says so where container tools will not find our credential program, or not this user's logins."""
    from assets.registry.credential_program import find_program
    from assets.store.container_logins import PROGRAM

    if find_program(PROGRAM, os.environ.get("PATH", "")) is None:
        call.note(f"{HELPER} is not on PATH: container tools need it there (it is installed beside dockchains)")
    if os.environ.get("DOCKCHAINS_HOME"):
        call.note("container tools find this login only where DOCKCHAINS_HOME is set as it is now")
