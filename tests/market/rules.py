"""What buyers in the tests demand of a listing."""

from assets.coloring.asks import AskRules
from wallet.hashes import Txid
from wallet.keys.message import message_flaw
from wallet.network import REGTEST


def rules(genesis: Txid | None = None, confirmations: int = 1) -> AskRules:
    """The rules of regtest."""
    return AskRules(network=REGTEST, confirmations=confirmations, verify=message_flaw, genesis=genesis)
