"""Which scripts of a wallet a login proves, and so what a gate learns of it: no more than it needs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bitcoin.core.script import CScript

from assets.errors import AssetError, ImageError
from assets.images.login_claim import MAX_PROOFS
from assets.images.name import name_hash, split_name
from assets.images.repository import RepositoryState
from assets.model import Genuine
from assets.registry.port import ArtifactSource
from assets.remedies import ImageRemedy
from assets.services.access.gate_finding import gate_of
from assets.services.chain.chain_access import ChainAccess, Documents
from assets.services.chain.lineage import read_lineage
from assets.services.wallets.ownership import unit_scripts
from assets.services.wallets.session import Session
from wallet.coins import KeyPath
from wallet.errors import StateError
from wallet.hashes import Txid


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnScript:
    """A script of this wallet that holds the title or units, and its key."""

    script: CScript
    path: KeyPath


@dataclass(frozen=True, slots=True, kw_only=True)
class GateQuestion:
    """A gate, the registry host that it is asked about, and where public facts and documents come from."""

    host: str
    gate: str
    chain: ChainAccess
    registry: ArtifactSource
    documents: Documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a login shows: scripts, the names of what they hold something of, and notes about what was left out."""

    scripts: tuple[OwnScript, ...]
    repositories: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    genesis: Txid
    script: CScript
    path: KeyPath
    title: bool
    quantity: int


def own_scripts_at(
    question: GateQuestion, name: str, state: RepositoryState, session: Session, known_names: Collection[str]
) -> Shown:
    """The scripts that hold the title or units of `name`, and of other repositories at its host that the gate serves.

    Raises ImageError where the wallet holds nothing of `name`.
    """
    held = _held(session, state)
    own = [one for one in held if one.genesis == state.genesis.txid]
    if not own:
        raise ImageError(
            f"this wallet holds neither the title nor an access unit of {name}",
            hint=ImageRemedy.BUY_ACCESS.of(name=name),
        )
    elsewhere = [one for one in held if one.genesis != state.genesis.txid]
    others, notes = _others(question, elsewhere, known_names)
    scripts, left_out = _scripts(own, [one for _, group in others for one in group])
    if left_out:
        notes += (f"{left_out} scripts are left out: a login has {MAX_PROOFS} at most, one for each repository first",)
    return Shown(scripts=scripts, repositories=(name, *(other for other, _ in others)), notes=notes)


def _held(session: Session, state: RepositoryState) -> list[_Held]:
    """Every coin of the wallet with genuine units, and the script that held the asked title last."""
    found = []
    for coin in session.coins.coins():
        units = session.color_of(coin.outpoint)
        if isinstance(units, Genuine):
            found.append(
                _Held(
                    genesis=units.genesis,
                    script=coin.script_pubkey,
                    path=coin.path,
                    title=units.title,
                    quantity=units.quantity,
                )
            )
    path = unit_scripts(session).get(bytes(state.owner))
    if path is not None:
        found.append(_Held(genesis=state.genesis.txid, script=state.owner, path=path, title=True, quantity=1))
    return found


def _others(
    question: GateQuestion, held: Sequence[_Held], known_names: Collection[str]
) -> tuple[list[tuple[str, list[_Held]]], tuple[str, ...]]:
    """Holdings of other repositories that this gate speaks for, by name, and notes about what was left out.

    A repository without a gate asks for no access unit, but its owner pushes by this login.
    """
    groups: dict[Txid, list[_Held]] = {}
    for one in held:
        groups.setdefault(one.genesis, []).append(one)
    found: list[tuple[str, list[_Held]]] = []
    notes: list[str] = []
    for genesis, group in groups.items():
        lineage = read_lineage(question.chain, genesis, confirmations=1)
        name = None if lineage is None else _name(lineage.state, known_names)
        if lineage is None or name is None or split_name(name)[0] != question.host:
            continue
        try:
            named = gate_of(name, lineage.state, question.registry, question.documents)
        except (AssetError, StateError) as error:
            notes.append(f"{name} is left out: {error}")
            continue
        wanted = group if named == question.gate else [one for one in group if one.title and named is None]
        if wanted:
            found.append((name, wanted))
    return sorted(found, key=lambda pair: pair[0]), tuple(notes)


def _name(state: RepositoryState, known_names: Collection[str]) -> str | None:
    """The repository's name; where the chain has only its hash, the known one that this is the hash of."""
    record = state.statement.name
    if record.name is not None:
        return record.name
    return next((name for name in known_names if name_hash(name) == record.name_hash), None)


def _scripts(own: Sequence[_Held], others: Sequence[_Held]) -> tuple[tuple[OwnScript, ...], int]:
    """Each script once: the first of each repository before the second of any; and how many are one too many."""
    ordered = [*_fullest(own), *_fullest(others)]
    seen: set[Txid] = set()
    firsts: list[_Held] = []
    rest: list[_Held] = []
    for one in ordered:
        (rest if one.genesis in seen else firsts).append(one)
        seen.add(one.genesis)
    unique = {bytes(one.script): OwnScript(script=one.script, path=one.path) for one in (*firsts, *rest)}
    scripts = tuple(unique.values())
    return scripts[:MAX_PROOFS], max(0, len(scripts) - MAX_PROOFS)


def _fullest(held: Sequence[_Held]) -> list[_Held]:
    return sorted(held, key=lambda one: (not one.title, -one.quantity, bytes(one.script)))
