"""Use case: list a title, with its treasury, or lots of access units for sale.

An ask is signed by the script of its first coin and kept in the wallet's database; it moves nothing. Whoever lists the
same coins again replaces the ask, and only the newest one is ever accepted.
"""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bitcoin.core import COutPoint
from bitcoin.core.script import CScript

from assets.coloring.plan import UnitCoin
from assets.images.digest import Digest
from assets.images.offer import Ask, OfferedCoin, Sells
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess
from assets.services.market.lots import NewLots, own_lots
from assets.services.owning.recording import require_free
from assets.services.spending.signing import Done, Unlock, send_in_order
from assets.services.wallets.addresses import next_receiver, take
from assets.services.wallets.holds import AtShop, hold_of
from assets.services.wallets.ownership import OwnedTitle, title_of
from assets.services.wallets.session import Session
from assets.services.wallets.unit_coins import treasury_of
from wallet.amount import Sats
from wallet.coins import AccountKind
from wallet.errors import EncodingError, StateError, StoreError
from wallet.hashes import Txid, display, outpoint_text
from wallet.signer import MessageSigner
from wallet.store.offers import OfferEntry, OfferKind, OfferState, OfferStore

DEFAULT_BLOCKS = 4_320
"""How long an ask stands unless told otherwise: about 30 days."""

MAX_BLOCKS = 52_560


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a seller asks. `price` in sats for each ask, on top of the coins' own sats; `blocks` until it expires.

    `pay_to` is a script of another wallet, None for the next address of this one.
    """

    price: Sats
    blocks: int = DEFAULT_BLOCKS
    pay_to: CScript | None = None
    terms: Digest | None = None
    gate: str | None = None
    bids_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Asks that are not signed yet, each with the coin whose key signs it, and what a seller should know."""

    asks: tuple[Ask, ...]
    signers: tuple[UnitCoin, ...]
    warnings: tuple[str, ...] = ()


