"""Sealing: an image is encrypted, pushed, and named on the chain as the sealed form of a release."""

import threading
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Checkbox

from tui.app.access_services import OpenSecrets
from tui.app.dialogs.with_keys import WithKeys
from tui.app.kinds import Kind
from tui.app.messages import Progressed, Refused
from tui.app.screens.access_pull import progress_text
from tui.app.screens.form import DraftForm, Entry
from tui.app.services import Services
from tui.app.text import short_digest, shown
from tui.app.widgets.field import Field, all_good
from tui.app.widgets.tick import Tick
from tui.app.widgets.words import Words
from tui.verbs.files import whole_path
from tui.verbs.image.cautions import ACCESS_IS_ACCESS, CONFIG_IS_PLAIN
from tui.verbs.image.fields import image_of, key_number, layout_of
from tui.verbs.image.requests import RecordSeal, ReleaseSealed, Seal
from tui.verbs.image.requests import Sealing as SealingRequest
from tui.verbs.image.seal import SealedForm
from wallet.hashes import parse_txid

_SEAL = "seal"


class Sealing(DraftForm):
    """A form whose image is encrypted and pushed before its draft is made. Subclasses say what is sealed."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.sealed: SealedForm | None = None
        self._asked: SealingRequest | None = None
        self._stop = threading.Event()
        self._busy = False

    def seal(self, ask: SealingRequest) -> None:
        """The password first, since the key follows from the words; what is sealed already goes on to the draft."""
        if self._busy:
            return
        self._asked = ask
        body = Content.assemble(
            f"{shown(_what(ask))}\n\n",
            "The key of the image follows from this wallet's words. The image is encrypted and pushed by its digest; ",
            "then you see the transaction, and sign it or leave it.\n",
            (f"! {ACCESS_IS_ACCESS} {CONFIG_IS_PLAIN}", "$text-warning"),
        )
        access = self.services.access
        dialog = WithKeys(self.services, "Encrypt and push?", body, yes="Go on", call=access.open_secrets)

        def opened(secrets: Any) -> None:
            if isinstance(secrets, OpenSecrets):
                self._encrypt(ask, secrets)

        self.app.push_screen(dialog, opened)

    def running(self) -> ComposeResult:
        """Report and a way to end it."""
        with Horizontal(classes="buttons", id="running"):
            yield Button("Cancel", id="cancel")
            yield Words("", id="progress")

    def on_mount(self) -> None:
        """Nothing runs yet."""
        self.query_one("#running").display = False
        super().on_mount()

    def on_unmount(self) -> None:
        """Whoever leaves ends the work, too."""
        self._stop.set()

    @on(Button.Pressed, "#cancel")
    def cancel_pressed(self) -> None:
        """The button."""
        self.cancel()

    def cancel(self) -> None:
        """Ends the work at the next chunk."""
        self._stop.set()

    def on_progressed(self, message: Progressed) -> None:
        """How far it is."""
        if self._busy:
            self.query_one("#progress", Words).update(progress_text(message))

    def answered(self, job: str, answer: Any) -> None:
        """Encrypted and pushed: on to the draft."""
        super().answered(job, answer)
        if job == _SEAL and isinstance(answer, SealedForm) and self._asked is not None:
            self.sealed = answer
            self._rest()
            for note in answer.notes:
                self.notify(shown(note, limit=400), severity="warning", markup=False, timeout=15)
            self.make(RecordSeal(sealing=self._asked, form=answer))
            self.say(f"pushed as {short_digest(answer.ciphertext)}; making the transaction…")

    def refused(self, refusal: Refused) -> None:
        """Says why, or that it was ended."""
        super().refused(refusal)
        if refusal.job == _SEAL:
            self._rest()
            self.say(f"✗ {refusal.text}")

    def _encrypt(self, ask: SealingRequest, secrets: OpenSecrets) -> None:
        self._stop = threading.Event()
        self._busy = True
        self.query_one("#running").display = True
        self.query_one("#progress", Words).update("reading the image…")
        self.say("")
        access, told, stop = self.services.access, self.told(_SEAL), self._stop.is_set
        self.work(_SEAL, lambda: access.seal(ask, secrets, told, stop))
        self.query_one("#cancel", Button).focus()

    def _rest(self) -> None:
        self._busy = False
        if self.is_mounted:
            self.query_one("#running").display = False


class SealForm(Sealing):
    """An image that is released already."""

    place = "repositories"
    explanation = (
        "The encrypted image can travel over any mirror, and opens for holders alone. The release stays what it is."
    )

    def __init__(self, services: Services, genesis: str, name: str, image: str) -> None:
        super().__init__(services)
        self.genesis = genesis
        self.name_sealed = name
        self.heading = f"Seal an image of {shown(name)}"
        self._image = image

    def fields(self) -> ComposeResult:
        """Which image, where it is, and the number of its key."""
        yield Entry(self.services, "Tag, or digest", Kind.IMAGE, "image", value=self._image, needed=True)
        yield Entry(
            self.services, "OCI layout that holds it; empty: the registry", Kind.LAYOUT, "layout",
            placeholder="oci:/path:tag",
        )  # fmt: skip
        yield Tick("leave the registry's tag on the plain image", id="keep-tag")
        yield Entry(self.services, "Generation: another key for it, after a leak", Kind.KEYS, "generation", value="1")
        yield Entry(self.services, "Epoch: another secret for all keys from now on", Kind.KEYS, "epoch")
        yield Entry(
            self.services, "New file for the key, for skopeo (a secret)", Kind.FILE, "key-out",
            placeholder="may be empty",
        )  # fmt: skip
        yield from self.running()

    def sealing(self) -> Seal:
        """What the fields say."""
        tag, digest = image_of(self.value("image"))
        layout, epoch, key_out = self.value("layout"), self.value("epoch"), self.value("key-out")
        return Seal(
            genesis=parse_txid(self.genesis),
            name=self.name_sealed,
            tag=tag,
            digest=digest,
            layout=layout_of(layout) if layout else None,
            generation=key_number(self.value("generation")),
            epoch=key_number(epoch) if epoch else None,
            keep_tag=self.query_one("#keep-tag", Checkbox).value,
            key_out=whole_path(key_out) if key_out else None,
            rate=self.rate(),
        )

    def action_draft(self) -> None:
        """Encrypts first."""
        if all_good(self.query(Field)):
            self.seal(self.sealing())
        else:
            self.say("✗ a field is not right yet")


def _what(ask: SealingRequest) -> str:
    """What is sealed, in words."""
    if isinstance(ask, ReleaseSealed):
        return f"{ask.release.name}: {', '.join(ask.release.tags)}"
    return f"{ask.name}: {ask.tag or ask.digest}"
