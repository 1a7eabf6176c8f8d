"""Pulling an image: verified first, fetched whole, opened where it is sealed, handed over."""

import threading
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Checkbox, Collapsible, RadioSet

from tui.app.access_services import OpenSecrets
from tui.app.commands import bindings
from tui.app.dialogs.with_keys import WithKeys
from tui.app.kinds import Kind
from tui.app.messages import Progressed, Refused, Spent
from tui.app.screens.form import Entry
from tui.app.screens.pinning import Pinning
from tui.app.screens.tool import ToolForm
from tui.app.screens.verify import verdict_content
from tui.app.services import Services
from tui.app.text import shown
from tui.app.widgets.field import Field
from tui.app.widgets.tick import Pick, Tick
from tui.app.widgets.words import Words
from tui.verbs.files import whole_path
from tui.verbs.image import references
from tui.verbs.image.pull import PullView
from tui.verbs.image.reader_requests import Pull, Verify

_PULL = "pull"
PLACES = (
    ("", "keep it here, for dockchains image serve", ""),
    ("oci:", "an OCI layout, in a folder", "/path/folder, or /path/folder:tag"),
    ("docker-archive:", "an archive for docker load, in a file", "/path/app.tar"),
    ("docker-daemon:", "the docker on this machine", ""),
    ("registry", "a registry", "localhost:5000/acme/app:1.0"),
)
"""How each destination begins, what it is, and an example of what else it needs."""
_SHARE = 24


