"""What the backward walk asks of a rule: what to keep of a transaction, and how to colour it once its ancestors are."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol

from bitcoin.core import COutPoint

from assets.coloring.trace import Trace
from wallet.chain.source import BlockRef


class Shape(Protocol):
    """The part of a transaction that colours hang on: little, since there may be many while ancestors are looked up."""

    @property
    def scripts(self) -> tuple[bytes, ...]:
        """The outputs' scripts."""

    @property
    def block(self) -> BlockRef | None:
        """The block that holds the transaction, None in the mempool."""

    def may_color(self, vout: int) -> bool:
        """Whether the output can have units; without, it is uncoloured whatever the inputs hold."""


@dataclass(frozen=True, slots=True)
class ColorOf:
    """A step wants the trace of an output."""

    outpoint: COutPoint


@dataclass(frozen=True, slots=True)
class ScriptOf:
    """A step wants the script of an output; None is the answer where it cannot be had."""

    outpoint: COutPoint


Answer = Trace | bytes | None

Steps = Generator[ColorOf | ScriptOf, Answer, tuple[Trace, ...]]
"""The colouring of one transaction, suspended wherever it waits for an ancestor; one trace for each output."""
