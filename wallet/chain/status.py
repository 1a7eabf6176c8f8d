"""What a person should know about a node before relying on it."""

from dataclasses import dataclass

from wallet.amount import Sats
from wallet.chain import answers
from wallet.chain.answers import block_hash_of, sats_of
from wallet.chain.rest import Rest
from wallet.chain.rpc import METHOD_NOT_FOUND, Rpc
from wallet.chain.source import Tip
from wallet.errors import RpcError


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexStatus:
    """One of the node's optional indexes: whether it is whole, and up to which block it goes."""

    synced: bool
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStatus:
    """A node's state. An index is None where the node keeps none.

    `min_relay_rate` is in sats per 1000 vB; `data_carrier_size` in bytes of an OP_RETURN script, where the node tells.
    `pruned_below` is the lowest block that the node still has (None: all).
    """

    network: str
    version: int
    software: str
    connections: int
    tip: Tip
    pruned: bool
    pruned_below: int | None
    transaction_index: IndexStatus | None
    filter_index: IndexStatus | None
    rest: bool
    wallets: bool
    min_relay_rate: Sats
    data_carrier_size: int | None
    warnings: tuple[str, ...]


def node_status(rpc: Rpc, rest: Rest) -> NodeStatus:
    """Ask a node about itself. Raises as every call does."""
    chain = rpc.ask(answers.ChainInfo, "getblockchaininfo")
    network = rpc.ask(answers.NetworkInfo, "getnetworkinfo")
    mempool = rpc.ask(answers.MempoolInfo, "getmempoolinfo")
    indexes = rpc.ask(dict[str, answers.IndexAnswer], "getindexinfo")
    header = rpc.ask(answers.BlockHeader, "getblockheader", chain.bestblockhash)
    best = block_hash_of(chain.bestblockhash)
    return NodeStatus(
        network=rpc.network.name,
        version=network.version,
        software=network.subversion,
        connections=network.connections,
        tip=Tip(
            height=header.height,
            hash=best,
            time=header.time,
            headers=chain.headers,
            syncing=chain.initialblockdownload,
        ),
        pruned=chain.pruned,
        pruned_below=chain.pruneheight if chain.pruned else None,
        transaction_index=_index(indexes, "txindex"),
        filter_index=_index(indexes, "basic block filter index"),
        rest=rest.probe(best),
        wallets=_has_wallets(rpc),
        min_relay_rate=sats_of(mempool.minrelaytxfee),
        data_carrier_size=mempool.maxdatacarriersize,
        warnings=_texts(chain.warnings, network.warnings),
    )


def _index(indexes: dict[str, answers.IndexAnswer], name: str) -> IndexStatus | None:
    found = indexes.get(name)
    return None if found is None else IndexStatus(synced=found.synced, height=found.best_block_height)


def _has_wallets(rpc: Rpc) -> bool:
    try:
        rpc.call("listwallets")
    except RpcError as error:
        if error.code == METHOD_NOT_FOUND:
            return False
        raise
    return True


def _texts(*warnings: str | list[str]) -> tuple[str, ...]:
    """All warnings once, in order: a text in older versions, a list since 28."""
    flat = [text for warning in warnings for text in ([warning] if isinstance(warning, str) else warning)]
    return tuple(dict.fromkeys(text for text in flat if text))
