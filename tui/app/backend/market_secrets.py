"""After the sale of a repository whose images are sealed: its secret goes from the seller to the buyer."""

from assets.images.bid import PACKAGE_LIMIT, BidPackage
from assets.images.repository import RepositoryState
from assets.services.repository_secrets.secret_forms import ReadManifest, reader_of
from assets.services.repository_secrets.secret_handing import accepted_bid, hand_over, require_same_sale, settled_sale
from assets.services.repository_secrets.secret_keeping import secret_ring
from assets.services.repository_secrets.secret_receiving import (
    DOCUMENT_LIMIT,
    bought_titles,
    check_handed,
    keep,
    open_handed,
    parse_handed,
)
from assets.services.wallets.session import Session
from tui.app.backend.access import Access
from tui.app.backend.market_checks import full_path
from tui.app.backend.market_reading import read_bounded
from tui.app.backend.prepared import Finished, Shown
from tui.app.market_asks import HandSecret, TakeSecret
from tui.verbs.image.fields import bare_name
from tui.verbs.keys import Keys
from tui.verbs.review import SignedPaper
from wallet.errors import EncodingError
from wallet.hashes import display, parse_txid
from wallet.keys.message import message_flaw


def prepare_hand(ask: HandSecret, session: Session, access: Access) -> Shown:
    """The secret for the buyer in a sale, encrypted to the key that the bid names."""
    txid = parse_txid(ask.txid)
    if ask.bid_file.strip():
        package = BidPackage.parse(read_bounded(full_path(ask.bid_file), PACKAGE_LIMIT + 2))
    else:
        package = accepted_bid(txid, session)
    require_same_sale(package, txid)
    chain, confirmations = access.chain(), access.settling_confirmations
    sale = settled_sale(package, session, chain, message_flaw, confirmations=confirmations)

    def finish(unlock: Keys, now: Session, done: object) -> Finished:
        ring = secret_ring(unlock.secrets(), access.house.wallet_store.handovers)
        handed = hand_over(sale, ring, _reader(sale.state, "", access))
        if now.handovers is not None:
            now.handovers.mark_handed(txid)
        ids = tuple(one.hex() for one in handed.ids)
        return Finished(notes=handed.notes, papers=(SignedPaper(kind="secret", ids=ids, text=handed.document),))

    return Shown(
        finish=finish,
        heading="A repository's secret for its buyer",
        facts=(
            ("genesis", display(sale.state.genesis.txid)),
            ("sale", display(txid)),
            ("buyer's key", sale.to.hash.hex()),
            ("opens", f"{len(sale.sealings):,} sealed forms that were made before the sale"),
        ),
        warnings=("only the buyer can open it; whoever opened an image before can have kept it",),
        deed="Hand it over",
        fee_is_set=True,
    )


def prepare_take(ask: TakeSecret, session: Session, access: Access) -> Shown:
    """What a seller handed over: opened and checked against the sealed forms before it is kept."""
    lines = parse_handed(_encoded(ask.document))
    titles = bought_titles(session, access.chain())

    def finish(unlock: Keys, now: Session, done: object) -> Finished:
        state, opened = open_handed(lines, titles, unlock.secrets())
        received = check_handed(state, opened, _reader(state, ask.repository, access))
        keep(received, now)
        closed = (f"{digest} stays closed: {why}" for digest, why in received.closed)
        kept = (
            f"kept: it opens {len(received.opens):,} sealed forms. The words alone do not bring it back: make a backup,"
            " and keep what the seller sent"
        )
        return Finished(
            notes=(kept, "your next sealed release uses a secret of your own", *closed),
            papers=(SignedPaper(kind="kept secret", ids=tuple(one.secret.id.hex() for one in received.secrets)),),
        )

    return Shown(
        finish=finish,
        heading="A repository's secret from its seller",
        facts=(
            ("secrets", f"{len(lines):,}"),
            ("titles", f"{len(titles):,} that this wallet has or had, whose keys may open it"),
        ),
        warnings=("it is kept, encrypted, in this wallet's database once it opens what was sealed",),
        deed="Open and keep it",
        fee_is_set=True,
    )


def document_of(file: str, text: str) -> str:
    """What a seller handed over, from a file or as it was pasted. Raises EncodingError."""
    data = read_bounded(full_path(file), DOCUMENT_LIMIT) if file.strip() else _encoded(text)
    return "\n".join(parse_handed(data))


def _reader(state: RepositoryState, repository: str, access: Access) -> ReadManifest:
    house = access.house
    given = (bare_name(repository),) if repository.strip() else ()
    typed = house.names.names()
    return reader_of(house.registry, state, (*given, *typed, *(pin.name for pin in house.pins.load().pins)))


def _encoded(text: str) -> bytes:
    try:
        return text.strip().encode("ascii")
    except UnicodeEncodeError as error:
        raise EncodingError("no secret has such characters", hint="paste exactly what the seller sent") from error
