"""A draft as a person reads it before saying yes."""

import re
from typing import Any

from textual.content import Content

from assets.services.read_models.wallet_views import DraftInput, DraftOutput, DraftView
from tui.app.text import WHOLE, btc, color_text, short, shown
from tui.verbs.prepared import Prepared
from tui.verbs.review import KeysFirst
from wallet.fees import FeeRate

_TXID = re.compile(r"[0-9a-f]{64}")


def review_content(offered: Prepared[Any] | KeysFirst) -> Content:
    """What is signed beside transactions, then every draft. Where the keys are needed first, why."""
    if isinstance(offered, KeysFirst):
        return Content(shown(offered.why, limit=WHOLE))
    review = offered.review
    rows = [Content.styled(shown(review.heading), "bold")] if review.heading and review.drafts else []
    rows += [
        Content.assemble((f"{shown(label):<11}", "$text-muted"), shown(text, limit=WHOLE))
        for label, text in review.facts
        if text
    ]
    rows += [
        Content.styled(f"! warning: {shown(warning, limit=WHOLE)}", "$text-warning") for warning in review.warnings
    ]
    if review.twice:
        rows.insert(0, Content.styled(f"! a second time: {shown(review.twice, limit=WHOLE)}", "$text-warning"))
    parts = [Content("\n").join(rows)] if rows else []
    return Content("\n\n").join([*parts, draft_content(review.drafts)] if review.drafts else parts)


def draft_content(drafts: tuple[DraftView, ...]) -> Content:
    """Every draft: what each asset does first, then money, warnings, and the coins that go in and out."""
    parts = [_one(draft, number, len(drafts)) for number, draft in enumerate(drafts, 1)]
    return Content("\n\n").join(parts)


def _one(draft: DraftView, number: int, total: int) -> Content:
    which = f" {number} of {total}" if total > 1 else ""
    rows: list[Content] = [Content.styled(f"{shown(draft.kind)}{which}  {short(draft.txid)}", "bold")]
    if draft.genesis:
        rows.append(Content.assemble(("of     ", "$text-muted"), f"genesis {shown(draft.genesis)}"))
    rows += [Content.assemble(("asset  ", "$text-muted"), shown(effect, limit=WHOLE)) for effect in draft.effects]
    rows += [Content.styled(f"! warning: {shown(warning, limit=WHOLE)}", "$text-warning") for warning in draft.warnings]
    rows += [Content.assemble(("note   ", "$text-muted"), shown(note, limit=WHOLE)) for note in draft.notes]
    rate = f"{FeeRate(draft.rate)}, {shown(draft.rate_source)}, at most {draft.vsize} vB"
    rows.append(Content.assemble(("fee    ", "$text-muted"), f"{draft.fee:,} sat ({rate})"))
    rows.append(Content.assemble(("wallet ", "$text-muted"), f"{btc(draft.delta, sign=True)} BTC"))
    rows += [_input(item) for item in draft.inputs]
    rows += [_output(item) for item in draft.outputs]
    return Content("\n").join(rows)


def _input(item: DraftInput) -> Content:
    whose = "ours" if item.own else "NOT OURS"
    carries = f"  {_carried(item.color)}" if item.color else ""
    text = f"{shown(item.role):<12} {item.sats:>13,} sat  {short(item.outpoint)}  {whose}{carries}"
    return Content.assemble(("in     ", "$text-muted"), text)


def _carried(color: str) -> str:
    """What a coin carries, its genesis by its two ends: the line of the repository has it in full."""
    return _TXID.sub(lambda found: short(found[0]), color_text(color))


def _output(item: DraftOutput) -> Content:
    whose = " ours" if item.own else ""
    target = shown(item.place) if item.place else "(no address)"
    carries = f"  {_carried(item.color)}" if item.color else ""
    text = f"{shown(item.role):<12} {item.sats:>13,} sat  {target}{whose}{carries}"
    return Content.assemble(("out    ", "$text-muted"), text)
