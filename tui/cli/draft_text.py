"""A draft in words: what goes in, what comes out, what happens to each asset, what it costs."""

from assets.services.read_models.wallet_views import DraftInput, DraftOutput, DraftView
from tui.cli.output import table
from tui.cli.remedies import words
from tui.text import lines, plain
from wallet.amount import format_btc, format_sats
from wallet.fees import FeeRate

WHOLE = 2_000
"""Characters of what is about to be signed: a name, several transactions and amounts have room, and none is cut."""


def draft_text(draft: DraftView) -> str:
    """Everything that a person should see before saying yes."""
    parts = [
        f"{draft.kind} {draft.txid}",
        table(
            ("in", "role", "sat", "coin", "carries"),
            [_input_row(number, item) for number, item in enumerate(draft.inputs)],
            right=frozenset({2}),
        ),
        table(
            ("out", "role", "sat", "to", "carries"),
            [_output_row(item) for item in draft.outputs],
            right=frozenset({2}),
        ),
        *((f"repository: genesis {draft.genesis}",) if draft.genesis else ()),
        *(f"asset: {plain(effect, limit=WHOLE)}" for effect in draft.effects),
        *(f"note: {plain(words(note), limit=WHOLE)}" for note in draft.notes),
        f"fee: {format_sats(draft.fee)}, {FeeRate(draft.rate)}, at most {draft.vsize} vB ({plain(draft.rate_source)})",
        f"this wallet: {'+' if draft.delta > 0 else ''}{format_btc(draft.delta)} BTC",
        *(f"warning: {plain(words(warning), limit=WHOLE)}" for warning in draft.warnings),
    ]
    return lines(parts)


def _input_row(number: int, item: DraftInput) -> tuple[str, ...]:
    coin = item.outpoint if item.own else f"{item.outpoint} (not ours)"
    return (str(number), item.role, f"{item.sats:,}", coin, plain(item.color))


def _output_row(item: DraftOutput) -> tuple[str, ...]:
    place = item.place or "(no address)"
    return (str(item.vout), item.role, f"{item.sats:,}", f"{place} (ours)" if item.own else place, plain(item.color))
