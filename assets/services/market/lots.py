"""Lots: access units in exact one-unit coins, each on a shop key of its own, so that a sale never has to split.

A lot's key is hardened to the leaf: it can leave the wallet, for a shop, and tells nothing of any other key.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bitcoin.core import COutPoint

from assets.coloring.expect import Funding, expect_grant
from assets.coloring.intents import GrantIntent
from assets.coloring.plan import Expectation, Grant, Recipient, UnitCoin
from assets.errors import InsufficientQuantityError
from assets.index.reader import IndexReader
from assets.model import Genuine
from assets.protocols.table import RULE
from assets.services.spending.change import change_slot
from assets.services.spending.drafts import About, Draft, prepare
from assets.services.spending.foresight import foreseeing
from assets.services.wallets.session import Session
from wallet.coins import AccountKind, KeyPath
from wallet.errors import EncodingError, StateError
from wallet.fees import FeeEstimate
from wallet.hashes import Txid
from wallet.signatures import p2wpkh_script
from wallet.signer import KeyDeriver
from wallet.transactions import Prevout

MAX_DRAFTS = 20
"""Transactions that may follow one another at once; nodes take in chains of 25."""

MAX_LOTS_PER_TRANSACTION = 74
"""One byte for each in a marker of 80, where nothing is left over."""

RECOVERY_GAP = 20
"""Keys without a sign of use after which a search for lots of earlier ends."""

LotKeys = tuple[tuple[int, bytes], ...]
"""Public keys of the shop account by their numbers, which follow one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLots:
    """The transactions that make lots, guarded and not signed, and the lots in order.

    `keys` are to be written down, by number: those that were found again, then those of the lots.
    """

    drafts: tuple[Draft, ...]
    lots: tuple[UnitCoin, ...]
    keys: LotKeys
    session: Session


def draft_lots(
    treasury: Sequence[UnitCoin],
    copies: int,
    session: Session,
    deriver: KeyDeriver,
    rate: FeeEstimate,
    *,
    name: str,
    found: LotKeys = (),
) -> NewLots:
    """Splits `copies` units off the treasury's coins, one to a coin, in as few transactions as relay limits allow.

    `found` are keys of earlier lots that are not written down yet: new ones come after them.

    Raises InsufficientQuantityError, EncodingError for an impossible number, StateError where too many transactions
    would follow one another, and what drafting raises. Nothing is written.
    """
    available = sum(coin.units.quantity for coin in treasury)
    if not 1 <= copies <= MAX_DRAFTS * MAX_LOTS_PER_TRANSACTION:
        raise EncodingError(
            f"not a number of lots: {copies}", hint=f"from 1 to {MAX_DRAFTS * MAX_LOTS_PER_TRANSACTION} at once"
        )
    if copies > available:
        raise InsufficientQuantityError(
            f"{copies:,} lots are to be made, and the treasury can give {available:,} units now",
            needed=copies,
            available=available,
            hint="make fewer, or wait until more is confirmed",
        )
    keys = new_keys(session.store.next_index(AccountKind.SHOP, 0) + len(found), deriver, copies)
    knowing = replace(session, account=session.account.with_lots((*found, *keys)))
    made = _split(treasury, keys, knowing, rate, name)
    return replace(made, keys=(*found, *made.keys))


def new_keys(start: int, deriver: KeyDeriver, count: int) -> LotKeys:
    """Keys of the shop account from number `start` on. They count as handed out once they are remembered."""
    return tuple(
        (number, deriver.public_key(KeyPath(AccountKind.SHOP, 0, number))) for number in range(start, start + count)
    )


def remember_keys(lots: NewLots, session: Session) -> None:
    """Writes the lots' keys down and lets the node watch them, before anything pays them.

    Raises StateError where another process took the same numbers meanwhile.
    """
    if lots.keys and session.store.next_index(AccountKind.SHOP, 0) != lots.keys[0][0]:
        raise StateError("another process made lots meanwhile", hint="nothing was signed; start again")
    session.store.put_shop_keys(lots.keys)
    session.watch_new(lots.session.account)


def forgotten_keys(session: Session, reader: IndexReader, deriver: KeyDeriver) -> LotKeys:
    """The keys of lots that this wallet made and forgot, after a restore, with those between; nothing is written.

    Once they are remembered, the next session watches them.
    """
    known = session.store.next_index(AccountKind.SHOP, 0)
    found: list[tuple[int, bytes]] = []
    number = known
    while number < known + len(found) + RECOVERY_GAP:
        public_key = deriver.public_key(KeyPath(AccountKind.SHOP, 0, number))
        if reader.movements_touching([p2wpkh_script(public_key)]):
            found.extend(
                (missed, deriver.public_key(KeyPath(AccountKind.SHOP, 0, missed)))
                for missed in range(known + len(found), number)
            )
            found.append((number, public_key))
        number += 1
    return tuple(found)


