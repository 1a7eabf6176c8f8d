"""What a person asks of bitcoin, parsed and not looked up yet. Cheap to import."""

from dataclasses import dataclass

from wallet.hashes import Txid


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Pay bitcoin.

    `to` is an address or a `bitcoin:` link, which may name the amount; `amount` is in BTC. `everything` sends all that
    can be spent, and takes the fee off.
    """

    to: str
    amount: str | None = None
    everything: bool = False
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bump:
    """Pay a higher fee for a transaction that waits for a block."""

    txid: Txid
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelIssue:
    """Take back what was set apart for a genesis that was not finished."""

    rate: str | None = None
