"""The tables of a wallet's database: what cannot be read from the chain, and the public keys."""

from pathlib import Path

from wallet.remedies import WalletRemedy
from wallet.store.database import BUSY_TIMEOUT, Database, Schema

_FIRST = (
    """
    CREATE TABLE identity (
        id BIGINT PRIMARY KEY CHECK (id = 1),
        network TEXT NOT NULL,
        genesis BLOB NOT NULL,
        challenge TEXT,
        fingerprint BLOB NOT NULL,
        birth_height BIGINT NOT NULL,
        created BIGINT NOT NULL
    )
    """,
    "CREATE TABLE account_key (account BIGINT PRIMARY KEY, xpub TEXT NOT NULL)",
    """
    CREATE TABLE cursor (
        account BIGINT NOT NULL, chain BIGINT NOT NULL, next BIGINT NOT NULL, PRIMARY KEY (account, chain)
    )
    """,
    """
    CREATE TABLE label (
        type TEXT NOT NULL, ref TEXT NOT NULL, label TEXT, origin TEXT, spendable BIGINT, PRIMARY KEY (type, ref)
    )
    """,
    "CREATE TABLE frozen (txid BLOB NOT NULL, vout BIGINT NOT NULL, PRIMARY KEY (txid, vout))",
    """
    CREATE TABLE journal (
        txid BLOB PRIMARY KEY,
        sequence BIGINT NOT NULL UNIQUE,
        raw BLOB NOT NULL,
        state TEXT NOT NULL,
        kind TEXT NOT NULL,
        genesis BLOB,
        summary TEXT NOT NULL,
        created BIGINT NOT NULL,
        height BIGINT,
        block BLOB,
        reason TEXT NOT NULL,
        replaced_by BLOB
    )
    """,
    "CREATE INDEX journal_state ON journal (state)",
    """
    CREATE TABLE reservation (
        txid BLOB NOT NULL, vout BIGINT NOT NULL, owner TEXT NOT NULL, expiry BIGINT, PRIMARY KEY (txid, vout)
    )
    """,
)

_OFFERS = (
    "CREATE TABLE shop_key (number BIGINT PRIMARY KEY, public_key BLOB NOT NULL)",
    """
    CREATE TABLE offer (
        id BLOB PRIMARY KEY,
        sequence BIGINT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        document BLOB NOT NULL,
        companion BLOB NOT NULL,
        answers BLOB NOT NULL,
        subject BLOB NOT NULL,
        txid BLOB,
        expires BIGINT NOT NULL,
        created BIGINT NOT NULL
    )
    """,
    """
    CREATE TABLE offer_coin (
        id BLOB NOT NULL, txid BLOB NOT NULL, vout BIGINT NOT NULL, PRIMARY KEY (id, txid, vout)
    )
    """,
    "CREATE INDEX offer_coin_outpoint ON offer_coin (txid, vout)",
)

_COLD_DRAFTS = (
    """
    CREATE TABLE cold_draft (
        txid BLOB PRIMARY KEY,
        raw BLOB NOT NULL,
        kind TEXT NOT NULL,
        genesis BLOB,
        summary TEXT NOT NULL,
        units TEXT NOT NULL,
        created BIGINT NOT NULL,
        expiry BIGINT NOT NULL
    )
    """,
)

_HANDOVERS = (
    "CREATE TABLE accepted_bid (txid BLOB PRIMARY KEY, package BLOB NOT NULL)",
    """
    CREATE TABLE handed_secret (
        subject BLOB NOT NULL, id BLOB NOT NULL, script BLOB NOT NULL, document TEXT NOT NULL, PRIMARY KEY (subject, id)
    )
    """,
)

_HANDED_OVER = ("CREATE TABLE handed_over (txid BLOB PRIMARY KEY)",)

_REPLACING_DRAFTS = ("ALTER TABLE cold_draft ADD COLUMN replaces BLOB",)

_TOLD = ("ALTER TABLE journal ADD COLUMN untold BIGINT NOT NULL DEFAULT 0",)

_HANDED_BIDS = ("ALTER TABLE offer ADD COLUMN unanswered TEXT NOT NULL DEFAULT ''",)

_KEY_HASHES = (
    """
    CREATE TABLE key_hashes (
        xpub TEXT NOT NULL, chain BIGINT NOT NULL, hashes BLOB NOT NULL, checksum BLOB NOT NULL,
        PRIMARY KEY (xpub, chain)
    )
    """,
)

_FREED = ("CREATE TABLE freed (txid BLOB NOT NULL, vout BIGINT NOT NULL, PRIMARY KEY (txid, vout))",)

WALLET_SCHEMA = Schema(
    name="wallet database",
    application_id=0x444B4357,
    migrations=(
        _FIRST,
        _OFFERS,
        _COLD_DRAFTS,
        _HANDOVERS,
        _HANDED_OVER,
        _REPLACING_DRAFTS,
        _TOLD,
        _HANDED_BIDS,
        _KEY_HASHES,
        _FREED,
    ),
    recovery=WalletRemedy.RESTORE_UNDER_NEW_NAME.of(),
)


def wallet_database(path: Path, *, busy_timeout: float = BUSY_TIMEOUT) -> Database:
    """The database of one wallet. Nothing is opened yet."""
    return Database(path, WALLET_SCHEMA, busy_timeout=busy_timeout)
