"""Releasing: tags from the registry, old and new digest side by side, and the digest from the builder."""

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Checkbox

from tui.app.kinds import Kind
from tui.app.messages import Refused
from tui.app.screens.access_seal import Sealing
from tui.app.screens.form import Entry
from tui.app.services import Services
from tui.app.text import short_digest, shown
from tui.app.widgets.field import Field, all_good
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.tick import Tick
from tui.app.widgets.words import Words
from tui.verbs.image.fields import built_of, digest_of, tags_of
from tui.verbs.image.requests import Release, ReleaseSealed
from tui.verbs.image.served import ServedTag
from wallet.hashes import parse_txid

_TAGS = "tags"
_SERVED = "served"


class ReleaseForm(Sealing):
    """Binds a digest to tags of a repository, and seals the image at once where that is wanted."""

    place = "repositories"

    def __init__(self, services: Services, genesis: str, name: str) -> None:
        super().__init__(services)
        self.genesis = genesis
        self.name_released = name
        self._compared = ""
        self._tags: tuple[str, ...] = ()
        self._chosen: tuple[str, ...] = ()

    def body(self) -> ComposeResult:
        """The registry's tags on the left, the form on the right."""
        yield Words(f"Release of {shown(self.name_released)}", classes="heading")
        with Horizontal(id="release"):
            with Vertical(id="release-tags"):
                yield Words("tags in the registry: enter marks", classes="dim")
                yield Listing(Column("", 1), Column("tag"), empty="none", id="tags-list")
            with VerticalScroll(classes="form"):
                yield Entry(self.services, "Tags", Kind.TAGS, "tags", placeholder="1.0 latest", needed=True)
                yield Listing(
                    Column("tag", 10), Column("was", 12), Column("registry", 12), Column("engine"),
                    empty="mark tags to compare digests", id="served",
                )  # fmt: skip
                yield Entry(
                    self.services, "Digest from your builder, or its file", Kind.BUILD, "build",
                    placeholder="sha256:…  /path/build.json  oci:/path:tag",
                )  # fmt: skip
                yield Words("", id="in-full", classes="dim")
                yield Tick("I compared: release what the registry serves", id="as-served")
                yield Tick("final: these tags can never be moved again", id="final")
                yield Tick("sealed: encrypted, so that it opens for holders", id="sealed")
                yield self.rate_field()
                yield from self.running()
                with Horizontal(classes="buttons"):
                    yield Button("Review", variant="primary", id="draft")
                    yield Words("", id="said")

    def on_mount(self) -> None:
        """Asks the registry for its tags."""
        super().on_mount()
        images, name = self.services.images, self.name_released
        self.work(_TAGS, lambda: images.tags(name))
        self.query_one("#tags", Field).focus_input()

    def ask(self) -> Release:
        """What the fields say."""
        as_served = self.query_one("#as-served", Checkbox).value
        return Release(
            genesis=parse_txid(self.genesis),
            name=self.name_released,
            tags=tags_of(self.value("tags")),
            built=() if as_served else (built_of(self.value("build")),),
            compared=digest_of(self._compared) if as_served else None,
            final=self.query_one("#final", Checkbox).value,
            rate=self.rate(),
        )

    def action_draft(self) -> None:
        """A digest has to come from somewhere before anything is made."""
        build = self.query_one("#build", Field)
        as_served = self.query_one("#as-served", Checkbox).value
        if as_served and build.value.strip():
            build.complain("a digest of your own, or what the registry serves: not both")
            build.focus_input()
            return
        if as_served and not self._compared:
            self.say(
                "✗ the registry serves no one digest for these tags: there is nothing that you could have compared"
            )
            return
        if not as_served and not build.value.strip():
            if all_good(self.query(Field)):
                build.complain("paste what your builder printed: what a registry merely says is never signed")
                build.focus_input()
            return
        if not self.query_one("#sealed", Checkbox).value:
            super().action_draft()
        elif all_good(self.query(Field)):
            self.seal(ReleaseSealed(release=self.ask()))

    def answered(self, job: str, answer: Any) -> None:
        """Tags, or digests of the marked ones."""
        super().answered(job, answer)
        if job == _TAGS:
            self._tags = tuple(answer)
            self._mark()
        elif job == _SERVED:
            self.query_one("#served", Listing).show(answer, _served_line)
            self._show_in_full({one.served for one in answer})

    def refused(self, refusal: Refused) -> None:
        """A registry without answer leaves the list empty; the tags can be typed."""
        super().refused(refusal)
        if refusal.job == _SERVED:
            self._show_in_full(set())

    @on(Listing.Chosen, "#tags-list")
    def marked(self, event: Listing.Chosen) -> None:
        """Takes a tag in, or out."""
        field = self.query_one("#tags", Field)
        tags = list(_split(field.value))
        if event.key in tags:
            tags.remove(event.key)
        else:
            tags.append(event.key)
        field.value = " ".join(tags)

    @on(Field.Changed, "#tags")
    def compared(self, event: Field.Changed) -> None:
        """Shows what the tags stand for, as soon as they are tags."""
        tags = _split(event.field.value)
        if event.field.error or tags == self._chosen:
            return
        self._chosen = tags
        self._mark()
        images, name = self.services.images, self.name_released
        self._show_in_full(set())
        self.query_one("#served", Listing).show((), _served_line)
        if tags:
            self.work(_SERVED, lambda: images.served(self.genesis, name, tags))

    def _show_in_full(self, served: set[str]) -> None:
        """The one digest that the registry serves for all tags. A person compares what is shown, and what is shown is
        what is released: where it changes, nothing is compared yet."""
        digest = served.pop() if len(served) == 1 else ""
        if digest != self._compared:
            self.query_one("#as-served", Checkbox).value = False
        self._compared = digest
        differ = "the registry serves different images under these tags" if len(served) > 1 else ""
        self.query_one("#in-full", Words).update(f"the registry serves {digest}" if digest else differ)

    def _mark(self) -> None:
        chosen = frozenset(self._chosen)
        self.query_one("#tags-list", Listing).show(
            self._tags, lambda tag: Line(tag, ("x" if tag in chosen else "", shown(tag)))
        )


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _served_line(one: ServedTag) -> Line:
    engines = ", ".join(f"{engine} {short_digest(digest)}" for engine, digest in one.engines)
    moved = bool(one.served) and bool(one.engines) and all(digest != one.served for _, digest in one.engines)
    cells = (
        shown(one.tag),
        short_digest(one.settled) or "-",
        short_digest(one.served) or "not there",
        f"! {engines}" if moved else engines,
    )
    return Line(one.tag, cells, "warn" if moved else "", 3)
