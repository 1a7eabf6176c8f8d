"""Whether a coin is still there: the question that ends every answer about a coin.

The index sees moves by their markers, and a plain payment has none. So a coin is held only if the node has it unspent
in the chain, mempool ignored, as of the very block at which the index stands.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import TypeVar

from bitcoin.core import COutPoint

from assets.errors import IndexStateError
from assets.index.reader import IndexReader
from assets.remedies import ImageRemedy
from wallet.chain.source import TxSource

MAX_ATTEMPTS = 8
"""How often the index catches up before an answer is given up."""

T = TypeVar("T")


class Liveness(StrEnum):
    """What the UTXO set says of a coin that the index has unspent."""

    HELD = "held"
    FROZEN = "frozen"
    """Spent by something without a marker: a title's repository is frozen for ever, access units have ended."""
    BEHIND = "behind"
    """The node answered as of another block than the index's last."""


def held(source: TxSource, reader: IndexReader, outpoint: COutPoint) -> Liveness:
    """Whether a coin that the reader has unspent is so. One question; `settled` asks until index and node agree."""
    tip = reader.tip()
    answer = source.unspent(outpoint)
    if tip is None or answer.tip != tip.hash:
        return Liveness.BEHIND
    return Liveness.HELD if answer.txout is not None else Liveness.FROZEN


def settled(
    source: TxSource,
    snapshot: Callable[[], AbstractContextManager[IndexReader]],
    question: Callable[[IndexReader], tuple[T, COutPoint | None]],
    catch_up: Callable[[], object],
) -> tuple[T, Liveness | None]:
    """An answer of the index together with the liveness of the coin that it hangs on, both as of one tip.

    `question` reads the answer and names the coin, or None where there is no coin to ask about (the liveness is None
    then). `catch_up` brings the index to the node's tip; it is called whenever the node is at another block. Raises
    IndexStateError where the two do not meet in MAX_ATTEMPTS.
    """
    for _ in range(MAX_ATTEMPTS):
        with snapshot() as reader:
            answer, outpoint = question(reader)
            if outpoint is None:
                tip = reader.tip()
                if tip is not None and source.tip().hash == tip.hash:
                    return answer, None
            elif (liveness := held(source, reader, outpoint)) is not Liveness.BEHIND:
                return answer, liveness
        catch_up()
    raise IndexStateError(
        "the node's chain moves faster than the index can follow",
        hint=ImageRemedy.TRY_AGAIN_AT_ONE_TIP.of(),
    )
