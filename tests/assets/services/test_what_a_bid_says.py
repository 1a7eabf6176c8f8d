from assets.services.market.buying import bid_about
from assets.services.trust.title_report import SaleReport
from tests.assets.images.listings import LOT, WHOLE

REPORT = SaleReport(
    name="registry.example/acme/app",
    bindings=3,
    revocations=1,
    issued=1_000_000,
    outstanding=7,
    rivals=("22" * 32,),
    checklist=("agree on the hand-over of the account",),
    warnings=(),
)


def test_a_buyer_reads_terms_and_gate_before_signing() -> None:
    notes = bid_about(WHOLE, REPORT, 900).notes
    assert notes[0] == REPORT.checklist[0]
    assert any(str(WHOLE.terms) in note and "read it before you sign" in note for note in notes)
    assert any("https://gate.example" in note for note in notes)
    assert bid_about(LOT, REPORT, 900).notes == REPORT.checklist


def test_a_buyer_reads_what_is_sold_and_who_else_claims_the_name() -> None:
    about = bid_about(WHOLE, REPORT, 900)
    assert "the title, and with it the repository, and 1,000,000 access units, for 50,000 sat" in about.effects[0]
    assert "bound 3, revoked 1" in about.effects[1]
    assert any("another genesis claims the same name: 2222" in warning for warning in about.warnings)
    assert any("until block 900" in warning for warning in about.warnings)
