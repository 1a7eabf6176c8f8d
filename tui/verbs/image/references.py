"""What a person types about images, parsed before anything is looked up: the same for both front ends.

Every parser raises EncodingError.
"""

from assets.images.reference import ImageReference
from wallet.errors import EncodingError
from wallet.hashes import Txid, parse_txid


def reference(text: str) -> ImageReference:
    """An image, by name and perhaps tag and digest."""
    return ImageReference.parse(text.strip())


def bare_name(text: str) -> str:
    """The canonical name of a repository, given without tag and digest."""
    found = reference(text)
    if found.tag is not None or found.digest is not None:
        raise EncodingError(
            f"this is about the repository, not about one image of it: {text[:200]!a}", hint=f"say {found.name}"
        )
    return found.name


def genesis(text: str | None) -> Txid | None:
    """The genesis that was named, if any."""
    return parse_txid(text.strip().lower()) if text is not None and text.strip() else None


def name_or_genesis(text: str) -> tuple[str | None, Txid | None]:
    """What one field holds in which either may stand."""
    try:
        return None, genesis(text)
    except EncodingError:
        return bare_name(text), None
