"""Somebody with a wallet at the keys of the app, in front of a real node and a real registry."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Checkbox, Input, RadioButton

from regtest.gated import environment_of
from regtest.harness import Harness
from regtest.party import Party
from tests.tui.app.driving import settled, until
from tui.app.app import DockchainsApp
from tui.app.dialogs.asking import YesNo
from tui.app.dialogs.review import ReviewDialog
from tui.app.dialogs.with_keys import WithKeys
from tui.app.house.lobby import HouseLobby
from tui.app.screens.access import AccessScreen
from tui.app.screens.access_pull import PullForm
from tui.app.screens.overview import OverviewScreen
from tui.app.screens.repository import RepositoryScreen
from tui.app.screens.unlock import UnlockScreen
from tui.app.widgets.field import Field
from tui.app.widgets.listing import Listing
from tui.app.widgets.words import Words
from tui.paths import Paths
from tui.settings import load
from tui.verbs.review import KeysFirst

PASSWORD = "only for the harness"


class Person:
    """Somebody in front of the app."""

    def __init__(self, pilot: Pilot[None], harness: Harness) -> None:
        self.pilot = pilot
        self.app = pilot.app
        self.harness = harness

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await settled(self.pilot)

    async def types(self, name: str, text: str) -> None:
        """Into a field."""
        self.app.screen.query_one(f"#{name}", Field).focus_input()
        await self.pilot.pause()
        self.app.screen.focused.value = text  # type: ignore[union-attr]
        await self.pilot.pause()

    async def presses(self, button: str) -> None:
        """A button."""
        self.app.screen.query_one(f"#{button}", Button).press()
        await settled(self.pilot)

    async def agrees(self) -> None:
        """To what is asked."""
        await self.sees(YesNo)
        await self.pilot.click("#yes")
        await settled(self.pilot)

    async def sees(self, kind: type[Any]) -> Any:
        """The screen of this kind."""
        await until(self.pilot, lambda: isinstance(self.app.screen, kind), kind.__name__)
        await settled(self.pilot)
        return self.app.screen

    async def unlocks(self, password: str = PASSWORD) -> None:
        """The password, once; the app stands at the node's tip afterwards."""
        await self.sees(UnlockScreen)
        self.app.screen.query_one("#password", Input).value = password
        await self.press("enter")
        await self.sees(OverviewScreen)
        await self.follows()

    async def gives_password(self, kind: type[Any], password: str = PASSWORD) -> None:
        """In a dialog of this kind, which ends."""
        dialog = await self.sees(kind)
        dialog.query_one("#password", Input).value = password
        await self.press("enter")
        await until(self.pilot, lambda: self.app.screen is not dialog, f"{kind.__name__} ends")
        await settled(self.pilot)

    async def signs(self, *, sends: bool = True) -> None:
        """Looks at the draft, and gives the password; twice where the keys have to say something first.

        What `sends` nothing has no transaction to look at: the listing of a unit that lies ready.
        """
        dialog = await self.sees(ReviewDialog)
        if isinstance(dialog.offered, KeysFirst):
            dialog.query_one("#password", Input).value = PASSWORD
            await self.press("enter")
            await until(self.pilot, lambda: not isinstance(dialog.offered, KeysFirst), "the draft is shown")
            await settled(self.pilot)
        assert bool(dialog.offered.review.drafts) is sends
        await self.gives_password(ReviewDialog)
        assert not isinstance(self.app.screen, ReviewDialog)

    async def goes(self, key: str) -> Any:
        """To a place, from wherever."""
        while len(self.app.screen_stack) > 1:
            await self.press("escape")
        await self.press("escape", key)
        return self.app.screen

    async def block(self) -> None:
        """A block that the app has noticed."""
        self.harness.node.mine(1)
        await self.follows()

    async def follows(self) -> None:
        """The app stands at the node's tip."""
        height = self.harness.node.rpc("getblockcount")
        self.app._look_at_chain()  # type: ignore[attr-defined]
        await until(
            self.pilot,
            lambda: self.app.status.chain is not None and self.app.status.chain.index_height == height,  # type: ignore[attr-defined]
            f"the index at block {height}",
        )
        await settled(self.pilot)

    async def opens(self, name: str) -> RepositoryScreen:
        """The only repository of the list."""
        await self.goes("2")
        await until(self.pilot, lambda: bool(self.app.screen.query_one(Listing).items), "a repository")
        self.app.screen.query_one(Listing).focus()
        assert self.app.screen.query_one(Listing).item.name == name
        await self.press("enter")
        screen: RepositoryScreen = await self.sees(RepositoryScreen)
        await until(self.pilot, lambda: screen.detail is not None, "the repository")
        return screen

    async def verifies(self, reference: str) -> str:
        """The verdict's word."""
        await self.goes("3")
        await self.types("reference", reference)
        await self.press("enter")
        return self.app.screen.query_one("#verdict", Words).plain.split()[1]

    async def pulls(self, reference: str, folder: Path, *, own_words: bool = False) -> PullForm:
        """Into a layout, from the access place."""
        await self.goes("9")
        await self.sees(AccessScreen)
        await self.press("p")
        form: PullForm = await self.sees(PullForm)
        await self.types("reference", reference)
        list(form.query(RadioButton))[1].toggle()
        await self.pilot.pause()
        await self.types("where", f"{folder}:1.0")
        if own_words:
            form.query_one("#own-words", Checkbox).toggle()
        await self.press("ctrl+g")
        if own_words:
            await self.gives_password(WithKeys)
        await self.ends(form)
        return form

    async def ends(self, form: PullForm) -> None:
        """What is being pulled is there, or refused."""
        await until(self.pilot, lambda: not form._busy, "the pull ends")
        await settled(self.pilot)


