"""From a plan to a draft: funded, recoloured, guarded, and not yet signed.

The flow of every transaction is intent, plan, template, funding, expectation, guard, draft. The expectation is made
from the intent, not from the plan, so that a mistake in the plan cannot excuse itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from assets.coloring import guard
from assets.coloring.expect import Funding
from assets.coloring.genesis import genesis_outputs
from assets.coloring.plan import Expectation, Role, TxPlan
from assets.coloring.reading import Reading
from assets.coloring.stated import joint_words
from assets.model import CoinColor, Genuine
from assets.services.chain.script_address import address_or_nothing, unit_address_or_nothing
from assets.services.read_models.wallet_views import DraftInput, DraftOutput, DraftView
from assets.services.spending.change import change_slot
from assets.services.spending.listed_coins import ending_with
from assets.services.spending.repetition import already_signed, deed_of, twin_of
from assets.services.wallets.own_keys import own_scripts
from assets.services.wallets.reserve import color_words, reserved_coins, telling_other_colors
from assets.services.wallets.session import Session
from wallet.advice import Prose
from wallet.builder import fund
from wallet.fees import FeeEstimate, FeeRate
from wallet.hashes import Txid, display, outpoint_text
from wallet.network import Network
from wallet.template import FeeFrom, Template
from wallet.transactions import Prevout, UnsignedTransaction

__all__ = [
    "About",
    "Draft",
    "ExpectationBuilder",
    "address_or_nothing",
    "check",
    "fee_rate",
    "prepare",
    "template_of",
    "view_of",
]

FEE_TARGET = 6
"""Blocks within which a transaction should confirm, unless the user sets a rate."""


ExpectationBuilder = Callable[[Funding], Expectation]
"""Makes the expectation from an intent, once it is known which coins pay, the fee and the change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a transaction is for, for people and for the journal.

    `kind` is one word or two ("send", "release"), `genesis` the repository that it concerns, `effects` what happens to
    each asset in words, `notes` what else is worth knowing, `warnings` what a person should think about before saying
    yes. Listings that end with coins which are spent are warned of, unless `ends_listings` says that this is the point.
    """

    kind: str
    genesis: Txid | None = None
    effects: tuple[str, ...] = ()
    notes: tuple[Prose, ...] = ()
    warnings: tuple[Prose, ...] = ()
    ends_listings: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A transaction that passed the guard and waits for a yes and a signature.

    `replaces` is the unconfirmed transaction of ours that spends the same coins and gives way to it, if there is one.
    `signatures` are those that were made elsewhere, verified: (public key, signature with sighash byte) by input
    number. `holders` are those for whom its coins may be reserved: the draft itself, left for a cold key, or an offer
    that it takes back. `again` drafts the same on the coins that are free by then, where the builder chose some.
    """

    about: About
    plan: TxPlan
    unsigned: UnsignedTransaction
    expectation: Expectation
    rate: FeeEstimate
    replaces: Txid | None = None
    signatures: tuple[tuple[int, tuple[bytes, bytes]], ...] = ()
    holders: tuple[str, ...] = ()
    again: "Callable[[], Draft] | None" = field(default=None, repr=False, compare=False)

    @property
    def txid(self) -> Txid:
        """Final already, since every input is segwit."""
        return self.unsigned.txid


def prepare(plan: TxPlan, expect: ExpectationBuilder, session: Session, *, rate: FeeEstimate, about: About) -> Draft:
    """Funds a plan, guards the result, and warns of listings that it ends. Nothing is written, locked or signed.

    Raises InsufficientFundsError, DustOutputError, FeeError, GuardError; and AlreadySignedError where the same is
    signed and nobody was told that it was sent, unless the session is one in which it is asked for `again`.
    """
    intent, twin = about, twin_of(deed_of(plan, about.kind, about.genesis), session)
    if twin is not None and not session.again:
        raise already_signed(twin)
    coins = session.coins.coins()
    tip = session.source.tip()
    reserved = frozenset(reserved_coins(coins, color_of=session.color_of, held=session.held()))
    with telling_other_colors(coins, session.color_of):
        unsigned = fund(
            template_of(plan),
            coins=coins,
            reserved=reserved,
            rate=rate.rate,
            tip_height=tip.height,
        )
    expectation = expect(Funding.of(plan, unsigned))
    if not about.ends_listings:
        ended = ending_with(session, (prevout.outpoint for prevout in unsigned.prevouts))
        about = replace(about, warnings=(*about.warnings, *ended))

    def again() -> Draft:
        change = plan.change if plan.change is None else change_slot(session)
        return prepare(replace(plan, change=change), expect, session, rate=rate, about=intent)

    draft = Draft(about=about, plan=plan, unsigned=unsigned, expectation=expectation, rate=rate, again=again)
    check(draft, session)
    return draft


