"""A key of the tests that signs for real, with any sighash, and a chain whose blocks the tests fill by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bitcoin.core import COutPoint, CTransaction, CTxIn, CTxOut, Hash160
from bitcoin.core.script import SIGVERSION_WITNESS_V0, CScript, SignatureHash
from coincurve import PrivateKey

from regtest.node import Node
from tests.builders import ALL, with_witnesses
from wallet.chain.bitcoind import Bitcoind
from wallet.chain.endpoint import CookieFile, Endpoint
from wallet.hashes import sha256, txid_of
from wallet.network import REGTEST
from wallet.transactions import RBF_SEQUENCE


@dataclass(frozen=True)
class Signer:
    """A P2WPKH key made from a name."""

    name: str

    @property
    def key(self) -> PrivateKey:
        """The private key."""
        return PrivateKey(sha256(self.name.encode()))

    @property
    def public(self) -> bytes:
        """33 bytes."""
        return self.key.public_key.format()

    @property
    def script(self) -> CScript:
        """The P2WPKH script."""
        return CScript(b"\x00\x14" + Hash160(self.public))

    def witness(self, tx: CTransaction, number: int, value: int, sighash: int = ALL) -> tuple[bytes, ...]:
        """The items that spend a coin of this key: a signature (BIP143) and the public key."""
        code = CScript(b"\x76\xa9\x14" + Hash160(self.public) + b"\x88\xac")
        digest = SignatureHash(code, tx, number, sighash, value, SIGVERSION_WITNESS_V0)
        return self.key.sign(digest, hasher=None) + bytes([sighash]), self.public


@dataclass(frozen=True)
class Coin:
    """A coin of one of the keys."""

    outpoint: COutPoint
    value: int
    signer: Signer


def signed(coins: Sequence[Coin], outputs: Sequence[CTxOut], sighash: int = ALL) -> CTransaction:
    """A transaction that spends the coins in order; `sighash` is input 0's."""
    vin = [CTxIn(coin.outpoint, CScript(), RBF_SEQUENCE) for coin in coins]
    bare = CTransaction(vin, list(outputs), 0, 2)
    witnesses = [
        coin.signer.witness(bare, number, coin.value, sighash if number == 0 else ALL)
        for number, coin in enumerate(coins)
    ]
    return with_witnesses(bare, witnesses)


def coin_of(tx: CTransaction, vout: int, signer: Signer) -> Coin:
    """An output of a transaction that a key holds."""
    assert tx.vout[vout].scriptPubKey == signer.script
    return Coin(COutPoint(txid_of(tx), vout), tx.vout[vout].nValue, signer)


def source_of(node: Node) -> Bitcoind:
    """The node behind the ports."""
    return Bitcoind.at(endpoint_of(node), REGTEST)


def endpoint_of(node: Node) -> Endpoint:
    """Where a node listens."""
    return Endpoint(host="127.0.0.1", port=node.rpc_port, credentials=CookieFile(Path(node.cookie)))
