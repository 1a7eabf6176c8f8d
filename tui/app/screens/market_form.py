"""What the market's forms have in common: after the review, the document that was signed is shown, to be handed on."""

from typing import Any

from tui.app.screens.form import DraftForm
from tui.app.screens.market_paper import PAPERS, PaperScreen
from tui.app.screens.page import Page
from tui.app.services import Services
from tui.app.widgets.field import Field
from tui.verbs.review import Outcome, SignedPaper


class MarketForm(DraftForm):
    """A form of the market."""

    place = "market"

    def ended(self, outcome: Outcome[Any]) -> None:
        """Shows a bid or a listing in the form's place; anything else ends the form."""
        paper = next((one for one in outcome.papers if one.kind in PAPERS), None)
        if paper is None:
            self.sent()
        else:
            show_paper(self, self.services, paper)


class FreeForm(MarketForm):
    """A form whose yes costs no fee of ours: it has no rate."""

    def rate_field(self) -> Field:
        """There, and never seen."""
        field = super().rate_field()
        field.display = False
        return field


def show_paper(page: Page, services: Services, paper: SignedPaper) -> None:
    """Puts a signed document in the place of a form."""
    screen = PaperScreen(services, paper)
    screen.set_reactive(Page.status, page.status)
    page.app.switch_screen(screen)
