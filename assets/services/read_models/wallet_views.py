"""Frozen read models: what both front ends show.

Only texts, integers, booleans and tuples of these, so that a view is JSON as it stands. Amounts are sats, hashes in
display order. Text that came from outside (labels, names) is not yet made harmless: whoever draws it does that.
"""

from dataclasses import dataclass

from wallet.advice import Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftInput:
    """An input of a draft. `color` says what the coin carries, empty for plain bitcoin."""

    outpoint: str
    role: str
    sats: int
    address: str
    own: bool
    color: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftOutput:
    """An output of a draft. `address` is empty where the script has none, such as the marker's.

    `unit_address` is the same script as its holder names it, where the output takes units.
    """

    vout: int
    role: str
    sats: int
    address: str
    own: bool
    color: str
    unit_address: str = ""

    @property
    def place(self) -> str:
        """What to compare with the address that somebody gave; empty where there is none."""
        return self.unit_address or self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftView:
    """A transaction that is composed and guarded and not yet signed.

    `fee` is in sats, `rate` in sat per 1000 vB, `vsize` the largest it can have, in vB. `effects` say what happens to
    each asset; `delta` is what the wallet's own outputs hold more than its own inputs, in sats (negative: it pays).
    `notes` are worth knowing, `warnings` worth a second thought. `genesis` is the repository that it acts on, if any.
    """

    kind: str
    txid: str
    inputs: tuple[DraftInput, ...]
    outputs: tuple[DraftOutput, ...]
    effects: tuple[str, ...]
    fee: int
    rate: int
    rate_source: str
    vsize: int
    delta: int
    warnings: tuple[Prose, ...]
    notes: tuple[Prose, ...] = ()
    genesis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentView:
    """A transaction that was signed and handed to the network."""

    kind: str
    txid: str
    fee: int
    vsize: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletCard:
    """What a person compares after a restore, and what tells wallets apart."""

    name: str
    network: str
    fingerprint: str
    address: str
    unit_address: str
    birth_height: int
    created: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsView:
    """Access units and title of one repository that the wallet holds."""

    genesis: str
    name: str
    access_units: int
    title: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceView:
    """Sums in sats; `reserved` is in no other sum. `units` are the genuine ones, by
    repository; a name is empty where the index does not know it."""

    network: str
    wallet: str
    confirmed: int
    trusted_pending: int
    untrusted_pending: int
    immature: int
    reserved: int
    spendable: int
    tip_height: int
    units: tuple[UnitsView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinView:
    """An unspent output. `state` is what it may be used for: spendable, pending, immature, reserved or frozen.

    `holds` says what it carries; `because` why it is reserved, empty where it is not. `signs` are what speaks for a
    colour of another protocol, `risk` what a payment may lose then, in words.
    """

    outpoint: str
    sats: int
    address: str
    account: str
    path: str
    confirmations: int
    state: str
    holds: str
    because: str
    label: str
    signs: tuple[str, ...] = ()
    risk: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinsView:
    """All coins of a wallet."""

    network: str
    wallet: str
    coins: tuple[CoinView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityView:
    """A transaction of the wallet. `sats` is what it gained (negative: paid, fee included), or would gain where `state`
    says that it does not stand: "signed, not sent", "refused by the node", "dropped", "replaced", "dead".

    `confirmations` is 0 while it waits, negative where a conflicting transaction was confirmed. `time` is unix seconds,
    `fee` in sats where known.
    """

    txid: str
    kind: str
    sats: int
    fee: int | None
    confirmations: int
    height: int | None
    time: int
    label: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryView:
    """The wallet's transactions, pending ones first, then the newest.

    `unread` of them touch units, and what they did is not known before the index has read their blocks.
    """

    network: str
    wallet: str
    transactions: tuple[ActivityView, ...]
    unread: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveView:
    """An address to be paid at, and the URI that asks for it.

    `unpaid` is how many addresses in a row, this one included, were given out and never paid; a restore elsewhere
    looks `gap` ahead.
    """

    network: str
    wallet: str
    address: str
    uri: str
    path: str
    unpaid: int
    gap: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelView:
    """A label. `type` and `ref` say what it is attached to, in the words of BIP329."""

    type: str
    ref: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsView:
    """All labels of a wallet."""

    network: str
    wallet: str
    labels: tuple[LabelView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelImportView:
    """What an import did: labels taken, lines of unknown types skipped, coins frozen and freed; `reserved` are coins
    that were to be frozen, and no payment takes anyway."""

    labels: int
    skipped: int
    frozen: int
    unfrozen: int
    reserved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """A signed message, as it was judged. `form` is the standard it follows, `reason` why it is not valid."""

    address: str
    message: str
    signature: str
    form: str
    valid: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainView:
    """How far node and index are. `tip_age` is in seconds; the index figures are None where there is no index.

    `index_remark` says what is to be done where the index begins elsewhere than the settings ask, or is empty.
    """

    network: str
    node: str
    height: int
    tip: str
    tip_age: int
    headers: int
    syncing: bool
    index_height: int | None
    index_start: int | None
    index_behind: int | None
    index_remark: Prose = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FallenView:
    """A transaction that a reorganisation took out of the chain, and that no new block holds.

    `what` says in words what it did. Its sender may have sent it again, so that it waits in the mempool.
    """

    txid: str
    genesis: str
    name: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncView:
    """What bringing the index up to the tip did: blocks connected and disconnected, and where it ended.

    `fell_out` is what a reorganisation took away. `rebuilt` is true where it went deeper than the index remembers, so
    that everything was read anew.
    """

    network: str
    height: int
    start: int
    connected: int
    disconnected: int
    fell_out: tuple[FallenView, ...] = ()
    rebuilt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    """One thing that `chain doctor` looked at. `level` is ok, note or problem; `advice` what to do next."""

    name: str
    level: str
    found: str
    advice: Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorView:
    """All checks; `healthy` is false where a problem keeps the program from working."""

    network: str
    node: str
    healthy: bool
    checks: tuple[CheckView, ...]
