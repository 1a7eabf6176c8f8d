"""Searching in what a screen shows: the texts are prepared once, so that each key costs one pass."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Searchable(Generic[T]):
    """Items with the text by which each is found."""

    items: tuple[T, ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, items: Iterable[T], text_of: Callable[[T], str]) -> "Searchable[T]":
        """Prepares the texts; letter case does not matter."""
        found = tuple(items)
        return cls(found, tuple(text_of(one).casefold() for one in found))

    def matching(self, needle: str, keep: Callable[[T], bool] | None = None) -> tuple[T, ...]:
        """The items whose text holds every word of `needle`, and which `keep` wants."""
        words = needle.casefold().split()
        if not words:
            return self.items if keep is None else tuple(one for one in self.items if keep(one))
        texts = self.texts
        numbers: Iterable[int] = range(len(texts))
        for word in words:
            numbers = [number for number in numbers if word in texts[number]]
        found = [self.items[number] for number in numbers]
        return tuple(found if keep is None else filter(keep, found))
