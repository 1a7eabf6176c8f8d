"""A person at the keys, a real node, a real registry, a real image; the node and the command line are the judges.

A wallet is made, an asset issued, an image released, verified, pinned, revoked, and the repository handed over.
"""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from regtest.harness import Harness
from regtest.image import build_image, push
from tests.tui.app.driving import settled, until
from tui.app.app import DockchainsApp
from tui.app.backend.lobby import HouseLobby
from tui.app.dialogs.asking import YesNo
from tui.app.dialogs.review import ReviewDialog
from tui.app.screens.create_wallet import CreateWallet
from tui.app.screens.first_run import FirstRun
from tui.app.screens.overview import OverviewScreen
from tui.app.screens.repository import RepositoryScreen
from tui.app.screens.unlock import UnlockScreen
from tui.app.widgets.field import Field
from tui.app.widgets.listing import Listing
from tui.app.widgets.words import Facts, Words
from tui.paths import Paths
from tui.settings import load

PASSWORD = "only for the harness"
pytestmark = [pytest.mark.node, pytest.mark.registry]


class Person:
    """Somebody in front of the app."""

    def __init__(self, pilot: Pilot[None], harness: Harness) -> None:
        self.pilot = pilot
        self.app = pilot.app
        self.harness = harness

    async def types(self, name: str, text: str) -> None:
        """Into a field, key by key where it is short."""
        field = self.app.screen.query_one(f"#{name}", Field)
        field.focus_input()
        await self.pilot.pause()
        self.app.screen.focused.value = text  # type: ignore[union-attr]
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await settled(self.pilot)

    async def sees(self, kind: type[Any]) -> Any:
        """The screen of this kind."""
        await until(self.pilot, lambda: isinstance(self.app.screen, kind), kind.__name__)
        await settled(self.pilot)
        return self.app.screen

    async def signs(self) -> None:
        """Looks at the draft, gives the password."""
        dialog = await self.sees(ReviewDialog)
        assert dialog.review.drafts
        self.app.screen.query_one("#password", Input).value = PASSWORD
        await self.press("enter")
        await until(self.pilot, lambda: not isinstance(self.app.screen, ReviewDialog), "the review ends")
        await settled(self.pilot)

    async def block(self) -> None:
        """A block that the app has noticed."""
        self.harness.node.mine(1)
        height = self.harness.node.rpc("getblockcount")
        self.app._look_at_chain()  # type: ignore[attr-defined]
        await until(
            self.pilot,
            lambda: self.app.status.chain is not None and self.app.status.chain.index_height == height,  # type: ignore[attr-defined]
            f"the index at block {height}",
        )
        await settled(self.pilot)

    async def verifies(self, reference: str) -> str:
        """The verdict's word."""
        await self.press("escape", "3")
        await self.types("reference", reference)
        await self.press("enter")
        return self.app.screen.query_one("#verdict", Words).plain.split()[1]

    async def opens(self, name: str) -> RepositoryScreen:
        """A repository from the list."""
        await self.press("escape", "2")
        while isinstance(self.app.screen, RepositoryScreen):
            await self.press("escape")
        await until(self.pilot, lambda: bool(self.app.screen.query_one(Listing).items))
        assert self.app.screen.query_one(Listing).item.name == name
        await self.press("enter")
        found: RepositoryScreen = await self.sees(RepositoryScreen)
        return found


