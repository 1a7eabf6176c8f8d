"""A wallet at a glance, and what in it needs a person."""

from collections.abc import Sequence

from assets.services.chain import fallen as falling
from assets.services.market.market_concerns import market_concerns
from assets.services.market.own_bids import bids_of
from assets.services.market.own_listings import own_listings
from assets.services.market.secret_due import secrets_due
from assets.services.read_models.image_views import RepositoryView
from assets.services.read_models.transaction_views import OverviewView
from assets.services.read_models.wallet_views import FallenView
from assets.services.wallets.activity import activity
from assets.services.wallets.holdings_view import balance
from assets.services.wallets.overview import last_blocks, overview
from tui.verbs.reading import Reading
from tui.verbs.workplace import Workplace


def glance(repositories: Sequence[RepositoryView], fallen: Sequence[FallenView], place: Workplace) -> OverviewView:
    """Everything of the first screen; `fallen` is what reorganisations took away lately."""
    with place.session() as session:
        held, history = balance(session), activity(session)
        market = tuple(market_concerns(own_listings(session), bids_of(session), secrets_due(session)))
    return overview(held, history, repositories, last_blocks(place.house.node, history), fallen, market)


def still_fallen(fallen: Sequence[FallenView], place: Reading) -> tuple[FallenView, ...]:
    """What a reorganisation took away and is still in no block that was read."""
    with place.house.index.snapshot() as reader:
        return falling.still_fallen(fallen, reader)
