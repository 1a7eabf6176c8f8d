"""Use case: issue the asset of an image repository.

Two transactions. The first puts exactly what the genesis needs on a fresh issuing script; the second is the genesis,
which spends that coin, names it in the definition, and gives title and treasury to a fresh key for units. Where the
first one was sent and the second was not, the coin is found again and the genesis goes on from it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bitcoin.core import COutPoint, CTxOut

from assets.coloring.compose import TITLE_VALUE
from assets.coloring.expect import Funding, expect_genesis
from assets.coloring.intents import IssueIntent
from assets.coloring.plan import Expectation, PlannedOutput, Recipient, Role, TxPlan
from assets.errors import NamedRepository, UnauthorizedError
from assets.images.canonical import DOCUMENT_LIMIT
from assets.images.definition import AssetFields, Claim, Definition
from assets.images.digest import Digest
from assets.images.record import Genesis, RecordName
from assets.protocols.table import RULE
from assets.registry.artifacts import EMPTY_CONFIG_BYTES
from assets.registry.media_types import EMPTY_CONFIG
from assets.registry.port import ImageRegistry, RegistryWriter
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess, Documents
from assets.services.chain.claims import DEFINITION_TAG, DEFINITION_TYPE
from assets.services.spending.change import change_slot
from assets.services.spending.drafts import About, Draft, fee_rate, prepare, template_of
from assets.services.spending.foresight import foreseeing
from assets.services.spending.signing import Unlock, send_in_order
from assets.services.wallets.naming import repositories_named
from assets.services.wallets.ownership import ISSUE, LOOK_AHEAD
from assets.services.wallets.session import Session
from wallet.advice import Prose
from wallet.amount import Sats
from wallet.coins import AccountKind, Coin, KeyPath
from wallet.errors import EncodingError, StateError
from wallet.fees import FeeEstimate
from wallet.history import State
from wallet.transactions import Prevout, assemble, signed_vsize

DEFAULT_UNITS = 1_000_000
"""Access units, so that an open image can become a closed one later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRequest:
    """What to issue, under a canonical name.

    `units` are access units, `title_value` the sats of the title's coin, which pay for releases. `links` are optional
    fields of the definition: gate, terms, source, magnet. `rival` issues beside a repository of that name which this
    wallet holds, and which somebody else issued.
    """

    name: str
    units: int = DEFAULT_UNITS
    title_value: Sats = TITLE_VALUE
    issuer: str = ""
    description: str = ""
    rate: str | None = None
    links: dict[str, str] = field(default_factory=dict)
    rival: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDraft:
    """Both transactions, guarded and not signed. `funding` is None where an issuing coin is there already.

    `again` drafts the same on other coins.
    """

    name: str
    funding: Draft | None
    genesis: Draft
    definition: Definition
    again: "Callable[[], IssueDraft] | None" = field(default=None, repr=False, compare=False)

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """In the order in which they are sent."""
        return (self.genesis,) if self.funding is None else (self.funding, self.genesis)


def draft_issue(
    request: IssueRequest, session: Session, chain: ChainAccess, registry: ImageRegistry | None
) -> IssueDraft:
    """Everything up to the signature. `registry` is None where the definition is not to be published.

    Raises StateError where this wallet has issued the name already, or holds it and no rival is wanted; RegistryError
    where the definition could not be published, and what drafting raises.
    """
    held = held_of_name(request.name, session, chain)
    if held and not request.rival:
        raise StateError(
            f"this wallet holds the title of {request.name} already: genesis {held[0].genesis}",
            hint="a second one would only be a rival; say so to issue it all the same",
        )
    warnings = _beside(request.name, held) + _rivals(request.name, chain) + _prepare_registry(request, registry)
    rate = fee_rate(session, request.rate)
    coin = _waiting_coin(session, chain)
    if coin is not None:
        issuing = Prevout(outpoint=coin.outpoint, txout=coin.txout, path=coin.path)
        warnings = (*warnings, "an issuing coin is there from an attempt that was not finished: the genesis spends it")
        return _with_genesis(request, session, issuing, rate, warnings, funding=None)
    path = next_issuing_key(session, chain)
    funding = _draft_funding(request, session, path, rate)
    issuing = Prevout(outpoint=COutPoint(funding.txid, 0), txout=funding.unsigned.tx.vout[0], path=path)
    later = foreseeing(session, (funding,), {issuing.outpoint: None})
    made = _with_genesis(request, later, issuing, rate, warnings, funding=funding)
    return replace(made, again=lambda: draft_issue(request, session, chain, registry))


