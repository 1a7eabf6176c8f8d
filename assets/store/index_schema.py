"""The tables of the colour index: public facts of one network, each row keyed by the block that it came from.

Only BIGINT and BLOB, and no clause that PostgreSQL does not have. Hashes and scripts are raw bytes in internal order,
amounts are sats, truth is 0 or 1. A unit without `spent_block` is unspent as far as markers tell.
"""

from pathlib import Path

from assets.remedies import ImageRemedy
from wallet.store.database import BUSY_TIMEOUT, Database, Schema

_FIRST = (
    """
    CREATE TABLE state (
        id BIGINT PRIMARY KEY CHECK (id = 1), network BLOB NOT NULL, challenge BLOB, start_height BIGINT NOT NULL
    )
    """,
    "CREATE TABLE block (height BIGINT PRIMARY KEY, hash BLOB NOT NULL UNIQUE)",
    """
    CREATE TABLE genesis (
        txid BLOB PRIMARY KEY,
        block BLOB NOT NULL,
        height BIGINT NOT NULL,
        position BIGINT NOT NULL,
        asset BLOB NOT NULL,
        issuing_script BLOB NOT NULL,
        input_txid BLOB NOT NULL,
        input_vout BIGINT NOT NULL,
        title_script BLOB NOT NULL,
        title_value BIGINT NOT NULL,
        treasury_script BLOB NOT NULL,
        treasury_value BIGINT NOT NULL,
        units BIGINT NOT NULL,
        definition BLOB NOT NULL,
        name BLOB,
        name_hash BLOB NOT NULL
    )
    """,
    "CREATE INDEX genesis_asset ON genesis (asset)",
    "CREATE INDEX genesis_block ON genesis (block)",
    "CREATE TABLE claim (name_hash BLOB NOT NULL, genesis BLOB NOT NULL, block BLOB NOT NULL)",
    "CREATE INDEX claim_name ON claim (name_hash)",
    "CREATE INDEX claim_block ON claim (block)",
    """
    CREATE TABLE unit (
        txid BLOB NOT NULL,
        vout BIGINT NOT NULL,
        genesis BLOB NOT NULL,
        quantity BIGINT NOT NULL,
        title BIGINT NOT NULL,
        script BLOB NOT NULL,
        value BIGINT NOT NULL,
        created_block BLOB NOT NULL,
        created_height BIGINT NOT NULL,
        spent_block BLOB,
        PRIMARY KEY (txid, vout)
    )
    """,
    "CREATE INDEX unit_genesis ON unit (genesis, spent_block)",
    "CREATE INDEX unit_script ON unit (script, spent_block)",
    "CREATE INDEX unit_created ON unit (created_block)",
    "CREATE INDEX unit_spent ON unit (spent_block)",
    """
    CREATE TABLE movement (
        block BLOB NOT NULL,
        height BIGINT NOT NULL,
        position BIGINT NOT NULL,
        part BIGINT NOT NULL,
        txid BLOB NOT NULL,
        kind BIGINT NOT NULL,
        genesis BLOB NOT NULL,
        title BIGINT NOT NULL,
        quantity BIGINT NOT NULL,
        source_txid BLOB,
        source_vout BIGINT,
        source_script BLOB,
        source_value BIGINT,
        target_vout BIGINT,
        target_script BLOB,
        target_value BIGINT,
        attachment BLOB NOT NULL,
        authorship BIGINT NOT NULL,
        author BLOB NOT NULL,
        PRIMARY KEY (block, position, part)
    )
    """,
    "CREATE INDEX movement_genesis ON movement (genesis, title, height, position, part)",
    "CREATE INDEX movement_source ON movement (source_script)",
    "CREATE INDEX movement_target ON movement (target_script)",
)

INDEX_SCHEMA = Schema(
    name="colour index",
    application_id=0x444B4349,
    migrations=(_FIRST,),
    recovery=ImageRemedy.MOVE_INDEX_AWAY.of(),
)


def index_database(path: Path, *, busy_timeout: float = BUSY_TIMEOUT) -> Database:
    """The database of one network's index. Nothing is opened yet.

    A commit may be lost with the power, since the chain has everything that was in it.
    """
    return Database(path, INDEX_SCHEMA, durable=False, busy_timeout=busy_timeout)
