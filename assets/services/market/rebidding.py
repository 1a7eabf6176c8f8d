"""Use case: bid again for the same coins at a higher fee.

The new bid spends the coins of the old one, so that only one of the two can ever be mined, and pays the same script.
The seller signs it in place of the first, also where that one waits for a block already.
"""

from dataclasses import replace

from assets.coloring.asks import AskRules, check_ask
from assets.coloring.coin_facts import coin_facts
from assets.coloring.expect import Funding
from assets.coloring.intents import SaleIntent
from assets.coloring.plan import PlannedInput, Recipient, Role
from assets.coloring.sale import Deal, expect_bought
from assets.errors import OfferTakenError
from assets.images.bid import Bid, BidPackage
from assets.images.offer import Ask
from assets.protocols.table import RULE
from assets.services.chain.chain_access import ChainAccess
from assets.services.market.buying import DEFAULT_BID_BLOCKS, BidDraft, bid_about, require_blocks
from assets.services.market.withdrawing import find_offer
from assets.services.spending.change import change_slot
from assets.services.spending.confirmed import only_confirmed
from assets.services.spending.drafts import Draft, check, fee_rate
from assets.services.trust.title_report import report
from assets.services.wallets.own_keys import own_scripts
from assets.services.wallets.reserve import reserved_coins, telling_other_colors
from assets.services.wallets.session import Session
from wallet.builder import bump
from wallet.coins import KeyPath
from wallet.errors import StateError
from wallet.hashes import display
from wallet.psbt import Psbt
from wallet.store.offers import OfferEntry, OfferKind, OfferState
from wallet.template import Template
from wallet.transactions import Prevout, UnsignedTransaction


def draft_rebid(
    text: str, session: Session, chain: ChainAccess, rules: AskRules, *, rate: str | None, blocks: int | None
) -> BidDraft:
    """A better bid in the place of the one whose id begins so. Nothing is written or signed.

    Raises StateError where that bid is settled, withdrawn or unknown, FeeError for a rate that is no higher, OfferError
    where the listing no longer holds, and what drafting raises.
    """
    entry = find_offer(text, session)
    ask = _listing(entry)
    found = session.source.transaction(entry.txid) if entry.txid is not None else None
    if found is not None and found.block is not None:
        raise OfferTakenError("unspent", f"the sale is in block {found.block.height} already", hint="it is settled")
    facts = coin_facts(session.source, ask.outpoints)
    replacing = entry.txid if found is not None else None
    sold = check_ask(ask, replace(rules, genesis=entry.subject, replacing=replacing), facts, session.color_of)
    previous, receiver = _previous(entry, session, len(sold))
    deal = Deal(sold=sold, price=ask.price, pay_to=Recipient(script=ask.pay_to), buyer=receiver)
    estimate = fee_rate(session, rate)
    plan = RULE.compose(SaleIntent(deal=deal), change_slot(session))
    confirmed = only_confirmed(session).coins.coins()
    with telling_other_colors(confirmed, session.color_of):
        unsigned = bump(
            previous,
            coins=confirmed,
            reserved=frozenset(reserved_coins(confirmed, color_of=session.color_of, held=session.held())),
            rate=estimate.rate,
            tip_height=facts.tip.height,
            change=_change(previous, len(plan.outputs)),
            append_to=Template(inputs=(), outputs=(), change=change_slot(session)),
        )
    funding = Funding(
        coins=unsigned.prevouts[len(sold) :],
        fee=unsigned.fee,
        change=next(((vout, path) for vout, path in unsigned.own_outputs if vout >= len(plan.outputs)), None),
    )
    known = report(ask, chain, confirmations=rules.confirmations)
    standing = require_blocks(DEFAULT_BID_BLOCKS if blocks is None else blocks)
    expires = min(facts.tip.height + standing, ask.expires)
    inputs = (*plan.inputs, *(PlannedInput(prevout=one, role=Role.FUNDING, color=None) for one in funding.coins))
    draft = Draft(
        about=bid_about(ask, known, expires),
        plan=replace(plan, inputs=inputs),
        unsigned=unsigned,
        expectation=expect_bought(deal, funding),
        rate=estimate,
        replaces=replacing,
    )
    check(draft, session)
    bid = Bid(ask=ask.id, expires=expires, secret_to=Bid.parse(entry.document).secret_to)
    return BidDraft(ask=ask, draft=draft, bid=bid, receiver=receiver, report=known, instead_of=entry.id)


def _listing(entry: OfferEntry) -> Ask:
    if entry.kind is not OfferKind.BID or entry.state is not OfferState.OPEN:
        raise StateError(f"{entry.id.hex()[:16]} is no open bid: it is {entry.state}", hint="make a new one")
    return Ask.parse(entry.answers)


def _previous(entry: OfferEntry, session: Session, sold: int) -> tuple[UnsignedTransaction, Recipient]:
    """The old bid's transaction with our keys, and who receives the units."""
    psbt = Psbt.parse(BidPackage.parse(entry.companion).psbt)
    scripts = own_scripts(session)
    prevouts = []
    for number, (txin, told) in enumerate(zip(psbt.tx.vin, psbt.inputs, strict=True)):
        assert told.spent is not None, "a bid of ours says what it spends"
        path = None if number < sold else scripts.get(bytes(told.spent.scriptPubKey))
        if number >= sold and path is None:
            raise StateError(f"a coin of the bid {display(psbt.tx.GetTxid())} is no longer known to this wallet")
        prevouts.append(Prevout(outpoint=txin.prevout, txout=told.spent, path=path))
    own: list[tuple[int, KeyPath]] = [
        (vout, scripts[bytes(txout.scriptPubKey)])
        for vout, txout in enumerate(psbt.tx.vout)
        if bytes(txout.scriptPubKey) in scripts
    ]
    receiver = psbt.tx.vout[1].scriptPubKey
    unsigned = UnsignedTransaction(tx=psbt.tx, prevouts=tuple(prevouts), own_outputs=tuple(own))
    return unsigned, Recipient(script=receiver, path=scripts[bytes(receiver)])


def _change(previous: UnsignedTransaction, planned: int) -> int | None:
    return planned if len(previous.tx.vout) > planned else None
