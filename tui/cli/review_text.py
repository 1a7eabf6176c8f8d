"""What a deed would do, in words: what is signed beside transactions, then every draft."""

from tui.cli.draft_text import WHOLE, draft_text
from tui.cli.output import fields
from tui.cli.remedies import words
from tui.text import Lines, lines, paragraphs, plain
from tui.verbs.review import Review


def review_text(review: Review) -> Lines:
    """Everything that a person should see before saying yes."""
    facts = [(plain(name), plain(value, limit=WHOLE)) for name, value in review.facts if value]
    said = [
        *((plain(review.heading, limit=WHOLE),) if review.heading else ()),
        *((fields(facts),) if facts else ()),
        *(f"warning: {plain(words(warning), limit=WHOLE)}" for warning in review.warnings),
    ]
    return paragraphs([*((lines(said),) if said else ()), *(draft_text(view) for view in review.drafts)])
