"""Verifying an image: a reference in, the verdict with everything that it rests on out."""

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Collapsible

from assets.services.read_models.image_views import RecordView, VerificationView
from tui.app.commands import bindings
from tui.app.kinds import Kind
from tui.app.messages import Opened, Progressed, Refused
from tui.app.screens.form import Entry
from tui.app.screens.pinning import Pinning
from tui.app.text import age, count, place, short_digest, shown, tone_of
from tui.app.widgets.field import Field, all_good
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.words import Facts, Words
from tui.verbs.files import whole_path
from tui.verbs.image import references
from tui.verbs.image.reader_requests import Verify

_VERIFY = "verify"
_GOOD = ("VERIFIED",)
_WARN = ("UNPINNED", "PENDING", "SUPERSEDED", "NEW_OWNER", "FROZEN", "UNDECIDED", "UNAVAILABLE", "NO_ASSET")

NEXT = {
    "VERIFIED": "run it by this digest, so that nobody can change it in between",
    "UNPINNED": "if this is the publisher's genesis, pin it",
    "SUPERSEDED": "pull the tag anew",
    "REVOKED": "do not run it; pull a newer release",
    "MISMATCH": "do not run it: ask the publisher, and the registry who moved the tag",
    "UNRELEASED": "do not run it: ask the publisher whether it is theirs",
    "PENDING": "wait for the next block",
    "FROZEN": "nothing new can be released or revoked here",
    "PIN_CHANGED": "do not run it: ask the publisher by another way than the registry",
    "NEW_OWNER": "if you trust the new owner, accept it",
    "UNDECIDED": "see the node in Settings, and ask again",
    "UNAVAILABLE": "see that the node and the registry run, and ask again",
    "NO_ASSET": "ask the publisher for the genesis txid, and give it under More",
}
"""What a person can do about each verdict."""


class VerifyScreen(Pinning):
    """Type or paste a reference."""

    place = "verify"
    keys = "verify"
    BINDINGS = bindings(keys)

    def body(self) -> ComposeResult:
        """The question above, the answer below."""
        yield Entry(
            self.services,
            "Image reference",
            Kind.REFERENCE,
            "reference",
            placeholder="registry.example/acme/app:1.0, enter asks",
            needed=True,
        )
        with Collapsible(title="More: genesis, lock file, what to accept", id="more"):
            yield Entry(self.services, "Genesis that vouches (txid)", Kind.TXID, "genesis")
            yield Entry(self.services, "Lock file", Kind.FILE, "lock")
            yield Entry(
                self.services, "Accept: pending, superseded, new-owner, frozen, unpinned", Kind.ALLOWED, "allow"
            )
            yield Entry(self.services, "Platform, such as linux/arm64", Kind.TEXT, "platform")
            yield Entry(
                self.services,
                "Evidence to judge by instead of an index: a file, or registry",
                Kind.TEXT,
                "evidence-from",
            )
        with VerticalScroll(id="answer"):
            yield Words("", id="verdict")
            yield Facts(id="evidence")
            yield Words("", id="notes")
            with Vertical(id="history-box"):
                yield Words("", id="history-heading", classes="heading")
                yield Listing(
                    Column("block", 9, right=True), Column("record", 9), Column("tags", 16), Column("digest", 12),
                    Column(""), id="history",
                )  # fmt: skip

    def on_mount(self) -> None:
        """Ready to type."""
        self.view: VerificationView | None = None
        self._asked: tuple[str, ...] | None = None
        self.query_one("#history-box").display = False
        self.query_one("#reference", Field).focus_input()

    @on(Field.Submitted)
    def submitted(self) -> None:
        """Enter asks."""
        self.action_verify()

    @on(Field.Changed)
    def changed(self) -> None:
        """What was judged is not what stands there now: no verdict stays beside another image."""
        if self._asked is not None and self._typed != self._asked:
            self._forget()
            self._asked = None
            self.query_one("#verdict", Words).update("not asked yet: enter asks")

    def action_verify(self) -> None:
        """Asks the chain, where the fields are good."""
        if all_good(self.query(Field)):
            self._forget()
            self._ask_about(self._typed)

    def action_pin(self) -> None:
        """Pins what was judged, or accepts its new owner."""
        view = self.view
        if view is None or view.genesis is None:
            self.notify("verify an image first: its genesis is what is pinned", severity="warning", markup=False)
            return
        pinned = any(voucher.kind == "pin" for voucher in view.vouchers)
        self.propose(view.name, genesis="" if pinned else view.genesis, accept_owner=pinned)

    def pinned(self) -> None:
        """The verdict is another one now."""
        if self._asked is not None:
            self._ask_about(self._asked)

    def outdated(self) -> None:
        """A new block: what was judged is judged again."""
        if self._asked is not None and self.view is not None:
            self._ask_about(self._asked)

    def answered(self, job: str, answer: Any) -> None:
        """Shows the verdict, unless another image was typed meanwhile."""
        super().answered(job, answer)
        if job != _VERIFY:
            return
        asked, view = answer
        if asked == self._asked:
            self.view = view
            self._show(view)

    def refused(self, refusal: Refused) -> None:
        """The question itself could not be asked."""
        super().refused(refusal)
        if refusal.job == _VERIFY and self._asked is not None:
            self._forget()
            self.query_one("#verdict", Words).update(Content.styled(f"✗ not verified: {refusal.text}", "$text-error"))

    def on_progressed(self, message: Progressed) -> None:
        """How many manifests were read."""
        progress = message.progress
        if self._asked is not None:
            self.query_one("#verdict", Words).update(f"{progress.what}: {progress.done} of {progress.total}")

    @on(Listing.Chosen, "#history")
    def chosen(self, event: Listing.Chosen) -> None:
        """Opens the transaction of a record."""
        self.post_message(Opened(txid=event.key))

    def _ask_about(self, typed: tuple[str, ...]) -> None:
        self._asked = typed
        self.query_one("#verdict", Words).update("asking registry and chain…")
        images, told = self.services.images, self.told(_VERIFY)
        self.work(_VERIFY, lambda: (typed, images.verify(_request(*typed), told)))

    @property
    def _typed(self) -> tuple[str, ...]:
        return tuple(self.query_one(f"#{name}", Field).value.strip() for name in _FIELDS)

    def _forget(self) -> None:
        """Takes an answer off the screen."""
        self.view = None
        self.query_one("#evidence", Facts).show(())
        self.query_one("#notes", Words).update("")
        self.query_one("#history-box").display = False

    def _show(self, view: VerificationView) -> None:
        self.query_one("#verdict", Words).update(verdict_content(view))
        self.query_one("#evidence", Facts).show(_facts(view))
        self.query_one("#notes", Words).update(_notes(view))
        self.query_one("#history-box").display = bool(view.history)
        about = f"the tag {shown(view.tag)}" if view.tag is not None else "this digest"
        self.query_one("#history-heading", Words).update(f"History of {about}")
        self.query_one("#history", Listing).show(view.history, _record)