def send_lots(lots: NewLots, asks: Sequence[Ask], unlock: Unlock, done: Done) -> None:
    """The transactions that make lots, one after the other; listings of lots that were not made are withdrawn.

    The listings name the coins that the transactions make, so these are sent as they are or not at all. What was signed
    and is kept makes its lots with the next command. Raises what signing raises.
    """
    session = lots.session
    try:
        send_in_order(lots.drafts, unlock, session, done, fixed=True)
    finally:
        lost = [ask.id for ask in asks if Txid(ask.coins[0].outpoint.hash) not in session.signed]
        with contextlib.suppress(StoreError):
            offers_of(session).close(lost, OfferState.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWord:
    """The ids of the asks that a wallet replaced or withdrew, and of the one that is in force for each of its coins."""

    over: frozenset[bytes] = frozenset()
    in_force: Mapping[COutPoint, bytes] = field(default_factory=dict)

    def knows(self, ask: Ask) -> bool:
        """Whether an ask is, or was, this wallet's, or is for a coin that it has listed."""
        return ask.id in self.over or any(outpoint in self.in_force for outpoint in ask.outpoints)


def offers_of(session: Session) -> OfferStore:
    """The wallet's asks and bids."""
    assert session.offers is not None, "the composition root gives every wallet its offers"
    return session.offers


def list_title(
    genesis: Txid,
    name: str,
    terms: Terms,
    session: Session,
    chain: ChainAccess,
    *,
    with_treasury: bool,
    keep_lots: bool,
    confirmations: int,
) -> Listing:
    """An ask for the title of a repository, which goes by a canonical name. Nothing is written yet.

    Raises NotOwnerError; StateError where title or treasury wait for a block, are set aside, or where lots are still
    out and `keep_lots` does not acknowledge them.
    """
    owned = title_of(genesis, name, session, chain, confirmations=confirmations)
    _require_settled(name, owned)
    require_free(owned, session)
    lots = own_lots(session, owned.state.genesis.txid)
    if lots and not keep_lots:
        raise StateError(
            f"lots of {name} are still on keys of this wallet or a shop: {len(lots):,}. They are no treasury, and you"
            " would go on selling access after the sale",
            hint=ImageRemedy.LOTS_BACK_OR_KEEP.of(),
        )
    treasury = treasury_of(owned, session)
    if with_treasury and treasury.waiting:
        raise StateError(
            f"{treasury.waiting:,} access units of the treasury wait for a block or are set aside",
            hint=ImageRemedy.SELL_WITHOUT_TREASURY.of(),
        )
    coins = (owned.coin, *(treasury.coins if with_treasury else ()))
    sells = Sells.TITLE_AND_TREASURY if len(coins) > 1 else Sells.TITLE
    ask = _ask(coins, sells, terms, session)
    return Listing(asks=(ask,), signers=(owned.coin,), warnings=_warnings(treasury.units, len(lots), with_treasury))


def list_lots(lots: Sequence[UnitCoin], terms: Terms, session: Session) -> Listing:
    """One ask for each lot. Nothing is written yet."""
    paid = terms if terms.pay_to is not None else replace(terms, pay_to=_receiver(session))
    asks = tuple(_ask((lot,), Sells.ACCESS, paid, session) for lot in lots)
    return Listing(asks=asks, signers=tuple(lots))


def sign_listing(listing: Listing, signer: MessageSigner, session: Session) -> tuple[Ask, ...]:
    """Signs the asks and writes them down; earlier ones for the same coins are replaced.

    Raises StateError where a coin went to a shop meanwhile: the shop would go on selling it under the earlier ask.
    """
    with session.signing():
        at_shop = coins_at_shop(session)
        for outpoint in (outpoint for ask in listing.asks for outpoint in ask.outpoints):
            if outpoint in at_shop:
                raise StateError(
                    f"the lot {outpoint_text(outpoint)} went to a shop meanwhile, which sells it under its own listing",
                    hint="nothing was signed; " + ImageRemedy.LOTS_BACK_FIRST.of(),
                )
        signed = signed_asks(listing, signer)
        keep_asks(signed, session)
    return signed


def coins_at_shop(session: Session) -> frozenset[COutPoint]:
    """The coins whose keys a shop has."""
    active = session.reservations.active(session.clock())
    return frozenset(one.outpoint for one in active if isinstance(hold_of(one.owner), AtShop))


def signed_asks(listing: Listing, signer: MessageSigner) -> tuple[Ask, ...]:
    """The asks with their signatures; nothing is written."""
    signed = []
    for ask, coin in zip(listing.asks, listing.signers, strict=True):
        assert coin.prevout.path is not None, "the wallet lists its own coins"
        signed.append(ask.signed(signer.sign_message(ask.text, coin.prevout.path)))
    return tuple(signed)


def keep_asks(signed: Sequence[Ask], session: Session) -> None:
    """Writes signed asks down; earlier ones for the same coins are replaced."""
    own = next_receiver(session, AccountKind.BTC)
    if any(ask.pay_to == own.script for ask in signed):
        take(own, session)
    offers_of(session).put(entry_of(ask, session) for ask in signed)


def entry_of(ask: Ask, session: Session) -> OfferEntry:
    """An ask as the wallet keeps it."""
    return OfferEntry(
        id=ask.id,
        kind=OfferKind.ASK,
        document=ask.serialize(),
        coins=ask.outpoints,
        subject=ask.genesis,
        expires=ask.expires,
        created=session.clock(),
    )


def open_asks(session: Session, genesis: Txid | None = None) -> tuple[Ask, ...]:
    """The asks of this wallet that are in force, oldest first: not withdrawn or expired, and every coin is there."""
    entries = offers_of(session).entries(OfferKind.ASK, state=OfferState.OPEN)
    present, height = {coin.outpoint for coin in session.coins.coins()}, session.source.tip().height
    return tuple(
        Ask.parse(entry.document)
        for entry in entries
        if genesis in (None, entry.subject) and height < entry.expires and present.issuperset(entry.coins)
    )


def own_word(session: Session) -> OwnWord:
    """What this wallet knows of its own listings, whoever shows them."""
    entries = offers_of(session).entries(OfferKind.ASK)
    return OwnWord(
        over=frozenset(entry.id for entry in entries if entry.state is not OfferState.OPEN),
        in_force={
            outpoint: entry.id for entry in entries if entry.state is OfferState.OPEN for outpoint in entry.coins
        },
    )


def last_terms(session: Session, genesis: Txid, sells: Iterable[Sells]) -> tuple[Terms, Sells]:
    """What was asked the last time for a title or for lots, for listing it anew. Raises StateError."""
    wanted = frozenset(sells)
    for entry in reversed(offers_of(session).entries(OfferKind.ASK)):
        ask = Ask.parse(entry.document)
        if ask.genesis == genesis and ask.sells in wanted:
            terms = Terms(price=ask.price, pay_to=ask.pay_to, terms=ask.terms, gate=ask.gate, bids_to=ask.bids_to)
            return terms, ask.sells
    raise StateError("there is no earlier listing to renew", hint=ImageRemedy.SAY_PRICE.of())


def _require_settled(name: str, owned: OwnedTitle) -> None:
    newest = owned.state.history[-1]
    if newest.height is None:
        raise StateError(
            f"the title of {name} moved in {display(newest.txid)}, which no block holds yet",
            hint="wait for the next block: a listing names a coin that must stay",
        )


def _ask(coins: Sequence[UnitCoin], sells: Sells, terms: Terms, session: Session) -> Ask:
    if not 1 <= terms.blocks <= MAX_BLOCKS:
        raise EncodingError(f"not a number of blocks: {terms.blocks}", hint=f"from 1 to {MAX_BLOCKS}")
    return Ask(
        network=session.network.genesis,
        challenge=session.network.challenge,
        genesis=coins[0].units.genesis,
        sells=sells,
        coins=tuple(
            OfferedCoin(
                outpoint=coin.prevout.outpoint,
                quantity=coin.units.quantity,
                value=Sats(coin.prevout.txout.nValue),
            )
            for coin in coins
        ),
        price=terms.price,
        pay_to=terms.pay_to if terms.pay_to is not None else _receiver(session),
        expires=session.source.tip().height + terms.blocks,
        terms=terms.terms,
        gate=terms.gate,
        bids_to=terms.bids_to,
    )


def _receiver(session: Session) -> CScript:
    return next_receiver(session, AccountKind.BTC).script


def _warnings(treasury: int, lots: int, with_treasury: bool) -> tuple[str, ...]:  # noqa: FBT001
    warnings = []
    if treasury and not with_treasury:
        warnings.append(f"{treasury:,} access units of the treasury stay with you; buyers will see that")
    if lots:
        warnings.append(
            f"{lots:,} lot{' stays' if lots == 1 else 's stay'} with you or your shop; buyers will see that"
        )
    return tuple(warnings)
