"""Looking for a wallet's coins in the node's UTXO set: an answer in seconds, without searching the chain.

It finds what is unspent, wherever it lies, so it also tells where a birth height that somebody remembered wrongly is
too late. It finds nothing that was spent.
"""

import threading
from decimal import Decimal
from typing import Annotated

import msgspec

from wallet.amount import Sats
from wallet.chain.answers import Height, convert, sats_of
from wallet.chain.rpc import Rpc
from wallet.chain.scripts import CoinSearch, Progress, ScriptSet
from wallet.errors import ChainError

_PATIENCE = 3600.0
"""Seconds that reading the UTXO set may take: about a minute on mainnet with a good disk."""

_POLL = 0.25


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    amount: Decimal
    height: Height


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    success: bool
    height: Height = 0
    unspents: list[_Found] = []


class _Progress(msgspec.Struct, frozen=True, kw_only=True):
    progress: Annotated[float, msgspec.Meta(ge=0, le=100)]


def search_coins(rpc: Rpc, scripts: ScriptSet, *, keys: int, progress: Progress | None = None) -> CoinSearch:
    """Looks for coins on the first `keys` keys of each chain, and on single keys. `progress` is told the share done.

    Raises ChainError, also where another search of the UTXO set runs in the node.
    """
    wanted = [
        {"desc": one.text, "range": keys - 1} if one.number is None else {"desc": one.text}
        for one in scripts.descriptors()
    ]
    answers: list[object] = []
    failures: list[BaseException] = []

    def search() -> None:
        try:
            answers.append(rpc.call("scantxoutset", "start", wanted, timeout=_PATIENCE))
        except BaseException as error:  # noqa: BLE001 - it is raised again in the thread that asked
            failures.append(error)

    thread = threading.Thread(target=search, name="coin search", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(_POLL)
            if progress is not None and thread.is_alive():
                _tell(rpc, progress)
    except BaseException:
        rpc.call("scantxoutset", "abort")
        raise
    if failures:
        raise failures[0]
    found = convert(answers[0], _Answer, "scantxoutset")
    if not found.success:
        raise ChainError("the node's search of its coins was ended by somebody else", hint="try again")
    return CoinSearch(
        height=found.height,
        coins=len(found.unspents),
        sats=Sats(sum(sats_of(one.amount) for one in found.unspents)),
        oldest=min((one.height for one in found.unspents), default=None),
    )


def _tell(rpc: Rpc, progress: Progress) -> None:
    status = rpc.call("scantxoutset", "status")
    if status is not None:
        progress(convert(status, _Progress, "scantxoutset status").progress / 100)
