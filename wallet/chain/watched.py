"""Reading coins and transactions out of a node's watching wallet."""

import re
from collections.abc import Callable
from decimal import Decimal

import msgspec
from bitcoin.core import COutPoint
from bitcoin.core.script import CScript

from wallet.chain import answers
from wallet.chain.answers import block_hash_of, bytes_of, convert, sats_of, transaction_of
from wallet.chain.rpc import NOT_FOUND, Rpc
from wallet.coins import AccountKind, Coin, KeyPath
from wallet.errors import ChainError, EncodingError, MissingKeyError, RpcError
from wallet.hashes import BlockHash, Txid, display, parse_txid
from wallet.history import State, WatchedTransaction

_ATTEMPTS = 5
_BATCH = 500

_CHANGE_TOO = (True, False, True)
"""listsinceblock: change outputs too. What left a block is listed as unconfirmed; it is not told a second time."""

_ORIGIN = re.compile(r"wpkh\(\[[0-9a-f]{8}/84[h']/[0-9]+[h']/([0-9]+)[h']/([0-9]+)/([0-9]+)\]")
"""The key origin (BIP380) of the descriptor that the node gives for one coin."""

_LOT = re.compile(r"wpkh\(\[[0-9a-f]{8}/84[h']/[0-9]+[h']/([0-9]+)[h']/([0-9]+)[h']\]")
"""The same for a lot, whose key is hardened to the leaf."""


class _Unspent(msgspec.Struct, frozen=True, kw_only=True):
    """One row of listunspent."""

    txid: str
    vout: answers.OutputNumber
    script: str = msgspec.field(name="scriptPubKey")
    amount: Decimal
    confirmations: answers.Confirmations
    desc: str = ""
    safe: bool = False


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One row of listsinceblock: an output that a transaction of the wallet pays or receives."""

    txid: str
    category: str
    vout: answers.OutputNumber = 0
    confirmations: answers.Confirmations = 0
    blockhash: str | None = None
    blockheight: answers.Height | None = None
    blockindex: answers.Count = 0
    blocktime: answers.Seconds = 0
    timereceived: answers.Seconds = 0
    abandoned: bool = False


class _Since(msgspec.Struct, frozen=True, kw_only=True):
    """listsinceblock."""

    transactions: list[_Entry]


class _Wallet(msgspec.Struct, frozen=True):
    """gettransaction; only the bytes are read."""

    hex: str


def read_coins(rpc: Rpc, name: str, script_of: Callable[[KeyPath], CScript]) -> tuple[Coin, ...]:
    """The wallet's unspent outputs, all as of one block. Raises ChainError where blocks arrive too fast."""
    options = {"include_immature_coinbase": True, "minimumAmount": 0}
    for _ in range(_ATTEMPTS):
        before, listed, after = rpc.batch(
            (
                ("getblockchaininfo", ()),
                ("listunspent", (0, 9_999_999, [], True, options)),
                ("getbestblockhash", ()),
            ),
            wallet=name,
        )
        info = convert(before, answers.ChainInfo, "getblockchaininfo")
        rows = convert(listed, list[_Unspent], "listunspent")
        if info.bestblockhash != after:
            continue
        coinbases = _coinbases(rpc, rows, info.bestblockhash)
        if coinbases is not None:
            coins = (_coin(row, info.blocks, coinbases, script_of) for row in rows)
            return tuple(coin for coin in coins if coin is not None)
    raise ChainError("blocks arrive faster than the node can be asked", hint="try again")


def _coinbases(rpc: Rpc, rows: list[_Unspent], best: str) -> frozenset[tuple[str, int]] | None:
    """Which of the confirmed coins are coinbase outputs; None where the chain moved on meanwhile."""
    confirmed = [row for row in rows if row.confirmations > 0]
    found: set[tuple[str, int]] = set()
    for at in range(0, len(confirmed), _BATCH):
        part = confirmed[at : at + _BATCH]
        for row, answer in zip(
            part, rpc.batch([("gettxout", (row.txid, row.vout, False)) for row in part]), strict=True
        ):
            if answer is None:
                return None
            utxo = convert(answer, answers.UtxoAnswer, "gettxout")
            if utxo.bestblock != best:
                return None
            if utxo.coinbase:
                found.add((row.txid, row.vout))
    return frozenset(found)


