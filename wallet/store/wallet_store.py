"""What a wallet knows without its password: whose it is, which addresses it gave out, labels, frozen, freed coins."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bitcoin.core import COutPoint

from wallet.coins import AccountKind, KeyPath
from wallet.errors import StateError, StoreError
from wallet.hashes import BlockHash
from wallet.network import Network, network_of
from wallet.store.database import Database
from wallet.store.handovers import HandoverStore


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletIdentity:
    """The public facts of a wallet. `birth_height` is the block before which it cannot have coins; `created` is in
    unix seconds; `xpubs` are the extended public keys of its accounts."""

    network: Network
    fingerprint: bytes
    xpubs: tuple[tuple[AccountKind, str], ...]
    birth_height: int
    created: int


class LabelType(StrEnum):
    """What a label is attached to (BIP329)."""

    TX = "tx"
    ADDR = "addr"
    PUBKEY = "pubkey"
    INPUT = "input"
    OUTPUT = "output"
    XPUB = "xpub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A line of BIP329. None means that the key is absent; an import leaves what is absent as it was."""

    type: LabelType
    ref: str
    label: str | None = None
    origin: str | None = None
    spendable: bool | None = None


class WalletStore:
    """The wallet's own facts in its database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def handovers(self) -> HandoverStore:
        """What is kept for the time after sales, in the same database."""
        return HandoverStore(self._database)

    def create(self, identity: WalletIdentity) -> None:
        """Writes the identity of a new wallet. Raises StateError where the database has one that differs."""
        with self._database.transaction() as connection:
            present = self.identity()
            if present is not None:
                if (present.network, present.fingerprint, present.xpubs) != (
                    identity.network,
                    identity.fingerprint,
                    identity.xpubs,
                ):
                    raise StateError(
                        f"this database belongs to wallet {present.fingerprint.hex()} on {present.network.name}",
                        hint="choose another wallet name",
                    )
                return
            network = identity.network
            connection.execute(
                "INSERT INTO identity (id, network, genesis, challenge, fingerprint, birth_height, created) "
                "VALUES (1, ?, ?, ?, ?, ?, ?)",
                (
                    network.name,
                    network.genesis,
                    network.challenge,
                    identity.fingerprint,
                    identity.birth_height,
                    identity.created,
                ),
            )
            connection.executemany(
                "INSERT INTO account_key (account, xpub) VALUES (?, ?)",
                [(account.value, xpub) for account, xpub in identity.xpubs],
            )

    def identity(self) -> WalletIdentity | None:
        """Whose wallet this is; None in a new database. Raises StoreError for a network that is not known."""
        with self._database.snapshot() as connection:
            row = connection.execute(
                "SELECT network, genesis, challenge, fingerprint, birth_height, created FROM identity"
            ).fetchone()
            keys = connection.execute("SELECT account, xpub FROM account_key ORDER BY account").fetchall()
        if row is None:
            return None
        network = network_of(BlockHash(bytes(row[1])), row[2])
        if network is None or network.name != row[0]:
            raise StoreError(
                f"{self._database.path} is for a network that is not known: {row[0]}", hint="update the program"
            )
        return WalletIdentity(
            network=network,
            fingerprint=bytes(row[3]),
            xpubs=tuple((AccountKind(account), xpub) for account, xpub in keys),
            birth_height=row[4],
            created=row[5],
        )

    def next_index(self, account: AccountKind, chain: int) -> int:
        """The number of the first key of a chain that was not handed out."""
        with self._database.snapshot() as connection:
            row = connection.execute(
                "SELECT next FROM cursor WHERE account = ? AND chain = ?", (account.value, chain)
            ).fetchone()
        return int(row[0]) if row else 0

    def hand_out(self, account: AccountKind, chain: int) -> KeyPath:
        """The next key of a chain, which nobody else is given."""
        with self._database.transaction():
            index = self.next_index(account, chain)
            self.mark_used(account, chain, index)
        return KeyPath(account, chain, index)

    def mark_used(self, account: AccountKind, chain: int, index: int) -> None:
        """Never again hand out keys up to `index`; a cursor only ever rises."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO cursor (account, chain, next) VALUES (?, ?, ?) ON CONFLICT (account, chain) "
                "DO UPDATE SET next = excluded.next WHERE excluded.next > cursor.next",
                (account.value, chain, index + 1),
            )

    def shop_keys(self) -> tuple[tuple[int, bytes], ...]:
        """The public keys of lots by their number; they are hardened, so that only the private side derives them."""
        with self._database.snapshot() as connection:
            rows = connection.execute("SELECT number, public_key FROM shop_key ORDER BY number").fetchall()
        return tuple((int(number), bytes(public_key)) for number, public_key in rows)

    def put_shop_keys(self, keys: Iterable[tuple[int, bytes]]) -> None:
        """Remembers public keys of lots, whose numbers are never handed out again."""
        with self._database.transaction() as connection:
            for number, public_key in keys:
                connection.execute(
                    "INSERT INTO shop_key (number, public_key) VALUES (?, ?) ON CONFLICT (number) DO NOTHING",
                    (number, public_key),
                )
                self.mark_used(AccountKind.SHOP, 0, number)

    def put_label(self, label: Label) -> None:
        """Adds or changes a label; what the new one leaves out stays as it was."""
        spendable = None if label.spendable is None else int(label.spendable)
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO label (type, ref, label, origin, spendable) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (type, ref) DO UPDATE SET label = COALESCE(excluded.label, label.label), "
                "origin = COALESCE(excluded.origin, label.origin), "
                "spendable = COALESCE(excluded.spendable, label.spendable)",
                (label.type.value, label.ref, label.label, label.origin, spendable),
            )

    def take_in(
        self,
        labels: Iterable[Label],
        *,
        freeze: Iterable[COutPoint] = (),
        unfreeze: Iterable[COutPoint] = (),
        free: Iterable[COutPoint] = (),
    ) -> None:
        """Labels, coins to freeze, to unfreeze, and to free whatever else they might hold: all of it, or nothing."""
        with self._database.transaction():
            for label in labels:
                self.put_label(label)
            for outpoint in freeze:
                self.freeze(outpoint)
            for outpoint in unfreeze:
                self.unfreeze(outpoint)
            for outpoint in free:
                self.free(outpoint)

    def remove_label(self, kind: LabelType, ref: str) -> None:
        """Removes a label, if there is one."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM label WHERE type = ? AND ref = ?", (kind.value, ref))

    def labels(self) -> tuple[Label, ...]:
        """All labels, by type and reference."""
        with self._database.snapshot() as connection:
            rows = connection.execute(
                "SELECT type, ref, label, origin, spendable FROM label ORDER BY type, ref"
            ).fetchall()
        return tuple(
            Label(
                type=LabelType(row[0]),
                ref=row[1],
                label=row[2],
                origin=row[3],
                spendable=None if row[4] is None else bool(row[4]),
            )
            for row in rows
        )

    def freeze(self, outpoint: COutPoint) -> None:
        """Takes a coin out of every selection until `unfreeze`; that it was freed counts no more."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM freed WHERE txid = ? AND vout = ?", (outpoint.hash, outpoint.n))
            connection.execute(
                "INSERT INTO frozen (txid, vout) VALUES (?, ?) ON CONFLICT (txid, vout) DO NOTHING",
                (outpoint.hash, outpoint.n),
            )

    def unfreeze(self, outpoint: COutPoint) -> None:
        """Lets a coin be selected again."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM frozen WHERE txid = ? AND vout = ?", (outpoint.hash, outpoint.n))

    def frozen(self) -> frozenset[COutPoint]:
        """The coins that the user froze."""
        with self._database.snapshot() as connection:
            rows = connection.execute("SELECT txid, vout FROM frozen").fetchall()
        return frozenset(COutPoint(bytes(txid), vout) for txid, vout in rows)

    def free(self, outpoint: COutPoint) -> None:
        """The user knows what a coin might hold beside bitcoin, and lets it be spent all the same."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO freed (txid, vout) VALUES (?, ?) ON CONFLICT (txid, vout) DO NOTHING",
                (outpoint.hash, outpoint.n),
            )

    def freed(self) -> frozenset[COutPoint]:
        """The coins that the user freed."""
        with self._database.snapshot() as connection:
            rows = connection.execute("SELECT txid, vout FROM freed").fetchall()
        return frozenset(COutPoint(bytes(txid), vout) for txid, vout in rows)
