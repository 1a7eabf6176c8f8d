"""Use case: a wallet at a glance, and what in it needs a person."""

from collections.abc import Iterable, Iterator, Sequence

from assets.index.image_index import ChainSource
from assets.services.read_models.image_views import RepositoryView
from assets.services.read_models.transaction_views import BlockLine, Concern, OverviewView
from assets.services.read_models.wallet_views import ActivityView, BalanceView, FallenView, HistoryView
from wallet.amount import format_sats
from wallet.hashes import display

SHOWN_BLOCKS = 5
_LEVELS = ("problem", "warning", "note")


def overview(
    balance: BalanceView,
    history: HistoryView,
    repositories: Sequence[RepositoryView],
    blocks: Sequence[BlockLine],
    fallen: Sequence[FallenView] = (),
    others: Iterable[Concern] = (),
) -> OverviewView:
    """Everything of the first screen. `fallen` is what reorganisations took away lately, `others` concerns found
    elsewhere."""
    return OverviewView(
        balance=balance,
        owned=tuple(one.name for one in repositories if one.owned),
        access=tuple(f"{one.access_units:,} of {one.name or one.genesis}" for one in balance.units if one.access_units),
        blocks=tuple(blocks),
        pending=tuple(one for one in history.transactions if one.state == "pending"),
        concerns=_by_level((*concerns(balance, history, repositories, fallen), *others)),
    )


def _by_level(found: Sequence[Concern]) -> tuple[Concern, ...]:
    """The gravest first, in their order otherwise."""
    return tuple(sorted(found, key=lambda one: _LEVELS.index(one.level)))


def last_blocks(source: ChainSource, history: HistoryView, *, count: int = SHOWN_BLOCKS) -> tuple[BlockLine, ...]:
    """The newest blocks, newest first, with the wallet's transactions in each."""
    height = source.tip().height
    lines = []
    for number in range(height, max(-1, height - count), -1):
        found = source.block_hash(number)
        if found is not None:
            events = tuple(one.kind for one in history.transactions if one.height == number)
            lines.append(BlockLine(height=number, hash=display(found), events=events))
    return tuple(lines)


def concerns(
    balance: BalanceView,
    history: HistoryView,
    repositories: Sequence[RepositoryView],
    fallen: Sequence[FallenView] = (),
) -> Iterator[Concern]:
    """What needs a person, the gravest first."""
    for one in fallen:
        text = f"a reorganisation took {one.what} of {one.name} out of the chain"
        yield Concern(level="problem", text=text, txid=one.txid, genesis=one.genesis)
    yield from _about_transactions(history.transactions)
    for repository in repositories:
        yield from _about_repository(repository)
    if balance.untrusted_pending:
        text = f"{format_sats(balance.untrusted_pending)} from others wait for their first block"
        yield Concern(level="note", text=text)


def _about_transactions(transactions: Sequence[ActivityView]) -> Iterator[Concern]:
    for one in transactions:
        if one.state == "refused by the node":
            yield Concern(level="problem", text=f"the node refuses {one.kind}: {one.label}", txid=one.txid)
        elif one.state == "dead":
            yield Concern(level="warning", text="a conflicting transaction was confirmed instead", txid=one.txid)
        elif one.state == "signed, not sent":
            yield Concern(level="warning", text=f"{one.kind} is signed and has not reached the node", txid=one.txid)
    waiting = [one for one in transactions if one.state == "pending" and one.sats < 0]
    if waiting:
        text = ", ".join(dict.fromkeys(one.kind for one in waiting))
        verb = "waits" if len(waiting) == 1 else "wait"
        yield Concern(level="note", text=f"{len(waiting)} of ours {verb} for a block: {text}", txid=waiting[0].txid)


def _about_repository(one: RepositoryView) -> Iterator[Concern]:
    if one.state == "frozen":
        yield Concern(level="problem", text=f"{one.name} is frozen: its title is lost", genesis=one.genesis)
    elif one.state == "undecided":
        yield Concern(level="problem", text=f"{one.name}: a witness of its lineage is missing", genesis=one.genesis)
    revoked = [tag.tag for tag in one.tags if tag.revoked]
    if one.owned and revoked:
        text = f"{one.name}: {', '.join(revoked)} stands for a revoked image; release another one"
        yield Concern(level="warning", text=text, genesis=one.genesis)
    if one.owned and one.rivals:
        text = f"{one.name}: {len(one.rivals)} other geneses claim this name"
        yield Concern(level="note", text=text, genesis=one.genesis)
