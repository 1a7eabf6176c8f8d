"""A market with fixed contents: what the fake services answer, and what the pictures show."""

from assets.services.read_models.offer_views import AskView, BidView, LotView
from tests.tui.app.samples import ADDRESS, GENESIS, NAME, OTHER_GENESIS, OTHER_NAME, SECOND, TIME, TXID
from tui.verbs.market.views import (
    CheckLine,
    Desk,
    Judgement,
    Offer,
    Offers,
    OwnBid,
    OwnListing,
    Paper,
    StockView,
)

ASK = "3f9a60c1" * 8
SECOND_ASK = "77d01b2e" * 8
THIRD_ASK = "c05e9a44" * 8
BID = "91e4d7b3" * 8
SHOP = "https://shop.example"
LOT = Offer(
    view=AskView(
        id=ASK,
        genesis=GENESIS,
        sells="access",
        units=1,
        price=50_000,
        payment=50_330,
        expires=5_524,
        coins=(f"{TXID}:1",),
        bids_to=SHOP,
        terms="",
        gate="https://gate.example",
        where=SHOP,
        mine=False,
        waiting=False,
        refusal="",
    ),
    name=NAME,
    shop=SHOP,
    document='{"v":1}',
)
TITLE = Offer(
    view=AskView(
        id=SECOND_ASK,
        genesis=GENESIS,
        sells="title+treasury",
        units=999_990,
        price=2_000_000,
        payment=2_010_330,
        expires=5_524,
        coins=(f"{TXID}:0", f"{TXID}:2"),
        bids_to="",
        terms="",
        gate="",
        where=f"{NAME}:dockchains-asks",
        mine=False,
        waiting=False,
        refusal="",
    ),
    name=NAME,
    shop="",
    document='{"v":2}',
)
BAD = Offer(
    view=AskView(
        id=THIRD_ASK,
        genesis=GENESIS,
        sells="access",
        units=1,
        price=40_000,
        payment=40_330,
        expires=1_300,
        coins=(f"{SECOND}:4",),
        bids_to=SHOP,
        terms="",
        gate="",
        where=SHOP,
        mine=False,
        waiting=False,
        refusal="refused (unspent): the chain has no unspent coin 0f2bd836…:4",
    ),
    name=NAME,
    shop=SHOP,
    document='{"v":3}',
)
OFFERS = Offers(repository=NAME, genesis=GENESIS, offers=(LOT, TITLE, BAD), notes=())


def listing(number: int, state: str, *, txid: str = "", confirmations: int = 0, sells: str = "access") -> OwnListing:
    """A listing of this wallet."""
    view = LotView(
        id=f"{number:04x}" * 16,
        genesis=GENESIS,
        sells=sells,
        units=1 if sells == "access" else 0,
        price=50_000 if sells == "access" else 2_000_000,
        expires=5_524,
        outpoint=f"{TXID}:{number}",
        state=state,
        txid=txid,
        confirmations=confirmations,
    )
    return OwnListing(view=view, name=NAME)


DESK = Desk(
    height=1_204,
    listings=(
        listing(1, "open"),
        listing(2, "at a shop"),
        listing(3, "sold, waiting for a block", txid=SECOND),
        listing(4, "sold", txid=TXID, confirmations=12),
        listing(5, "expired"),
        listing(6, "ended: the coin moved", txid=TXID, confirmations=3, sells="title"),
    ),
    bids=(
        OwnBid(
            view=BidView(
                id=BID,
                ask=ASK,
                genesis=OTHER_GENESIS,
                txid=SECOND,
                expires=1_240,
                created=TIME,
                state="open",
                confirmations=0,
            ),
            name=OTHER_NAME,
            sells="access",
            units=1,
            price=70_000,
            shop=SHOP,
        ),
        OwnBid(
            view=BidView(
                id="ab12cd34" * 8,
                ask=SECOND_ASK,
                genesis=OTHER_GENESIS,
                txid=TXID,
                expires=1_190,
                created=TIME - 9_000,
                state="sold",
                confirmations=5,
            ),
            name=OTHER_NAME,
            sells="title",
            units=0,
            price=900_000,
            shop="",
        ),
    ),
)
STOCK = StockView(
    name=NAME, genesis=GENESIS, owned=True, units=999_990, lots=10, at_shop=4, last_prices=(("access", 50_000),)
)
CHECKS = (
    "it answers a listing of yours that is in force",
    "neither the listing nor the bid has expired",
    "it pays your price to where you asked for it",
)
GOOD = Judgement(checks=tuple(CheckLine(name=name, state="passed", why="") for name in CHECKS), refusal="")
REFUSED = Judgement(
    checks=(
        CheckLine(name=CHECKS[0], state="passed", why=""),
        CheckLine(name=CHECKS[1], state="failed", why="refused (expiry): the bid expired at block 1,200"),
        CheckLine(name=CHECKS[2], state="not reached", why=""),
    ),
    refusal="refused (expiry): the bid expired at block 1,200",
)
BID_PAPER = Paper(
    kind="bid",
    ids=(BID,),
    facts=(
        ("bid", BID),
        ("for", f"1 access unit of {OTHER_NAME}"),
        ("price", "0.00070000 BTC"),
        ("void from", "block 1,240"),
    ),
    text='{"bid":{"ask":"' + ASK + '","expires":1240,"signature":"AkcwRAIg","v":1},"psbt":"cHNidP8BAA=="}',
    shop=SHOP,
)
LISTING_PAPER = Paper(
    kind="listing",
    ids=(ASK,),
    facts=(("listing", ASK), ("sells", f"the title of {NAME}"), ("price", "0.02000000 BTC")),
    text='{"ask":"' + ADDRESS + '","v":1}',
)
