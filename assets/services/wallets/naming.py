"""Which repository a name means. The one place where a name that a person typed becomes a genesis, or is refused.

Anybody can issue an asset for any name, and give its title or a unit of it to any script. So a name alone means a
repository only where a single one goes by it, or ever went by it, among all that this user has to do with: what the
wallet issued, held or holds anything of, whatever became of it since, and what is pinned under the name. Where two do
so, none is chosen, however well one of them seems to fit; whoever asks names the genesis.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from assets.errors import AmbiguousNameError, ImageError, NamedRepository, NotOwnerError, RegistryError
from assets.images.pin import Pins
from assets.images.repository import RepositoryState
from assets.registry.port import ArtifactSource
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.claims import read_claim
from assets.services.chain.lineage import Lineage, absence, read_lineage
from assets.services.wallets.ownership import issuing_scripts, own_geneses, unit_scripts
from assets.services.wallets.session import Session
from wallet.advice import Prose
from wallet.errors import StateError
from wallet.hashes import Txid, display, parse_txid


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """The genesis that a name means, and how it was found."""

    genesis: Txid
    note: str


def meant_repository(
    name: str,
    genesis: Txid | None,
    chain: ChainAccess,
    pins: Pins,
    session: Session | None,
    registry: ArtifactSource | None = None,
) -> Whereabouts:
    """The one repository that a canonical name means; `genesis` where a person named that, too.

    `registry` may speak for a name that this user has nothing to do with; None where only an own repository will do.
    Raises AmbiguousNameError where the name fits several, StateError where the genesis that was named never went by
    the name, NotOwnerError or ImageError where nothing is found. Geneses on the chain that merely claim the name are
    told, and never chosen.
    """
    chain.catch_up()
    if genesis is not None:
        _require_name(name, genesis, chain, pins)
        return Whereabouts(genesis=genesis, note="")
    known = repositories_named(name, chain, session, pins)
    if len(known) > 1:
        raise _ambiguous(name, known)
    if known:
        return Whereabouts(genesis=parse_txid(known[0].genesis), note=known[0].how)
    if registry is None:
        raise NotOwnerError(
            f"this wallet holds no repository named {name}",
            hint=ImageRemedy.ISSUE_ONE.of(name=name),
        )
    return _claimed(name, chain, registry)


def repositories_named(
    name: str, chain: ChainAccess, session: Session | None, pins: Pins | None = None
) -> tuple[NamedRepository, ...]:
    """Every repository that this user has to do with and that goes by a canonical name, or once did, oldest first.

    Chain and index are read as they are; whoever asks has caught up.
    """
    pin = pins.named(name) if pins is not None else None
    pinned = () if pin is None else (pin.genesis,)
    own = () if session is None else _own(name, session, chain)
    mine = frozenset(unit_scripts(session)) if session is not None and own else frozenset()
    issued = frozenset(issuing_scripts(session)) if session is not None and own else frozenset()
    found = []
    for genesis in dict.fromkeys((*pinned, *own)):
        lineage = read_lineage(chain, genesis, confirmations=1)
        if genesis in pinned or (lineage is not None and _went_by(lineage.state, name)):
            found.append(_described(genesis, lineage, mine, issued, pinned=genesis in pinned, own=genesis in own))
    return tuple(sorted(found, key=lambda one: (one.height is None, one.height or 0, one.genesis)))


def _own(name: str, session: Session, chain: ChainAccess) -> tuple[Txid, ...]:
    """What the wallet held anything of, and what it issued, which a restored wallet may know by its script alone."""
    with chain.store.snapshot() as reader:
        held, named = own_geneses(session, reader), reader.geneses_named(name)
    if not named:
        return held
    scripts = issuing_scripts(session)
    return (*held, *(fact.txid for fact in named if bytes(fact.issuing_script) in scripts))


def _went_by(state: RepositoryState, name: str) -> bool:
    return any(one.name.matches(name) for one in state.statements)


def _described(
    genesis: Txid,
    lineage: Lineage | None,
    mine: frozenset[bytes],
    issued: frozenset[bytes],
    *,
    pinned: bool,
    own: bool,
) -> NamedRepository:
    if lineage is None:
        return NamedRepository(
            genesis=display(genesis), height=None, owned=False, issued=False, how="pinned, not in this index"
        )
    state = lineage.state
    lost = lineage.lost or state.lost is not None
    owned = bytes(state.present.script) in mine and not lost
    words = ["pinned"] if pinned else []
    issuer = own and bytes(state.genesis.issuing_script) in issued
    if own:
        words.append("issued by this wallet" if issuer else "received from somebody else")
    if lost:
        words.append("frozen")
    return NamedRepository(
        genesis=display(genesis),
        height=state.genesis.position.height,
        owned=owned,
        issued=issuer,
        how=", ".join(words),
    )


def _ambiguous(name: str, known: Iterable[NamedRepository]) -> AmbiguousNameError:
    found = tuple(known)
    lines = "; ".join(_line(one) for one in found)
    return AmbiguousNameError(
        f"the name {name} fits {len(found)} repositories that you have to do with: {lines}",
        repositories=found,
        hint=ImageRemedy.SAY_WHICH_GENESIS.of(),
    )


def _line(one: NamedRepository) -> str:
    since = "waits for a block" if one.height is None else f"since block {one.height:,}"
    return f"genesis {one.genesis} ({since}, {'owned' if one.owned else 'not owned'}, {one.how})"


def _require_name(name: str, genesis: Txid, chain: ChainAccess, pins: Pins) -> None:
    lineage = read_lineage(chain, genesis, confirmations=1)
    if lineage is None:
        missing = absence(chain, genesis)
        raise ImageError(missing.reason, hint=missing.hint)
    pin = pins.named(name)
    if not _went_by(lineage.state, name) and (pin is None or pin.genesis != genesis):
        newest = lineage.state.statements[-1].name
        raise StateError(
            f"genesis {display(genesis)} is {newest.name or f'of a name with hash {newest.name_hash.hex()}'}, and never"
            f" went by {name}",
            hint="check name and genesis: they are two repositories",
        )


def _claimed(name: str, chain: ChainAccess, registry: ArtifactSource) -> Whereabouts:
    """What the registry says of a name that nobody here knows."""
    notes: tuple[str, ...] = ()
    try:
        answer = read_claim(registry, name, chain)
        notes = answer.notes
        if answer.claim is not None:
            return Whereabouts(genesis=answer.claim.genesis, note="as the registry claims; nobody else vouches")
    except RegistryError as error:
        notes = (str(error),)
    raise ImageError("; ".join((f"nothing is known to speak for {name}", *notes)), hint=_rivals(name, chain))


def _rivals(name: str, chain: ChainAccess) -> Prose:
    with chain.store.snapshot() as reader:
        named = reader.geneses_named(name)
    if not named:
        return ImageRemedy.CHECK_NAME.of()
    return ImageRemedy.LOOK_AT_GENESES.of(geneses=", ".join(display(fact.txid) for fact in named[:5]))
