"""The wallet at a glance."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Grid, Vertical, VerticalScroll
from textual.content import Content

from assets.services.read_models.transaction_views import Concern, OverviewView
from assets.services.read_models.wallet_views import ChainView
from tui.app.commands import bindings
from tui.app.messages import Opened
from tui.app.remedies import words
from tui.app.screens.page import LOAD, READING, Page
from tui.app.status import Status
from tui.app.text import age, btc, count, short, shown, tone_of
from tui.app.widgets.frame import NavBar
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.words import Facts, Words

_ROOM = 3
"""Lines for repositories, and for kinds of access."""


class OverviewScreen(Page):
    """Bitcoin, repositories, the chain, and what needs attention."""

    place = "overview"
    keys = "overview"
    BINDINGS = bindings(keys)

    def body(self) -> ComposeResult:
        """Four boxes and the list of concerns."""
        with VerticalScroll(), Grid(id="boxes"):
            with Vertical(classes="box"):
                yield Words("Bitcoin", classes="heading")
                yield Facts(id="money")
            with Vertical(classes="box"):
                yield Words("Node and index", classes="heading")
                yield Facts(id="chain")
            with Vertical(classes="box"):
                yield Words("Repositories and access", classes="heading")
                yield Words(id="holdings")
            with Vertical(classes="box"):
                yield Words("Last blocks", classes="heading")
                yield Words(id="blocks")
        with Vertical(id="attention"):
            yield Words("Needs attention", classes="heading")
            yield Listing(Column("", 9), Column(""), empty="nothing does", until=READING, id="concerns")

    def load(self) -> Callable[[], Any]:
        """One look at everything."""
        return self.services.money.overview

    def answered(self, job: str, answer: Any) -> None:
        """Shows the view."""
        super().answered(job, answer)
        if job == LOAD and isinstance(answer, OverviewView):
            self._show(answer)

    def watch_status(self, status: Status) -> None:
        """Node and index come with every poll."""
        if status.chain is not None and self.is_mounted:
            self.query_one("#chain", Facts).show(_chain(status.chain, status))

    @on(Listing.Chosen, "#concerns")
    def open_concern(self, event: Listing.Chosen) -> None:
        """Goes where the concern is about."""
        concern: Concern = event.listing.item
        if concern.place:
            self.post_message(NavBar.Wanted(concern.place))
        elif concern.genesis or concern.txid:
            self.post_message(Opened(genesis=concern.genesis, txid="" if concern.genesis else concern.txid))

    def _show(self, view: OverviewView) -> None:
        self.query_one("#money", Facts).show(_money(view))
        self.query_one("#holdings", Words).update(_holdings(view))
        self.query_one("#blocks", Words).update(_blocks(view))
        self.query_one("#concerns", Listing).show(view.concerns, _concern)


def _money(view: OverviewView) -> list[tuple[str, str]]:
    held = view.balance
    return [
        ("spendable", f"{btc(held.spendable)} BTC"),
        ("confirmed", btc(held.confirmed)),
        ("pending", btc(held.trusted_pending + held.untrusted_pending)),
        ("reserved", f"{btc(held.reserved)} (colour)"),
        ("immature", btc(held.immature) if held.immature else ""),
    ]


def _chain(chain: ChainView, status: Status) -> list[tuple[str, str]]:
    state = " (downloading the chain)" if chain.syncing else ""
    index = "none yet" if chain.index_height is None else f"block {chain.index_height:,}"
    if chain.index_behind:
        index += f", {count(chain.index_behind, 'block')} behind"
    if chain.index_remark:
        index += f"; {words(chain.index_remark)}"
    if status.progress is not None and status.progress.total:
        done, total = status.progress.done, status.progress.total
        index = f"{_bar(done, total)} {done * 100 // total} %"
    return [
        ("node", f"{shown(chain.node).removeprefix('http://')}{state}"),
        ("tip", f"block {chain.height:,}, {age(chain.tip_age)} old"),
        ("index", index),
    ]


def _bar(done: int, total: int, width: int = 14) -> str:
    full = done * width // total
    return "█" * full + "░" * (width - full)


def _holdings(view: OverviewView) -> Content:
    rows = [*_some("◆", view.owned), *_some("●", view.access)]
    return Content("\n".join(rows) or "none; issue one with 2, then n")


def _some(sign: str, names: tuple[str, ...]) -> list[str]:
    """As many as there is room for, and how many are left out."""
    if len(names) <= _ROOM:
        return [f"{sign} {shown(name)}" for name in names]
    named = [f"{sign} {shown(name)}" for name in names[: _ROOM - 1]]
    return [*named, f"  and {len(names) - len(named):,} more"]


def _blocks(view: OverviewView) -> Content:
    rows = [
        f"{block.height:>8,}  {short(block.hash, head=4, tail=8)}  {shown(', '.join(block.events))}"
        for block in view.blocks
    ]
    return Content("\n".join(rows))


def _concern(one: Concern) -> Line:
    return Line(one.genesis or one.txid or one.text, (one.level, shown(one.text)), tone_of(one.level), 0)
