"""What tags stand for: on the chain, in the registry, and in the engines of this machine."""

from dataclasses import dataclass

from assets.errors import NotFoundError
from assets.images.tag import Tag, tag_key
from assets.registry.engines import local_digests
from assets.services.chain.lineage import read_lineage
from tui.verbs.reading import Reading
from wallet.hashes import Txid


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedTag:
    """A tag's digests: settled on the chain, in the registry, in local engines. Empty where nothing is known."""

    tag: str
    settled: str
    served: str
    engines: tuple[tuple[str, str], ...] = ()


_OURS = frozenset({"dockchains", "dockchains-asks", "dockchains-evidence"})
"""Tags under which this program keeps documents; they are never images."""

_FALLBACK = "sha256-"
"""How tags begin that stand in for referrers."""


def image_tags(name: str, reading: Reading) -> tuple[str, ...]:
    """The tags of images that the registry has; none where it does not know the repository yet."""
    try:
        found = reading.registry.tags(name)
    except NotFoundError:
        return ()
    return tuple(tag for tag in found if tag not in _OURS and not tag.startswith(_FALLBACK))


def served(genesis: Txid, name: str, tags: tuple[Tag, ...], reading: Reading) -> tuple[ServedTag, ...]:
    """Each tag of a repository. Raises RegistryError."""
    chain = reading.chain()
    chain.catch_up()
    lineage = read_lineage(chain, genesis, confirmations=reading.reading_confirmations)
    found = []
    for tag in tags:
        bound = None if lineage is None else lineage.state.current(tag_key(tag))
        engines = tuple((engine, str(digest)) for engine, digest in local_digests(name, tag))
        settled = "" if bound is None else str(bound.digest)
        found.append(ServedTag(tag=tag, settled=settled, served=_served(name, tag, reading), engines=engines))
    return tuple(found)


def _served(name: str, tag: Tag, reading: Reading) -> str:
    try:
        return str(reading.registry.manifest(name, tag).digest)
    except NotFoundError:
        return ""
