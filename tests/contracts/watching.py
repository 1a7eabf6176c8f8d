"""A wallet of its own for one test, whose scripts are watched by whichever source is under test."""

import itertools
from collections.abc import Callable

from bitcoin.core import COutPoint, CTransaction, CTxInWitness, CTxOut, CTxWitness
from bitcoin.core.script import SIGHASH_ALL, SIGVERSION_WITNESS_V0, CScript, CScriptWitness, SignatureHash
from coincurve import PrivateKey

from tests.contracts.chains import ANYONES_SCRIPT, Chain
from wallet.account import Account
from wallet.builder import Template, fund
from wallet.chain.scripts import ScriptSet, ScriptSource
from wallet.coins import AccountKind, Coin, KeyPath
from wallet.fees import MIN_RATE
from wallet.hashes import Txid
from wallet.history import Category, HistoryEntry, history
from wallet.keys.keychain import PrivateKeychain
from wallet.network import REGTEST
from wallet.signatures import p2wpkh_script
from wallet.transactions import UnsignedTransaction

NONE: frozenset[COutPoint] = frozenset()
RECEIVING = KeyPath(AccountKind.BTC, 0, 3)
_SEEDS = itertools.count(1)


class Watched:
    """Keys, and what a source tells of them; on a chain that the test can write."""

    def __init__(
        self,
        chain: Chain,
        scripts: Callable[[ScriptSet], ScriptSource],
        *,
        birth_height: int | None = None,
        watch: bool = True,
    ) -> None:
        self.chain = chain
        self.keys = PrivateKeychain(next(_SEEDS).to_bytes(64, "big"), REGTEST)
        self.account = Account.of(self.keys)
        self.scripts = scripts(self.account)
        if watch:
            self.scripts.watch(birth_height=birth_height)

    def receive(self, sats: int, path: KeyPath = RECEIVING) -> COutPoint:
        """An unconfirmed coin from a stranger."""
        return self.chain.receive(self.account.script(path), sats)

    def coins(self) -> dict[COutPoint, Coin]:
        return {coin.outpoint: coin for coin in self.scripts.unspent()}

    def height(self) -> int:
        return self.chain.source.tip().height

    def entries(self) -> tuple[HistoryEntry, ...]:
        return history(self.scripts.history(), tip_height=self.height())

    def categories(self) -> dict[Txid, Category]:
        return {entry.txid: entry.category for entry in self.entries()}

    def signed(self, unsigned: UnsignedTransaction) -> CTransaction:
        """Signed by the test itself, with every key as the prevouts name it."""
        tx, witnesses = unsigned.tx, []
        for at, prevout in enumerate(unsigned.prevouts):
            assert prevout.path is not None
            key = PrivateKey(self.keys.private_key(prevout.path))
            public = key.public_key.format()
            assert p2wpkh_script(public) == prevout.txout.scriptPubKey
            code = CScript(b"\x76\xa9\x14" + prevout.txout.scriptPubKey[2:] + b"\x88\xac")
            digest = SignatureHash(code, tx, at, SIGHASH_ALL, prevout.txout.nValue, SIGVERSION_WITNESS_V0)
            witnesses.append(CTxInWitness(CScriptWitness([key.sign(digest, hasher=None) + b"\x01", public])))
        return CTransaction(tx.vin, tx.vout, tx.nLockTime, tx.nVersion, CTxWitness(witnesses))

    def payment(self, sats: int) -> Template:
        """To a stranger, with change."""
        change = KeyPath(AccountKind.BTC, 1, 0)
        return Template(
            inputs=(),
            outputs=(CTxOut(sats, ANYONES_SCRIPT),),
            change=(self.account.script(change), change),
            may_append_inputs=True,
        )

    def funded(self, template: Template) -> UnsignedTransaction:
        coins = tuple(self.coins().values())
        return fund(template, coins=coins, reserved=NONE, rate=MIN_RATE, tip_height=self.height())

    def send(self, template: Template) -> CTransaction:
        tx = self.signed(self.funded(template))
        self.chain.source.broadcast(tx)
        return tx

    def pay(self, sats: int) -> CTransaction:
        """Send to a stranger, with change."""
        return self.send(self.payment(sats))
