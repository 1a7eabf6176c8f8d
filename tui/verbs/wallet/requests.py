"""What a person asks of a wallet, parsed and not looked up yet. Cheap to import.

Secrets are never part of a repr, so that no log, message or traceback can show them.
"""

from dataclasses import dataclass, field
from pathlib import Path

from wallet.amount import Sats
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


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPsbt:
    """A PSBT as a person gives it: a file (- is standard input) or its text; or a finished transaction.

    `hand_over` accepts that a title, or most of the units that move, leave; `replaces` names the pending transaction
    whose place it takes; `unjudged` accepts what only a node could tell.
    """

    file: Path | None = None
    text: str = ""
    hand_over: bool = False
    replaces: Txid | None = None
    unjudged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SendSigned:
    """Send a PSBT that this wallet left for a cold key and that came back, or a finished transaction."""

    given: GivenPsbt


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWords:
    """A wallet to make of new recovery words, and the new file that they are written to, if any."""

    words: str = field(repr=False)
    passphrase: str = field(default="", repr=False)
    words_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OldWords:
    """A wallet to make again of its recovery words. `birth_height` None means the whole chain."""

    words: str = field(repr=False)
    passphrase: str = field(default="", repr=False)
    birth_height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A wallet without keys, of what `wallet show --json` printed where the keys are."""

    file: Path
    birth_height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FromBackup:
    """A wallet to make again of what `wallet backup` wrote. Its password stays what it was."""

    file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveBitcoin:
    """An address to be paid at. The label is kept, and part of the link."""

    amount: Sats | None = None
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveUnits:
    """An address for units, of one repository where a genesis is named."""

    genesis: Txid | None = None
    amount: int | None = None
