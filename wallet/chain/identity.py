"""Which network a node is on: asked before anything else is believed."""

from collections.abc import Callable

from wallet.chain.answers import ChainInfo, block_hash_of, convert
from wallet.errors import WrongNetworkError
from wallet.hashes import BlockHash, display
from wallet.network import Network, network_of
from wallet.remedies import WalletRemedy


def check_network(call: Callable[..., object], network: Network) -> None:
    """Raises WrongNetworkError unless the node's block 0, and on signet its challenge, are those of `network`."""
    genesis = block_hash_of(convert(call("getblockhash", 0), str, "getblockhash"))
    challenge: str | None = None
    if network.challenge is not None or network_of(genesis, None) is None:
        challenge = convert(call("getblockchaininfo"), ChainInfo, "getblockchaininfo").signet_challenge
    if genesis == network.genesis and challenge == network.challenge:
        return
    raise WrongNetworkError(
        f"the node is on {_name(genesis, challenge)}, and {network.name} was asked for",
        hint=WalletRemedy.START_NODE.of(network=network.name),
    )


def _name(genesis: BlockHash, challenge: str | None) -> str:
    known = network_of(genesis, challenge)
    if known is not None:
        return known.name
    kind = "a signet of its own" if challenge is not None else "an unknown network"
    return f"{kind} (block 0 {display(genesis)[:16]}…)"
