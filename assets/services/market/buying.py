"""Use case: buy from a listing. The buyer checks it, builds the whole transaction, signs, and hands it over.

Nothing is public before the seller's signature, and nobody else can use the buyer's: it commits to everything. Until
the bid expires the buyer's coins are reserved.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bitcoin.core import CTransaction

from assets.coloring.asks import AskRules, check_ask
from assets.coloring.bids import receive
from assets.coloring.coin_facts import coin_facts
from assets.coloring.expect import Funding
from assets.coloring.intents import SaleIntent
from assets.coloring.plan import Expectation, Recipient, UnitCoin
from assets.coloring.sale import Deal, expect_bought
from assets.errors import OfferTakenError
from assets.images.bid import Bid, BidPackage
from assets.images.name import canonical_name
from assets.images.offer import Ask, Sells
from assets.images.origin import is_loopback
from assets.protocols.table import RULE
from assets.registry.endpoint import STRANGER, Origin, registry_origin
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess
from assets.services.market.listing import MAX_BLOCKS, offers_of
from assets.services.market.own_bids import owner_of
from assets.services.spending.change import change_slot
from assets.services.spending.confirmed import only_confirmed
from assets.services.spending.drafts import About, Draft, check, fee_rate, prepare
from assets.services.spending.free_coins import require_free_coins
from assets.services.trust.title_report import SaleReport, report
from assets.services.wallets.addresses import next_receiver, take
from assets.services.wallets.holds import Reserved, hold_words
from assets.services.wallets.own_keys import own_scripts
from assets.services.wallets.session import Session
from wallet.amount import format_btc, format_sats
from wallet.coins import AccountKind
from wallet.errors import EncodingError, StateError
from wallet.fees import FeeEstimate
from wallet.hashes import display, outpoint_text
from wallet.psbt import Psbt, add_signatures, bare_psbt, to_psbt
from wallet.secret_store import SecretStore
from wallet.signer import OfferSigner
from wallet.store.offers import OfferEntry, OfferKind
from wallet.transactions import UnsignedTransaction

DEFAULT_BID_BLOCKS = 36
"""How long a bid stands unless told otherwise: about six hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyRequest:
    """An ask to answer, under which rules, at which fee rate, and for how many blocks.

    `wants_secret` asks for the repository's secret with a title, where images of the repository are sealed.
    """

    ask: Ask
    rules: AskRules
    rate: str | None = None
    blocks: int = DEFAULT_BID_BLOCKS
    wants_secret: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BidDraft:
    """A bid that passed the buyer's checks and the guard, and is not signed.

    `receiver` gets the units; `instead_of` is an earlier bid of ours whose coins it spends, too. With `wants_secret`
    the bid will name a key for the repository's secret.
    """

    ask: Ask
    draft: Draft
    bid: Bid
    receiver: Recipient
    report: SaleReport
    instead_of: bytes | None = None
    wants_secret: bool = False


def draft_bid(request: BuyRequest, session: Session, chain: ChainAccess) -> BidDraft:
    """Everything up to the signature. Only confirmed coins pay, so that the bid hangs on nothing of the buyer's.

    Raises OfferError that names the check and the figures, and what drafting raises.
    """
    ask, blocks = request.ask, require_blocks(request.blocks)
    facts = coin_facts(session.source, ask.outpoints)
    sold = check_ask(ask, request.rules, facts, session.color_of)
    _require_others(ask, sold, session)
    known = report(ask, chain, confirmations=request.rules.confirmations)
    receiver = next_receiver(session, AccountKind.UNITS)
    deal = Deal(sold=sold, price=ask.price, pay_to=Recipient(script=ask.pay_to), buyer=receiver)
    estimate = fee_rate(session, request.rate)
    expires = min(facts.tip.height + blocks, ask.expires)
    draft = _prepared(deal, session, estimate, bid_about(ask, known, expires))
    return BidDraft(
        ask=ask,
        draft=draft,
        bid=Bid(ask=ask.id, expires=expires),
        receiver=receiver,
        report=known,
        wants_secret=request.wants_secret and ask.sells.has_title and known.sealed > 0,
    )


