"""Which plain images are not to be given to others.

Those that their owner sealed, whole or in part, and those that the registry gave to this user and not to everybody.
"""

from collections.abc import Iterable

from assets.errors import RegistryError
from assets.images.digest import Digest
from assets.registry.port import ManifestSource
from assets.services.trust.verifying import Answer


def is_withheld(answer: Answer, digests: Iterable[Digest] = ()) -> bool:
    """Whether the owner sealed the image in question, a list that holds it, or one of its own manifests `digests`."""
    if answer.state is None or answer.digest is None:
        return False
    sealed = {one.plaintext for one in answer.state.sealings}
    return bool(sealed & ({*digests} | _holding(answer, answer.digest)))


def is_open(anybody: ManifestSource, name: str, digest: Digest) -> bool:
    """Whether a registry gives a manifest to `anybody`, who has no credentials. What cannot be asked is not open."""
    try:
        anybody.manifest(name, digest)
    except RegistryError:
        return False
    return True


def _holding(answer: Answer, digest: Digest) -> set[Digest]:
    """A digest and every list that holds it, however far up, as far as the verdict had to know them."""
    found: set[Digest] = set()
    waiting = [digest]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += [index for index, held in answer.circumstances.contents.items() if one in held]
    return found