def issue(
    draft: IssueDraft,
    unlock: Unlock,
    session: Session,
    documents: Documents,
    done: Callable[[Draft], None] = lambda _: None,
) -> IssueDraft:
    """Signs and sends both transactions; the definition is kept before anything is signed. Returns what was sent.

    That is another genesis, with a definition of its own, where a coin was taken meanwhile. `done` is told each draft
    that was sent. Raises what signing raises; after the first transaction a second attempt goes on from its coin.
    """
    issued = [draft]
    documents.save(draft.definition.document)

    def remake() -> tuple[Draft, ...]:
        assert draft.again is not None, "asked for only where there is one"
        issued.append(draft.again())
        documents.save(issued[-1].definition.document)
        return issued[-1].drafts

    send_in_order(
        draft.drafts,
        unlock,
        session,
        done,
        before=lambda one: _require_alone(one, session),
        remake=None if draft.again is None else remake,
    )
    return issued[-1]


def next_issuing_key(session: Session, chain: ChainAccess) -> KeyPath:
    """The first issuing key that was never paid, by the node's account and by the index.

    The index remembers geneses that lie before the block from which the node searched for this wallet.
    """
    first = session.coins.first_unused(AccountKind.ISSUING, 0)
    with chain.store.snapshot() as reader:
        checked = first
        while checked < first + LOOK_AHEAD:
            script = session.account.script(KeyPath(AccountKind.ISSUING, 0, checked))
            checked += 1
            if reader.geneses_of_asset(RULE.asset_of(script)):
                first = checked
    return KeyPath(AccountKind.ISSUING, 0, first)


def _require_alone(draft: Draft, session: Session) -> None:
    """Raises StateError where another device with the same words has paid the same issuing script meanwhile.

    Two geneses on one script would share an asset id, and each would be a warning about the other.
    """
    mint, path = draft.expectation.mint, draft.expectation.issuing_coin
    if mint is not None:
        script, own = draft.unsigned.prevouts[0].txout.scriptPubKey, {mint.genesis_input}
        hint: Prose = ImageRemedy.CANCEL_ISSUE.of()
    elif path is not None:
        script, own = session.account.script(path), set()
        hint = "nothing was signed; try again in a moment"
    else:
        return
    if not outputs_by_script(session).get(bytes(script), set()) <= own:
        raise StateError("another device with the same words is issuing at the same moment", hint=hint)


def held_of_name(name: str, session: Session, chain: ChainAccess) -> tuple[NamedRepository, ...]:
    """The repositories of a name whose title this wallet holds and somebody else issued, which anybody can give away.

    Raises StateError where this wallet has issued the name already: whoever runs a command again must not issue twice.
    """
    chain.catch_up()
    named = repositories_named(name, chain, session)
    issued = next((one for one in named if one.issued), None)
    if issued is not None:
        raise StateError(
            f"this wallet has issued {name} already: genesis {issued.genesis}",
            hint=ImageRemedy.SEE_RIVAL.of(name=name, genesis=issued.genesis),
        )
    return tuple(one for one in named if one.owned)


def _beside(name: str, held: tuple[NamedRepository, ...]) -> tuple[str, ...]:
    return tuple(
        f"this wallet holds another repository of the name {name}, which somebody else issued: genesis {one.genesis};"
        " from now on the name alone means neither, so say --genesis"
        for one in held
    )


