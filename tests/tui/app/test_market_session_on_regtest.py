"""Two wallets at the keys, a real node, a real registry: access is sold and bought, and then the repository itself.

The command line is the judge: it knows nothing of the app.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, RadioSet, TextArea

from regtest.harness import Harness
from regtest.party import Party
from tests.tui.app.driving import settled, until
from tui.app.app import DockchainsApp
from tui.app.backend.lobby import HouseLobby
from tui.app.dialogs.asking import OneLine
from tui.app.dialogs.review import ReviewDialog
from tui.app.screens.market import MarketScreen
from tui.app.screens.market_accept import AcceptForm
from tui.app.screens.market_buy import BuyForm
from tui.app.screens.market_paper import PaperScreen
from tui.app.screens.market_sell import SellForm
from tui.app.screens.overview import OverviewScreen
from tui.app.screens.unlock import UnlockScreen
from tui.app.widgets.field import Field
from tui.app.widgets.listing import Listing
from tui.app.widgets.words import Words
from tui.paths import Paths
from tui.settings import load

PASSWORD = "only for the harness"
pytestmark = [pytest.mark.node, pytest.mark.registry]


class Trader:
    """Somebody with a wallet in front of the app."""

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

    async def sees(self, kind: type[Any]) -> Any:
        """The screen of this kind."""
        await until(self.pilot, lambda: isinstance(self.app.screen, kind), kind.__name__)
        await settled(self.pilot)
        return self.app.screen

    async def unlocks(self) -> None:
        """The password, once."""
        await self.sees(UnlockScreen)
        self.app.screen.query_one("#password", Input).value = PASSWORD
        await self.press("enter")
        await self.sees(OverviewScreen)
        await self.follows()

    async def signs(self) -> None:
        """Looks, and gives the password; twice where the keys have to say something first."""
        dialog = await self.sees(ReviewDialog)
        if dialog.review.needs_keys:
            dialog.query_one("#password", Input).value = PASSWORD
            await self.press("enter")
            await until(self.pilot, lambda: not dialog.review.needs_keys, "the draft is shown")
            await settled(self.pilot)
        dialog.query_one("#password", Input).value = PASSWORD
        await self.press("enter")
        await until(self.pilot, lambda: not isinstance(self.app.screen, ReviewDialog), "the review ends")
        await settled(self.pilot)

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

    async def market(self) -> MarketScreen:
        """The place, by its key, with nothing over it."""
        while not isinstance(self.app.screen, MarketScreen | OverviewScreen):
            await self.press("escape")
        await self.press("escape", "8")
        screen: MarketScreen = await self.sees(MarketScreen)
        await self.follows()
        await until(self.pilot, lambda: screen.desk is not None, "the desk")
        return screen

    async def list_for_sale(self, name: str, choice: int, **values: str) -> PaperScreen:
        """The dialog of the market, the form, the signature; the paper that is handed on."""
        await self.market()
        await self.press("s")
        await self.sees(OneLine)
        await self.types("line", name)
        await self.press("enter")
        form = await self.sees(SellForm)
        form.query_one("#what", RadioSet).focus()
        await self.press(*["down"] * choice, "enter")
        for field, text in values.items():
            await self.types(field, text)
        await self.press("ctrl+g")
        await self.signs()
        paper: PaperScreen = await self.sees(PaperScreen)
        await until(self.pilot, lambda: paper.paper is not None, "the listing's text")
        return paper

    async def bids_from_file(self, file: Path, name: str) -> str:
        """Looks into a file, buys what is in it, and copies the bid's text."""
        await self.market()
        await self.press("slash")
        await self.types("repository", name)
        await self.types("source", str(file))
        await self.press("enter")
        offers = self.app.screen.query_one("#offers", Listing)
        await until(self.pilot, lambda: bool(offers.items), "an offer")
        assert offers.item.refusal == ""
        await self.press("b")
        await self.sees(BuyForm)
        await self.press("ctrl+g")
        await self.signs()
        paper: PaperScreen = await self.sees(PaperScreen)
        await until(self.pilot, lambda: paper.paper is not None, "the bid's text")
        assert paper.paper is not None
        return paper.paper.text

    async def accepts(self, bid: str) -> None:
        """Pastes a bid, sees every check pass, signs the sale."""
        await self.market()
        await self.press("i")
        form = await self.sees(AcceptForm)
        form.query_one("#paste", TextArea).text = bid
        await self.pilot.pause()
        assert "a bid for your listing" in form.query_one("#paste-note", Words).plain
        await self.press("ctrl+g")
        await self.sees(ReviewDialog)
        assert [one.state for one in form.query_one("#checks", Listing).items] == ["passed"] * 10
        await self.signs()