def check(draft: Draft, session: Session) -> Reading:
    """The guard: recolours the exact transaction and compares it with the intent; what it does. Raises GuardError."""
    return guard.check(
        draft.unsigned,
        draft.expectation,
        colors=session.color_of,
        whose=own_scripts(session).get,
        tip_height=session.source.tip().height,
    )


def template_of(plan: TxPlan) -> Template:
    """A plan as the builder takes it: colours and roles left out, everything that they hang on kept."""
    fee_from = plan.fee_from
    return Template(
        inputs=tuple(planned.prevout for planned in plan.inputs),
        outputs=tuple(planned.txout for planned in plan.outputs),
        own_outputs=tuple((vout, out.path) for vout, out in enumerate(plan.outputs) if out.path is not None),
        change=plan.change,
        may_append_inputs=plan.may_append_inputs,
        fee_from=None
        if fee_from is None
        else FeeFrom(vout=fee_from.vout, minimum=fee_from.minimum, refill=fee_from.refill),
        version=plan.version,
        locktime=plan.locktime,
        sequence=plan.sequence,
    )


def fee_rate(session: Session, text: str | None) -> FeeEstimate:
    """The rate that the user set, or the node's estimate. Raises FeeError."""
    if text is not None:
        return FeeEstimate(rate=FeeRate.parse(text), source="set by you", age=0)
    return session.source.fee_estimate(FEE_TARGET)


def view_of(draft: Draft, session: Session) -> DraftView:
    """The draft as both front ends show it, made from the exact transaction and not from the plan's words alone."""
    unsigned, network = draft.unsigned, session.network
    units = {at.vout: at.units for at in draft.expectation.units} | _minted(draft)
    own = sum(unsigned.tx.vout[vout].nValue for vout, _ in unsigned.own_outputs)
    paid = sum(prevout.txout.nValue for prevout in unsigned.prevouts if prevout.path is not None)
    return DraftView(
        kind=draft.about.kind,
        txid=display(draft.txid),
        inputs=tuple(_input(number, prevout, draft, network) for number, prevout in enumerate(unsigned.prevouts)),
        outputs=tuple(_output(vout, draft, units.get(vout), network) for vout in range(len(unsigned.tx.vout))),
        effects=draft.about.effects,
        fee=unsigned.fee,
        rate=unsigned.fee * 1000 // unsigned.vsize,
        rate_source=_source(draft.rate),
        vsize=unsigned.vsize,
        delta=own - paid,
        warnings=draft.about.warnings,
        notes=(*draft.about.notes, *joint_words(unsigned)),
        genesis="" if draft.about.genesis is None else display(draft.about.genesis),
    )


def _minted(draft: Draft) -> dict[int, Genuine]:
    """Title and treasury of a genesis, which is named by the draft's own txid."""
    mint = draft.expectation.mint
    return {} if mint is None else dict(enumerate(genesis_outputs(draft.txid, mint.units)))


def _source(rate: FeeEstimate) -> str:
    return rate.source if not rate.age else f"{rate.source}, {rate.age} s old"


def _input(number: int, prevout: Prevout, draft: Draft, network: Network) -> DraftInput:
    planned = draft.plan.inputs[number] if number < len(draft.plan.inputs) else None
    return DraftInput(
        outpoint=outpoint_text(prevout.outpoint),
        role=planned.role if planned else Role.FUNDING,
        sats=prevout.txout.nValue,
        address=address_or_nothing(prevout.txout.scriptPubKey, network),
        own=prevout.path is not None,
        color=color_words(planned.color) if planned else "",
    )


def _output(vout: int, draft: Draft, color: CoinColor, network: Network) -> DraftOutput:
    txout = draft.unsigned.tx.vout[vout]
    planned = draft.plan.outputs[vout] if vout < len(draft.plan.outputs) else None
    return DraftOutput(
        vout=vout,
        role=planned.role if planned else Role.CHANGE,
        sats=txout.nValue,
        address=address_or_nothing(txout.scriptPubKey, network),
        own=vout in dict(draft.unsigned.own_outputs),
        color=color_words(color),
        unit_address="" if color is None else unit_address_or_nothing(txout.scriptPubKey, network),
    )
