"""A wallet's views with fixed contents: what the fake services answer, and what the pictures show."""

from assets.services.read_models.access_views import HoldersView, HolderView
from assets.services.read_models.image_views import (
    FindingView,
    LineageView,
    PinProposalView,
    PinsView,
    PinView,
    RecordView,
    RepositoriesView,
    RepositoryView,
    TagView,
    TipView,
    VerificationView,
    VoucherView,
)
from assets.services.read_models.lineage_views import DefinitionView, ReleaseLine
from assets.services.read_models.transaction_views import (
    BlockLine,
    Concern,
    OverviewView,
    TransactionInput,
    TransactionOutput,
    TransactionView,
)
from assets.services.read_models.wallet_views import (
    ActivityView,
    BalanceView,
    ChainView,
    CheckView,
    CoinsView,
    CoinView,
    DoctorView,
    DraftInput,
    DraftOutput,
    DraftView,
    HistoryView,
    ReceiveView,
    SyncView,
    UnitsView,
    WalletCard,
)
from tui.app.views import SettingsView, WalletChoice
from tui.verbs.image.served import ServedTag
from tui.verbs.image.show import RepositoryDetail
from tui.verbs.settings import LogView, SettingLine

CHOICE = WalletChoice(network="regtest", name="main")
NAME = "registry.example/acme/app"
OTHER_NAME = "registry.example/acme/worker"
GENESIS = "6e5d32a1" * 8
OTHER_GENESIS = "1b7c90fe" * 8
TXID = "a4c1e97d" * 8
SECOND = "0f2bd836" * 8
DIGEST = "sha256:" + "5f70bf18" * 8
OLD_DIGEST = "sha256:" + "c2a8e4d1" * 8
ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"
UNIT_ADDRESS = "dcrt1qqurswpc8qurswpc8qurswpc8qurswpc8g264cg"
ASSET = "oLWkBN8EtTZnCzVZ1ZX3ZpHqSWcvXQ4JFZ"
BLOCK = "2f8a61c3" * 8
TIME = 1_795_000_000

CARD = WalletCard(
    name="main",
    network="regtest",
    fingerprint="73c5da0a",
    address=ADDRESS,
    unit_address=UNIT_ADDRESS,
    birth_height=101,
    created=TIME,
)
CHAIN = ChainView(
    network="regtest",
    node="http://127.0.0.1:18443",
    height=1_204,
    tip=BLOCK,
    tip_age=312,
    headers=1_204,
    syncing=False,
    index_height=1_204,
    index_start=0,
    index_behind=0,
)
DOCTOR = DoctorView(
    network="regtest",
    node="http://127.0.0.1:18443",
    healthy=False,
    checks=(
        CheckView(name="reachable", level="ok", found="/Satoshi:29.0.0/ answers", advice=""),
        CheckView(name="transaction index", level="problem", found="there is none", advice="start it with -txindex=1"),
        CheckView(name="REST", level="note", found="switched off", advice="with -rest=1 the index is built faster"),
    ),
)
SYNC = SyncView(network="regtest", height=1_204, start=0, connected=1, disconnected=0)
BALANCE = BalanceView(
    network="regtest",
    wallet="main",
    confirmed=4_986_120,
    trusted_pending=0,
    untrusted_pending=120_000,
    immature=0,
    reserved=20_330,
    spendable=4_986_120,
    tip_height=1_204,
    units=(UnitsView(genesis=GENESIS, name=NAME, access_units=1_000_000, title=True),),
)
PENDING = ActivityView(
    txid=SECOND,
    kind="release",
    sats=-141,
    fee=141,
    confirmations=0,
    height=None,
    time=TIME,
    label="",
    state="pending",
)
HISTORY = HistoryView(
    network="regtest",
    wallet="main",
    transactions=(
        PENDING,
        ActivityView(
            txid=TXID, kind="issue", sats=-412, fee=412, confirmations=3, height=1_202, time=TIME - 900, label="",
            state="confirmed",
        ),
        ActivityView(
            txid=GENESIS, kind="received", sats=5_000_000, fee=None, confirmations=40, height=1_165,
            time=TIME - 90_000, label="from the faucet", state="confirmed",
        ),
    ),
)  # fmt: skip
REPOSITORY = RepositoryView(
    name=NAME,
    name_hash="00" * 20,
    genesis=GENESIS,
    height=1_202,
    asset=ASSET,
    definition="9d" * 32,
    access_units=1_000_000,
    state="held",
    owned=True,
    owner="0014" + "ab" * 20,
    owner_address=ADDRESS,
    title=f"{TXID}:1",
    title_sats=9_859,
    tags=(
        TagView(tag="1.0", digest=OLD_DIGEST, final=False, revoked=False, txid=TXID, height=1_203),
        TagView(tag="latest", digest=OLD_DIGEST, final=False, revoked=False, txid=TXID, height=1_203),
    ),
    pending=(),
    rivals=(),
    notes=(),
)
SOLD = RepositoryView(
    name=OTHER_NAME,
    name_hash="11" * 20,
    genesis=OTHER_GENESIS,
    height=1_100,
    asset=ASSET,
    definition="7a" * 32,
    access_units=500,
    state="frozen",
    owned=False,
    owner="0014" + "cd" * 20,
    owner_address="bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry",
    title=f"{SECOND}:0",
    title_sats=546,
    tags=(),
    pending=(),
    rivals=(),
    notes=(),
)
REPOSITORIES = RepositoriesView(network="regtest", wallet="main", repositories=(REPOSITORY, SOLD))
OVERVIEW = OverviewView(
    balance=BALANCE,
    owned=(NAME,),
    access=(f"1,000,000 of {NAME}",),
    blocks=tuple(
        BlockLine(height=1_204 - at, hash=BLOCK, events=events)
        for at, events in enumerate(((), ("release",), ("issue",), (), ()))
    ),
    pending=(PENDING,),
    concerns=(
        Concern(level="problem", text=f"{OTHER_NAME} is frozen: its title is lost", genesis=OTHER_GENESIS),
        Concern(level="note", text="1 of ours waits for a block: release", txid=SECOND),
        Concern(level="note", text="120,000 sat from others wait for their first block"),
    ),
)
OWNER = "0014" + "ab" * 20


