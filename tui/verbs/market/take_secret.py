"""Taking in the secret of a repository that this wallet bought."""

from assets.services.repository_secrets.secret_forms import reader_of
from assets.services.repository_secrets.secret_receiving import (
    Received,
    bought_titles,
    check_handed,
    keep,
    open_handed,
    parse_handed,
)
from assets.services.wallets.session import Session
from tui.verbs.image.cautions import ACCESS_IS_ACCESS
from tui.verbs.keys import Keys
from tui.verbs.market.requests import TakeSecret
from tui.verbs.market.views import StillClosed, Taken
from tui.verbs.prepared import Done, Ended, Prepared, Ready, prepared
from tui.verbs.review import SignedPaper
from tui.verbs.workplace import Workplace
from wallet.hashes import display


def prepare(request: TakeSecret, place: Workplace) -> Prepared[Taken]:
    """What a seller handed over: opened, and checked against the sealed forms, before it is kept.

    Raises EncodingError for what is none; finishing raises ImageError where nothing opens, StateError where nothing can
    be read to tell.
    """
    lines = parse_handed(request.document.encode("utf-8"))

    def make(session: Session) -> Ready[Taken]:
        titles = bought_titles(session, place.chain())

        def ending(keys: Keys, now: Session, done: Done) -> Ended[Taken]:
            state, opened = open_handed(lines, titles, keys.secrets())
            named = () if request.name is None else (request.name,)
            received = check_handed(state, opened, reader_of(place.registry, state, (*named, *place.known_names)))
            if request.keep:
                keep(received, now)
            return _taken(received, kept=request.keep)

        return Ready(
            ending=ending,
            heading="A repository's secret from its seller",
            facts=(
                ("secrets", f"{len(lines):,}"),
                ("titles", f"{len(titles):,} that this wallet has or had, whose keys may open it"),
            ),
            warnings=("it is kept, encrypted, in this wallet's database once it opens what was sealed",),
            deed="Open and keep it",
            fee_is_set=True,
        )

    return prepared(request, place, make)


def _taken(received: Received, *, kept: bool) -> Ended[Taken]:
    ids = tuple(one.secret.id.hex() for one in received.secrets)
    taken = Taken(
        genesis=display(received.state.genesis.txid),
        secrets=ids,
        opens=tuple(str(digest) for digest in received.opens),
        closed=tuple(StillClosed(digest=str(digest), why=why) for digest, why in received.closed),
        kept=kept,
    )
    if not kept:
        return Ended(result=taken, notes=(ACCESS_IS_ACCESS,))
    return Ended(
        result=taken,
        notes=(
            (
                f"kept, encrypted, in this wallet's database: it opens {len(taken.opens):,} sealed forms. The words"
                " alone do not bring it back: make a backup (dockchains wallet backup), and keep what the seller sent"
            ),
            (
                "your next sealed release uses a secret of your own; where holders get keys from a gate, export its"
                " bundle anew"
            ),
            *(f"{one.digest} stays closed: {one.why}" for one in taken.closed),
            ACCESS_IS_ACCESS,
        ),
        papers=(SignedPaper(kind="kept secret", ids=ids),),
    )