def app_for(party: Party, monkeypatch: pytest.MonkeyPatch) -> DockchainsApp:
    """The app of this party; its home, settings and programs are this process's from now on."""
    for name, value in {**party.settings, "HOME": str(party.home), "PATH": environment_of(party)["PATH"]}.items():
        monkeypatch.setenv(name, value)
    for name in ("DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    paths = Paths.of(os.environ)
    return DockchainsApp(HouseLobby(load({}, os.environ, paths.settings_file), paths), poll=3_600, idle_lock=3_600)


@asynccontextmanager
async def at_the_keys(
    party: Party, harness: Harness, monkeypatch: pytest.MonkeyPatch, *, size: tuple[int, int] = (100, 34)
) -> AsyncIterator[Person]:
    """The party's app is opened, and closed again; the process is then whose it was before."""
    with monkeypatch.context() as patch:
        app = app_for(party, patch)
        async with app.run_test(size=size) as pilot:
            yield Person(pilot, harness)


def password_of(party: Party) -> tuple[str, str]:
    """The option that gives a command the password."""
    return ("--password-file", str(party.secret("password", PASSWORD)))


def wallet_of(harness: Harness, name: str, *sats: int) -> Party:
    """Somebody with a wallet, made at the command line, to which these amounts are on their way."""
    party = harness.party(name)
    words = str(party.home / "words")
    party.json("wallet", "create", *password_of(party), "--words-out", words, "--yes")
    address = party.json("wallet", "receive")["address"]
    for amount in sats:
        harness.node.fund(address, amount)
    return party


def digest_in(layout: Path) -> str:
    """Of the one image that a layout holds."""
    return str(json.loads((layout / "index.json").read_text(encoding="utf-8"))["manifests"][0]["digest"])


def assert_quiet_logs(*parties: Party) -> None:
    """Each has a log, without the password, and nothing broke."""
    for party in parties:
        log = next(party.home.rglob("*.log")).read_text(encoding="utf-8")
        assert PASSWORD not in log
        assert "Traceback" not in log
