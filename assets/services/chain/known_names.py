"""Showing a repository by its name where the chain holds only the name's hash: a record has room for 29 bytes."""

from collections.abc import Iterable
from dataclasses import replace

from assets.images.name import name_hash
from assets.images.record import MAX_PLAIN_NAME_BYTES
from assets.services.read_models.image_views import RepositoryView


def is_hidden(name: str) -> bool:
    """Whether records hold only the hash of this canonical name."""
    return len(name) > MAX_PLAIN_NAME_BYTES


def with_name(view: RepositoryView, names: Iterable[str]) -> RepositoryView:
    """The view under the one of `names` that the chain's hash stands for; as it is where none fits."""
    fitting = (name for name in names if is_hidden(name) and name_hash(name).hex() == view.name_hash)
    found = next(fitting, None)
    return view if found is None else replace(view, name=found)
