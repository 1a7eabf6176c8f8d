"""Which repositories this wallet holds the title of, and the coin that holds it, mempool included."""

from dataclasses import dataclass

from bitcoin.core import CTxOut
from bitcoin.core.script import CScript

from assets.coloring.plan import UnitCoin
from assets.errors import ImageError, NotOwnerError
from assets.images.repository import RepositoryState
from assets.index.reader import IndexReader
from assets.model import Genuine, Holding
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.lineage import Lineage, absence, read_lineage
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


def title_of(genesis: Txid, name: str, session: Session, chain: ChainAccess, *, confirmations: int) -> OwnedTitle:
    """The repository of a genesis, whose title this wallet can spend now. A name never decides which one it is.

    `name` is the canonical name that it is taken for. Raises ImageError where the chain has no such genesis, StateError
    where it goes by another name, or where its title is lost, NotOwnerError where this wallet does not hold it.
    """
    chain.catch_up()
    lineage = read_lineage(chain, genesis, confirmations=confirmations)
    if lineage is None:
        missing = absence(chain, genesis)
        raise ImageError(missing.reason, hint=missing.hint)
    _require_name(lineage.state, name)
    scripts = unit_scripts(session)
    if bytes(lineage.state.present.script) not in scripts:
        steps = lineage.state.history
        was_here = any(step.target is not None and bytes(step.target.script) in scripts for step in steps)
        raise NotOwnerError(
            f"the title of {name} (genesis {display(genesis)}) {'has left' if was_here else 'is not in'} this wallet",
            hint=ImageRemedy.SEE_OWNED.of(),
        )
    return _spendable(name, lineage, scripts)


def _require_name(state: RepositoryState, name: str) -> None:
    """By the newest statement, pending ones included: the next record is written under that name."""
    newest = state.statements[-1].name
    if not newest.matches(name):
        raise StateError(
            f"genesis {display(state.genesis.txid)} does not go by {name}"
            f" (now: {newest.name or f'a name with hash {newest.name_hash.hex()}'})",
            hint="say its present name, or name another genesis",
        )


def _spendable(name: str, lineage: Lineage, scripts: dict[bytes, KeyPath]) -> OwnedTitle:
    state = lineage.state
    if lineage.lost or state.lost is not None:
        raise StateError(
            f"{name} is frozen: its title is lost", hint="old bindings stand; nothing can be released or revoked"
        )
    if state.undecided is not None:
        raise StateError(f"a witness of {name}'s lineage is missing", hint=ImageRemedy.DOCTOR_THEN_REINDEX.of())
    present = state.present
    prevout = Prevout(
        outpoint=present.outpoint,
        txout=CTxOut(present.value, present.script),
        path=scripts[bytes(present.script)],
    )
    units = Genuine(genesis=state.genesis.txid, quantity=1, title=True)
    return OwnedTitle(state=state, coin=UnitCoin(prevout=prevout, units=units))
