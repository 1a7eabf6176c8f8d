"""A repository's releases as a timeline: what became of each, newest first."""

from assets.services.read_models.image_views import LineageView, RecordView, RepositoryView
from assets.services.read_models.lineage_views import ReleaseLine

_FINAL = "final"
_BINDING = ("release", _FINAL)
_HASHED = "tag with sha256 "


def timeline(repository: RepositoryView, lineage: LineageView) -> tuple[ReleaseLine, ...]:
    """One line for each tag of each release, newest first.

    Whether a revocation covers a release its record says; a final tag stays on its first digest for ever.
    """
    unsure = {tag.tag for tag in repository.tags if tag.unsure}
    present = {tag.tag: tag.txid for tag in repository.tags}
    finals: dict[str, str] = {}
    lines: list[ReleaseLine] = []
    for record in lineage.records:
        if record.kind not in _BINDING or record.digest is None:
            continue
        for tag in record.tags:
            key = _key(tag)
            violates = finals.get(key, record.digest) != record.digest
            if record.kind == _FINAL and record.counts and not violates:
                finals[key] = record.digest
            word, why = _word(record, settled_in=present.get(key), revoked=record.revoked, violates=violates)
            if word == "current" and key in unsure:
                why = "a manifest is missing without which nobody can tell whether it is revoked"
            if word == "current" and key in finals:
                word = _FINAL
            lines.append(
                ReleaseLine(tag=tag, digest=record.digest, height=record.height, txid=record.txid, word=word, why=why)
            )
    return tuple(reversed(lines))


def _word(record: RecordView, *, settled_in: str | None, revoked: bool, violates: bool) -> tuple[str, str]:
    if not record.counts:
        return "ignored", record.why_not
    if violates:
        return "ignored", "the tag is final: it was bound to another digest for ever"
    if revoked:
        return "revoked", ""
    if not record.settled:
        return "pending", ""
    return ("current" if settled_in == record.txid else "superseded"), ""


def _key(tag: str) -> str:
    """A tag as the settled state names it, also one of which the chain holds only the hash."""
    return f"sha256:{tag.removeprefix(_HASHED)}" if tag.startswith(_HASHED) else tag
