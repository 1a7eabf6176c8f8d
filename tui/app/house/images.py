"""Repositories, verdicts and pins of an open wallet."""

from assets.images.tag import parse_tag
from assets.services.read_models.access_views import HoldersView
from assets.services.read_models.image_views import PinView, RepositoriesView, VerificationView
from tui.verbs.access.holders import holders
from tui.verbs.image import pin, show
from tui.verbs.image.fields import bare_name
from tui.verbs.image.finding import find, the_one
from tui.verbs.image.pin import Proposed
from tui.verbs.image.publish import publish
from tui.verbs.image.reader_requests import Find, Pin, Verify
from tui.verbs.image.references import name_or_genesis
from tui.verbs.image.requests import Publish
from tui.verbs.image.served import ServedTag, image_tags, served
from tui.verbs.image.show import RepositoryDetail
from tui.verbs.image.verify import verify
from tui.verbs.progress import Report
from tui.verbs.workplace import Workplace
from wallet.hashes import display, parse_txid


class HouseImages:
    """Implements `ImageServices`."""

    def __init__(self, place: Workplace) -> None:
        self._place = place

    def repositories(self) -> RepositoriesView:
        """The repositories whose title this wallet holds or held."""
        return show.repositories(self._place)

    def repository(self, genesis: str) -> RepositoryDetail:
        """A repository with its timeline, its history and its definition."""
        return show.detail(parse_txid(genesis), self._place)

    def holders(self, genesis: str, progress: Report) -> HoldersView:
        """Who holds access units; every coin is asked for at the node."""
        return holders(parse_txid(genesis), self._place.reporting(progress))

    def find(self, text: str) -> str:
        """The genesis that a name means, or itself. Raises AmbiguousNameError where the name fits several."""
        name, genesis = name_or_genesis(text)
        return display(the_one(find(Find(name=name, genesis=genesis), self._place)).genesis)

    def tags(self, name: str) -> tuple[str, ...]:
        """The tags of images that the registry has."""
        return image_tags(name, self._place)

    def served(self, genesis: str, name: str, tags: tuple[str, ...]) -> tuple[ServedTag, ...]:
        """What each tag stands for, on the chain, in the registry and on this machine."""
        return served(parse_txid(genesis), name, tuple(map(parse_tag, tags)), self._place)

    def publish(self, genesis: str, name: str) -> str:
        """Pushes a repository's definition to its registry again."""
        done = publish(Publish(genesis=parse_txid(genesis), name=bare_name(name)), self._place)
        return f"the definition of {done.name} is published"

    def verify(self, request: Verify, progress: Report) -> VerificationView:
        """The verdict on an image, on the network of the open wallet."""
        return verify(request, self._place.reporting(progress))

    def propose_pin(self, request: Pin) -> Proposed:
        """What pinning would mean."""
        return pin.propose(request, self._place)

    def pin(self, proposed: Proposed) -> PinView:
        """Takes a pin exactly as it was shown."""
        return proposed.take(self._place)

    def unpin(self, shown: PinView) -> PinView:
        """Forgets a pin exactly as it was shown."""
        return pin.unpin(shown.name, self._place, shown=shown).finish()
