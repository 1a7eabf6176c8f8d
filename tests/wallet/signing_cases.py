"""A wallet with two coins and the transaction that spends them, for tests of PSBTs and signers."""

from bitcoin.core import COutPoint, CTransaction, CTxOut

from wallet.account import Account
from wallet.amount import Sats
from wallet.coins import AccountKind, KeyPath
from wallet.keys import mnemonic
from wallet.keys.keychain import PrivateKeychain, derivation
from wallet.network import REGTEST
from wallet.transactions import RBF_SEQUENCE, Prevout, UnsignedTransaction, assemble

WORDS = " ".join(["abandon"] * 11 + ["about"])
KEYCHAIN = PrivateKeychain(mnemonic.seed(WORDS), REGTEST)
STRANGER = PrivateKeychain(bytes(range(64)), REGTEST)
ACCOUNT = Account.of(KEYCHAIN)
RECEIVE, CHANGE = KeyPath(AccountKind.BTC, 0, 0), KeyPath(AccountKind.BTC, 1, 7)
UNIT, SHOP = KeyPath(AccountKind.UNITS, 0, 2), KeyPath(AccountKind.SHOP, 0, 1)


class PrivateOrigins:
    """Where the private keychain's keys lie, shop keys included."""

    fingerprint = KEYCHAIN.fingerprint

    def public_key(self, path: KeyPath) -> bytes:
        return KEYCHAIN.public_key(path)

    def derivation(self, path: KeyPath) -> tuple[int, ...]:
        return derivation(path, REGTEST)


def funding(account: Account = ACCOUNT) -> CTransaction:
    """A transaction that pays two of the account's keys."""
    outputs = (CTxOut(60_000, account.script(RECEIVE)), CTxOut(10_000, account.script(UNIT)))
    return assemble(((COutPoint(b"\x11" * 32, 3), RBF_SEQUENCE),), outputs)


def unsigned(
    account: Account = ACCOUNT, *, sequence: int = RBF_SEQUENCE, foreign: tuple[Prevout, ...] = ()
) -> UnsignedTransaction:
    """Both coins of `funding` and any foreign ones, to an OP_RETURN, a unit output and change."""
    parent = funding(account)
    own = tuple(
        Prevout(outpoint=COutPoint(parent.GetTxid(), vout), txout=parent.vout[vout], path=path)
        for vout, path in ((1, UNIT), (0, RECEIVE))
    )
    prevouts = own + foreign
    outputs = (
        CTxOut(0, bytes.fromhex("6a024f41")),
        CTxOut(10_000, account.script(UNIT)),
        CTxOut(Sats(59_000), account.script(CHANGE)),
    )
    tx = assemble(tuple((prevout.outpoint, sequence) for prevout in prevouts), outputs, locktime=123)
    return UnsignedTransaction(tx=tx, prevouts=prevouts, own_outputs=((1, UNIT), (2, CHANGE)))