def _coin(
    row: _Unspent, tip_height: int, coinbases: frozenset[tuple[str, int]], script_of: Callable[[KeyPath], CScript]
) -> Coin | None:
    """None for a lot whose key this wallet has not derived yet, after a restore: nothing can spend it before it has."""
    script = CScript(bytes_of(row.script))
    path = path_of(row.desc)
    try:
        known = None if path is None else script_of(path)
    except MissingKeyError:
        return None
    if path is None or known != script:
        raise ChainError(
            f"the node's wallet watches a coin that is not this wallet's: {row.txid}:{row.vout}",
            hint="another program has imported something into it; remove that wallet from the node and restore",
        )
    return Coin(
        outpoint=COutPoint(_txid(row.txid), row.vout),
        value=sats_of(row.amount),
        script_pubkey=script,
        path=path,
        height=tip_height - row.confirmations + 1 if row.confirmations > 0 else None,
        coinbase=(row.txid, row.vout) in coinbases,
        trusted=row.confirmations == 0 and row.safe,
    )


def path_of(descriptor: str) -> KeyPath | None:
    """The key of ours that the node's descriptor of a coin names; None where it names none."""
    match = _ORIGIN.match(descriptor)
    if match is None:
        lot = _LOT.match(descriptor)
        return KeyPath(AccountKind.SHOP, 0, int(lot[2])) if lot is not None and _is_shop(lot[1]) else None
    if int(match[1]) not in set(AccountKind) or _is_shop(match[1]):
        return None
    return KeyPath(AccountKind(int(match[1])), int(match[2]), int(match[3]))


def _is_shop(account: str) -> bool:
    return int(account) == AccountKind.SHOP


def read_history(rpc: Rpc, name: str, since: BlockHash | None) -> tuple[WatchedTransaction, ...]:
    """The wallet's transactions after a block, with their bytes."""
    start = "" if since is None else display(since)
    answer = rpc.call("listsinceblock", start, 1, *_CHANGE_TOO, wallet=name)
    found = convert(answer, _Since, "listsinceblock")
    grouped: dict[str, list[_Entry]] = {}
    for entry in found.transactions:
        grouped.setdefault(entry.txid, []).append(entry)
    raw = _raw_transactions(rpc, name, tuple(grouped))
    return tuple(_transaction(rpc, raw[txid], rows) for txid, rows in grouped.items())


def _raw_transactions(rpc: Rpc, name: str, txids: tuple[str, ...]) -> dict[str, str]:
    raw: dict[str, str] = {}
    for at in range(0, len(txids), _BATCH):
        part = txids[at : at + _BATCH]
        for txid, answer in zip(
            part, rpc.batch([("gettransaction", (txid, True)) for txid in part], wallet=name), strict=True
        ):
            raw[txid] = convert(answer, _Wallet, "gettransaction").hex
    return raw


def _transaction(rpc: Rpc, raw: str, rows: list[_Entry]) -> WatchedTransaction:
    first = rows[0]
    own = sorted({row.vout for row in rows if row.category != "send"})
    tx = transaction_of(raw, _txid(first.txid))
    if own and own[-1] >= len(tx.vout):
        raise ChainError(f"the node names an output that {first.txid} does not have")
    confirmed = first.confirmations > 0 and first.blockhash is not None
    return WatchedTransaction(
        tx=tx,
        height=first.blockheight if confirmed else None,
        block=block_hash_of(first.blockhash) if confirmed and first.blockhash is not None else None,
        index=first.blockindex if confirmed else 0,
        time=first.blocktime if confirmed else first.timereceived,
        own_outputs=tuple(own),
        state=_state(rpc, rows),
    )


def _state(rpc: Rpc, rows: list[_Entry]) -> State:
    first = rows[0]
    if first.confirmations < 0 or any(row.abandoned or row.category == "orphan" for row in rows):
        return State.DEAD
    if first.confirmations > 0:
        return State.STANDING
    try:
        rpc.call("getmempoolentry", first.txid)
    except RpcError as error:
        if error.code != NOT_FOUND:
            raise
        return State.EVICTED
    return State.STANDING


def _txid(text: str) -> Txid:
    try:
        return parse_txid(text)
    except EncodingError as error:
        raise ChainError(f"the node named an impossible transaction id: {text[:80]!r}") from error
