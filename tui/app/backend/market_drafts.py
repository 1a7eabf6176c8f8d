"""What is signed on the market: listings, bids, sales, what takes them back, and bundles for shops."""

from collections.abc import Callable

from assets.coloring.plan import Recipient
from assets.errors import OfferError, PerhapsTakenError
from assets.images.bid import BidPackage
from assets.images.offer import Ask as Listed
from assets.services.chain.public_places import find_definition
from assets.services.market.accepting import Acceptance, complete_sale, draft_acceptance
from assets.services.market.boards import renewal
from assets.services.market.buying import DEFAULT_BID_BLOCKS, BidDraft, BuyRequest, draft_bid, place_bid, shop_of
from assets.services.market.child_paying import draft_child
from assets.services.market.exporting import draft_export, export
from assets.services.market.lots import own_lots
from assets.services.market.rebidding import draft_rebid
from assets.services.market.withdrawing import Withdrawal, carry_out, draft_bid_cancel, draft_recall, find_offer
from assets.services.spending.drafts import Draft
from assets.services.trust.meant_repository import compare_with_pin
from assets.services.wallets.session import Session
from tui.app.asks import Ask
from tui.app.backend.access import Access
from tui.app.backend.checks import bare_name
from tui.app.backend.market import hand_over, new_file, title_here
from tui.app.backend.market_boards import published
from tui.app.backend.market_checks import MAX_COPIES, parse_blocks
from tui.app.backend.market_reading import genesis_of, names_of, rules
from tui.app.backend.market_secrets import prepare_hand, prepare_take
from tui.app.backend.market_selling import Selling
from tui.app.backend.prepared import Finished, Shown, one_by_one
from tui.app.market_asks import (
    Accept,
    Buy,
    CancelBid,
    ExportShop,
    HandSecret,
    MarketAsk,
    Rebid,
    Recall,
    Sell,
    SpeedUp,
    TakeSecret,
)
from tui.app.remedies import words
from tui.verbs.keys import Keys
from tui.verbs.review import SignedPaper
from tui.verbs.whole_numbers import whole
from wallet.errors import WalletError
from wallet.hashes import Txid, parse_txid
from wallet.keys.message import message_flaw
from wallet.signer import SoftwareSigner

Done = Callable[[Draft], None]


