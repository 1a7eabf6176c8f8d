"""What is for sale: listings of this wallet and of every place that was named, each checked against the chain."""

from assets.images.offer import Sells
from assets.services.market.listing import open_asks, own_word
from assets.services.market.offers import Place, Source, gather, rank
from assets.services.read_models.offer_views import AskView
from assets.services.trust.title_report import sealed_checklist, sealed_forms_of
from tui.verbs.image.finding import find, the_one
from tui.verbs.image.reader_requests import Find
from tui.verbs.market.listings import judge, listings_at
from tui.verbs.market.naming import names_of
from tui.verbs.market.requests import Look
from tui.verbs.market.views import Offer, Offers
from tui.verbs.reading import Reading
from tui.verbs.workplace import Workplace
from wallet.errors import StateError
from wallet.hashes import Txid, display

HERE = "this wallet"
"""Where the wallet's own listings are found."""


def offers(request: Look, place: Workplace) -> Offers:
    """What is for sale; the wallet's own listings are among it.

    Raises WalletError where a place cannot be read, AmbiguousNameError, and StateError where there is nothing to look
    at.
    """
    genesis = meant(request.name, request.genesis, place)
    with place.session_if_any() as session:
        if session is None and genesis is None and not request.places:
            raise StateError(
                "there is no wallet to look at", hint="say which repository: dockchains market offers NAME"
            )
        mine = () if session is None else open_asks(session, genesis)
        own = None if session is None else own_word(session)
    found = [Source(where=HERE, asks=mine, place=Place.OWN), *(listings_at(where, place) for where in request.places)]
    views = rank(gather(found), judge(place, genesis, own), mine=frozenset(ask.id for ask in mine))
    asks = {ask.id.hex(): ask for one in found for ask in one.asks}
    shops, named, sealed = {one.where: one.shop for one in found}, names_of(place), _sealed_forms(views, place)
    return Offers(
        repository="" if genesis is None else named(genesis),
        genesis="" if genesis is None else display(genesis),
        offers=tuple(
            Offer(
                view=one,
                name=named(asks[one.id].genesis),
                shop=shops[one.where],
                document=asks[one.id].serialize().decode("ascii"),
            )
            for one in views
        ),
        sealed_forms=sealed,
        notes=(
            *(note for one in found for note in one.notes),
            *(f"note: {line}" for _, count in sealed for line in sealed_checklist(count)),
        ),
    )


def meant(name: str | None, genesis: Txid | None, place: Workplace) -> Txid | None:
    """The repository that a person means, where anything was said. Raises AmbiguousNameError."""
    if name is None and genesis is None:
        return None
    return the_one(find(Find(name=name, genesis=genesis), place)).genesis


def _sealed_forms(views: tuple[AskView, ...], place: Reading) -> tuple[tuple[str, int], ...]:
    """What depends on the seller, for each title of others that can be bought."""
    titles = dict.fromkeys(
        view.genesis for view in views if not view.refusal and not view.mine and view.sells != Sells.ACCESS
    )
    return tuple((genesis, sealed_forms_of(genesis, place.chain())) for genesis in titles)
