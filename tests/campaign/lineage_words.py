"""A story in words, short enough to be understood where two opinions of it differ."""

from tests.campaign.lineage_stories import Story
from tests.judge.simple_coloring import Entry, Repository


def described(told: Story, repository: Repository, digest: str | None = None) -> str:
    """What the records say, oldest first, and the documents that they or the question name, by the judge's reading."""
    entries = {entry.txid: entry for entry in repository.history}
    lines = [f"  tip {told.tip}, {told.confirmations} confirmations settle"]
    for one in told.sent:
        place = "mempool" if one.height is None else str(one.height)
        entry = entries.get(one.txid)
        lines.append(f"  {place:>7} {one.kind}: {'no record' if entry is None else _record(entry)}")
    documents = [*told.served.values(), *(one for beside in told.beside.values() for one in beside)]
    named = {part for line in lines for part in line.split()} | {(digest or "")[:8]}
    for known in documents:
        if known.digest[:8] in named:
            named.update(entry[:8] for entry in known.entries or ())
    for ciphertext, beside in told.beside.items():
        if ciphertext[:8] in named:
            lines.append(f"  beside {ciphertext[:8]}: {' '.join(one.digest[:8] for one in beside)}")
    for known in documents:
        if known.digest[:8] in named:
            inside = "image" if known.entries is None else f"list of {' '.join(entry[:8] for entry in known.entries)}"
            where = "" if known.digest in told.served else " (beside a sealed form only)"
            lines.append(f"  {known.digest[:8]} = {inside if known.readable else 'unreadable'}{where}")
    return "\n".join(dict.fromkeys(lines))


def _record(entry: Entry) -> str:
    record = entry.record
    if record is None:
        return "bytes that are no record"
    alone = " alone" if record.alone else ""
    tags = " for " + " ".join(tag[:4] for tag in record.tags) if record.tags else ""
    other = f" {record.other[:8]}" if record.kind == "SEAL" else ""
    state = "" if entry.counts else " (witness unproven)" if entry.unproven else " (does not count)"
    broken = f", final before: {' '.join(tag[:4] for tag in entry.violated)}" if entry.violated else ""
    return f"{record.kind}{alone} {record.digest[:8]}{other}{tags}{state}{broken}"
