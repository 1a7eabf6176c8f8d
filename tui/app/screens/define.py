"""A new definition: name, words and links. What ties it to its genesis stays."""

from textual.app import ComposeResult

from tui.app.kinds import Kind
from tui.app.screens.form import DraftForm, Entry
from tui.app.services import Services
from tui.app.text import shown
from tui.verbs.image.fields import bare_name, digest_of
from tui.verbs.image.requests import Define
from wallet.hashes import parse_txid

LINKS = (("source", Kind.TEXT), ("terms", Kind.DIGEST), ("gate", Kind.ORIGIN), ("magnet", Kind.MAGNET))
_CLEAR = "-"


class DefineForm(DraftForm):
    """What changes; an empty field keeps what is there."""

    place = "repositories"
    explanation = "Empty fields keep what is there; a single - takes a link away. After a rename consumers pin anew."

    def __init__(self, services: Services, genesis: str, name: str, seen: str) -> None:
        """`seen` is the sha256 of the definition that is on the screen: what is kept is kept of that one."""
        super().__init__(services)
        self.genesis = genesis
        self._seen = seen
        self.name_defined = name
        self.heading = f"A new definition of {shown(name)}"

    def fields(self) -> ComposeResult:
        """Name, words, links."""
        yield Entry(self.services, "New name", Kind.NAME, "new-name")
        yield Entry(self.services, "Issuer", Kind.TEXT, "issuer")
        yield Entry(self.services, "What the image is", Kind.TEXT, "description")
        for link, kind in LINKS:
            yield Entry(self.services, link.capitalize(), kind, link, check=self._check_link)

    def ask(self) -> Define:
        """What the fields say."""
        links = {link: self.value(link) for link, _ in LINKS if self.value(link)}
        name = self.value("new-name")
        return Define(
            genesis=parse_txid(self.genesis),
            name=self.name_defined,
            seen=digest_of(f"sha256:{self._seen}"),
            new_name=bare_name(name) if name else None,
            issuer=self.value("issuer") or None,
            description=self.value("description") or None,
            links={link: "" if text == _CLEAR else text for link, text in links.items()},
            rate=self.rate(),
        )

    def _check_link(self, kind: Kind, text: str) -> str:
        return "is taken away" if text.strip() == _CLEAR else self.services.check(kind, text)
