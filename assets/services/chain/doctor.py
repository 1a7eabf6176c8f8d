"""Use case: is this node fit for what we need? Each finding says what to do."""

from collections.abc import Callable, Iterator

from assets.services.read_models.wallet_views import CheckView, DoctorView
from wallet.advice import Prose
from wallet.chain.status import IndexStatus, NodeStatus
from wallet.errors import ChainError, WrongNetworkError
from wallet.fees import MIN_RATE
from wallet.finished import MAX_DATA_SCRIPT
from wallet.network import REGTEST, Network

OK, NOTE, PROBLEM = "ok", "note", "problem"

STALE_TIP = 3 * 3600
"""Seconds after which a tip is too old to verify an image on mainnet."""

_FUTURE = 2 * 3600
"""Seconds by which a block may be ahead of a right clock (consensus)."""


def examine(status: Callable[[], NodeStatus], *, network: Network, node: str, now: int) -> DoctorView:
    """Asks the node about itself and judges the answers. A node that cannot be asked is a finding, not an error."""
    checks = tuple(_checks(status, network, now))
    return DoctorView(
        network=network.name, node=node, healthy=all(check.level != PROBLEM for check in checks), checks=checks
    )


def _checks(status: Callable[[], NodeStatus], network: Network, now: int) -> Iterator[CheckView]:
    try:
        found = status()
    except WrongNetworkError as error:
        yield _check("reachable", OK, "it answers")
        yield _check("network", PROBLEM, str(error), error.advice)
        return
    except ChainError as error:
        yield _check("reachable", PROBLEM, str(error), error.advice)
        return
    yield _check("reachable", OK, f"{found.software} answers")
    yield _check("network", OK, f"block 0 is that of {network.name}")
    yield _synced(found)
    yield _tip_age(found, network, now)
    yield from _data(found)
    yield from _policy(found)
    yield _peers(found, network)
    for warning in found.warnings:
        yield _check("warning", NOTE, warning, "the node says so itself; see its log")


def _check(name: str, level: str, found: str, advice: Prose = "") -> CheckView:
    return CheckView(name=name, level=level, found=found, advice=advice)


def _synced(status: NodeStatus) -> CheckView:
    tip = status.tip
    if tip.syncing:
        return _check("synced", PROBLEM, f"at block {tip.height} of {tip.headers}", "wait until it has caught up")
    if tip.headers > tip.height:
        return _check("synced", NOTE, f"{tip.headers - tip.height} blocks behind its headers", "it is catching up")
    return _check("synced", OK, f"at block {tip.height}")


def _tip_age(status: NodeStatus, network: Network, now: int) -> CheckView:
    age = now - status.tip.time
    if age < -_FUTURE:
        return _check("clock", PROBLEM, f"the last block is {-age} s in the future", "set this machine's clock")
    if age <= STALE_TIP:
        return _check("clock", OK, f"the last block is {max(0, age)} s old")
    level = PROBLEM if network.is_mainnet else NOTE
    return _check(
        "clock", level, f"the last block is {age} s old", "is the node connected, and this machine's clock right?"
    )


def _data(status: NodeStatus) -> Iterator[CheckView]:
    if status.pruned:
        below = f"those before block {status.pruned_below} are gone" if status.pruned_below else "it will drop old ones"
        yield _check("blocks", PROBLEM, f"the node is pruned: {below}", "use a node with all blocks (-prune=0)")
    else:
        yield _check("blocks", OK, "all of them are there")
    yield _index(
        "transaction index", status.transaction_index, missing=PROBLEM, advice="start bitcoind with -txindex=1"
    )
    yield _index(
        "block filters",
        status.filter_index,
        missing=NOTE,
        advice="with -blockfilterindex=1 a wallet is restored many times faster",
    )
    if status.rest:
        yield _check("REST", OK, "blocks are read at full speed")
    else:
        yield _check("REST", NOTE, "switched off", "with -rest=1 the index is built about ten times faster")
    if status.wallets:
        yield _check("wallets", OK, "it can watch addresses")
    else:
        yield _check("wallets", PROBLEM, "no wallet support", "start bitcoind without -disablewallet")


def _index(name: str, index: IndexStatus | None, *, missing: str, advice: str) -> CheckView:
    if index is None:
        return _check(name, missing, "there is none", advice)
    if not index.synced:
        return _check(name, missing, f"it is being built, at block {index.height}", "wait until it is whole")
    return _check(name, OK, f"whole, up to block {index.height}")


def _policy(status: NodeStatus) -> Iterator[CheckView]:
    rate = status.min_relay_rate
    if rate > MIN_RATE.sats_per_kvb:
        yield _check("relay fee", NOTE, f"at least {rate} sat per 1000 vB", "low fee rates will be refused")
    else:
        yield _check("relay fee", OK, f"from {rate} sat per 1000 vB")
    size = status.data_carrier_size
    if size is not None and size < MAX_DATA_SCRIPT:
        yield _check(
            "data carrier",
            PROBLEM,
            f"at most {size} bytes in OP_RETURN",
            f"start bitcoind with -datacarriersize={MAX_DATA_SCRIPT} or without the setting",
        )
    else:
        yield _check("data carrier", OK, "records of 80 bytes are relayed")


def _peers(status: NodeStatus, network: Network) -> CheckView:
    if status.connections or network == REGTEST:
        return _check("peers", OK, f"{status.connections} connections")
    return _check("peers", PROBLEM, "no connections", "blocks and revocations do not reach it; check its network")
