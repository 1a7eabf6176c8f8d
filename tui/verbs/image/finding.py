"""Which repository is meant: the one resolver, from a name or a genesis as a person gives it."""

from dataclasses import dataclass

from assets.errors import AmbiguousNameError, NamedRepository
from assets.services.chain.known_names import is_hidden, with_name
from assets.services.read_models.image_views import RepositoryView
from assets.services.wallets.naming import Whereabouts, meant_repository
from tui.verbs.image.reader_requests import Find
from tui.verbs.reading import Reading
from tui.verbs.workplace import Workplace
from wallet.errors import EncodingError

__all__ = ["Whereabouts", "WhichRepository", "find", "shown_by_name", "the_one"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichRepository:
    """A question: the name fits several repositories that this user has to do with. `refusal` is for whoever can ask
    nobody; the answer is the same request with a genesis."""

    request: Find
    refusal: AmbiguousNameError

    @property
    def repositories(self) -> tuple[NamedRepository, ...]:
        """Those that it fits, oldest first."""
        return self.refusal.repositories


def find(request: Find, place: Workplace) -> Whereabouts | WhichRepository:
    """The repository that is meant; a name that only a hash stands for on the chain is remembered.

    A name and a genesis must belong together. Raises EncodingError where neither is given, NotOwnerError for `own`,
    StateError, ImageError, RegistryError.
    """
    name, genesis, chain = request.name, request.genesis, place.chain()
    if name is None:
        if genesis is None:
            raise EncodingError("which repository?", hint="say its name, or its genesis")
        chain.catch_up()
        return Whereabouts(genesis=genesis, note="")
    with place.session() if request.own else place.session_if_any() as session:
        registry = None if request.own else place.registry
        try:
            found = meant_repository(name, genesis, chain, place.pins.load(), session, registry)
        except AmbiguousNameError as refusal:
            return WhichRepository(request=request, refusal=refusal)
    if not request.own and is_hidden(name):
        place.names.remember(name)
    return found


def the_one(found: Whereabouts | WhichRepository) -> Whereabouts:
    """The repository, for whoever can ask nobody. Raises AmbiguousNameError."""
    if isinstance(found, WhichRepository):
        raise found.refusal
    return found


def shown_by_name(view: RepositoryView, reading: Reading) -> RepositoryView:
    """A repository under the name that this user knows it by, where the chain holds only the name's hash."""
    return with_name(view, reading.known_names)
