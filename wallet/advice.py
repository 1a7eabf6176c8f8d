"""What a person can do about a trouble, as a value: which remedy fits, and what it takes.

Here and above nobody knows whether there are commands or keys. An error, a note or a warning names the remedy; the
command line says it with a command, the app with a key or a place. Where neither is there to say it, as in a log, it
has plain words of its own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from string import Formatter
from typing import Final, Self


class Remedy(Enum):
    """Root of the closed sets of remedies, one for each package. A member's value says what to do in plain words, with
    the facts that it takes in braces.
    """

    def of(self, **facts: object) -> "Advice":
        """The remedy with its facts, neither more nor fewer than it takes."""
        assert facts.keys() == self.facts, f"{self.name} takes {sorted(self.facts)}, got {sorted(facts)}"
        return Advice((Remediable(self, tuple((name, str(fact)) for name, fact in facts.items())),))

    @property
    def facts(self) -> frozenset[str]:
        """The names of the facts that it takes."""
        return facts_in(self.value)

    @property
    def label(self) -> str:
        """The name that programs read: `REINDEX_FROM` is `reindex-from`."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class Remediable:
    """A remedy, and the facts that it takes, by their names."""

    remedy: Remedy
    facts: tuple[tuple[str, str], ...]


class Advice:
    """A text in which remedies stand. Joined by `+` with plain texts and with others of its kind.

    It is a value, and no dataclass: a view that is taken apart for JSON keeps it whole, for the front end to word.
    """

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[str | Remediable, ...]) -> None:
        self.parts: Final = tuple(_merged(parts))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Advice) and self.parts == other.parts

    def __hash__(self) -> int:
        return hash(self.parts)

    def __repr__(self) -> str:
        return f"Advice({self.parts!r})"

    def __deepcopy__(self, _: dict[int, object]) -> Self:
        return self

    def __add__(self, other: "Prose") -> "Advice":
        return Advice(self.parts + (other.parts if isinstance(other, Advice) else (other,)))

    def __radd__(self, other: str) -> "Advice":
        return Advice((other, *self.parts))

    def __str__(self) -> str:
        return self.worded(lambda remedy: str(remedy.value))

    def __contains__(self, text: str) -> bool:
        return text in str(self)

    def worded(self, words: Callable[[Remedy], str]) -> str:
        """The text; `words` gives each remedy's, with its facts in braces."""
        return "".join(
            part if isinstance(part, str) else words(part.remedy).format_map(dict(part.facts)) for part in self.parts
        )

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """The remedies in it, in their order."""
        return tuple(part.remedy for part in self.parts if not isinstance(part, str))


def _merged(parts: Iterable[str | Remediable]) -> Iterator[str | Remediable]:
    """The parts with texts that stand side by side made one, and empty ones left out: equal texts are equal values."""
    for is_text, run in groupby(parts, key=lambda part: isinstance(part, str)):
        if not is_text:
            yield from run
        elif text := "".join(part for part in run if isinstance(part, str)):
            yield text


Prose = str | Advice
"""A text for people; where it names a remedy, a front end words it."""


def worded(text: Prose, words: Mapping[Remedy, str]) -> str:
    """A text with its remedies in the words of a front end's table."""
    return text if isinstance(text, str) else text.worded(words.__getitem__)


def joined(separator: str, texts: Sequence[Prose]) -> Prose:
    """Texts with a separator between each two."""
    whole: Prose = ""
    for number, text in enumerate(texts):
        whole = whole + separator + text if number else text
    return whole


def facts_in(words: str) -> frozenset[str]:
    """The names of the facts that a wording takes."""
    return frozenset(name for _, name, _, _ in Formatter().parse(words) if name is not None)