async def test_from_the_first_run_to_the_hand_over(
    harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher, buyer = harness.party("keys"), harness.party("buyer")
    for name, value in publisher.settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(publisher.home))
    paths = Paths.of(os.environ)
    lobby = HouseLobby(load({}, os.environ, paths.settings_file), paths)
    name = f"{harness.registry.host}/acme/keys"
    image = build_image(tmp_path / "image", tag="1.0", text="hello")
    push(image, f"{name}:1.0")
    harness.node.mine(101)

    app = DockchainsApp(lobby, poll=3_600, idle_lock=3_600)
    async with app.run_test(size=(100, 30)) as pilot:
        person = Person(pilot, harness)
        await create_wallet(person)
        await receive_money(person)
        await issue(person, name)
        await release(person, name, image.digest)
        assert await person.verifies(f"{name}:1.0") == "PENDING"
        await person.block()
        assert await person.verifies(f"{name}:1.0") == "UNPINNED"
        await person.press("ctrl+y")
        await person.sees(YesNo)
        await person.pilot.click("#yes")
        await settled(pilot)
        assert app.screen.query_one("#verdict", Words).plain.startswith("✓ VERIFIED")
        assert dict(app.screen.query_one("#evidence", Facts).pairs)["image"] == f"{name}@{image.digest}"
        assert publisher.run("image", "verify", f"{name}:1.0").stdout.strip() == f"{name}@{image.digest}"
        await revoke(person, name)
        assert await person.verifies(f"{name}:1.0") == "REVOKED"
        await person.block()
        await hand_over(person, name, unit_address(buyer))
        await person.block()
        assert await person.verifies(f"{name}:1.0") == "REVOKED"
        assert any("NEW_OWNER" in line for line in app.screen.query_one("#notes", Words).plain.splitlines())
    assert [one["owned"] for one in buyer.json("image", "list")["repositories"]] == [True]
    log = (paths.log_file).read_text(encoding="utf-8")
    assert PASSWORD not in log
    assert "Traceback" not in log


async def create_wallet(person: Person) -> None:
    """New words, three of them back, a password."""
    await person.sees(FirstRun)
    await person.press("ctrl+g")
    screen = await person.sees(CreateWallet)
    shown = dict(re.findall(r"(\d+) ([a-z]+)", screen.query_one("#words", Words).plain))
    assert len(shown) == 12
    await person.press("ctrl+g")
    for number in range(3):
        field = screen.query_one(f"#word-{number}", Field)
        await person.types(f"word-{number}", shown[field.label.split()[1]])
    await person.press("ctrl+g")
    await person.types("password", PASSWORD)
    await person.types("again", PASSWORD)
    await person.press("ctrl+g")
    await until(person.pilot, lambda: screen.card is not None, "the wallet is made")
    await person.press("ctrl+g")
    await person.sees(UnlockScreen)
    person.app.screen.query_one("#password", Input).value = PASSWORD
    await person.press("enter")
    await person.sees(OverviewScreen)


async def receive_money(person: Person) -> None:
    """An address by key, money from the harness, a block that shows by itself."""
    await person.press("6", "ctrl+g")
    address = person.app.screen.query_one("#address", Words).plain.replace(" ", "")
    person.harness.node.fund(address, 5_000_000)
    await person.press("1")
    await person.block()
    assert ("spendable", "0.05000000 BTC") in person.app.screen.query_one("#money", Facts).pairs


async def issue(person: Person, name: str) -> None:
    """The wizard, the review, a block."""
    await person.press("2", "n")
    await person.types("name", name)
    await person.press("ctrl+g", "ctrl+g", "ctrl+g")
    await person.signs()
    await person.block()
    assert "held" in person.app.screen.query_one(Listing).texts()[0]


async def release(person: Person, name: str, digest: str) -> None:
    """The tag from the registry, the digest from the builder."""
    await person.opens(name)
    await person.press("n")
    await until(person.pilot, lambda: bool(person.app.screen.query_one("#tags-list", Listing).items), "the tags")
    person.app.screen.query_one("#tags-list", Listing).focus()
    listed = person.app.screen.query_one("#tags-list", Listing).items
    person.app.screen.query_one("#tags-list", Listing).cursor = listed.index("1.0")
    await person.press("enter")
    assert person.app.screen.query_one("#served", Listing).item.served == digest
    await person.types("build", digest)
    await person.press("ctrl+g")
    await person.signs()


async def revoke(person: Person, name: str) -> None:
    """The line under the cursor."""
    screen = await person.opens(name)
    screen.query_one("#releases", Listing).focus()
    await person.press("v", "ctrl+g")
    await person.signs()


async def hand_over(person: Person, name: str, address: str) -> None:
    """To somebody else's unit address."""
    await person.opens(name)
    await person.press("h")
    await person.types("to", address)
    await person.press("ctrl+g")
    await person.signs()


def unit_address(party: Any) -> str:
    """A second wallet's address for units, made at the command line."""
    secret = str(party.secret("password", PASSWORD))
    party.json("wallet", "create", "--password-file", secret, "--words-out", str(party.home / "words"), "--yes")
    return str(party.json("wallet", "receive", "--units")["address"])
