"""A verdict in words: what it is, why, and what it rests on."""

from assets.services.read_models.image_views import RecordView, VerificationView
from tui.cli.output import fields, table
from tui.cli.remedies import words
from tui.text import lines, plain


def verification_text(view: VerificationView) -> str:
    """Everything a person wants to know of a verdict; the word comes first."""
    parts = [f"{view.verdict}: {plain(view.reason)}", fields(_facts(view))]
    standing = [one for one in view.findings if one not in view.allowed]
    parts += [f"also {one.verdict}: {plain(one.reason)}" for one in standing[1:]]
    parts += [f"allowed {one.verdict}: {plain(one.reason)}" for one in view.allowed]
    if view.history:
        about = f"the tag {view.tag} and of this digest" if view.tag is not None else "this digest"
        parts += [f"history of {plain(about)}{_left_out(view)}:", records_table(view.history[-_SHOWN:])]
    parts += [
        f"rival: genesis {rival.genesis} {place(rival.height)} claims this name too; it decides nothing"
        for rival in view.rivals
    ]
    parts += [f"note: {plain(words(note))}" for note in view.notes]
    if view.verdict in _NEXT:
        parts.append(f"next: {_NEXT[view.verdict].format(name=view.name, accepting=_accepting(view))}")
    return lines(parts)


_SHOWN = 20
"""How much of a history stands beside a verdict: a tag such as `latest` may have been released thousands of times."""


def _left_out(view: VerificationView) -> str:
    """Where the records are that are too many to be shown."""
    earlier = len(view.history) - _SHOWN
    return (
        f", without the {earlier:,} before (dockchains image history --genesis {view.genesis})" if earlier > 0 else ""
    )


_NEXT = {
    "UNPINNED": "if this is the publisher's genesis, pin it: dockchains image pin {name}",
    "SUPERSEDED": "pull the tag anew; --allow superseded accepts the old digest",
    "REVOKED": "do not run it; pull a newer release",
    "MISMATCH": "do not run it: ask the publisher, and the registry who moved the tag",
    "UNRELEASED": "do not run it: ask the publisher whether it is theirs",
    "PENDING": "wait for the next block, or accept it with --allow pending",
    "FROZEN": "nothing new can be released or revoked here; --allow frozen accepts what was",
    "PIN_CHANGED": "do not run it: ask the publisher by another way than the registry",
    "NEW_OWNER": "if you trust the owner: dockchains image pin {name} {accepting}, which names earlier ones as well",
    "UNDECIDED": "see `dockchains chain status` and `dockchains chain doctor`, and ask again",
    "UNAVAILABLE": "see that the node and the registry run (`dockchains chain doctor`), and ask again",
    "NO_ASSET": "ask the publisher for the genesis txid, and give it with --genesis",
}
"""What a person can do about each verdict."""


def _accepting(view: VerificationView) -> str:
    """What to say to `image pin`, so that what vouched accepts the present owner."""
    kinds = {voucher.kind for voucher in view.vouchers}
    if kinds == {"--genesis"}:
        return f"--genesis {view.genesis}"
    return "--accept-owner --lock FILE" if "lock file" in kinds else "--accept-owner"


_LONGEST = 500
"""Characters; more than name, tag and digest together can have."""


def _facts(view: VerificationView) -> list[tuple[str, str]]:
    vouched = ", ".join(voucher.kind for voucher in view.vouchers) or "nobody but the registry"
    facts = [("image", plain(view.image or view.reference, limit=_LONGEST))]
    if view.genesis is not None:
        facts += [
            ("genesis", f"{view.genesis} {place(view.genesis_height)}"),
            ("vouched by", vouched),
            ("owner", view.owner_address or view.owner or ""),
        ]
    if view.deciding is not None:
        facts.append(("record", f"{view.deciding.kind} in {view.deciding.txid} {place(view.deciding.height)}"))
    if view.tip is not None:
        facts.append(("tip", f"block {view.tip.height} on {view.network}, {age(view.tip.age)} old"))
    return facts


def records_table(records: tuple[RecordView, ...], network: str | None = None) -> str:
    """Records, oldest first, one a line; with the name of their network, hand-overs tell the new owner's address."""
    return table(
        ("block", "record", "what", "digest", "transaction"),
        [
            (
                "mempool" if one.height is None else str(one.height),
                one.kind if one.counts or not one.why_not else f"{one.kind} (ignored: {plain(one.why_not)})",
                plain(", ".join(one.tags) or one.detail or _taker(one, network)),
                one.digest[:19] if one.digest is not None else "",
                one.txid,
            )
            for one in records
        ],
        right=frozenset({0}),
    )


def _taker(record: RecordView, network: str | None) -> str:
    """To whom the title went."""
    if record.kind != "transfer" or record.owner is None or network is None:
        return ""
    from tui.verbs.image.show import owner_shown

    return f"to {owner_shown(record.owner, network)}"


def place(height: int | None) -> str:
    """Where a transaction is, in brackets."""
    return "(in the mempool)" if height is None else f"(block {height})"


def age(seconds: int) -> str:
    """A span of time in the largest unit that fits."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
