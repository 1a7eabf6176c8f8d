"""Read models with fixed contents, for tests that compare bytes."""

from assets.services.read_models.wallet_views import (
    ActivityView,
    BalanceView,
    CoinsView,
    CoinView,
    DraftInput,
    DraftOutput,
    DraftView,
    HistoryView,
    UnitsView,
)

TXID = "11" * 32
OTHER = "22" * 32
GENESIS = "33" * 32

DRAFT = DraftView(
    kind="send",
    txid=TXID,
    inputs=(
        DraftInput(
            outpoint=f"{OTHER}:0",
            role="title",
            sats=10_000,
            address="bcrt1qa",
            own=True,
            color=f"the title of {GENESIS}",
        ),
        DraftInput(outpoint=f"{OTHER}:1", role="funding", sats=1_234_567, address="bcrt1qb", own=False, color=""),
    ),
    outputs=(
        DraftOutput(vout=0, role="payment", sats=1_000_000, address="bcrt1qc", own=False, color=""),
        DraftOutput(vout=1, role="marker", sats=0, address="", own=False, color=""),
        DraftOutput(vout=2, role="change", sats=244_000, address="bcrt1qd", own=True, color=""),
    ),
    effects=("the title stays\x1b[2J",),
    fee=567,
    rate=2_500,
    rate_source="set by you",
    vsize=227,
    delta=-1_000_567,
    warnings=("look twice [b]",),
)

BALANCE = BalanceView(
    network="regtest",
    wallet="main",
    confirmed=5_000_000,
    trusted_pending=0,
    untrusted_pending=1,
    immature=0,
    reserved=10_330,
    spendable=5_000_000,
    tip_height=103,
    units=(
        UnitsView(genesis=GENESIS, name="registry.example/acme/app", access_units=1_000_000, title=True),
        UnitsView(genesis=OTHER, name="", access_units=3, title=False),
    ),
)

COINS = CoinsView(
    network="regtest",
    wallet="main",
    coins=(
        CoinView(
            outpoint=f"{TXID}:1", sats=2_999_718, address="bcrt1qd", account="btc", path="0'/1/0", confirmations=12,
            state="spendable", holds="", because="", label="",
        ),
        CoinView(
            outpoint=f"{OTHER}:0", sats=10_000, address="bcrt1qa", account="units", path="17475'/0/0", confirmations=0,
            state="reserved", holds=f"the title of {GENESIS}", because="it lies on the account for units", label="",
        ),
    ),
)  # fmt: skip

HISTORY = HistoryView(
    network="regtest",
    wallet="main",
    transactions=(
        ActivityView(
            txid=TXID, kind="send", sats=-1_000_141, fee=141, confirmations=0, height=None, time=1_795_000_000,
            label="", state="pending",
        ),
        ActivityView(
            txid=OTHER, kind="received", sats=5_000_000, fee=None, confirmations=2, height=102, time=1_794_999_000,
            label="rent\u202e", state="confirmed",
        ),
    ),
)  # fmt: skip