def _rivals(name: str, chain: ChainAccess) -> tuple[str, ...]:
    with chain.store.snapshot() as reader:
        named = reader.geneses_named(name)
    if not named:
        return ()
    return (
        f"{len(named)} geneses on the chain claim {name} already; whoever pinned one of them will not believe yours",
    )


def _prepare_registry(request: IssueRequest, registry: ImageRegistry | None) -> tuple[str, ...]:
    """Is there a place for the definition? Only looks, so that a draft changes nothing."""
    if registry is None:
        return ("the definition is not published: nobody finds this asset by its name until it is",)
    name, notes = request.name, list[str]()
    try:
        present = registry.fetch_artifact(name, DEFINITION_TAG, DEFINITION_TYPE, DOCUMENT_LIMIT, notes.append)
    except UnauthorizedError as error:
        if request.links.get("gate") is None:
            raise
        raise UnauthorizedError(
            str(error),
            hint=ImageRemedy.PUBLISH_BEHIND_GATE.of(name=name),
        ) from error
    if notes:
        raise StateError(
            f"the tag {DEFINITION_TAG} of {name} is in use for something else: {'; '.join(notes)}",
            hint=ImageRemedy.ISSUE_UNPUBLISHED.of(),
        )
    if present is not None:
        return (f"a definition under the tag {DEFINITION_TAG} of {name} will be replaced",)
    return ()


def require_push(name: str, registry: RegistryWriter) -> None:
    """May we write there? Pushes the empty document that a definition needs anyway. Asked before any money moves.

    Raises UnauthorizedError, RegistryError.
    """
    registry.push_blob(name, EMPTY_CONFIG_BYTES, EMPTY_CONFIG)


def _waiting_coin(session: Session, chain: ChainAccess) -> Coin | None:
    """The one unspent coin on an issuing script that was never used: a genesis that was begun and not finished.

    A script that was ever paid a second time is used up, and so is one whose asset is in the index.
    """
    held = session.held()
    coins = [coin for coin in session.coins.coins() if coin.path.account is AccountKind.ISSUING]
    paid = outputs_by_script(session)
    with chain.store.snapshot() as reader:
        for coin in sorted(coins, key=lambda coin: coin.path):
            alone = paid.get(bytes(coin.script_pubkey), set()) <= {coin.outpoint}
            alone = alone and sum(other.path == coin.path for other in coins) == 1
            fresh = not reader.geneses_of_asset(RULE.asset_of(coin.script_pubkey))
            if alone and fresh and coin.outpoint not in held and session.color_of(coin.outpoint) is None:
                return coin
    return None


def outputs_by_script(session: Session) -> dict[bytes, set[COutPoint]]:
    """Every coin that the wallet was ever paid and that still stands, by its script; spent ones too."""
    found: dict[bytes, set[COutPoint]] = {}
    for watched in session.coins.transactions():
        if watched.state is State.STANDING:
            for vout in watched.own_outputs:
                script = bytes(watched.tx.vout[vout].scriptPubKey)
                found.setdefault(script, set()).add(COutPoint(watched.txid, vout))
    return found


def _draft_funding(request: IssueRequest, session: Session, path: KeyPath, rate: FeeEstimate) -> Draft:
    """Pays to the issuing script what the genesis will hold and cost, to the satoshi, so that it needs no change."""
    script = session.account.script(path)
    value = _genesis_cost(request, session, path, rate)
    plan = TxPlan(
        inputs=(),
        outputs=(PlannedOutput(txout=CTxOut(value, script), role=Role.ISSUING, path=path),),
        may_append_inputs=True,
        change=change_slot(session),
    )

    def expect(funding: Funding) -> Expectation:
        return Expectation(
            own_inputs=frozenset(prevout.outpoint for prevout in funding.coins),
            own_outputs=((0, path), *([funding.change] if funding.change else [])),
            btc_delta=Sats(-funding.fee),
            record=None,
            issuing_coin=path,
        )

    about = About(kind="issuing coin", effects=("the coin that the genesis spends is set apart",))
    return prepare(plan, expect, session, rate=rate, about=about)


