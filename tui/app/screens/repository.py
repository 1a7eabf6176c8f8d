"""One repository: its title, its releases as a timeline, its history and its definition."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import TabbedContent, TabPane

from assets.services.read_models.access_views import HoldersView, HolderView
from assets.services.read_models.image_views import RecordView, RepositoryView
from assets.services.read_models.lineage_views import ReleaseLine
from tui.app.commands import bindings
from tui.app.finding import Searchable
from tui.app.messages import OffersWanted, Opened, Progressed, Refused
from tui.app.screens.access_seal import SealForm
from tui.app.screens.define import DefineForm
from tui.app.screens.grant import GrantForm
from tui.app.screens.hand_over import HandOverForm
from tui.app.screens.market_sell import SellForm
from tui.app.screens.page import LOAD, NOT_READ, READING, Page
from tui.app.screens.pinning import Pinning
from tui.app.screens.release import ReleaseForm
from tui.app.screens.revoke import RevokeForm
from tui.app.services import Services
from tui.app.text import place, short, short_digest, shown, signed, tone_of
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.words import Facts, Words
from tui.verbs.image.show import RepositoryDetail, owner_shown

_PUBLISH = "publish"
_HOLDERS = "holders"
_TAG = 18
"""Cells of the column of tags."""


class RepositoryScreen(Pinning, Page):
    """A repository by its genesis."""

    place = "repositories"
    keys = "repository"
    BINDINGS = bindings(keys)

    def __init__(self, services: Services, genesis: str, *, tab: str = "tab-releases") -> None:
        super().__init__(services)
        self.genesis = genesis
        self._tab = tab
        self.detail: RepositoryDetail | None = None
        self._holders_asked = False

    def body(self) -> ComposeResult:
        """Facts above, tabs below."""
        yield Words("reading the repository's lineage…", id="name", classes="heading")
        yield Facts(id="facts")
        with TabbedContent(initial=self._tab, id="tabs"):
            with TabPane("Releases", id="tab-releases"):
                yield Listing(
                    Column("tag", _TAG),
                    Column("digest", 12),
                    Column("block", 9, right=True),
                    Column("verdict", 13),
                    Column("why"),
                    empty="nothing was released yet: n releases",
                    until=READING,
                    id="releases",
                )
                yield Facts(id="release-line", classes="detail")
            with TabPane("History", id="tab-history"):
                yield Listing(
                    Column("where", 13),
                    Column("what", 18),
                    Column(""),
                    Column("owner", 15),
                    until=READING,
                    id="history",
                )
            with TabPane("Holders", id="tab-holders"):
                yield Words("", id="holders-sum", classes="dim")
                yield Listing(
                    Column("holder"),
                    Column("", 8),
                    Column("units", 16, right=True),
                    Column("share", 9, right=True),
                    Column("coins", 6, right=True, room=90),
                    empty="nobody",
                    until=READING,
                    id="holders",
                )
                yield Facts(id="holder-line", classes="detail")
            with TabPane("Definition", id="tab-definition"), VerticalScroll():
                yield Facts(id="definition")

    def on_mount(self) -> None:
        """The list of the first tab has the keys."""
        self.query_one(f"#{self._tab.removeprefix('tab-')}", Listing).focus()

    def load(self) -> Callable[[], Any]:
        """The repository, its timeline and its definition."""
        images, genesis = self.services.images, self.genesis
        return lambda: images.repository(genesis)

    @on(TabbedContent.TabActivated)
    def tab_shown(self) -> None:
        """Holders are asked for when somebody wants to see them: each coin is looked up."""
        if self.query_one("#tabs", TabbedContent).active == "tab-holders" and not self._holders_asked:
            self._holders_asked = True
            images, genesis, told = self.services.images, self.genesis, self.told(_HOLDERS)
            self.query_one("#holders-sum", Words).update("asking for every coin…")
            self.work(_HOLDERS, lambda: images.holders(genesis, told))

    def on_progressed(self, message: Progressed) -> None:
        """How many coins were looked up."""
        progress = message.progress
        self.query_one("#holders-sum", Words).update(f"{progress.what}: {progress.done:,} of {progress.total:,}")

    def outdated(self) -> None:
        """Holders are another matter now."""
        self._holders_asked = False
        super().outdated()

    def answered(self, job: str, answer: Any) -> None:
        """Shows what came."""
        super().answered(job, answer)
        if job == LOAD and isinstance(answer, RepositoryDetail):
            self.detail = answer
            self._show(answer)
            self.tab_shown()
        elif isinstance(answer, HoldersView):
            self.query_one("#holders-sum", Words).update(_sums(answer))
            self.query_one("#holders", Listing).show(answer.holders, lambda one: _holder(one, answer))
            self._show_whole()
        elif job == _PUBLISH:
            self.notify(shown(answer), markup=False)

    def refused(self, refusal: Refused) -> None:
        """Says why the repository cannot be shown."""
        super().refused(refusal)
        if refusal.job == _HOLDERS:
            self.query_one("#holders-sum", Words).update(refusal.text)
            self.query_one("#holders", Listing).cannot(NOT_READ)
        if refusal.job == LOAD and self.detail is None:
            self.query_one("#name", Words).update(refusal.text)

    @on(Listing.Moved, "#releases")
    @on(Listing.Moved, "#holders")
    def moved(self) -> None:
        """The lines under the cursors, nothing in them cut."""
        self._show_whole()

    @on(Listing.Chosen, "#releases")
    @on(Listing.Chosen, "#history")
    def chosen(self, event: Listing.Chosen) -> None:
        """Opens the transaction of a release or of a step."""
        self.post_message(Opened(txid=event.key.partition(" ")[0]))

    def action_back(self) -> None:
        """To the list."""
        self.dismiss(None)

    def action_release(self) -> None:
        """The release form."""
        self._form(lambda view: ReleaseForm(self.services, self.genesis, view.name))

    def action_revoke(self) -> None:
        """The revocation form, about the line under the cursor."""
        item = self.query_one("#releases", Listing).item
        digest = item.digest if isinstance(item, ReleaseLine) else ""
        self._form(lambda view: RevokeForm(self.services, self.genesis, view.name, digest))

    def action_seal(self) -> None:
        """The form that seals the image of the line under the cursor."""
        item = self.query_one("#releases", Listing).item
        image = item.tag or item.digest if isinstance(item, ReleaseLine) else ""
        self._form(lambda view: SealForm(self.services, self.genesis, view.name, image))

    def action_hand_over(self) -> None:
        """The form for a new owner."""
        self._form(lambda view: HandOverForm(self.services, self.genesis, view.name))

    def action_define(self) -> None:
        """The form for a new definition."""
        self._form(lambda view: DefineForm(self.services, self.genesis, view.name, view.definition))

    def action_sell(self) -> None:
        """The form for a listing; whoever holds access units may sell those."""
        view = self._read()
        if view is not None:
            self.open(SellForm(self.services, self.genesis, view.name))

    def action_offers(self) -> None:
        """What is for sale of it, in the market."""
        view = self._read()
        if view is not None:
            self.post_message(OffersWanted(self.genesis, view.name if "/" in view.name else self.genesis))

    def action_grant(self) -> None:
        """The form for access units."""
        self._form(lambda view: GrantForm(self.services, self.genesis, view.name))

    def action_publish(self) -> None:
        """Pushes the definition again."""
        view = self._read()
        if view is not None:
            images, name = self.services.images, view.name
            self.work(_PUBLISH, lambda: images.publish(self.genesis, name))

    def action_pin(self) -> None:
        """Proposes a pin for this genesis."""
        view = self._read()
        if view is not None:
            self.propose(view.name, genesis=self.genesis)

    def _read(self) -> RepositoryView | None:
        """The repository, where it is there; says so where it is not."""
        if self.detail is None:
            self.warn("this repository was not read yet")
            return None
        return self.detail.repository

    def _form(self, make: Callable[[RepositoryView], Page]) -> None:
        view = self._read()
        if view is None:
            return
        if view.owned:
            self.open(make(view))
        else:
            whose = shown(view.owner_address or view.owner)
            self.notify(f"the title is not in this wallet: {whose} holds it", severity="warning", markup=False)

    def _show(self, detail: RepositoryDetail) -> None:
        view = detail.repository
        self.query_one("#name", Words).update(shown(view.name))
        self.query_one("#facts", Facts).show(_facts(detail))
        self.query_one("#releases", Listing).show(Searchable.of(detail.releases, lambda one: one.tag).items, _release)
        network = detail.lineage.network
        self.query_one("#history", Listing).show(
            tuple(reversed(detail.lineage.records)), lambda one: _step(one, network)
        )
        self.query_one("#definition", Facts).show(_definition(detail))
        self._show_whole()

    def _show_whole(self) -> None:
        release, holder = self.query_one("#releases", Listing).item, self.query_one("#holders", Listing).item
        self.query_one("#release-line", Facts).show(_whole(release) if isinstance(release, ReleaseLine) else [])
        self.query_one("#holder-line", Facts).show(
            [("holder", shown(holder.address or holder.script))] if isinstance(holder, HolderView) else []
        )


def _facts(detail: RepositoryDetail) -> list[tuple[str, str]]:
    view = detail.repository
    whose = "this wallet" if view.owned else "not this wallet"
    issued = "not in a block yet" if view.height is None else f"issued in {place(view.height)}"
    facts = [
        ("state", f"{signed(view.state)}, owned by {whose}, {issued}"),
        ("owner", shown(view.owner_address or view.owner)),
        ("genesis", view.genesis),
        ("title", f"◆ {short(view.title)}, {view.title_sats:,} sat"),
        ("access", f"● {view.access_units:,} units in all; o shows what is for sale"),
    ]
    facts += [("rival", f"genesis {short(one.genesis)} claims this name too") for one in view.rivals[:2]]
    return facts + [("note", shown(note)) for note in view.notes]


def _release(one: ReleaseLine) -> Line:
    block = "mempool" if one.height is None else f"{one.height:,}"
    cells = (shown(one.tag), short_digest(one.digest), block, signed(one.word), shown(one.why))
    return Line(f"{one.txid} {one.tag}", cells, tone_of(one.word), 3)


def _whole(one: ReleaseLine) -> list[tuple[str, str]]:
    algorithm, _, number = shown(one.digest).partition(":")
    tag = shown(one.tag)
    return [(algorithm, number), ("tag", tag if len(tag) > _TAG else ""), ("why", shown(one.why))]


def _step(one: RecordView, network: str) -> Line:
    where = "mempool" if one.height is None else f"block {one.height}"
    word = one.kind if one.counts or not one.why_not else f"{one.kind} (ignored)"
    parts = (", ".join(one.tags), one.detail, one.digest or "", one.why_not)
    owner = "" if one.owner is None else owner_shown(one.owner, network)
    return Line(one.txid, (where, shown(word), shown(" ".join(part for part in parts if part)), short(owner)))


def _sums(view: HoldersView) -> str:
    return (
        f"{view.issued:,} issued, {view.treasury:,} in the treasury, {view.circulating:,} circulating, "
        f"{view.ended:,} ended, as of block {view.height:,}"
    )


def _holder(one: HolderView, view: HoldersView) -> Line:
    who, what = shown(one.address or one.script), "treasury" if one.treasury else ""
    return Line(one.script, (who, what, f"{one.units:,}", view.share_of(one), f"{one.coins:,}"))


def _definition(detail: RepositoryDetail) -> list[tuple[str, str]]:
    known = detail.definition
    if known is None:
        return [("sha256", detail.repository.definition), ("document", shown(detail.why_no_definition))]
    return [
        ("sha256", known.sha256),
        ("name", shown(known.name)),
        ("short name", shown(known.name_short)),
        ("issuer", shown(known.issuer)),
        ("about", shown(known.description, limit=2000)),
        *((key, shown(text)) for key, text in known.links),
    ]
