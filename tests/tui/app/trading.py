"""The market by keys: what a seller and a buyer do, each in front of an app of their own."""

from pathlib import Path

from textual.widgets import RadioSet, TextArea

from tests.tui.app.driving import until
from tests.tui.app.sessions import Person
from tui.app.dialogs.asking import OneLine
from tui.app.dialogs.review import ReviewDialog
from tui.app.screens.market import MarketScreen
from tui.app.screens.market_accept import AcceptForm
from tui.app.screens.market_buy import BuyForm
from tui.app.screens.market_paper import PaperScreen
from tui.app.screens.market_sell import SellForm
from tui.app.widgets.listing import Listing
from tui.app.widgets.words import Words

TITLE_AND_TREASURY, NEW_LOTS = 0, 2
"""What is sold: the line of the form."""


async def market(person: Person) -> MarketScreen:
    """The place, by its key, with nothing over it."""
    await person.goes("8")
    screen: MarketScreen = await person.sees(MarketScreen)
    await person.follows()
    await until(person.pilot, lambda: screen.desk is not None, "the desk")
    return screen


async def list_for_sale(person: Person, name: str, choice: int, **values: str) -> str:
    """The dialog of the market, the form, the signature; the text that is handed on."""
    await market(person)
    await person.press("s")
    await person.sees(OneLine)
    await person.types("line", name)
    await person.press("enter")
    form = await person.sees(SellForm)
    form.query_one("#what", RadioSet).focus()
    await person.press(*["down"] * choice, "enter")
    for field, text in values.items():
        await person.types(field, text)
    await person.press("ctrl+g")
    await person.signs(sends=choice == NEW_LOTS)
    return await text_handed_on(person)


async def text_handed_on(person: Person) -> str:
    """Of the listing or bid just signed."""
    screen: PaperScreen = await person.sees(PaperScreen)
    await until(person.pilot, lambda: screen.paper is not None, "the text")
    assert screen.paper is not None
    return screen.paper.text


async def bids_from_file(person: Person, file: Path, name: str) -> str:
    """Looks into a file, buys what is in it; the text of the bid, which is open then."""
    await market(person)
    await person.press("slash")
    await person.types("repository", name)
    await person.types("source", str(file))
    await person.press("enter")
    offers = person.app.screen.query_one("#offers", Listing)
    await until(person.pilot, lambda: bool(offers.items), "an offer")
    assert offers.item.view.refusal == ""
    await person.press("b")
    await person.sees(BuyForm)
    await person.press("ctrl+g")
    await person.signs()
    bid = await text_handed_on(person)
    screen = await market(person)
    assert screen.query_one("#bids", Listing).items[0].view.state == "open"
    return bid


async def accepts(person: Person, bid: str) -> None:
    """Pastes a bid, sees every check pass, signs the sale."""
    await market(person)
    await person.press("i")
    form = await person.sees(AcceptForm)
    form.query_one("#paste", TextArea).text = bid
    await person.pilot.pause()
    assert "a bid for your listing" in form.query_one("#paste-note", Words).plain
    await person.press("ctrl+g")
    await person.sees(ReviewDialog)
    assert [one.state for one in form.query_one("#checks", Listing).items] == ["passed"] * 10
    await person.signs()


async def withdraws_the_rest(person: Person) -> None:
    """What of the listed lots nobody has bought, in the market."""
    await person.press("t")
    await person.press("x")
    await person.press("down", "enter")
    await person.press("ctrl+g")
    await person.signs()
