"""Read models of images with fixed contents, some of them hostile, for tests that compare bytes."""

from dataclasses import replace

from assets.services.read_models.image_views import (
    FindingView,
    GenesisView,
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

NAME = "registry.example/acme/app"
GENESIS, RIVAL = "11" * 32, "22" * 32
RELEASE_TX, SECOND_TX, REVOKE_TX = "33" * 32, "44" * 32, "55" * 32
ONE, TWO = f"sha256:{'aa' * 32}", f"sha256:{'bb' * 32}"
OWNER, ADDRESS = f"0014{'cc' * 20}", "bcrt1qowner"
STRANGE = "51"


def record(kind: str, txid: str, height: int | None, **fields: object) -> RecordView:
    """A step that counts, unless told otherwise."""
    plain = RecordView(
        kind=kind,
        txid=txid,
        height=height,
        block=None if height is None else "00" * 32,
        settled=height is not None,
        counts=True,
        why_not="",
        digest=None,
        tags=(),
        detail="",
        author=OWNER,
        owner=OWNER,
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


BORN = record("genesis", GENESIS, 101, detail=NAME)
FIRST = record("release", RELEASE_TX, 102, digest=ONE, tags=("1.0", "latest"))
SECOND = record("release", SECOND_TX, None, digest=TWO, tags=("1.1", "latest"))
REVOKED = record("revoke", REVOKE_TX, 103, digest=ONE, detail="compromised")
IGNORED = record(
    "release", "66" * 32, 104, digest=TWO, tags=("2.0",), counts=False, why_not="the title moved to another script"
)
FLAWED = record("flaw", "77" * 32, 105, counts=False, why_not="no record", detail="bytes \x1b[31mafter[/] the tags")

STANDING = GenesisView(genesis=RIVAL, height=99, asset="cRivalAsset")

VERIFIED = VerificationView(
    verdict="VERIFIED",
    exit_code=0,
    reason="the owner bound 1.0 to it, it is current, and it is not revoked",
    reference=f"{NAME}:1.0",
    name=NAME,
    tag="1.0",
    digest=ONE,
    image=f"{NAME}@{ONE}",
    network="regtest",
    confirmations=1,
    tip=TipView(height=110, hash="99" * 32, time=1_795_000_000, age=7_300),
    findings=(),
    allowed=(),
    vouchers=(VoucherView(kind="pin", genesis=GENESIS, owners=(OWNER,)),),
    claimed=GENESIS,
    genesis=GENESIS,
    genesis_height=101,
    genesis_block="88" * 32,
    asset="cAsset",
    owner=OWNER,
    owner_address=ADDRESS,
    deciding=FIRST,
    history=(FIRST,),
    rivals=(STANDING,),
    notes=("this repository now goes by the name registry.example/acme/new",),
)


def finding(verdict: str, code: int, reason: str) -> FindingView:
    """A verdict that applies."""
    return FindingView(verdict=verdict, exit_code=code, reason=reason, txid=None, height=None)


UNPINNED = finding("UNPINNED", 10, "nobody but the registry vouches for this genesis")
PENDING = finding("PENDING", 15, "released, with too few confirmations")
FROZEN = finding("FROZEN", 16, "the title is lost: nothing can be released or revoked")

PENDING_VIEW = replace(
    VERIFIED,
    verdict="PENDING",
    exit_code=15,
    reason=PENDING.reason,
    findings=(PENDING, FROZEN, UNPINNED),
    allowed=(FROZEN,),
    vouchers=(),
    deciding=SECOND,
    history=(FIRST, SECOND),
    rivals=(),
    notes=("hostile \u202egnp.exe [bold]",),
)

NOWHERE_VIEW = replace(
    VERIFIED,
    verdict="UNAVAILABLE",
    exit_code=20,
    reason="the registry registry.example does not answer",
    digest=None,
    image="",
    tip=None,
    findings=(finding("UNAVAILABLE", 20, "the registry registry.example does not answer"),),
    vouchers=(),
    claimed=None,
    genesis=None,
    genesis_height=None,
    genesis_block=None,
    asset=None,
    owner=None,
    owner_address=None,
    deciding=None,
    history=(),
    rivals=(),
    notes=("see that it runs",),
)

REPOSITORY = RepositoryView(
    name=NAME,
    name_hash="dd" * 20,
    genesis=GENESIS,
    height=101,
    asset="cAsset",
    definition="ee" * 32,
    access_units=1_000_000,
    state="held",
    owned=True,
    owner=OWNER,
    owner_address=ADDRESS,
    title=f"{RELEASE_TX}:1",
    title_sats=9_826,
    tags=(
        TagView(tag="1.0", digest=ONE, final=True, revoked=True, txid=RELEASE_TX, height=102),
        TagView(tag="latest", digest=ONE, final=False, revoked=False, txid=RELEASE_TX, height=102),
    ),
    pending=(SECOND,),
    rivals=(STANDING,),
    notes=("as you pinned it",),
)

FOREIGN = replace(
    REPOSITORY, name="bare", height=None, state="frozen", owned=False, owner=STRANGE, owner_address="", tags=(),
    pending=(), rivals=(), notes=(), title_sats=546,
)  # fmt: skip

REPOSITORIES = RepositoriesView(network="regtest", wallet="main", repositories=(REPOSITORY, FOREIGN))

LINEAGE = LineageView(
    name=NAME, genesis=GENESIS, network="regtest", records=(BORN, FIRST, REVOKED, IGNORED, FLAWED, SECOND)
)

PIN = PinView(
    name=NAME,
    network="regtest",
    genesis=GENESIS,
    owners=(OWNER, STRANGE),
    owner_addresses=(ADDRESS, ""),
    height=101,
    block="88" * 32,
)
PINS = PinsView(pins=(PIN,))

PROPOSAL = PinProposalView(
    pin=PIN,
    known=False,
    asset="cAsset",
    access_units=1_000_000,
    tags=("1.0", "latest"),
    issuer="Acme\u200b Ltd",
    description="An app",
    confirmations=6,
    rivals=(STANDING,),
    warnings=("1 other geneses on the chain claim this name; anybody can make one",),
)
