"""Use case: hand lots to a shop. Their keys leave the wallet, and nothing above them; the lots stay reserved here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assets.coloring.plan import UnitCoin
from assets.images.offer import Ask
from assets.images.shop_bundle import BundledLot, ShopBundle
from assets.model import Genuine
from assets.remedies import ImageRemedy
from assets.services.market.listing import Listing, keep_asks, offers_of, signed_asks
from assets.services.wallets.holds import shop_owner
from assets.services.wallets.own_keys import own_scripts
from assets.services.wallets.session import Session
from wallet.coins import AccountKind, KeyPath
from wallet.errors import EncodingError, StateError, StoreError
from wallet.hashes import outpoint_text
from wallet.signer import WalletSigner
from wallet.store.files import write_private


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Lots that may go to a shop, with their listings as they will be signed.

    `voided` are the listings that these replace: bids on them will be refused, so none of them may stay on a board.
    """

    lots: tuple[UnitCoin, ...]
    listing: Listing
    voided: tuple[Ask, ...] = ()


def draft_export(lots: Sequence[UnitCoin], session: Session, *, bids_to: str | None, limit: int | None) -> Export:
    """Chooses the lots that are listed, alone on their asks, and not at a shop. Nothing is written.

    `bids_to` is where the shop will listen; it goes into the asks. At most `limit` lots are chosen. Raises StateError
    where there are none, where a lot is on anything but a shop key, or where a title is among them; EncodingError for
    an impossible limit.
    """
    if limit is not None and limit < 1:
        raise EncodingError(f"not a number of lots: {limit}", hint="at least 1")
    held = session.held()
    titled = _titled_keys(session)
    chosen: list[UnitCoin] = []
    asks: list[Ask] = []
    present: list[Ask] = []
    for lot in lots:
        ask = _ask_of(lot, session)
        if ask is None or lot.prevout.outpoint in held or len(chosen) == limit:
            continue
        _check_lot(lot, titled)
        chosen.append(lot)
        present.append(ask)
        asks.append(ask if bids_to in (None, ask.bids_to) else replace(ask, bids_to=bids_to, signature=""))
    if not chosen:
        raise StateError(
            "there is no lot to hand to a shop: none is listed and here",
            hint=ImageRemedy.MAKE_LOTS.of(),
        )
    meant = _paid_alike(asks, session)
    return Export(
        lots=tuple(chosen),
        listing=Listing(asks=meant, signers=tuple(chosen)),
        voided=tuple(old for old, new in zip(present, meant, strict=True) if old.id != new.id),
    )


def export(draft: Export, signer: WalletSigner, session: Session, file: Path, *, now: int) -> ShopBundle:
    """Signs the listings, reserves the lots for the shop, and writes the bundle with their keys to a new `file`.

    The lots are reserved before their keys are anywhere else. Raises BusyError where somebody else holds a lot
    meanwhile, StoreError where the file cannot be written; nothing is reserved or listed anew then.
    """
    with session.signing():
        asks = signed_asks(draft.listing, signer)
        lots = tuple(_bundled(lot, ask, signer) for lot, ask in zip(draft.lots, asks, strict=True))
        bundle = ShopBundle(
            network=session.network.genesis, challenge=session.network.challenge, lots=lots, pay_to=asks[0].pay_to
        )
        taken = file.exists()
        coins = [lot.outpoint for lot in lots]
        session.reservations.reserve(coins, shop_owner(now), now=now, expiry=None)
        try:
            write_private(file, bundle.serialize() + b"\n", overwrite=False)
        except StoreError:
            if taken or not file.exists():
                session.reservations.free(coins)
            raise
        keep_asks(asks, session)
    return bundle


def _paid_alike(asks: Sequence[Ask], session: Session) -> tuple[Ask, ...]:
    """A shop pays to one script: where lots were listed at different times, that of the newest, if all are our own."""
    receivers = {bytes(ask.pay_to) for ask in asks}
    if len(receivers) == 1:
        return tuple(asks)
    if not receivers <= own_scripts(session).keys():
        raise StateError(
            "the lots are listed with different scripts to pay to, not all of this wallet, and a shop has one",
            hint=ImageRemedy.LIST_TOGETHER.of(),
        )
    newest = asks[-1].pay_to
    return tuple(ask if ask.pay_to == newest else replace(ask, pay_to=newest, signature="") for ask in asks)


def _bundled(lot: UnitCoin, ask: Ask, signer: WalletSigner) -> BundledLot:
    path = lot.prevout.path
    assert path is not None, "checked before"
    return BundledLot(
        outpoint=lot.prevout.outpoint,
        quantity=lot.units.quantity,
        script=lot.prevout.txout.scriptPubKey,
        key=signer.lot_key(path),
        ask=ask,
    )


def _titled_keys(session: Session) -> frozenset[KeyPath]:
    """The keys of this wallet that hold a title, which must never leave it."""
    colors = ((coin.path, session.color_of(coin.outpoint)) for coin in session.coins.coins())
    return frozenset(path for path, color in colors if isinstance(color, Genuine) and color.title)


def _check_lot(lot: UnitCoin, titled: frozenset[KeyPath]) -> None:
    name = outpoint_text(lot.prevout.outpoint)
    if lot.units.title or lot.prevout.path in titled:
        raise StateError(f"{name} is on a key that holds a title, and no shop ever gets such a key")
    if lot.prevout.path is None or lot.prevout.path.account is not AccountKind.SHOP:
        raise StateError(f"{name} is not on a shop key", hint="make lots first")


def _ask_of(lot: UnitCoin, session: Session) -> Ask | None:
    """The newest open listing of a lot that is for this lot alone."""
    found = [Ask.parse(entry.document) for entry in offers_of(session).on(lot.prevout.outpoint)]
    alone = [ask for ask in found if ask.outpoints == (lot.prevout.outpoint,)]
    return alone[-1] if alone else None
