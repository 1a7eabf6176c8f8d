"""Handing lots to a shop: their keys leave the wallet, and nothing above them; the lots stay reserved here."""

from assets.services.market.boards import renewal
from assets.services.market.exporting import draft_export, export
from assets.services.market.lots import own_lots
from assets.services.wallets.session import Session
from tui.verbs.files import require_new
from tui.verbs.keys import Keys
from tui.verbs.market.boards import renewed
from tui.verbs.market.requests import ExportShop
from tui.verbs.market.views import Bundled, Bundling
from tui.verbs.prepared import Done, Ended, Prepared, Ready, prepared
from tui.verbs.review import SignedPaper
from tui.verbs.workplace import Workplace
from wallet.amount import format_btc
from wallet.hashes import display, outpoint_text


def prepare(request: ExportShop, place: Workplace) -> Prepared[Bundled]:
    """Which lots would go. Their earlier listings become void where `url` is another than these name, so the board that
    shows one is written anew. Raises StateError where no lot is listed and here, StoreError for the file."""
    require_new(request.file)
    genesis = display(request.genesis)

    def make(session: Session) -> Ready[Bundled]:
        lots = own_lots(session, request.genesis)
        draft = draft_export(lots, session, bids_to=request.url, limit=request.copies)
        board = renewal(draft.voided, request.name, place.registry)
        voided = tuple(ask.id.hex() for ask in draft.voided)
        count = len(draft.lots)

        def ending(keys: Keys, now: Session, done: Done) -> Ended[Bundled]:
            bundle = export(draft, keys(), now, request.file.absolute(), now=place.now())
            wanted = request.publish or board.needed
            written = renewed(request.name, request.genesis, now, place, wanted=wanted)
            due = board.needed and written.digest is None
            asks = tuple(lot.ask.id.hex() for lot in bundle.lots)
            bundled = Bundled(
                file=str(request.file),
                genesis=genesis,
                lots=len(bundle.lots),
                asks=asks,
                voided=voided,
                board=written.digest,
                board_due=due,
            )
            return Ended(
                result=bundled,
                notes=(f"{len(asks):,} lots with their keys are in {request.file}", *written.notes),
                papers=(SignedPaper(kind="bundle", ids=asks),),
                to_do=(*written.to_do, *(("void listings may still stand on the board until then",) if due else ())),
            )

        first = draft.listing.asks[0]
        listings = ({"coin": outpoint_text(ask.coins[0].outpoint), **ask.document()} for ask in draft.listing.asks)
        return Ready(
            ending=ending,
            heading=f"{count:,} lot{'' if count == 1 else 's'} of {request.name} for a shop, each with its key",
            facts=(
                ("genesis", genesis),
                ("file", str(request.file)),
                ("lots", f"{count:,} of one access unit each, the first for {format_btc(first.price)} BTC"),
                ("shop", request.url or ""),
                ("board", "all listings are published afterwards" if request.publish or board.needed else ""),
            ),
            warnings=(
                *((board.words,) if board.words else ()),
                *draft.listing.warnings,
                "the file holds the keys of these lots, and of nothing else: whoever has it can take them",
                "the lots stay reserved here until they are brought back",
            ),
            deed="Write the keys",
            fee_is_set=True,
            details=Bundling(
                file=str(request.file), genesis=genesis, lots=count, listings=tuple(listings), voided=voided
            ),
        )

    return prepared(request, place, make)
