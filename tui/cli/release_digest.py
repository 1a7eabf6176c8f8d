"""Where the digest of a release comes from: the builder, and never the registry alone."""

from pathlib import Path

from assets.images.digest import Digest
from assets.images.reference import ImageReference
from assets.images.tag import Tag, parse_tag
from assets.registry.engines import local_digests
from assets.registry.layout import LayoutReference, read_build_metadata, read_layout
from tui.cli.call import Call
from tui.cli.exits import NoTerminalError
from wallet.errors import EncodingError


def split_tags(text: str) -> tuple[str, tuple[Tag, ...]]:
    """Canonical name and tags of `name:tag,tag`. Raises EncodingError."""
    head, slash, last = text.rpartition("/")
    base, colon, tags = last.partition(":")
    if "@" in text:
        raise EncodingError("a release names tags; the digest comes with --digest", hint="say NAME:TAG --digest DIGEST")
    if not colon:
        raise EncodingError(f"no tag in {text[:200]!a}", hint="say NAME:TAG, or NAME:TAG,TAG for several")
    parsed = tuple(parse_tag(tag) for tag in tags.split(","))
    twice = next((tag for tag in parsed if parsed.count(tag) > 1), None)
    if twice is not None:
        raise EncodingError(f"the tag {twice} is named twice", hint="name each tag once")
    return ImageReference.parse(head + slash + base).name, parsed


def chosen_digest(
    call: Call, name: str, tags: tuple[Tag, ...], *, digest: str | None, layout: str | None, metadata_file: Path | None
) -> Digest:
    """The digest that the builder made, or that a person chose knowing both the registry's and the engine's.

    Raises NoTerminalError where nobody can be asked.
    """
    given = [
        *([Digest.parse(digest)] if digest is not None else []),
        *([read_layout(LayoutReference.parse(layout)).digest] if layout is not None else []),
        *([read_build_metadata(metadata_file)] if metadata_file is not None else []),
    ]
    if len(set(given)) > 1:
        raise EncodingError(
            f"the digests differ: {', '.join(map(str, given))}", hint="give the one of the image that you pushed"
        )
    return given[0] if given else _asked(call, name, tags)


def _asked(call: Call, name: str, tags: tuple[Tag, ...]) -> Digest:
    if not call.terminal.interactive:
        raise NoTerminalError(
            "no digest, and nobody to ask: what a registry merely says is never signed",
            hint="give --digest, --layout or --metadata-file from your builder",
        )
    served = call.house.registry.manifest(name, tags[0]).digest
    local = local_digests(name, tags[0])
    call.note(f"the registry serves   {served}")
    for engine, found in local:
        call.note(f"{engine} last pushed or pulled {found}")
    if not local:
        call.note("no local engine knows this image")
    elif all(found != served for _, found in local):
        call.note("warning: the registry and the local engine differ; a tag may have been moved behind your back")
    call.terminal.confirm(f"Release {served}?", yes=False)
    return served