def _record(
    kind: str, txid: str, height: int | None, *, digest: str | None = None, tags: tuple[str, ...] = (), detail: str = ""
) -> RecordView:
    return RecordView(
        kind=kind,
        txid=txid,
        height=height,
        block=None if height is None else BLOCK,
        settled=height is not None,
        counts=True,
        why_not="",
        digest=digest,
        tags=tags,
        detail=detail,
        author=OWNER,
        owner=OWNER,
    )


DETAIL = RepositoryDetail(
    repository=REPOSITORY,
    releases=(
        ReleaseLine(tag="1.1", digest=DIGEST, height=None, txid=SECOND, word="pending"),
        ReleaseLine(tag="latest", digest=DIGEST, height=None, txid=SECOND, word="pending"),
        ReleaseLine(tag="1.0", digest=OLD_DIGEST, height=1_203, txid=TXID, word="current"),
        ReleaseLine(tag="latest", digest=OLD_DIGEST, height=1_203, txid=TXID, word="current"),
        ReleaseLine(tag="0.9", digest=DIGEST, height=1_202, txid=TXID, word="revoked"),
    ),
    lineage=LineageView(
        name=NAME,
        genesis=GENESIS,
        network="regtest",
        records=(
            _record("genesis", GENESIS, 1_202, detail=NAME),
            _record("release", TXID, 1_203, digest=OLD_DIGEST, tags=("1.0", "latest")),
            _record("release", SECOND, None, digest=DIGEST, tags=("1.1", "latest")),
        ),
    ),
    definition=DefinitionView(
        sha256="9d" * 32,
        name=NAME,
        name_short="app",
        issuer="Acme Ltd",
        description="what everybody runs",
        links=(("source", "https://example.org/acme/app"),),
    ),
)
HOLDERS = HoldersView(
    name=NAME,
    genesis=GENESIS,
    network="regtest",
    height=1_204,
    issued=1_000_000,
    treasury=999_000,
    circulating=900,
    ended=100,
    holders=(
        HolderView(script=OWNER, address=ADDRESS, units=999_000, coins=1, treasury=True),
        HolderView(script="0014" + "cd" * 20, address=SOLD.owner_address, units=900, coins=3, treasury=False),
    ),
)
SERVED = ServedTag(tag="latest", settled=OLD_DIGEST, served=DIGEST, engines=(("docker", OLD_DIGEST),))
RELEASE = RecordView(
    kind="release",
    txid=TXID,
    height=1_203,
    block=BLOCK,
    settled=True,
    counts=True,
    why_not="",
    digest=DIGEST,
    tags=("1.0", "latest"),
    detail="",
    author="0014" + "ab" * 20,
    owner="0014" + "ab" * 20,
)
VERIFICATION = VerificationView(
    verdict="VERIFIED",
    exit_code=0,
    reason="the owner bound 1.0 to it, it is current, and it is not revoked",
    reference=f"{NAME}:1.0",
    name=NAME,
    tag="1.0",
    digest=DIGEST,
    image=f"{NAME}@{DIGEST}",
    network="regtest",
    confirmations=1,
    tip=TipView(height=1_204, hash=BLOCK, time=TIME, age=312),
    findings=(),
    allowed=(),
    vouchers=(VoucherView(kind="pin", genesis=GENESIS, owners=("0014" + "ab" * 20,)),),
    claimed=GENESIS,
    genesis=GENESIS,
    genesis_height=1_202,
    genesis_block=BLOCK,
    asset=ASSET,
    owner="0014" + "ab" * 20,
    owner_address=ADDRESS,
    deciding=RELEASE,
    history=(RELEASE,),
    rivals=(),
    notes=(),
)
REVOKED = FindingView(
    verdict="REVOKED", exit_code=12, reason=f"the owner revoked {DIGEST}: compromised", txid=TXID, height=1_204
)
PIN = PinView(
    name=NAME,
    network="regtest",
    genesis=GENESIS,
    owners=("0014" + "ab" * 20,),
    owner_addresses=(ADDRESS,),
    height=1_202,
    block=BLOCK,
)
PROPOSAL = PinProposalView(
    pin=PIN,
    known=False,
    asset=ASSET,
    access_units=1_000_000,
    tags=("1.0", "latest"),
    issuer="Acme Ltd",
    description="what everybody runs",
    confirmations=3,
    rivals=(),
    warnings=("the title is about to change hands",),
)
COINS = CoinsView(
    network="regtest",
    wallet="main",
    coins=(
        CoinView(
            outpoint=f"{SECOND}:2", sats=4_986_120, address=ADDRESS, account="btc", path="0'/1/0", confirmations=12,
            state="spendable", holds="", because="", label="change",
        ),
        CoinView(
            outpoint=f"{TXID}:1", sats=9_859, address=ADDRESS, account="units", path="17475'/0/0", confirmations=3,
            state="reserved", holds=f"the title of {GENESIS}", because="it lies on the account for units", label="",
        ),
        CoinView(
            outpoint=f"{GENESIS}:1", sats=330, address=ADDRESS, account="units", path="17475'/0/0", confirmations=3,
            state="reserved", holds=f"1,000,000 access units of {GENESIS}",
            because="it lies on the account for units", label="",
        ),
        CoinView(
            outpoint=f"{GENESIS}:7", sats=9_000, address=ADDRESS, account="btc", path="0'/0/4", confirmations=1,
            state="reserved", holds=f"12 foreign units of asset {'ef' * 20}", because="it holds foreign units",
            label="",
        ),
    ),
)  # fmt: skip
TRANSACTION = TransactionView(
    txid=SECOND,
    kind="release",
    state="pending",
    height=None,
    confirmations=0,
    fee=141,
    vsize=141,
    inputs=(
        TransactionInput(
            outpoint=f"{TXID}:1", role="title", sats=10_000, address=ADDRESS, own=True,
            color=f"the title of {GENESIS}",
        ),
    ),
    outputs=(
        TransactionOutput(vout=0, role="marker", sats=0, address="", own=False, color=""),
        TransactionOutput(
            vout=1, role="title", sats=9_859, address=ADDRESS, own=True, color=f"the title of {GENESIS}"
        ),
    ),
    effects=(f"{NAME}: 1.1, latest stands for {DIGEST}; the title stays",),
    reason="",
    can_bump=True,
)  # fmt: skip
RECEIVE = ReceiveView(
    network="regtest",
    wallet="main",
    address=ADDRESS,
    uri=f"bitcoin:{ADDRESS}?amount=0.0005&label=rent",
    path="0'/0/3",
    unpaid=1,
    gap=20,
)
DRAFT = DraftView(
    kind="release",
    txid=SECOND,
    inputs=(
        DraftInput(
            outpoint=f"{TXID}:1", role="title", sats=10_000, address=ADDRESS, own=True,
            color=f"the title of {GENESIS}",
        ),
    ),
    outputs=(
        DraftOutput(vout=0, role="marker", sats=0, address="", own=False, color=""),
        DraftOutput(vout=1, role="title", sats=9_859, address=ADDRESS, own=True, color=f"the title of {GENESIS}"),
    ),
    effects=(f"{NAME}: 1.1, latest stands for {DIGEST}; the title stays",),
    fee=141,
    rate=1_000,
    rate_source="node's estimate for 6 blocks",
    vsize=141,
    delta=-141,
    warnings=(f"latest stands for {OLD_DIGEST} now, which will be superseded",),
)  # fmt: skip
SETTINGS = SettingsView(
    file="settings.toml",
    settings=(
        SettingLine(key="network", value="regtest", origin="environment"),
        SettingLine(key="allow_mainnet", value="false", origin="default"),
        SettingLine(key="fee_rate", value="", origin="default"),
    ),
    pins=PinsView(pins=(PIN,)),
)
LOG = LogView(
    file="dockchains.log",
    lines=(
        "2026-11-20 02:14:03 INFO assets.services.spending.signing signed release",
        "2026-11-20 02:14:03 INFO assets.services.spending.signing sent release",
    ),
)
