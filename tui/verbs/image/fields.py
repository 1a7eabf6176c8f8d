"""What a person types about images, parsed in one way for both front ends. Pure."""

from pathlib import Path

from assets.images.content_key import MAX_NUMBER
from assets.images.digest import Digest
from assets.images.record import RevokeReason
from assets.images.reference import ImageReference
from assets.images.tag import Tag, parse_tag
from assets.model import MAX_ACCESS_UNITS
from assets.registry.layout import LayoutReference
from tui.verbs.files import whole_path
from tui.verbs.whole_numbers import whole
from wallet.amount import Sats
from wallet.errors import EncodingError

MIN_TITLE, MAX_TITLE = 546, 10_000_000
"""Bounds of what a title's coin holds, in sats."""

Built = Digest | LayoutReference | Path
"""What a builder says of its image: the digest itself, the layout that it wrote, or its metadata file."""


def bare_name(text: str) -> str:
    """The canonical name of a repository, given without tag and digest. Raises EncodingError."""
    reference = ImageReference.parse(text.strip())
    if reference.tag is not None or reference.digest is not None:
        raise EncodingError(
            f"this is about the repository, not about one image of it: {text[:200]!a}", hint=f"say {reference.name}"
        )
    return reference.name


def tags_of(text: str) -> tuple[Tag, ...]:
    """Tags as a person separates them: by commas or blanks. Raises EncodingError."""
    return _tags(text.replace(",", " ").split())


def named_tags(text: str) -> tuple[str, tuple[Tag, ...]]:
    """Canonical name and tags of `name:tag,tag`. Raises EncodingError."""
    head, slash, last = text.rpartition("/")
    base, colon, tags = last.partition(":")
    if "@" in text:
        raise EncodingError("a release names tags; the digest comes with --digest", hint="say NAME:TAG --digest DIGEST")
    if not colon:
        raise EncodingError(f"no tag in {text[:200]!a}", hint="say NAME:TAG, or NAME:TAG,TAG for several")
    parsed = _tags(tags.split(","))
    return ImageReference.parse(head + slash + base).name, parsed


def digest_of(text: str) -> Digest | None:
    """The digest that a text is, or None where it must be something else. Raises EncodingError for a broken one."""
    return Digest.parse(text.strip()) if text.strip().startswith("sha256:") else None


def image_of(text: str) -> tuple[Tag | None, Digest | None]:
    """One image of a repository, by its tag or by its digest. Raises EncodingError."""
    digest = digest_of(text)
    return (parse_tag(text.strip()), None) if digest is None else (None, digest)


def built_of(text: str) -> Built:
    """What a builder says of its image, with whole paths. Raises EncodingError."""
    digest = digest_of(text)
    if digest is not None:
        return digest
    path = text.strip().removeprefix("oci:")
    if not path.startswith(("/", "~")):
        raise EncodingError(
            "neither a digest nor a full path", hint="sha256:…, or the path of the metadata file or oci: layout"
        )
    return layout_of(text) if text.strip().startswith("oci:") else whole_path(text)


def layout_of(text: str) -> LayoutReference:
    """An OCI layout (`oci:/path:tag`) with its whole path. Raises EncodingError."""
    found = LayoutReference.parse(text.strip())
    return LayoutReference(folder=whole_path(str(found.folder)), tag=found.tag)


def key_number(text: str) -> int:
    """The number of an epoch or a generation; 1 where nothing is said. Raises EncodingError."""
    return whole(text.strip() or "1", least=1, most=MAX_NUMBER, what="a number that counts keys")


def units_of(text: str) -> int:
    """A number of access units. Raises EncodingError."""
    return whole(text, least=1, most=MAX_ACCESS_UNITS, what="a number of units")


def title_value_of(text: str) -> Sats:
    """What a title's coin holds. Raises EncodingError."""
    return Sats(whole(text, least=MIN_TITLE, most=MAX_TITLE, what="an amount of sats"))


def reason_of(text: str) -> RevokeReason:
    """Why an image is revoked, by the reason's name. Raises EncodingError."""
    found = next((reason for reason in RevokeReason if reason.name.lower() == text.lower()), None)
    if found is None:
        names = ", ".join(reason.name.lower() for reason in RevokeReason)
        raise EncodingError(f"not a reason: {text[:40]!a}", hint=f"one of {names}")
    return found


def _tags(texts: list[str]) -> tuple[Tag, ...]:
    found = tuple(parse_tag(one) for one in texts)
    if not found:
        raise EncodingError("no tag", hint="name at least one, such as 1.0")
    twice = next((one for one in found if found.count(one) > 1), None)
    if twice is not None:
        raise EncodingError(f"the tag {twice} is named twice", hint="name each tag once")
    return found
