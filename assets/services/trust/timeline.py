"""A repository's releases as a timeline: what became of each, newest first."""

from assets.services.read_models.image_views import LineageView, RecordView, RepositoryView
from assets.services.read_models.lineage_views import ReleaseLine

_FINAL = "final"
_BINDING = ("release", _FINAL)
_HASHED = "tag with sha256 "


def timeline(repository: RepositoryView, lineage: LineageView) -> tuple[ReleaseLine, ...]:
    """One line for each tag of each release, newest first.

    A revocation counts from the mempool on, whatever came later; a final tag stays on its first digest for ever.
    """
    revoked = {one.digest for one in lineage.records if one.kind == "revoke" and one.counts}
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
            word, why = _word(record, settled_in=present.get(key), revoked=record.digest in revoked, violates=violates)
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
