"""One session at the keys, from the first run to a pulled image and a sold repository; node and command line judge.

A wallet is made, an asset issued, an image released, verified, pinned, revoked, and the repository handed over. Its
second owner releases anew and sells access; whoever buys it pulls the image, and buys the repository, too.
"""

import re
from pathlib import Path

import pytest

from regtest.harness import Harness
from regtest.image import BuiltImage, build_image, push
from regtest.party import Party
from tests.tui.app.driving import until
from tests.tui.app.sessions import PASSWORD, Person, assert_quiet_logs, at_the_keys, digest_in, wallet_of
from tests.tui.app.trading import (
    NEW_LOTS,
    TITLE_AND_TREASURY,
    accepts,
    bids_from_file,
    list_for_sale,
    market,
    withdraws_the_rest,
)
from tui.app.screens.create_wallet import CreateWallet
from tui.app.screens.first_run import FirstRun
from tui.app.widgets.field import Field
from tui.app.widgets.listing import Listing
from tui.app.widgets.words import Facts, Words

SIZE, SMALL = (100, 30), (80, 24)
pytestmark = [pytest.mark.node, pytest.mark.registry, pytest.mark.long]


class Table:
    """Who takes part, and what it is about."""

    def __init__(self, harness: Harness, folder: Path) -> None:
        self.harness, self.folder = harness, folder
        self.publisher = harness.party("keys")
        self.seller = wallet_of(harness, "seller at keys", 2_000_000, 2_000_000)
        self.buyer = wallet_of(harness, "buyer at keys", 5_000_000, 5_000_000)
        self.name = f"{harness.registry.host}/acme/keys"
        self.first, self.fixed = self.image("1.0", "hello"), self.image("1.1", "hello again")
        harness.node.mine(1)

    def image(self, tag: str, text: str) -> BuiltImage:
        """An image that the registry serves."""
        image = build_image(self.folder / tag, tag=tag, text=text)
        push(image, f"{self.name}:{tag}")
        return image