class MarketDrafts:
    """From what a person asks of the market to what is shown and then signed."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._selling = Selling(access)

    def learn(self, ask: Ask, signer: SoftwareSigner) -> None:
        """What only the keys can say: those of lots that are to be made."""
        if isinstance(ask, Sell):
            self._selling.learn(ask, signer)

    def prepared(self, ask: MarketAsk, session: Session) -> Shown:
        """Everything up to the signature."""
        match ask:
            case Sell():
                return self._selling.prepared(ask, session)
            case Buy():
                return self._buy(ask, session)
            case Rebid():
                return self._rebid(ask, session)
            case Accept():
                package = BidPackage.parse(ask.package.encode("utf-8"))
                return _accepted(draft_acceptance(package, session, message_flaw))
            case SpeedUp():
                return _alone(draft_child(parse_txid(ask.txid), session, rate=self._access.rate(ask.rate)))
            case CancelBid():
                entry = find_offer(ask.bid, session)
                return _withdrawing(draft_bid_cancel(entry, session, rate=self._access.rate(ask.rate)))
            case Recall():
                genesis = parse_txid(ask.genesis)
                to = self._treasury(genesis, bare_name(ask.name), session)
                return _withdrawing(draft_recall(genesis, to, session, rate=self._access.rate(ask.rate)))
            case ExportShop():
                return self._export(ask, session)
            case HandSecret():
                return prepare_hand(ask, session, self._access)
            case TakeSecret():
                return prepare_take(ask, session, self._access)

    def _buy(self, ask: Buy, session: Session) -> Shown:
        access = self._access
        meant = genesis_of(ask.repository, access) if ask.repository.strip() else None
        request = BuyRequest(
            ask=Listed.parse(ask.listing.encode("utf-8")),
            rules=rules(access, meant),
            rate=access.rate(ask.rate),
            blocks=parse_blocks(ask.blocks) or DEFAULT_BID_BLOCKS,
            wants_secret=ask.wants_secret,
        )
        drafted = draft_bid(request, session, access.chain())
        pins = access.house.pins.load()
        warnings = (compare_with_pin(drafted.report.name, drafted.ask.genesis, pins, meant), self._undefined(drafted))
        return self._bid(drafted, ask.shop.strip(), tuple(warning for warning in warnings if warning))

    def _undefined(self, drafted: BidDraft) -> str:
        """A buyer of a title takes the definition along: once it is bought, the seller can still replace it."""
        if not drafted.ask.sells.has_title or self._definition(drafted) is not None:
            return ""
        return (
            "the repository's definition is neither on this machine nor in the registry; the chain knows only its"
            " sha256: ask the seller for it, or publish a new one afterwards"
        )

    def _definition(self, drafted: BidDraft) -> bytes | None:
        """The newest one, under the name that the chain has, or under the one that this user knows."""
        access, genesis = self._access, drafted.ask.genesis
        chain, registry = access.chain(), access.house.registry
        for name in dict.fromkeys((drafted.report.name, names_of(access)(genesis))):
            try:
                found = find_definition(genesis, name, chain, registry, access.definitions)
            except WalletError:
                continue
            if found is not None:
                return found
        return None

    def _rebid(self, ask: Rebid, session: Session) -> Shown:
        access = self._access
        rate, blocks = access.rate(ask.rate), parse_blocks(ask.blocks)
        drafted = draft_rebid(ask.bid, session, access.chain(), rules(access), rate=rate, blocks=blocks)
        return self._bid(drafted, shop_of(drafted.ask, drafted.report.name, None) or "", ())

    def _bid(self, drafted: BidDraft, shop: str, warnings: tuple[str, ...]) -> Shown:
        access = self._access
        definition = self._definition(drafted) if drafted.ask.sells.has_title else None

        def finish(unlock: Keys, now: Session, done: Done) -> Finished:
            if definition is not None:
                access.definitions.save(definition)
            package = place_bid(drafted, unlock(), now, unlock.secrets() if drafted.wants_secret else None)
            id_ = package.bid.id.hex()
            notes = (_sent(package, drafted.ask, shop, now, access),) if shop else ()
            return Finished(notes=notes, papers=(SignedPaper(kind="bid", ids=(id_,)),))

        return Shown(
            finish=finish,
            drafts=(drafted.draft,),
            heading="A bid: the seller signs last, and sends it",
            facts=(
                ("void from", f"block {drafted.bid.expires:,}"),
                ("goes to", shop or "nobody by itself: as a file or as text to copy"),
                ("asks for", "the repository's secret, after the sale" if _asks_for_secret(drafted) else ""),
            ),
            warnings=warnings,
            deed="Sign the bid",
        )

    def _treasury(self, genesis: Txid, name: str, session: Session) -> Recipient | None:
        """The title's script where this wallet still owns the repository: there lots come back to."""
        owned = title_here(genesis, name, session, self._access)
        if owned is None:
            return None
        prevout = owned.coin.prevout
        return Recipient(script=prevout.txout.scriptPubKey, path=prevout.path)

    def _export(self, ask: ExportShop, session: Session) -> Shown:
        access, name, path = self._access, bare_name(ask.name), new_file(ask.file)
        genesis = parse_txid(ask.genesis)
        limit = whole(ask.copies, least=1, most=MAX_COPIES, what="a number of lots") if ask.copies.strip() else None
        draft = draft_export(own_lots(session, genesis), session, bids_to=ask.url.strip() or None, limit=limit)
        board = renewal(draft.voided, name, access.house.registry)

        def finish(unlock: Keys, now: Session, done: Done) -> Finished:
            bundle = export(draft, unlock(), now, path, now=access.house.now())
            notes = [f"{len(bundle.lots):,} lots with their keys are in {path}"]
            if ask.publish or board.needed:
                notes.append(published(name, genesis, now, access))
            ids = tuple(lot.ask.id.hex() for lot in bundle.lots)
            return Finished(notes=tuple(notes), papers=(SignedPaper(kind="bundle", ids=ids),))

        return Shown(
            finish=finish,
            heading=f"{len(draft.lots):,} lots of {name} for a shop",
            facts=(
                ("genesis", ask.genesis),
                ("file", str(path)),
                ("lots", f"{len(draft.lots):,} of one access unit each"),
                ("shop", ask.url.strip()),
                ("board", "all listings are published afterwards" if ask.publish or board.needed else ""),
            ),
            warnings=(
                *((board.words,) if board.words else ()),
                "the file holds the keys of these lots, and of nothing else: whoever has it can take them",
                "the lots stay reserved here until they are brought back",
            ),
            deed="Write the keys",
            fee_is_set=True,
        )


def _asks_for_secret(drafted: BidDraft) -> bool:
    return drafted.wants_secret or drafted.bid.secret_to is not None


def _sent(package: BidPackage, ask: Listed, shop: str, session: Session, access: Access) -> str:
    """The shop's answer; the bid stands, whatever that is."""
    try:
        return hand_over(package.bid.id, ask, shop, session, access)
    except PerhapsTakenError as error:
        return f"the bid is signed and perhaps taken: {error}; {words(error.advice)}"
    except OfferError as error:
        return f"the bid is signed, and the shop does not take it: {error}; your coins are reserved until it expires"
    except WalletError as error:
        return f"the bid is signed and was not sent: {error}; send it again from your bids"


def _accepted(acceptance: Acceptance) -> Shown:
    def finish(unlock: Keys, now: Session, done: Done) -> tuple[str, ...]:
        complete_sale(acceptance, unlock, now, done)
        return ()

    return Shown(finish=finish, drafts=(acceptance.draft,), fee_is_set=True)


def _alone(draft: Draft, *, fee_is_set: bool = False) -> Shown:
    return Shown(finish=one_by_one((draft,)), drafts=(draft,), fee_is_set=fee_is_set)


def _withdrawing(withdrawal: Withdrawal) -> Shown:
    def finish(unlock: Keys, now: Session, done: Done) -> tuple[str, ...]:
        carry_out(withdrawal, unlock, now, done)
        return ()

    return Shown(finish=finish, drafts=(withdrawal.draft,))
