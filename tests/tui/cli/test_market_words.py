"""What `market offers` says of listings and bids, and what a draft says before it is signed."""

from assets.services.read_models.offer_views import AskView, BidView
from assets.services.read_models.wallet_views import DraftView
from tui.cli.draft_text import draft_text
from tui.cli.market_text import offers_text

REASON = f"refused (unspent): {'a' * 64}, which waits for a block, spends {'b' * 64}:0, and {'c' * 64} was first"


def listing(id_: str, refusal: str) -> AskView:
    return AskView(
        id=id_,
        genesis="11" * 32,
        sells="access",
        units=1,
        price=50_000,
        payment=50_330,
        expires=1_000,
        coins=(),
        bids_to="",
        terms="",
        gate="",
        where="board",
        mine=False,
        waiting=False,
        refusal=refusal,
    )


def test_a_reason_is_said_whole_however_many_transactions_it_names() -> None:
    bid = BidView(
        id="22" * 32,
        ask="33" * 32,
        genesis="11" * 32,
        txid="44" * 32,
        expires=900,
        created=1,
        state="contested",
        confirmations=0,
        completable=True,
        note=REASON,
    )
    text = offers_text((listing("55" * 32, REASON),), (), (bid,), everything=True)
    assert text.count(REASON) == 2


def test_what_is_left_out_is_counted() -> None:
    one, two = listing("55" * 32, REASON), listing("66" * 32, REASON)
    assert offers_text((one,), (), (), everything=False) == "1 listing is left out; --all says why"
    assert offers_text((one, two), (), (), everything=False) == "2 listings are left out; --all says why"


def test_a_draft_says_the_price_whole_however_long_the_name_is() -> None:
    name = f"registry.example/{'a' * 230}"
    effect = f"{name} (genesis {'b' * 64}): the title, for 20,000,000 sat (0.20000000 BTC) and 10,660 sat in the coins"
    draft = DraftView(
        kind="bid",
        txid="11" * 32,
        inputs=(),
        outputs=(),
        effects=(effect,),
        fee=258,
        rate=1_000,
        rate_source="set by you",
        vsize=258,
        delta=-20_010_918,
        warnings=(f"another genesis claims the same name {name}: {'c' * 64}",),
        notes=(REASON,),
    )
    text = draft_text(draft)
    assert f"asset: {effect}\n" in text
    assert f"note: {REASON}\n" in text
    assert text.endswith("c" * 64)