_FIELDS = ("reference", "genesis", "lock", "allow", "platform", "evidence-from")


def _request(reference: str, genesis: str, lock: str, allow: str, platform: str, evidence: str) -> Verify:
    """What the fields say, which are good."""
    return Verify(
        reference=references.reference(reference),
        genesis=references.genesis(genesis or None),
        lock=whole_path(lock) if lock else None,
        allow=references.allowed(allow or None),
        platform=platform or None,
        evidence=evidence or None,
    )


def verdict_content(view: VerificationView) -> Content:
    """The word, its reason, and what to do."""
    sign, style = ("✗", "$text-error")
    if view.verdict in _GOOD:
        sign, style = ("✓", "$text-success")
    elif view.verdict in _WARN:
        sign, style = ("…", "$text-warning")
    return Content.assemble(
        (f"{sign} {view.verdict}", f"{style} bold"),
        f"  {shown(view.reason)}\n",
        (f"next: {NEXT[view.verdict]}", "$text-muted"),
    )


def _facts(view: VerificationView) -> list[tuple[str, str]]:
    vouched = ", ".join(shown(voucher.kind) for voucher in view.vouchers) or "nobody but the registry"
    facts = [("image", shown(view.image or view.reference))]
    if view.genesis is not None:
        facts += [
            ("genesis", f"{view.genesis} ({place(view.genesis_height)})"),
            ("vouched by", vouched),
            ("owner", shown(view.owner_address or view.owner or "")),
        ]
    if view.deciding is not None:
        facts.append(("record", f"{shown(view.deciding.kind)} in {view.deciding.txid} ({place(view.deciding.height)})"))
    if view.tip is not None:
        facts.append(("tip", f"block {view.tip.height:,} on {view.network}, {age(view.tip.age)} old"))
    return facts


def _notes(view: VerificationView) -> Content:
    standing = [one for one in view.findings if one not in view.allowed]
    rows = [f"also {one.verdict}: {shown(one.reason)}" for one in standing[1:]]
    rows += [f"accepted {one.verdict}: {shown(one.reason)}" for one in view.allowed]
    if view.rivals:
        rows.append(f"{count(len(view.rivals), 'other genesis', 'other geneses')} claim this name; they decide nothing")
    rows += [f"note: {shown(note)}" for note in view.notes]
    return Content("\n".join(rows))


def _record(one: RecordView) -> Line:
    block = "mempool" if one.height is None else f"{one.height:,}"
    ignored = f"ignored: {shown(one.why_not)}" if one.why_not and not one.counts else shown(one.detail)
    cells = (block, shown(one.kind), shown(", ".join(one.tags)), short_digest(one.digest or ""), ignored)
    return Line(one.txid, cells, tone_of("revoked" if one.kind == "revoke" else ""), 1)