def own_lots(session: Session, genesis: Txid) -> tuple[UnitCoin, ...]:
    """The lots of a repository that nobody bought yet, by key, mempool included."""
    coins = [coin for coin in session.coins.coins() if coin.path.account is AccountKind.SHOP]
    found = []
    for coin in sorted(coins, key=lambda coin: (coin.path.index, bytes(coin.outpoint.hash), coin.outpoint.n)):
        units = session.color_of(coin.outpoint)
        if isinstance(units, Genuine) and units.genesis == genesis and not units.title:
            prevout = Prevout(outpoint=coin.outpoint, txout=coin.txout, path=coin.path)
            found.append(UnitCoin(prevout=prevout, units=units))
    return tuple(found)


def _split(
    treasury: Sequence[UnitCoin], keys: Sequence[tuple[int, bytes]], session: Session, rate: FeeEstimate, name: str
) -> NewLots:
    to = [_recipient(session, number) for number, _ in keys]
    rest_to = Recipient(script=treasury[0].prevout.txout.scriptPubKey, path=treasury[0].prevout.path)
    coins = list(treasury)
    drafts: list[Draft] = []
    lots: list[UnitCoin] = []
    made: dict[COutPoint, Genuine] = {}
    while to:
        chosen, coins = _enough(coins, len(to))
        batch = to[: _fitting(chosen, len(to))]
        to = to[len(batch) :]
        later = foreseeing(session, drafts, made) if drafts else session
        draft = _draft(chosen, batch, rest_to, later, rate, name)
        drafts.append(draft)
        if len(drafts) > MAX_DRAFTS:
            raise StateError(
                f"more than {MAX_DRAFTS} transactions would follow one another", hint="make fewer lots at once"
            )
        units = Genuine(genesis=chosen[0].units.genesis, quantity=1, title=False)
        lots.extend(_made(draft, vout, units, one.path) for vout, one in enumerate(batch, 1))
        left = sum(coin.units.quantity for coin in chosen) - len(batch)
        if left:
            rest = _made(draft, len(batch) + 1, replace(units, quantity=left), rest_to.path)
            made[rest.prevout.outpoint] = rest.units
            coins.insert(0, rest)
    return NewLots(drafts=tuple(drafts), lots=tuple(lots), keys=tuple(keys), session=session)


def _recipient(session: Session, number: int) -> Recipient:
    path = KeyPath(AccountKind.SHOP, 0, number)
    return Recipient(script=session.account.script(path), path=path)


def _enough(coins: Sequence[UnitCoin], wanted: int) -> tuple[list[UnitCoin], list[UnitCoin]]:
    """The first coins that hold what one transaction can hand out, and the others."""
    wanted = min(wanted, MAX_LOTS_PER_TRANSACTION)
    total = 0
    for at, coin in enumerate(coins, 1):
        total += coin.units.quantity
        if total >= wanted:
            return list(coins[:at]), list(coins[at:])
    return list(coins), []


def _fitting(coins: Sequence[UnitCoin], wanted: int) -> int:
    """How many lots of one unit fit into one message beside what is left over."""
    available = sum(coin.units.quantity for coin in coins)
    for count in range(min(wanted, available, MAX_LOTS_PER_TRANSACTION), 0, -1):
        rest = (available - count,) if available > count else ()
        if RULE.size(((1,) * count) + rest, b"") <= RULE.payload:
            return count
    raise AssertionError("one lot and a rest fit into any message")


def _draft(
    coins: Sequence[UnitCoin],
    batch: Sequence[Recipient],
    rest_to: Recipient,
    session: Session,
    rate: FeeEstimate,
    name: str,
) -> Draft:
    grants = [Grant(to=to, quantity=1) for to in batch]
    plan = RULE.compose(GrantIntent(coins=coins, grants=grants, rest=rest_to), change_slot(session))

    def expect(funding: Funding) -> Expectation:
        return expect_grant(coins=coins, grants=grants, rest=rest_to, funding=funding)

    about = About(
        kind="lots",
        genesis=coins[0].units.genesis,
        effects=(f"{name}: {len(batch):,} access units move to {len(batch):,} lots of one unit each",),
    )
    return prepare(plan, expect, session, rate=rate, about=about)


def _made(draft: Draft, vout: int, units: Genuine, path: KeyPath | None) -> UnitCoin:
    prevout = Prevout(outpoint=COutPoint(draft.txid, vout), txout=draft.unsigned.tx.vout[vout], path=path)
    return UnitCoin(prevout=prevout, units=units)