def shop_of(ask: Ask, name: str, asked: str | None) -> str | None:
    """Where a bid goes: to the shop that the listing names, else to `asked`, where its reader found it.

    A listing of a repository elsewhere never leads to this machine itself: what listens here is not its writer's
    business. `name` is the repository's, as the buyer typed it, or as it was bought before.
    """
    if ask.bids_to is None or not _is_here(ask.bids_to.partition("://")[2].partition("/")[0]):
        return ask.bids_to or asked
    here = _is_here(name.partition("/")[0]) or (asked is not None and asked.startswith("http://"))
    return ask.bids_to if here else asked


def namer_of(shop: str, ask: Ask, name: str, asked: str | None) -> Origin | None:
    """Who named the shop to which a bid goes: None where its reader did, else what stands for the listing's writer.

    That is the registry of the repository: whoever sells on this machine, or in this network, has his shop there too.
    """
    if shop != ask.bids_to or shop == asked:
        return None
    if asked is not None and asked.startswith("http://"):
        return Origin("http", urlsplit(asked).hostname or "", 80)
    try:
        return registry_origin(canonical_name(name))
    except EncodingError:
        return STRANGER


def _is_here(host: str) -> bool:
    """Whether a host, perhaps with a port, is this machine by its spelling alone."""
    return bool(host) and is_loopback(host)


def require_blocks(blocks: int) -> int:
    """How long a bid may stand. Raises EncodingError."""
    if not 1 <= blocks <= MAX_BLOCKS:
        raise EncodingError(f"not a number of blocks: {blocks}", hint=f"from 1 to {MAX_BLOCKS}")
    return blocks


def _require_others(ask: Ask, sold: Sequence[UnitCoin], session: Session) -> None:
    scripts = own_scripts(session)
    if any(bytes(coin.prevout.txout.scriptPubKey) in scripts for coin in sold):
        raise StateError(
            f"listing {ask.id.hex()[:16]} is this wallet's own",
            hint=ImageRemedy.TAKE_BACK_OR_OTHER_WALLET.of(),
        )


def _prepared(deal: Deal, session: Session, rate: FeeEstimate, about: About) -> Draft:
    plan = RULE.compose(SaleIntent(deal=deal), change_slot(session))

    def expect(funding: Funding) -> Expectation:
        return expect_bought(deal, funding)

    return prepare(plan, expect, only_confirmed(session), rate=rate, about=about)


def place_bid(
    placed: BidDraft, signer: OfferSigner, session: Session, secrets: SecretStore | None = None
) -> BidPackage:
    """Signs the bid and writes it down with its coins reserved; it is for the seller alone to complete.

    `secrets` are needed where the bid wants the repository's secret. Raises StateError where they are missing, or where
    a coin was spent or set aside meanwhile, GuardError, BusyError; nothing is kept then.
    """
    naming = _naming_key(placed, secrets)
    draft = placed.draft
    assert placed.receiver.path is not None, "the buyer buys for a key of this wallet"
    with session.signing():
        _require_free(placed, session)
        check(draft, session)
        psbt = _signed(draft.unsigned, signer, session)
        text = naming.text(session.network.genesis, draft.txid)
        bid = naming.signed(signer.sign_message(text, placed.receiver.path))
        package = BidPackage(bid=bid, psbt=psbt)
        receive(placed.ask, package, session.source.tip().height)
        _remember(placed, package, session)
    return package


def _naming_key(placed: BidDraft, secrets: SecretStore | None) -> Bid:
    """The bid with the key for the repository's secret, which belongs to the script that receives the title."""
    if not placed.wants_secret:
        return placed.bid
    if secrets is None:
        raise StateError(
            f"images of {placed.report.name} are sealed, and the bid has to name a key for the repository's secret",
            hint="buy with a wallet that has its words here",
        )
    from assets.services.repository_secrets.secret_wrapping import SecretReceiver

    receiver = SecretReceiver(secrets, placed.ask.genesis, bytes(placed.receiver.script))
    return replace(placed.bid, secret_to=receiver.public)