async def test_from_the_first_run_to_a_pulled_image_and_a_sold_repository(
    harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Table(harness, tmp_path)
    async with at_the_keys(table.publisher, harness, monkeypatch, size=SIZE) as publisher:
        await publishes(publisher, table)
    assert [one["owned"] for one in table.seller.json("image", "list")["repositories"]] == [True]

    lots, title = tmp_path / "lots.json", tmp_path / "title.json"
    async with at_the_keys(table.seller, harness, monkeypatch, size=SIZE) as seller:
        await seller.unlocks()
        await release(seller, table.name, table.fixed)
        await seller.block()
        await offers_access(seller, table, lots)
        async with at_the_keys(table.buyer, harness, monkeypatch, size=SMALL) as buyer:
            await buyer.unlocks()
            bid = await bids_from_file(buyer, lots, table.name)
        await sells_access(seller, table, bid)
        title.write_text(await list_for_sale(seller, table.name, TITLE_AND_TREASURY, price="0.02"))
        async with at_the_keys(table.buyer, harness, monkeypatch, size=SMALL) as buyer:
            await buyer.unlocks()
            await pulls(buyer, table)
            bid = await bids_from_file(buyer, title, table.name)
        await sells_repository(seller, table, bid)
    assert [one["owned"] for one in table.buyer.json("image", "list")["repositories"]] == [True]
    assert [one["state"] for one in table.buyer.json("market", "offers", table.name)["bids"]] == ["sold", "sold"]
    assert_quiet_logs(table.publisher, table.seller, table.buyer)


async def publishes(person: Person, table: Table) -> None:
    """From the first run to the hand-over."""
    name, first = table.name, table.first
    await create_wallet(person)
    await receive_money(person)
    await issue(person, name)
    await release(person, name, first)
    assert await person.verifies(f"{name}:1.0") == "PENDING"
    await person.block()
    assert await person.verifies(f"{name}:1.0") == "UNPINNED"
    await person.press("ctrl+y")
    await person.agrees()
    assert person.app.screen.query_one("#verdict", Words).plain.startswith("✓ VERIFIED")
    assert dict(person.app.screen.query_one("#evidence", Facts).pairs)["image"] == f"{name}@{first.digest}"
    assert table.publisher.run("image", "verify", f"{name}:1.0").stdout.strip() == f"{name}@{first.digest}"
    await revoke(person, name)
    assert await person.verifies(f"{name}:1.0") == "REVOKED"
    await person.block()
    await hand_over(person, name, unit_address(table.seller))
    await person.block()
    assert await person.verifies(f"{name}:1.0") == "REVOKED"
    assert any("NEW_OWNER" in line for line in person.app.screen.query_one("#notes", Words).plain.splitlines())


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
    await person.unlocks()


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


async def release(person: Person, name: str, image: BuiltImage) -> None:
    """The tag from the registry, the digest from the builder."""
    await person.opens(name)
    await person.press("n")
    await until(person.pilot, lambda: bool(person.app.screen.query_one("#tags-list", Listing).items), "the tags")
    tags = person.app.screen.query_one("#tags-list", Listing)
    tags.focus()
    tags.cursor = tags.items.index(image.tag)
    await person.press("enter")
    assert person.app.screen.query_one("#served", Listing).item.served == image.digest
    await person.types("build", image.digest)
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


async def offers_access(seller: Person, table: Table, file: Path) -> None:
    """Two lots."""
    file.write_text(await list_for_sale(seller, table.name, NEW_LOTS, price="0.0005", copies="2"))
    table.harness.node.mine(1)
    screen = await market(seller)
    assert [one.view.state for one in screen.query_one("#mine", Listing).items] == ["open", "open"]


async def sells_access(seller: Person, table: Table, bid: str) -> None:
    """One lot to whom the bid is of; the other is withdrawn."""
    await accepts(seller, bid)
    screen = await market(seller)
    assert [one.view.state for one in screen.query_one("#sales", Listing).items] == ["sold, waiting for a block"]
    table.harness.node.mine(1)
    screen = await market(seller)
    assert [one.view.state for one in screen.query_one("#sales", Listing).items] == ["sold"]
    assert "1 lot left" in screen.query_one("#sales-sum", Words).plain
    assert table.buyer.json("wallet", "balance")["units"][0]["access_units"] == 1
    await withdraws_the_rest(seller)
    table.harness.node.mine(1)


async def sells_repository(seller: Person, table: Table, bid: str) -> None:
    """Title and treasury, to whom the bid is of."""
    await accepts(seller, bid)
    table.harness.node.mine(1)
    screen = await market(seller)
    assert [one.view.sells for one in screen.query_one("#sales", Listing).items] == ["title+treasury", "access"]


async def pulls(buyer: Person, table: Table) -> None:
    """Nothing vouches, so nothing comes; pinned from there, the image does. What was revoked does not."""
    folder, revoked = table.folder / "pulled", table.folder / "revoked"
    form = await buyer.pulls(f"{table.name}:1.1", folder)
    assert form.query_one("#verdict", Words).plain.split()[1] == "UNPINNED"
    assert not folder.exists()
    await buyer.press("ctrl+y")
    await buyer.agrees()
    await buyer.press("ctrl+g")
    await buyer.ends(form)
    assert form.query_one("#verdict", Words).plain.startswith("✓ VERIFIED"), form.query_one("#said", Words).plain
    assert digest_in(folder) == table.fixed.digest
    form = await buyer.pulls(f"{table.name}:1.0", revoked)
    assert form.query_one("#verdict", Words).plain.startswith("✗ REVOKED")
    assert not revoked.exists()


def unit_address(party: Party) -> str:
    """Where a wallet takes units, told by the command line."""
    return str(party.json("wallet", "receive", "--units")["address"])
