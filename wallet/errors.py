"""Everything that can go wrong in an ordinary Bitcoin wallet.

WalletError                        message for a person, `hint` says what to do next
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
└ StateError                       asked for what the present state does not allow
"""


class WalletError(Exception):
    """Root of all errors that a person is told about. Never raised directly."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class EncodingError(WalletError, ValueError):
    """Text or bytes from outside the program are malformed."""


class InsufficientFundsError(WalletError):
    """The spendable coins do not cover what a transaction needs.

    `needed` and `available` are in sats; reserved coins are not counted as available.
    """

    def __init__(self, message: str, *, needed: int, available: int, hint: str = "") -> None:
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

    def __init__(self, message: str, *, code: int, hint: str = "") -> None:
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