def _genesis_cost(request: IssueRequest, session: Session, path: KeyPath, rate: FeeEstimate) -> Sats:
    """What the genesis' outputs hold, and its fee at the rate: all sizes are known before the coin is."""
    stand_in = Prevout(outpoint=COutPoint(), txout=CTxOut(0, session.account.script(path)), path=path)
    record = Genesis(definition=bytes(32), name=RecordName.of(request.name)).serialize()
    plan = _genesis_plan(request, session, stand_in, record)
    template = template_of(plan)
    tx = assemble(tuple((prevout.outpoint, template.sequence) for prevout in template.inputs), template.outputs)
    held = sum(txout.nValue for txout in template.outputs)
    return Sats(held + rate.rate.fee(signed_vsize(tx)))


def _genesis_plan(request: IssueRequest, session: Session, issuing: Prevout, record: bytes) -> TxPlan:
    intent = IssueIntent(
        issuing=issuing,
        owner=_owner(session),
        units=request.units,
        record=record,
        title_value=request.title_value,
    )
    return RULE.compose(intent, change_slot(session))


def _owner(session: Session) -> Recipient:
    """The next key for units that was neither paid nor handed out; it is marked as used when the genesis is signed."""
    account = AccountKind.UNITS
    index = max(session.coins.first_unused(account, 0), session.store.next_index(account, 0))
    path = KeyPath(account, 0, index)
    return Recipient(script=session.account.script(path), path=path)


def _with_genesis(
    request: IssueRequest,
    session: Session,
    issuing: Prevout,
    rate: FeeEstimate,
    warnings: tuple[str, ...],
    *,
    funding: Draft | None,
) -> IssueDraft:
    definition = _definition(request, session, issuing)
    record = Genesis(definition=definition.hash, name=RecordName.of(request.name)).serialize()
    owner = _owner(session)

    def expect(paid: Funding) -> Expectation:
        return expect_genesis(
            issuing=issuing,
            owner=owner,
            units=request.units,
            record=record,
            funding=paid,
            title_value=request.title_value,
        )

    asset = RULE.asset_text(definition.claim.asset, session.network)
    about = About(
        kind=ISSUE,
        effects=(f"{asset} is issued for {request.name}: 1 title and {request.units:,} access units, to this wallet",),
        warnings=warnings,
    )
    plan = _genesis_plan(request, session, issuing, record)
    genesis = prepare(plan, expect, session, rate=rate, about=about)
    return IssueDraft(name=request.name, funding=funding, genesis=genesis, definition=definition)


def _definition(request: IssueRequest, session: Session, issuing: Prevout) -> Definition:
    asset = RULE.asset_of(issuing.txout.scriptPubKey)
    last = request.name.rpartition("/")[2]
    return Definition.build(
        AssetFields(
            asset_id=RULE.asset_text(asset, session.network),
            name_short=last[:10],
            name=request.name,
            issuer=request.issuer,
            description=request.description,
        ),
        _claim(request, session, issuing),
    )


def _claim(request: IssueRequest, session: Session, issuing: Prevout) -> Claim:
    unknown = set(request.links) - {"gate", "terms", "source", "magnet"}
    if unknown:
        raise EncodingError(f"a definition has no field {', '.join(sorted(unknown))}")
    links = request.links
    return Claim(
        network=session.network.genesis,
        challenge=session.network.challenge,
        asset=RULE.asset_of(issuing.txout.scriptPubKey),
        genesis_input=issuing.outpoint,
        name=request.name,
        gate=links.get("gate"),
        terms=Digest.parse(links["terms"]) if "terms" in links else None,
        source=links.get("source"),
        magnet=links.get("magnet"),
    )
