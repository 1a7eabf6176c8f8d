"""A bid between its draft and its seller: what is said of it, what is kept, and where it goes once it is signed."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from assets.images.bid import BidPackage
from assets.services.chain.public_places import find_definition
from assets.services.market.buying import BidDraft, place_bid
from assets.services.wallets.session import Session
from tui.verbs.files import write_new
from tui.verbs.keys import Keys
from tui.verbs.market.delivering import Destination, destination, hand_over, reply_words
from tui.verbs.market.naming import names_of
from tui.verbs.market.views import Intended, Placed
from tui.verbs.prepared import Done, Ended, Ready
from tui.verbs.reading import Reading
from tui.verbs.review import SignedPaper
from tui.verbs.workplace import Workplace
from wallet.errors import WalletError
from wallet.hashes import display


@dataclass(frozen=True, slots=True, kw_only=True)
class Bidding:
    """How a bid was asked for. `known` is what the user calls the repository, `seen_at` the shop that showed the
    listing, `given` the shop that the user chose; see `delivering`. `out` is a new file for the bid."""

    known: str
    seen_at: str | None = None
    given: str | None = None
    out: Path | None = None


def ready_bid(drafted: BidDraft, bidding: Bidding, warnings: Iterable[str], place: Workplace) -> Ready[Placed]:
    """What a bid says, and how it is signed, kept and handed over."""
    ask = drafted.ask
    to = destination(ask, bidding.known, seen_at=bidding.seen_at, given=bidding.given)
    definition = _definition(drafted, bidding.known, place) if ask.sells.has_title else None

    def ending(keys: Keys, now: Session, done: Done) -> Ended[Placed]:
        secrets = keys.secrets() if drafted.wants_secret else None
        signer = keys()
        if definition is not None:
            place.definitions.save(definition)
        package = place_bid(drafted, signer, now, secrets)
        return _placed(drafted, package, bidding.out, to, now, place)

    asks_for_secret = drafted.wants_secret or drafted.bid.secret_to is not None
    return Ready(
        drafts=(drafted.draft,),
        ending=ending,
        heading="A bid: the seller signs last, and sends it",
        facts=(
            ("void from", f"block {drafted.bid.expires:,}"),
            ("goes to", to[0] if to is not None else "nobody by itself: as a file or as text to copy"),
            ("asks for", "the repository's secret, after the sale" if asks_for_secret else ""),
        ),
        warnings=(
            *(warning for warning in warnings if warning),
            *_not_sent(drafted, bidding, to),
            *_undefined(drafted, definition),
        ),
        deed="Sign the bid",
        details=Intended(ask=ask.id.hex(), report=asdict(drafted.report), wants_secret=drafted.wants_secret),
    )


def _definition(drafted: BidDraft, known: str, place: Reading) -> bytes | None:
    """A buyer of a title takes the newest definition along: once it is bought, the seller can still replace it.

    It is looked for under the name that the chain has, and under those that this user knows.
    """
    genesis, chain = drafted.ask.genesis, place.chain()
    for name in dict.fromkeys((drafted.report.name, known, names_of(place)(genesis))):
        try:
            found = find_definition(genesis, name, chain, place.registry, place.definitions)
        except WalletError:
            continue
        if found is not None:
            return found
    return None


def _undefined(drafted: BidDraft, definition: bytes | None) -> tuple[str, ...]:
    if not drafted.ask.sells.has_title or definition is not None:
        return ()
    return (
        (
            "the repository's definition is neither on this machine nor in the registry under a name that is known"
            " (say the name, where it is long); the chain has only its sha256: ask the seller for it, or publish a new"
            " one afterwards"
        ),
    )


def _not_sent(drafted: BidDraft, bidding: Bidding, to: Destination | None) -> tuple[str, ...]:
    bids_to = drafted.ask.bids_to
    if to is not None or bids_to is None or bidding.given is not None:
        return ()
    return (f"the listing wants the bid at {bids_to}, on this machine itself: it is not sent there",)


def _placed(
    drafted: BidDraft,
    package: BidPackage,
    out: Path | None,
    to: Destination | None,
    session: Session,
    place: Workplace,
) -> Ended[Placed]:
    """The signed bid on its way. What a shop answers, or does not, changes nothing of what was signed."""
    document, bid, draft = package.serialize(), package.bid, drafted.draft
    if out is not None:
        write_new(out, document + b"\n")
    placed = Placed(
        bid=bid.id.hex(),
        ask=drafted.ask.id.hex(),
        txid=display(draft.txid),
        expires=bid.expires,
        fee=draft.unsigned.fee,
        vsize=draft.unsigned.vsize,
        package=document.decode("ascii"),
        secret_to="" if bid.secret_to is None else bid.secret_to.hash.hex(),
    )
    ended = Ended(result=placed, papers=(SignedPaper(kind="bid", ids=(placed.bid,)),))
    if to is None:
        return ended
    ended = replace(ended, notes=(f"bid {placed.bid} goes to {to[0]}",))
    try:
        reply = hand_over(bid.id, bid.expires, to, session, place)
    except WalletError as failure:
        return replace(ended, failure=failure)
    words = reply_words(reply)
    return replace(
        ended,
        result=replace(placed, state=reply.state, reply=words),
        notes=(*ended.notes, f"the shop says: {words}"),
        to_do=_how_to_pull(drafted),
    )


def _how_to_pull(drafted: BidDraft) -> tuple[str, ...]:
    """What a buyer of an access unit does next, where a gate asks for it."""
    if drafted.ask.gate is None or drafted.ask.sells.has_title:
        return ()
    name = drafted.report.name or "IMAGE"
    return (f"once a block has the sale, the gate lets you in: dockchains access login {name}",)
