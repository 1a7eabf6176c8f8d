"""Taking a pin, from wherever a genesis is shown: propose, look, say yes."""

from typing import Any

from textual.content import Content

from assets.services.read_models.image_views import PinProposalView
from tui.app.dialogs.asking import YesNo
from tui.app.screens.page import Page
from tui.app.text import count, shown
from tui.verbs.image import references
from tui.verbs.image.fields import bare_name
from tui.verbs.image.pin import Proposed
from tui.verbs.image.reader_requests import Pin

_PROPOSE = "propose a pin"
_PIN = "pin"


class Pinning(Page):
    """A screen from which a genesis can be pinned."""

    def propose(self, name: str, *, genesis: str = "", accept_owner: bool = False) -> None:
        """Asks what pinning would mean; the answer is shown with a question."""
        images = self.services.images

        def proposed() -> Proposed:
            named = references.genesis(genesis or None)
            return images.propose_pin(Pin(name=bare_name(name), genesis=named, accept_owner=accept_owner))

        self.work(_PROPOSE, proposed)

    def answered(self, job: str, answer: Any) -> None:
        """Shows the proposal, or that the pin is taken."""
        super().answered(job, answer)
        if job == _PROPOSE:
            self._ask(answer)
        elif job == _PIN:
            self.notify(f"{shown(answer.name)} is pinned", markup=False)
            self.pinned()

    def pinned(self) -> None:
        """A pin was taken."""

    def _ask(self, proposed: Proposed) -> None:
        view = proposed.view
        if view.known:
            self.notify(f"{shown(view.pin.name)} is pinned so already", markup=False)
            return
        images = self.services.images

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - Textual's callback
            if yes:
                self.work(_PIN, lambda: images.pin(proposed))

        question = "Let this genesis, held by this owner, speak for the name?"
        self.app.push_screen(YesNo(question, proposal_text(view), yes="Pin", no="Leave"), answered)


def proposal_text(view: PinProposalView) -> Content:
    """What a person should see before saying yes."""
    pin = view.pin
    rows = [
        f"name      {shown(pin.name)}",
        f"genesis   {pin.genesis}",
        f"block     {pin.height:,}, {count(view.confirmations, 'confirmation')}",
        *(f"owner     {shown(address)}" for address in pin.owner_addresses),
        f"asset     {shown(view.asset)}",
        f"tags      {shown(', '.join(view.tags)) or 'none yet'}",
        f"issuer    {shown(view.issuer)}" if view.issuer else "",
        f"about     {shown(view.description)}" if view.description else "",
    ]
    parts = [Content(row) for row in rows if row]
    parts += [Content.styled(f"! warning: {shown(warning)}", "$text-warning") for warning in view.warnings]
    parts += [
        Content.styled(f"! rival: genesis {one.genesis} claims this name too", "$text-warning") for one in view.rivals
    ]
    parts.append(Content.styled("Compare the genesis with what the publisher says elsewhere.", "$text-muted"))
    return Content("\n").join(parts)
