"""Revoking an image, for ever."""

from textual.app import ComposeResult
from textual.widgets import RadioSet

from tui.app.kinds import Kind
from tui.app.screens.form import DraftForm, Entry
from tui.app.services import Services
from tui.app.text import shown
from tui.app.widgets.tick import Pick
from tui.app.widgets.words import Words
from tui.verbs.image.fields import image_of, reason_of
from tui.verbs.image.requests import Revoke
from wallet.hashes import parse_txid

REASONS = ("unspecified", "compromised", "broken", "withdrawn")


class RevokeForm(DraftForm):
    """Takes an image back: a digest, or what a tag stands for now."""

    place = "repositories"
    explanation = "Nobody can undo a revocation, and no later release does. It counts from the mempool on."

    def __init__(self, services: Services, genesis: str, name: str, image: str) -> None:
        super().__init__(services)
        self.genesis = genesis
        self.name_revoked = name
        self.heading = f"Revoke an image of {shown(name)}"
        self._image = image

    def fields(self) -> ComposeResult:
        """Which image, and why."""
        yield Entry(self.services, "Digest, or tag", Kind.IMAGE, "image", value=self._image, needed=True)
        yield Entry(
            self.services, "Platform", Kind.TEXT, "platform", placeholder="empty: a list with all that it holds"
        )
        yield Words("Reason", classes="field-label")
        with RadioSet(id="reason"):
            for number, reason in enumerate(REASONS):
                yield Pick(reason, value=not number)

    def ask(self) -> Revoke:
        """What the fields say."""
        chosen = self.query_one("#reason", RadioSet).pressed_index
        tag, digest = image_of(self.value("image"))
        return Revoke(
            genesis=parse_txid(self.genesis),
            name=self.name_revoked,
            tag=tag,
            digest=digest,
            reason=reason_of(REASONS[max(0, chosen)]),
            platform=self.value("platform") or None,
            rate=self.rate(),
        )
