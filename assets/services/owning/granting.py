"""Use case: give access units of the treasury away, to one or to many, in as few transactions as nodes relay.

A marker has room for about seventy quantities, so many recipients take several transactions, each of which spends what
the one before left over. The rest always goes back to the treasury.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bitcoin.core import COutPoint
from bitcoin.core.script import CScript

from assets.coloring.expect import Funding, expect_grant
from assets.coloring.intents import GrantIntent
from assets.coloring.plan import Expectation, Grant, Recipient, UnitCoin
from assets.errors import InsufficientQuantityError
from assets.model import Genuine
from assets.protocols.table import RULE
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess
from assets.services.owning.given_before import GRANT, warn_of_holders
from assets.services.owning.recipients import finder, require_genesis
from assets.services.owning.recording import MAX_UNCONFIRMED, unconfirmed_ancestors
from assets.services.owning.shares import Share
from assets.services.spending.change import change_slot
from assets.services.spending.drafts import About, Draft, fee_rate, prepare
from assets.services.spending.foresight import foreseeing
from assets.services.spending.other_coins import Remake
from assets.services.spending.signing import Unlock, send_in_order
from assets.services.wallets.ownership import OwnedTitle, title_of
from assets.services.wallets.session import Session
from assets.services.wallets.unit_coins import UnitPurse, treasury_of
from wallet.errors import EncodingError, StateError, UnfinishedError
from wallet.fees import FeeEstimate
from wallet.hashes import Txid
from wallet.keys.address import unit_address_of
from wallet.transactions import Prevout


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRequest:
    """Shares of the treasury of a repository, which goes by a canonical name."""

    genesis: Txid
    name: str
    shares: tuple[Share, ...]
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantDraft:
    """The transactions, guarded and not signed. `given` and `left` are access units.

    `starts` is the first recipient's address of each transaction; `again` drafts the same on other coins.
    """

    genesis: Txid
    given: int
    left: int
    drafts: tuple[Draft, ...]
    starts: tuple[str, ...]
    again: "Callable[[], GrantDraft] | None" = field(default=None, repr=False, compare=False)


def draft_grant(request: GrantRequest, session: Session, chain: ChainAccess, *, confirmations: int) -> GrantDraft:
    """Everything up to the signature.

    Raises NotOwnerError, InsufficientQuantityError with the figures, EncodingError for an address twice or one that
    must not hold units, and what drafting raises.
    """
    owned = title_of(request.genesis, request.name, session, chain, confirmations=confirmations)
    genesis = owned.coin.units.genesis
    treasury = owned.coin.prevout.txout.scriptPubKey
    grants = _grants(request, genesis, treasury, session)
    given = sum(grant.quantity for grant in grants)
    purse = treasury_of(owned, session)
    coins = _enough(purse, given, request.name)
    groups = _groups(grants, sum(coin.units.quantity for coin in coins))
    _require_relayed(groups, (coin.prevout.outpoint for coin in coins), session)
    rest = Recipient(script=treasury, path=owned.coin.prevout.path)
    rate = fee_rate(session, request.rate)
    with chain.store.snapshot() as reader:
        warnings = warn_of_holders([one.to.script for one in grants], genesis, session, reader)
    drafts = _drafts(request, owned, coins, groups, rest, session, rate, warnings)
    _require_relayed(groups, (prevout.outpoint for one in drafts for prevout in one.unsigned.prevouts), session)
    starts = tuple(unit_address_of(group[0].to.script, session.network) for group in groups)
    return GrantDraft(
        genesis=genesis,
        given=given,
        left=purse.units - given,
        drafts=drafts,
        starts=starts,
        again=lambda: draft_grant(request, session, chain, confirmations=confirmations),
    )


def grant(draft: GrantDraft, unlock: Unlock, session: Session, done: Callable[[Draft], None]) -> tuple[Txid, ...]:
    """Signs and sends all transactions, in order; `done` is told each.

    Raises what signing raises; where that came after a signature, the error says who of the list gets theirs.
    """
    try:
        return send_in_order(draft.drafts, unlock, session, done, remake=_remaking(draft))
    except UnfinishedError as error:
        raise _cut_off(draft, error) from error


def _remaking(draft: GrantDraft) -> Remake | None:
    again = draft.again
    return None if again is None else lambda: again().drafts


def _cut_off(draft: GrantDraft, error: UnfinishedError) -> UnfinishedError:
    """The error, with who of the list gets theirs: the whole list typed again would give them twice."""
    signed = len(error.sent) + len(error.kept)
    if signed == len(draft.drafts):
        whom, rest = "all recipients get theirs", error.advice
    else:
        whom = f"{signed} of {len(draft.drafts)} transactions are signed, and those recipients get theirs"
        rest = error.advice + f"; grant again with the rest of the list only, which begins with {draft.starts[signed]}"
    return type(error)(f"{error}; {whom}", sent=error.sent, kept=error.kept, left=error.left, hint=rest)


def _grants(request: GrantRequest, genesis: Txid, treasury: CScript, session: Session) -> tuple[Grant, ...]:
    counted = Counter(bytes(share.to.script) for share in request.shares)
    for share in request.shares:
        require_genesis(share.to, genesis)
        address = unit_address_of(share.to.script, session.network)
        if counted[bytes(share.to.script)] > 1:
            raise EncodingError(
                f"an address is named twice: {address}", hint="name each recipient once, with all of its units"
            )
        if share.to.script == treasury:
            raise EncodingError(
                f"{address} is the treasury itself, where the units lie already", hint="name somebody else"
            )
    find = finder(session)
    return tuple(Grant(to=find(share.to.script), quantity=share.quantity) for share in request.shares)


def _enough(purse: UnitPurse, needed: int, name: str) -> tuple[UnitCoin, ...]:
    """The fewest of the fullest coins that hold enough."""
    chosen: list[UnitCoin] = []
    for coin in purse.coins:
        if sum(one.units.quantity for one in chosen) >= needed:
            break
        chosen.append(coin)
    if sum(one.units.quantity for one in chosen) < needed:
        waiting = f", and {purse.waiting:,} wait for a block or are set aside" if purse.waiting else ""
        raise InsufficientQuantityError(
            f"{needed:,} access units are to be given, and the treasury of {name} holds {purse.units:,}{waiting}",
            needed=needed,
            available=purse.units,
            hint=ImageRemedy.FREE_COINS.of()
            if purse.units + purse.waiting >= needed
            else "give fewer; the treasury never grows",
        )
    return tuple(chosen)


def _drafts(
    request: GrantRequest,
    owned: OwnedTitle,
    coins: tuple[UnitCoin, ...],
    groups: Sequence[tuple[Grant, ...]],
    rest: Recipient,
    session: Session,
    rate: FeeEstimate,
    warnings: tuple[str, ...],
) -> tuple[Draft, ...]:
    drafts: list[Draft] = []
    available = sum(coin.units.quantity for coin in coins)
    for number, group in enumerate(groups, 1):
        spent = coins
        known = {coin.prevout.outpoint: coin.units for coin in spent} if drafts else {}
        later = foreseeing(session, drafts, known)
        drafts.append(_draft(request, owned, spent, group, rest, later, rate, () if drafts else warnings))
        available -= sum(one.quantity for one in group)
        if number < len(groups):
            coins = (_rest_coin(drafts[-1], len(group), available, owned, rest),)
    return tuple(drafts)


def _groups(grants: Sequence[Grant], available: int) -> tuple[tuple[Grant, ...], ...]:
    """What each transaction gives away; `available` are the units of the first one's inputs."""
    groups = []
    done = 0
    while done < len(grants):
        group = _fitting(grants[done : done + RULE.payload], available)
        groups.append(group)
        done += len(group)
        available -= sum(one.quantity for one in group)
    return tuple(groups)