def lobby_of(party: Party, monkeypatch: pytest.MonkeyPatch) -> HouseLobby:
    """What the party's machine offers."""
    for key, value in party.settings.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("HOME", str(party.home))
    paths = Paths.of(os.environ)
    return HouseLobby(load({}, os.environ, paths.settings_file), paths)


def wallet_of(harness: Harness, name: str, sats: int) -> Party:
    """Somebody with a wallet and money in it, made at the command line."""
    party = harness.party(name)
    secret = str(party.secret("password", PASSWORD))
    party.json("wallet", "create", "--password-file", secret, "--words-out", str(party.home / "words"), "--yes")
    for _ in range(2):
        harness.node.fund(party.json("wallet", "receive")["address"], sats)
    harness.node.mine(1)
    return party


async def test_access_and_then_the_repository_are_sold_by_keys(
    harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.node.mine(101)
    seller, buyer = wallet_of(harness, "seller at keys", 2_000_000), wallet_of(harness, "buyer at keys", 5_000_000)
    name = f"{harness.registry.host}/acme/traded"
    password = ("--password-file", str(seller.home / "password"), "--yes")
    seller.json("image", "issue", name, *password)
    harness.node.mine(1)
    lots, title = tmp_path / "lots.json", tmp_path / "title.json"

    selling = DockchainsApp(lobby_of(seller, monkeypatch), poll=3_600, idle_lock=3_600)
    async with selling.run_test(size=(100, 30)) as pilot:
        trader = Trader(pilot, harness)
        await trader.unlocks()
        paper = await trader.list_for_sale(name, 2, price="0.0005", copies="2")
        assert paper.paper is not None
        lots.write_text(paper.paper.text)
        harness.node.mine(1)
        market = await trader.market()
        assert [one.state for one in market.query_one("#mine", Listing).items] == ["open", "open"]

        bid = await bid_of(buyer, harness, lots, name, monkeypatch)
        await trader.accepts(bid)
        market = await trader.market()
        assert [one.state for one in market.query_one("#sales", Listing).items] == ["sold, waiting for a block"]
        harness.node.mine(1)
        market = await trader.market()
        assert [one.state for one in market.query_one("#sales", Listing).items] == ["sold"]
        assert "1 lot left" in market.query_one("#sales-sum", Words).plain
        assert buyer.json("wallet", "balance")["units"][0]["access_units"] == 1

        await trader.press("t")
        await trader.press("x")
        await trader.press("down", "enter")
        await trader.press("ctrl+g")
        await trader.signs()
        harness.node.mine(1)
        paper = await trader.list_for_sale(name, 0, price="0.02")
        assert paper.paper is not None
        title.write_text(paper.paper.text)
        bid = await bid_of(buyer, harness, title, name, monkeypatch)
        await trader.accepts(bid)
        harness.node.mine(1)
        market = await trader.market()
        assert [one.sells for one in market.query_one("#sales", Listing).items] == ["title+treasury", "access"]
    assert [one["owned"] for one in buyer.json("image", "list")["repositories"]] == [True]
    assert [one["state"] for one in buyer.json("market", "offers", name)["bids"]] == ["sold", "sold"]
    for party in (seller, buyer):
        log = next(party.home.rglob("*.log")).read_text(encoding="utf-8")
        assert PASSWORD not in log
        assert "Traceback" not in log


async def bid_of(buyer: Party, harness: Harness, file: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The buyer's app is opened, bids, and is closed again."""
    with monkeypatch.context() as patch:
        app = DockchainsApp(lobby_of(buyer, patch), poll=3_600, idle_lock=3_600)
        async with app.run_test(size=(80, 24)) as pilot:
            trader = Trader(pilot, harness)
            await trader.unlocks()
            bid = await trader.bids_from_file(file, name)
            market = await trader.market()
            assert market.query_one("#bids", Listing).items[0].state == "open"
            return bid
