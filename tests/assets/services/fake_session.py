"""A wallet on a chain in memory: everything that use cases need, without a node and without a disk full of keys."""

from pathlib import Path

from bitcoin.core import CMutableTransaction, COutPoint, CTransaction, CTxIn, CTxOut

from assets.coloring.walk import ColorWalker
from assets.protocols.table import RULE
from assets.services.spending.wallet_facts import WalletFacts
from assets.services.wallets.other_colors import WalletColors
from assets.services.wallets.own_keys import handed_out, scripts_of
from assets.services.wallets.session import Session
from wallet.account import Account
from wallet.amount import Sats
from wallet.chain.fake import FakeChain
from wallet.coins import AccountKind, Coin, KeyPath
from wallet.errors import RpcError
from wallet.hashes import txid_of
from wallet.history import WatchedTransaction
from wallet.keys.keychain import PrivateKeychain
from wallet.network import REGTEST
from wallet.signer import SoftwareSigner
from wallet.store.cold_drafts import ColdDrafts
from wallet.store.database import Database
from wallet.store.journal import Journal
from wallet.store.offers import OfferStore
from wallet.store.reservations import Reservations
from wallet.store.schema import wallet_database
from wallet.store.signing_lock import SigningLock
from wallet.store.wallet_store import WalletIdentity, WalletStore

NOW = 1_800_000_000
SEARCHED = 30


class FakeCoins:
    """Implements `CoinSource`: the coins that a test gave to the wallet, and those that the mempool pays it."""

    def __init__(self, chain: FakeChain, account: Account) -> None:
        self._chain = chain
        self._account = account
        self._given: list[COutPoint] = []

    def give(self, outpoint: COutPoint) -> COutPoint:
        """The node sees this coin from now on."""
        self._given.append(outpoint)
        return outpoint

    def coins(self) -> tuple[Coin, ...]:
        """What is unspent in chain and mempool."""
        confirmed = [self._confirmed(outpoint) for outpoint in self._given]
        pending = [
            Coin(
                outpoint=COutPoint(txid_of(tx), vout),
                value=Sats(txout.nValue),
                script_pubkey=txout.scriptPubKey,
                path=path,
                height=None,
                trusted=True,
            )
            for tx in self._chain.mempool
            for vout, txout in enumerate(tx.vout)
            if (path := self._account.find(txout.scriptPubKey, SEARCHED)) is not None
        ]
        found = (coin for coin in (*confirmed, *pending) if coin is not None)
        return tuple(coin for coin in found if self._chain.spender(coin.outpoint) is None)

    def first_unused(self, account: AccountKind, chain: int) -> int:
        """As if no key had ever been paid."""
        return 0

    def transactions(self) -> tuple[WatchedTransaction, ...]:
        """None: history is tried on a real node."""
        return ()

    def _confirmed(self, outpoint: COutPoint) -> Coin | None:
        answer = self._chain.unspent(outpoint)
        if answer.txout is None:
            return None
        path = self._account.find(answer.txout.scriptPubKey, SEARCHED)
        assert path is not None, "a test gave the wallet a coin that is not its own"
        return Coin(
            outpoint=outpoint,
            value=Sats(answer.txout.nValue),
            script_pubkey=answer.txout.scriptPubKey,
            path=path,
            height=answer.height,
            coinbase=answer.coinbase,
        )


class FakeWallet:
    """A wallet with keys in memory. `refusal` is what the node says to the next transaction that is tried on it."""

    def __init__(self, folder: Path, chain: FakeChain | None = None) -> None:
        self.chain = chain or FakeChain()
        self.keychain = PrivateKeychain(bytes(range(32)), REGTEST)
        self.account = Account.of(self.keychain)
        self.coins = FakeCoins(self.chain, self.account)
        self.refusal: RpcError | None = None
        self.unlocked = 0
        self.database = wallet_database(folder / "wallet.db")
        store = WalletStore(self.database)
        store.create(
            WalletIdentity(
                network=REGTEST,
                fingerprint=self.account.fingerprint,
                xpubs=self.account.xpubs,
                birth_height=0,
                created=NOW,
            )
        )
        journal = Journal(self.database)
        colors = WalletColors(
            ColorWalker(RULE, self.chain),
            self.chain,
            store=store,
            journal=journal,
            own=lambda: scripts_of(self.account, self.coins, store),
        )
        self.session = Session(
            name="fake",
            network=REGTEST,
            account=self.account,
            source=self.chain,
            coins=self.coins,
            color_of=colors.color,
            store=store,
            journal=journal,
            reservations=Reservations(self.database),
            signing=lambda: SigningLock(folder / "signing.lock"),
            refusal=lambda _: self.refusal,
            clock=lambda: NOW,
        )

    def unlock(self) -> SoftwareSigner:
        """The keys; counts how often they were asked for."""
        self.unlocked += 1
        return SoftwareSigner(self.keychain, REGTEST)

    def fund(self, sats: int, *, account: AccountKind = AccountKind.BTC, index: int = 0) -> COutPoint:
        """A confirmed coin on one of the wallet's keys."""
        return self.coins.give(self.chain.fund(self.account.script(KeyPath(account, 0, index)), sats))

    def mined(self, tx: CTransaction, vout: int) -> COutPoint:
        """A transaction in a block whose output `vout` is the wallet's."""
        self.chain.mine(tx)
        return self.coins.give(COutPoint(txid_of(tx), vout))


def facts_alone(wallet: FakeWallet, database: Database) -> WalletFacts:
    """What a machine with the same words and an empty database says, where no node answers."""
    store = WalletStore(database)
    return WalletFacts(
        account=wallet.account,
        used=handed_out(store),
        store=store,
        journal=Journal(database),
        reservations=Reservations(database),
        offers=OfferStore(database),
        cold_drafts=ColdDrafts(database),
        clock=wallet.session.clock,
        signing=wallet.session.signing,
    )


def transaction(spends: COutPoint, *outputs: CTxOut) -> CTransaction:
    """A transaction with one input and no signature; the chain in memory checks none."""
    return CTransaction.from_tx(CMutableTransaction([CTxIn(spends)], list(outputs), 0, 2))
