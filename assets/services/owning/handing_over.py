"""Use case: give a repository to a new owner, with the treasury or without.

A hand-over carries no record, and it waits until the title's last move is in a block: a transfer that hangs on
something which may still be replaced is none that a new owner could rely on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from assets.coloring.expect import Funding, expect_handover
from assets.coloring.intents import HandOverIntent
from assets.coloring.plan import Expectation, Recipient, UnitCoin
from assets.protocols.table import RULE
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess
from assets.services.owning.recipients import recipient_of, require_genesis
from assets.services.owning.recording import require_free
from assets.services.spending.change import change_slot
from assets.services.spending.drafts import About, Draft, fee_rate, prepare
from assets.services.wallets.ownership import OwnedTitle, title_of
from assets.services.wallets.session import Session
from assets.services.wallets.unit_coins import treasury_of
from wallet.advice import Prose
from wallet.errors import EncodingError, StateError
from wallet.hashes import Txid, display
from wallet.keys.address import unit_address_of
from wallet.keys.uri import UnitRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverRequest:
    """The title of a repository, which goes by a canonical name, for somebody."""

    genesis: Txid
    name: str
    to: UnitRequest
    with_treasury: bool = True
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverDraft:
    """The transaction, guarded and not signed. `units` are the access units that go along, `own` says whether the new
    script is this wallet's, too."""

    address: str
    units: int
    own: bool
    draft: Draft


def draft_handover(
    request: HandoverRequest, session: Session, chain: ChainAccess, *, confirmations: int
) -> HandoverDraft:
    """Everything up to the signature.

    Raises NotOwnerError; StateError where the title is lost, unconfirmed, set aside, or on that script already;
    EncodingError for an address that must not get it, and what drafting raises.
    """
    owned = title_of(request.genesis, request.name, session, chain, confirmations=confirmations)
    title = owned.coin
    require_genesis(request.to, title.units.genesis)
    if request.to.amount is not None:
        raise EncodingError(
            f"the link asks for {request.to.amount:,} access units, and this gives the whole repository away",
            hint=ImageRemedy.GRANT_UNITS.of(),
        )
    _require_settled(request.name, owned)
    if request.to.script == title.prevout.txout.scriptPubKey:
        raise StateError("the title is on this script already", hint="ask the new owner for a unit address")
    require_free(owned, session)
    to = recipient_of(request.to.script, session)
    treasury = treasury_of(owned, session, settled=True)
    if request.with_treasury and treasury.waiting:
        raise StateError(
            f"{treasury.waiting:,} access units of the treasury are not in a block yet, or set aside",
            hint=ImageRemedy.FREE_COINS_OR_TITLE_ALONE.of(),
        )
    if request.with_treasury:
        return _drafted(request, owned, to, treasury.coins, session, left=0)
    return _drafted(request, owned, to, (), session, left=treasury.units + treasury.waiting)


def _require_settled(name: str, owned: OwnedTitle) -> None:
    newest = owned.state.history[-1]
    if newest.height is None:
        raise StateError(
            f"the title of {name} moved in {display(newest.txid)}, which no block holds yet",
            hint="wait for the next block: a hand-over must not hang on what may still be replaced",
        )


def _drafted(
    request: HandoverRequest,
    owned: OwnedTitle,
    to: Recipient,
    coins: Sequence[UnitCoin],
    session: Session,
    *,
    left: int,
) -> HandoverDraft:
    plan = RULE.compose(HandOverIntent(title=owned.coin, treasury=coins, to=to), change_slot(session))

    def expect(funding: Funding) -> Expectation:
        return expect_handover(title=owned.coin, treasury=coins, to=to, funding=funding)

    address, units = unit_address_of(to.script, session.network), sum(coin.units.quantity for coin in coins)
    about = About(
        kind="transfer",
        genesis=owned.state.genesis.txid,
        effects=_effects(request.name, address, units),
        warnings=_warnings(to, left, sealed=bool(owned.state.sealings)),
    )
    draft = prepare(plan, expect, session, rate=fee_rate(session, request.rate), about=about)
    return HandoverDraft(address=address, units=units, own=to.path is not None, draft=draft)


def _effects(name: str, address: str, units: int) -> tuple[str, ...]:
    whole = f"the title of {name} goes to {address}, whose holder then owns the repository"
    if not units:
        return (whole, "no access units go along")
    return (whole, f"{units:,} access units, the treasury, go along")


def _warnings(to: Recipient, left: int, *, sealed: bool) -> tuple[Prose, ...]:
    warnings: list[Prose] = [f"{left:,} access units stay with this wallet"] if left else []
    if to.path is not None:
        warnings.append("this address is one of this wallet's own; whoever pinned the repository sees a new owner")
    else:
        warnings.append(
            "this wallet can then neither release nor revoke, and nobody can undo it; whoever pinned the repository"
            " sees NEW_OWNER until they accept it; push rights at the registry are handed over apart"
        )
    if sealed and to.path is None:
        warnings.append(
            "its sealed images open only with this wallet's secret, which a transfer does not hand over; "
            + ImageRemedy.SELL_INSTEAD.of()
        )
    return tuple(warnings)
