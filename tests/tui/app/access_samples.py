"""Views of closed images, cold keys and signed texts with fixed contents."""

from dataclasses import replace

from assets.services.read_models.access_views import KeptView, LoginView
from assets.services.read_models.trace_views import TraceStep, TraceView
from assets.services.read_models.wallet_views import MessageView
from tests.tui.app import samples
from tui.verbs.access.holdings import HeldView, HoldingsView
from tui.verbs.image.cautions import ACCESS_IS_ACCESS
from tui.verbs.image.pull import PulledView, PullView
from tui.verbs.image.seal import SealedForm
from tui.verbs.review import LeftPsbt, Review
from tui.verbs.wallet.views import LookedAt, SignedPsbt, WaitingDraft

GATE = "https://gate.example"
PSBT = "cHNidP8" + "BAHECAwQFBgcI" * 60
SIGNATURE = "AkcwRAIg" + "5f70bf18" * 12
THIRD_GENESIS = "77aa01cc" * 8
OWNED = HeldView(
    genesis=samples.GENESIS, name=samples.NAME, units=1_000_000, title=True, sealed=2, gate=GATE, gate_known=True,
)  # fmt: skip
LOGGED_IN = HeldView(
    genesis=samples.OTHER_GENESIS,
    name=samples.OTHER_NAME,
    units=3,
    title=False,
    sealed=0,
    gate=GATE,
    gate_known=True,
    login_until=samples.TIME + 29 * 86_400,
)
UNKNOWN = HeldView(
    genesis=THIRD_GENESIS,
    name="registry.example/acme/plain",
    units=1,
    title=False,
    sealed=0,
    gate="",
    gate_known=False,
    why="no answer from registry.example",
)
KEPT = KeptView(name=samples.NAME, tag="1.0", digest=samples.DIGEST, genesis=samples.GENESIS, sealed=True, gated=True)
ACCESS = HoldingsView(now=samples.TIME, held=(OWNED, LOGGED_IN, UNKNOWN), kept=(KEPT,))
PULLED = PullView(
    verification=samples.VERIFICATION,
    pulled=PulledView(
        image=f"{samples.NAME}@{samples.DIGEST}",
        name=samples.NAME,
        tag="1.0",
        digest=samples.DIGEST,
        sealed_form=samples.OLD_DIGEST,
        opened=True,
        bytes=12_000_000,
        network="regtest",
        to="oci:/srv/app:1.0",
    ),
    notes=(ACCESS_IS_ACCESS,),
)
NOT_PULLED = PullView(
    verification=replace(
        samples.VERIFICATION, verdict="REVOKED", exit_code=12, reason="the owner revoked it: compromised"
    )
)
SEALED = SealedForm(
    plaintext=samples.OLD_DIGEST, ciphertext=samples.DIGEST, tags=("1.0",), generation=1, secret="5f70bf18" * 4
)
PSBT_VIEW = LookedAt(psbt=PSBT, draft=samples.DRAFT, signs=(0,), checked=True, ours=False)
SIGNED = SignedPsbt(psbt=PSBT + "c2lnbmVk", txid=samples.SECOND, complete=True)
WAITING = WaitingDraft(
    txid=samples.SECOND,
    kind="release",
    summary=f"{samples.NAME}: 1.1 stands for {samples.DIGEST}",
    created=samples.TIME,
    expiry=samples.TIME + 7 * 86_400,
)
LEFT = LeftPsbt(txid=samples.SECOND, psbt=PSBT, file="", expiry=samples.TIME + 7 * 86_400)
JUDGED = MessageView(
    address=samples.ADDRESS, message="hello", signature=SIGNATURE, form="BIP322", valid=True, reason=""
)
LOGIN = LoginView(
    host="registry.example",
    image=samples.OTHER_NAME,
    gate=GATE,
    network="regtest",
    session="02" + "5e" * 32,
    scripts=2,
    since=samples.TIME - 86_400,
    until=samples.TIME + 29 * 86_400,
    days_left=29,
    over=False,
    files=("/home/you/.docker/config.json",),
)
LOGIN_REVIEW = Review(
    drafts=(),
    heading=f"Log in at the gate {GATE}, which the definition of {samples.NAME} on the chain names",
    facts=(
        ("it learns", f"2 scripts of yours, with the title or access units of {samples.NAME}, {samples.OTHER_NAME}"),
        ("until", "2027-01-01 00:00 UTC"),
        ("told", "docker, podman and skopeo"),
    ),
    warnings=("registry.example/acme/plain names another gate, and is left out",),
    deed=f"Log in at {GATE}",
)
_TITLE = f"the title of {samples.GENESIS}"
TRACE = TraceView(
    outpoint=f"{samples.TXID}:1",
    holds=_TITLE,
    steps=(
        TraceStep(
            outpoint=f"{samples.SECOND}:1", txid=samples.SECOND, sats=9_859, holds=_TITLE,
            what=f"RELEASE 1.1 stands for {samples.DIGEST}", height=None, own=True,
        ),
        TraceStep(
            outpoint=f"{samples.TXID}:1", txid=samples.TXID, sats=10_000, holds=_TITLE, what="moved", height=1_203,
            own=True,
        ),
        TraceStep(
            outpoint=f"{samples.GENESIS}:0", txid=samples.GENESIS, sats=10_000, holds=_TITLE, what="genesis",
            height=1_202, own=False,
        ),
    ),
    complete=True,
)  # fmt: skip
