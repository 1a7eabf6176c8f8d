"""Everything that can go wrong in an ordinary Bitcoin wallet.

WalletError                        message for a person, `advice` says what to do next
├ EncodingError (ValueError)       text or bytes from outside are not what they should be
├ InsufficientFundsError           needed and available, in sats
├ DustOutputError                  an output is below what nodes relay
├ FeeError                         a fee or a fee rate is out of bounds or unknown
├ SigningError                     a transaction must not, or cannot, be signed
│ └ MissingKeyError                the key of an input is not this wallet's
├ KeystoreError                    the encrypted file cannot be used
│ └ WrongPasswordError
├ ChainError                       the node's answer cannot be used
│ ├ ChainUnavailableError          no answer: down, starting, timed out
│ ├ WrongNetworkError              block 0 is another network's
│ └ RpcError                       the node refused; `code` is Bitcoin Core's
├ StoreError                       a database or a file cannot be used
│ ├ NewerVersionError              written by a newer version
│ └ BusyError                      another process holds it
├ UnfinishedError                  broke off after something was signed, which stands: not to be done again
│ └ KeptError                      signed and written down, and nobody knows that a node has it
└ StateError                       asked for what the present state does not allow
  ├ CoinTakenError                 a coin that was to be spent is somebody else's by now
  └ AlreadySignedError             the same is signed already, and whoever asked was never told that it was sent
"""

from wallet.advice import Prose


class WalletError(Exception):
    """Root of all errors that a person is told about. Never raised directly.

    `advice` says what to do next, and names remedies that a front end words.
    """

    def __init__(self, message: str, *, hint: Prose = "") -> None:
        super().__init__(message)
        self.advice = hint

    @property
    def hint(self) -> str:
        """The advice in plain words, without a command or a key."""
        return str(self.advice)


class EncodingError(WalletError, ValueError):
    """Text or bytes from outside the program are malformed."""


class InsufficientFundsError(WalletError):
    """The spendable coins do not cover what a transaction needs.

    `needed` and `available` are in sats; reserved coins are not counted as available.
    """

    def __init__(self, message: str, *, needed: int, available: int, hint: Prose = "") -> None:
        super().__init__(message, hint=hint)
        self.needed = needed
        self.available = available


class DustOutputError(WalletError):
    """An output holds fewer sats than nodes relay for its script."""


class FeeError(WalletError):
    """A fee rate is unknown, malformed or outside the bounds."""


class SigningError(WalletError):
    """A transaction must not, or cannot, be signed."""


class MissingKeyError(SigningError):
    """The key that an input needs is not in this wallet."""


class KeystoreError(WalletError):
    """The encrypted keystore is damaged, of an unknown version, or missing."""


class WrongPasswordError(KeystoreError):
    """The password does not open the keystore."""


class ChainError(WalletError):
    """A node gave an answer that cannot be used."""


class ChainUnavailableError(ChainError):
    """A node gave no answer: it is down, still starting, or too slow."""


class WrongNetworkError(ChainError):
    """The node follows another chain than the one that was asked for."""


class RpcError(ChainError):
    """The node refused a call. `code` is the JSON-RPC error code of Bitcoin Core."""

    def __init__(self, message: str, *, code: int, hint: Prose = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


class StoreError(WalletError):
    """A database or a file cannot be read or written."""


class NewerVersionError(StoreError):
    """A database or a file was written by a newer version of the program."""


class BusyError(StoreError):
    """Another process holds what is needed."""


class StateError(WalletError):
    """What was asked for is not possible in the present state."""


class CoinTakenError(StateError):
    """A coin that a draft spends was spent, or set aside, since it was drafted. `coin` is its name, TXID:VOUT."""

    def __init__(self, message: str, *, coin: str, hint: Prose = "") -> None:
        super().__init__(message, hint=hint)
        self.coin = coin


class AlreadySignedError(StateError):
    """The same payment, or the same record, was signed before, and nobody was told that it was sent.

    `txid` is its id as people read it.
    """

    def __init__(self, message: str, *, txid: str, hint: Prose = "") -> None:
        super().__init__(message, hint=hint)
        self.txid = txid


class UnfinishedError(WalletError):
    """Something broke off after a signature. What was signed stands; doing the same again would do it twice.

    `sent` are the transactions that a node took, `kept` those that are written down and are sent by the next command
    (ids as people read them), `left` says in words what is still to do.
    """

    def __init__(
        self,
        message: str,
        *,
        sent: tuple[str, ...] = (),
        kept: tuple[str, ...] = (),
        left: tuple[str, ...] = (),
        hint: Prose = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.sent = sent
        self.kept = kept
        self.left = left


class KeptError(UnfinishedError):
    """A transaction is signed and kept, and no node is known to have it; the next command sends it."""