def _require_relayed(groups: Sequence[tuple[Grant, ...]], spent: Iterable[COutPoint], session: Session) -> None:
    """Raises StateError where nodes would take in only the first of these transactions: the list would be half done."""
    waiting = len(unconfirmed_ancestors((outpoint.hash for outpoint in spent), session))
    room = max(0, MAX_UNCONFIRMED - waiting)
    if len(groups) > room:
        count = sum(len(group) for group in groups[:room])
        now = f"the first {count:,} recipients fit before the next block" if count else "wait for the next block"
        before = f" on top of the {waiting} that wait for a block" if waiting else ""
        raise StateError(
            f"these recipients take {len(groups):,} transactions in a row{before}, and nodes take in {MAX_UNCONFIRMED}",
            hint=f"{now}; nothing was signed",
        )


def _fitting(grants: Sequence[Grant], available: int) -> tuple[Grant, ...]:
    """As many as one marker has room for, with the quantity that is left over."""
    count = 1
    while count < len(grants):
        quantities = tuple(one.quantity for one in grants[: count + 1])
        left = available - sum(quantities)
        if RULE.size((*quantities, left), b"") > RULE.payload:
            break
        count += 1
    return tuple(grants[:count])


def _draft(
    request: GrantRequest,
    owned: OwnedTitle,
    coins: tuple[UnitCoin, ...],
    group: tuple[Grant, ...],
    rest: Recipient,
    session: Session,
    rate: FeeEstimate,
    warnings: tuple[str, ...],
) -> Draft:
    plan = RULE.compose(GrantIntent(coins=coins, grants=group, rest=rest), change_slot(session))

    def expect(funding: Funding) -> Expectation:
        return expect_grant(coins=coins, grants=group, rest=rest, funding=funding)

    units = sum(one.quantity for one in group)
    left = sum(coin.units.quantity for coin in coins) - units
    whom = "one holder" if len(group) == 1 else f"{len(group)} holders"
    about = About(
        kind=GRANT,
        genesis=owned.coin.units.genesis,
        effects=(f"{request.name}: {units:,} access units go to {whom}; {left:,} stay in the treasury",),
        warnings=warnings,
    )
    return prepare(plan, expect, session, rate=rate, about=about)


def _rest_coin(draft: Draft, vout: int, quantity: int, owned: OwnedTitle, rest: Recipient) -> UnitCoin:
    """What a draft leaves over: the output behind the marker and the grants."""
    number = vout + 1
    txout = draft.unsigned.tx.vout[number]
    assert txout.scriptPubKey == rest.script, "the rest follows the grants"
    units = Genuine(genesis=owned.coin.units.genesis, quantity=quantity, title=False)
    return UnitCoin(prevout=Prevout(outpoint=COutPoint(draft.txid, number), txout=txout, path=rest.path), units=units)
