"""Which repositories this wallet holds the title of, and the coin that holds it, mempool included."""

from dataclasses import dataclass

from bitcoin.core import CTxOut
from bitcoin.core.script import CScript

from assets.coloring.plan import UnitCoin
from assets.errors import NotOwnerError
from assets.images.repository import RepositoryState
from assets.index.reader import IndexReader
from assets.model import GenesisFact, Genuine, Holding
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.lineage import Lineage, read_lineage
from assets.services.wallets.session import Session
from wallet.coins import AccountKind, KeyPath
from wallet.errors import StateError
from wallet.hashes import Txid, display
from wallet.transactions import Prevout

LOOK_AHEAD = 20
"""Keys beyond the last one that was paid or handed out which are still searched (BIP44's gap limit)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedTitle:
    """A repository whose title lies on a script of this wallet: its state, its coin, the key of that."""

    state: RepositoryState
    coin: UnitCoin

    @property
    def holding(self) -> Holding:
        """The title's coin."""
        return self.state.present


def unit_scripts(session: Session) -> dict[bytes, KeyPath]:
    """Every script of the units account that may have been paid, with its key."""
    return _scripts(session, AccountKind.UNITS)


def issuing_scripts(session: Session) -> dict[bytes, KeyPath]:
    """Every issuing script that may have been paid, with its key."""
    return _scripts(session, AccountKind.ISSUING)


def _scripts(session: Session, account: AccountKind) -> dict[bytes, KeyPath]:
    used = max(session.coins.first_unused(account, 0), session.store.next_index(account, 0))
    scripts = _first_scripts(session, account, used + LOOK_AHEAD)
    while (known := _last_known(session, scripts)) >= used:
        used = known + 1
        scripts = _first_scripts(session, account, used + LOOK_AHEAD)
    return scripts


def _first_scripts(session: Session, account: AccountKind, count: int) -> dict[bytes, KeyPath]:
    paths = [KeyPath(account, 0, index) for index in range(count)]
    return {bytes(session.account.script(path)): path for path in paths}


def _last_known(session: Session, scripts: dict[bytes, KeyPath]) -> int:
    """The number of the last of these keys that ever held units by the index, -1 where none did.

    The index reads the whole chain, so it also knows what lies before the block from which the node searched.
    """
    if session.index is None:
        return -1
    with session.index.snapshot() as reader:
        touching = reader.movements_touching(CScript(script) for script in scripts)
    ends = (bytes(end.script) for one in touching for end in (one.source, one.target) if end is not None)
    return max((scripts[script].index for script in ends if script in scripts), default=-1)


def own_geneses(session: Session, reader: IndexReader) -> tuple[Txid, ...]:
    """The geneses whose units ever lay on a script of this wallet, those still in the mempool included."""
    scripts = unit_scripts(session)
    confirmed = [one.genesis for one in reader.movements_touching(CScript(script) for script in scripts)]
    waiting = [entry.txid for entry in session.journal.unconfirmed() if entry.kind == ISSUE]
    return tuple(dict.fromkeys((*confirmed, *waiting)))


ISSUE = "issue"
"""The journal's word for a genesis."""


def own_genesis_named(name: str, session: Session, chain: ChainAccess) -> GenesisFact | None:
    """A genesis of this wallet's own issuing scripts for a canonical name, whoever holds its title now."""
    with chain.store.snapshot() as reader:
        named = reader.geneses_named(name)
    scripts = issuing_scripts(session)
    known = next((fact for fact in named if bytes(fact.issuing_script) in scripts), None)
    if known is not None:
        return known
    for entry in session.journal.unconfirmed():
        if entry.kind == ISSUE and (lineage := read_lineage(chain, entry.txid, confirmations=1)) is not None:
            fact = lineage.state.genesis
            if fact.name == name or lineage.state.statement.name.matches(name):
                return fact
    return None


def title_of(
    name: str, session: Session, chain: ChainAccess, *, confirmations: int, genesis: Txid | None = None
) -> OwnedTitle:
    """The repository of a canonical name whose title this wallet can spend now.

    `genesis` says which one, where several may go by the name. Raises NotOwnerError where it holds none, StateError
    where the title is lost, on its way to somebody else, or where two repositories of this wallet go by the name.
    """
    chain.catch_up()
    with chain.store.snapshot() as reader:
        geneses = [one for one in own_geneses(session, reader) if genesis in (None, one)]
    lineages = [read_lineage(chain, genesis, confirmations=confirmations) for genesis in geneses]
    named = [one for one in lineages if one is not None and _goes_by(one.state, name)]
    scripts = unit_scripts(session)
    held = [one for one in named if bytes(one.state.present.script) in scripts]
    if not held:
        raise _not_owner(name, named)
    return _spendable(name, _meant(name, held, session), scripts)


def _meant(name: str, held: list[Lineage], session: Session) -> Lineage:
    """The one repository of a name, or, of several, the one that this wallet issued.

    Anybody can issue an asset for any name and give it away, so a title that was received must not stand in the way of
    one's own. Raises StateError where that does not tell which one is meant.
    """
    if len(held) == 1:
        return held[0]
    issuing = issuing_scripts(session)
    own = [one for one in held if bytes(one.state.genesis.issuing_script) in issuing]
    if len(own) == 1:
        return own[0]
    ids = ", ".join(display(one.state.genesis.txid) for one in held)
    raise StateError(
        f"this wallet holds {len(held)} repositories named {name}: {ids}",
        hint="say which one with --genesis TXID, or hand the other one over with `dockchains image transfer`",
    )


def _goes_by(state: RepositoryState, name: str) -> bool:
    """By the newest statement, pending ones included: the next record is written under that name."""
    return state.statements[-1].name.matches(name)


def _not_owner(name: str, named: list[Lineage]) -> NotOwnerError:
    if named:
        return NotOwnerError(
            f"the title of {name} has left this wallet", hint="only its present owner can write records"
        )
    return NotOwnerError(
        f"this wallet holds no repository named {name}",
        hint=f"issue one with: dockchains image issue {name}; `dockchains image list` shows what it holds",
    )


def _spendable(name: str, lineage: Lineage, scripts: dict[bytes, KeyPath]) -> OwnedTitle:
    state = lineage.state
    if lineage.lost or state.lost is not None:
        raise StateError(
            f"{name} is frozen: its title is lost", hint="old bindings stand; nothing can be released or revoked"
        )
    if state.undecided is not None:
        raise StateError(
            f"a witness of {name}'s lineage is missing", hint="run `dockchains chain doctor` and then `chain reindex`"
        )
    present = state.present
    prevout = Prevout(
        outpoint=present.outpoint,
        txout=CTxOut(present.value, present.script),
        path=scripts[bytes(present.script)],
    )
    units = Genuine(genesis=state.genesis.txid, quantity=1, title=True)
    return OwnedTitle(state=state, coin=UnitCoin(prevout=prevout, units=units))
