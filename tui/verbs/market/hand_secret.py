"""Handing a repository's secret to its buyer, after the sale of a repository whose images are sealed."""

from dataclasses import asdict

from assets.images.bid import BidPackage
from assets.services.repository_secrets.secret_forms import reader_of
from assets.services.repository_secrets.secret_handing import accepted_bid, hand_over, require_same_sale, settled_sale
from assets.services.repository_secrets.secret_keeping import secret_ring
from assets.services.wallets.session import Session
from tui.verbs.files import require_new, write_new
from tui.verbs.keys import Keys
from tui.verbs.market.fields import bid_in
from tui.verbs.market.requests import HandSecret
from tui.verbs.market.views import Handed, Handing
from tui.verbs.prepared import Done, Ended, Prepared, Ready, prepared
from tui.verbs.review import SignedPaper
from tui.verbs.workplace import Workplace
from wallet.hashes import display
from wallet.keys.message import message_flaw


def prepare(request: HandSecret, place: Workplace) -> Prepared[Handed]:
    """The secret for the buyer in a sale, encrypted to the key that the bid names.

    Raises StateError before the sale has its confirmations, or where no bid is known, OfferError for a forged one.
    """
    require_new(request.out)

    def make(session: Session) -> Ready[Handed]:
        txid = request.txid
        package = accepted_bid(txid, session) if request.bid is None else BidPackage.parse(bid_in(request.bid))
        require_same_sale(package, txid)
        confirmations = place.settling_confirmations
        sale = settled_sale(package, session, place.chain(), message_flaw, confirmations=confirmations)
        plan = Handing(
            genesis=display(sale.state.genesis.txid),
            sale=display(txid),
            secret_to=sale.to.hash.hex(),
            sealed_forms=len(sale.sealings),
        )

        def ending(keys: Keys, now: Session, done: Done) -> Ended[Handed]:
            ring = secret_ring(keys.secrets(), place.house.wallet_store.handovers)
            handed = hand_over(sale, ring, reader_of(place.registry, sale.state, place.known_names))
            if request.out is not None:
                write_new(request.out, handed.document.encode("ascii") + b"\n")
            if now.handovers is not None:
                now.handovers.mark_handed(txid)
            ids = tuple(one.hex() for one in handed.ids)
            return Ended(
                result=Handed(**asdict(plan), secrets=ids, document=handed.document, notes=tuple(handed.notes)),
                notes=(
                    *(f"note: {note}" for note in handed.notes),
                    "only the buyer can open it: dockchains market buy --take-secret FILE",
                ),
                papers=(SignedPaper(kind="secret", ids=ids, text=handed.document),),
            )

        return Ready(
            ending=ending,
            heading="A repository's secret for its buyer",
            facts=(
                ("genesis", plan.genesis),
                ("sale", plan.sale),
                ("buyer's key", plan.secret_to),
                ("opens", f"{plan.sealed_forms:,} sealed forms that were made before the sale"),
            ),
            warnings=("only the buyer can open it; whoever opened an image before can have kept it",),
            deed="Hand it over",
            fee_is_set=True,
            details=plan,
        )

    return prepared(request, place, make)