def _require_free(placed: BidDraft, session: Session) -> None:
    """The coins for sale are still there, and ours are free, but for the earlier bid that this one replaces."""
    if placed.instead_of is None:
        require_free_coins(placed.draft, session)
        return
    held = session.held()
    own = Reserved(owner_of(placed.instead_of))
    for prevout in placed.draft.unsigned.prevouts:
        hold = held.get(prevout.outpoint) if prevout.path is not None else None
        if hold is not None and hold != own:
            raise StateError(f"the coin {outpoint_text(prevout.outpoint)} is set aside: {hold_words(hold)}")
    for outpoint in (prevout.outpoint for prevout in placed.draft.unsigned.prevouts):
        rival = session.source.spender(outpoint)
        if rival is not None and rival.GetTxid() != placed.draft.replaces:
            raise OfferTakenError(
                "unspent", f"{display(rival.GetTxid())} spends {outpoint_text(outpoint)} meanwhile", hint="too late"
            )


def _signed(unsigned: UnsignedTransaction, signer: OfferSigner, session: Session) -> bytes:
    """The PSBT with the buyer's signatures, and without a word on where the buyer's keys lie."""
    signed = Psbt.parse(signer.sign(to_psbt(unsigned, session.account)))
    made = {number: entry.signatures[0] for number, entry in enumerate(signed.inputs) if entry.signatures}
    own = {number for number, prevout in enumerate(unsigned.prevouts) if prevout.path is not None}
    assert set(made) == own, "the signer signs the own inputs and no others"
    return add_signatures(bare_psbt(unsigned), made)


def _remember(placed: BidDraft, package: BidPackage, session: Session) -> None:
    own = tuple(prevout.outpoint for prevout in placed.draft.unsigned.prevouts if prevout.path is not None)
    entry = OfferEntry(
        id=package.bid.id,
        kind=OfferKind.BID,
        document=package.bid.serialize(),
        companion=package.serialize(),
        answers=placed.ask.serialize(),
        coins=own,
        subject=placed.ask.genesis,
        txid=placed.draft.txid,
        expires=package.bid.expires,
        created=session.clock(),
    )
    with session.journal.together():
        if placed.instead_of is not None:
            session.reservations.release(owner_of(placed.instead_of))
        session.reservations.reserve(own, owner_of(entry.id), now=session.clock(), expiry=None)
        offers_of(session).put([entry])
        take(placed.receiver, session)
        for _, path in placed.draft.unsigned.own_outputs:
            session.store.mark_used(path.account, path.chain, path.index)


def completed(package: BidPackage, tx: CTransaction) -> bool:
    """Whether a transaction is the bid's own, completed by the seller."""
    return bool(Psbt.parse(package.psbt).tx.GetTxid() == tx.GetTxid())


def bid_about(ask: Ask, known: SaleReport, expires: int) -> About:
    """What a bid is for, and what its buyer should know."""
    what = {
        Sells.TITLE: "the title, and with it the repository",
        Sells.TITLE_AND_TREASURY: f"the title, and with it the repository, and {ask.units:,} access units",
        Sells.ACCESS: f"{ask.units:,} access unit{'s' if ask.units != 1 else ''}",
    }[ask.sells]
    return About(
        kind="bid",
        genesis=ask.genesis,
        effects=(
            (
                f"{known.name} (genesis {display(ask.genesis)}): {what}, for {format_sats(ask.price)} "
                f"({format_btc(ask.price)} BTC) and the {format_sats(ask.value)} in the coins"
            ),
            (
                f"bound {known.bindings}, revoked {known.revocations}; {known.issued:,} access units issued, "
                f"{known.outstanding:,} not in this sale"
            ),
        ),
        notes=(*known.checklist, *_said_of(ask)),
        warnings=(
            *known.warnings,
            *(f"another genesis claims the same name: {rival}" for rival in known.rivals),
            (
                f"the seller alone decides until block {expires:,} whether the sale happens; your coins are reserved"
                " until then. A seller who ignores that can complete it later, unless you cancel"
            ),
        ),
    )


def _said_of(ask: Ask) -> tuple[str, ...]:
    """What the seller says of the sale, and nothing on the chain bears out."""
    said = []
    if ask.terms is not None:
        said.append(f"the seller sells on terms: the text with digest {ask.terms}; read it before you sign")
    if ask.gate is not None:
        said.append(f"the seller says that access is honoured at {ask.gate}")
    return tuple(said)