class PullForm(ToolForm, Pinning):
    """What to pull, and where to. Where nothing vouches for the image, it can be pinned from here."""

    place = "access"
    keys = "pull"
    BINDINGS = bindings(keys)
    heading = "Pull an image"
    button = "Pull"

    def __init__(self, services: Services, reference: str, *, name: str = "", genesis: str = "") -> None:
        """About an image; `name` and `genesis` are of the repository on the screen from which it is pulled."""
        super().__init__(services)
        self.result: PullView | None = None
        self._reference = reference
        self._name = name
        self._genesis = genesis
        self._stop = threading.Event()
        self._busy = False

    def fields(self) -> ComposeResult:
        """The image, the destination, and what is seldom needed."""
        yield Entry(
            self.services, "Image reference", Kind.REFERENCE, "reference", value=self._reference, needed=True,
            placeholder="registry.example/acme/app:1.0",
        )  # fmt: skip
        yield Words("Where to", classes="field-label")
        with RadioSet(id="place"):
            for number, (_, what, _) in enumerate(PLACES):
                yield Pick(what, value=not number)
        yield Entry(self.services, "Which", Kind.TEXT, "where", check=self._check_where)
        yield Tick("sealed by this wallet: open it with its own words", id="own-words")
        with Collapsible(title="More: key file, what vouches, what to accept", id="more"):
            yield Entry(self.services, "File with the key of a sealed image", Kind.FILE, "key-file")
            yield Tick("do not open a sealed image: hand its ciphertext on", id="keep-sealed")
            yield Entry(self.services, "Genesis that vouches (txid)", Kind.TXID, "genesis")
            yield Entry(self.services, "Lock file", Kind.FILE, "lock")
            yield Entry(
                self.services, "Accept: pending, superseded, new-owner, frozen, unpinned", Kind.ALLOWED, "allow"
            )
            yield Entry(self.services, "Platform, such as linux/arm64", Kind.TEXT, "platform")

    def below(self) -> ComposeResult:
        """Report, and what came of it."""
        with Horizontal(classes="buttons", id="running"):
            yield Button("Cancel", id="cancel")
            yield Words("", id="progress")
        with Vertical(id="outcome"):
            yield Words("", id="verdict")
            yield Words("", id="result")

    def on_mount(self) -> None:
        """Ready to type."""
        self.query_one("#running").display = False
        self._show_where()
        super().on_mount()

    def on_unmount(self) -> None:
        """Whoever leaves ends the work, too; the next pull goes on where it ended."""
        self._stop.set()

    @on(RadioSet.Changed)
    def place_chosen(self) -> None:
        """Each destination needs something else."""
        self._show_where()

    @on(Field.Changed, "#reference")
    def another_image(self) -> None:
        """No verdict stays beside another image."""
        if self.result is not None and not self._busy:
            self._forget()

    @on(Button.Pressed, "#cancel")
    def cancel_pressed(self) -> None:
        """The button."""
        self.cancel()

    def action_pin(self) -> None:
        """Pins what was judged, or accepts its new owner."""
        view = None if self.result is None else self.result.verification
        if view is None or view.genesis is None:
            self.notify("pull first: the genesis that its verdict names is what is pinned", severity="warning")
            return
        pinned = any(voucher.kind == "pin" for voucher in view.vouchers)
        self.propose(view.name, genesis="" if pinned else view.genesis, accept_owner=pinned)

    def pinned(self) -> None:
        """Something vouches now."""
        self.say("pinned; ctrl+g pulls it now")

    def cancel(self) -> None:
        """Ends the pull at the next chunk."""
        self._stop.set()

    def request(self) -> Pull:
        """What the fields say, which are good."""
        begins, _, example = PLACES[self._place]
        where = self.value("where") if example else ""
        to = where if begins == "registry" else f"{begins}{where}" if begins else ""
        lock, key_file = self.value("lock"), self.value("key-file")
        reference = references.reference(self.value("reference"))
        is_meant = bool(self._genesis) and self._name == reference.name
        return Pull(
            image=Verify(
                reference=reference,
                genesis=references.genesis(self.value("genesis") or None),
                lock=whole_path(lock) if lock else None,
                allow=references.allowed(self.value("allow") or None),
                platform=self.value("platform") or None,
                meant=references.genesis(self._genesis) if is_meant else None,
            ),
            to=references.whole_destination(to) if to else None,
            key_file=whole_path(key_file) if key_file else None,
            keep_sealed=self.query_one("#keep-sealed", Checkbox).value,
        )

    def done(self) -> None:
        """Pulls; where the wallet's own words are to open it, after the password."""
        field = self.query_one("#where", Field)
        if field.display and PLACES[self._place][2] and not field.value.strip():
            field.complain(f"say which: {PLACES[self._place][2]}")
            field.focus_input()
            return
        if self._busy:
            return
        request, access = self.request(), self.services.access
        if not self.query_one("#own-words", Checkbox).value:
            self._pull(request, None)
            return
        body = (
            f"{shown(self.value('reference'))}\n\nThe wallet's words give the key of what it sealed. Nothing is signed."
        )
        dialog = WithKeys(self.services, "Open with this wallet's words?", body, yes="Open", call=access.open_secrets)

        def opened(secrets: Any) -> None:
            if isinstance(secrets, OpenSecrets):
                self._pull(request, secrets)

        self.app.push_screen(dialog, opened)

    def answered(self, job: str, answer: Any) -> None:
        """The verdict, and where the image is now."""
        super().answered(job, answer)
        if job == _PULL and isinstance(answer, PullView):
            self.result = answer
            self._rest()
            self.query_one("#verdict", Words).update(verdict_content(answer.verification))
            self.query_one("#result", Words).update(_result(answer))
            self.call_after_refresh(self.query_one(".form").scroll_end, animate=False)
            if answer.pulled is not None:
                self.post_message(Spent())

    def refused(self, refusal: Refused) -> None:
        """Why nothing came, or that it was ended."""
        super().refused(refusal)
        self._rest()

    def on_progressed(self, message: Progressed) -> None:
        """How far it is."""
        if self._busy:
            self.query_one("#progress", Words).update(progress_text(message))

    def _pull(self, request: Pull, opened: OpenSecrets | None) -> None:
        self._stop = threading.Event()
        self._busy = True
        self._forget()
        self.query_one("#go", Button).disabled = True
        self.query_one("#running").display = True
        self.query_one("#progress", Words).update("asking registry and chain…")
        access, told, stop = self.services.access, self.told(_PULL), self._stop.is_set
        self.work(_PULL, lambda: access.pull(request, opened, told, stop))
        self.query_one("#cancel", Button).focus()

    def _forget(self) -> None:
        """Takes an outcome off the screen."""
        self.result = None
        self.say("")
        for name in ("#verdict", "#result"):
            self.query_one(name, Words).update("")

    def _rest(self) -> None:
        self._busy = False
        if self.is_mounted:
            self.query_one("#go", Button).disabled = False
            self.query_one("#running").display = False

    @property
    def _place(self) -> int:
        return max(0, self.query_one("#place", RadioSet).pressed_index)

    def _show_where(self) -> None:
        example = PLACES[self._place][2]
        field = self.query_one("#where", Field)
        field.display = bool(example)
        field.query_one("Input").placeholder = example  # type: ignore[attr-defined]
        what = PLACES[self._place][1]
        field.relabel(what[:1].upper() + what[1:])

    def _check_where(self, kind: Kind, text: str) -> str:
        begins = PLACES[self._place][0]
        whole = text.strip() if begins == "registry" else f"{begins}{text.strip()}"
        return self.services.check(Kind.DESTINATION, whole)


def progress_text(message: Progressed) -> Content:
    """What is done, with a bar where the end is known."""
    view = message.progress
    if not view.total:
        return Content(f"{view.what} {_amount(view.done, view.bytes)}")
    full = min(view.done, view.total) * _SHARE // view.total
    bar = "█" * full + "░" * (_SHARE - full)
    return Content(f"{bar} {_amount(view.done, view.bytes)} of {_amount(view.total, view.bytes)}  {view.what}")


def _amount(number: int, is_size: bool) -> str:  # noqa: FBT001 - a field of the report
    return f"{number / 1_000_000:,.1f} MB" if is_size else f"{number:,}"


def _result(view: PullView) -> Content:
    pulled = view.pulled
    if pulled is None:
        return Content("nothing was fetched; ctrl+y pins, where you trust its genesis")
    rows = [Content(shown(pulled.image, limit=400))]
    rows.append(Content(f"handed over to {shown(pulled.to, limit=400)}" if pulled.to else "kept here, whole"))
    if pulled.sealed_form is not None and not pulled.opened:
        rows.append(Content.styled("as ciphertext", "$text-muted"))
    rows += [Content.styled(f"! {shown(note, limit=400)}", "$text-warning") for note in view.notes]
    return Content("\n").join(rows)
