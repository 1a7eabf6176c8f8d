"""What became of each release: current, superseded, revoked, pending, final, ignored."""

from dataclasses import replace

from assets.services.read_models.image_views import LineageView, RecordView, RepositoryView, TagView
from assets.services.trust.timeline import timeline

A, B = "sha256:" + "aa" * 32, "sha256:" + "bb" * 32


REPOSITORY = RepositoryView(
    name="a/b", name_hash="", genesis="", height=1, asset="", definition="", access_units=1, state="held",
    owned=True, owner="", owner_address="", title="", title_sats=0, tags=(), pending=(), rivals=(), notes=(),
)  # fmt: skip


def record(number: int, kind: str = "release", digest: str = A, *tags: str, **changes: object) -> RecordView:
    """A record that counts, in block 100 + number."""
    made = RecordView(
        kind=kind, txid=f"{number:064x}", height=100 + number, block="00" * 32, settled=True, counts=True, why_not="",
        digest=digest, tags=tags, detail="", author="", owner="",
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def tag(name: str, digest: str, number: int, *, final: bool = False) -> TagView:
    """What a tag is settled on."""
    return TagView(tag=name, digest=digest, final=final, revoked=False, txid=f"{number:064x}", height=100 + number)


def words(tags: tuple[TagView, ...], *records: RecordView) -> list[tuple[str, str]]:
    """Tag and word of each line, newest first."""
    lineage = LineageView(name="a/b", genesis="", network="regtest", records=records)
    return [(line.tag, line.word) for line in timeline(replace(REPOSITORY, tags=tags), lineage)]


def test_the_newest_binding_of_a_tag_is_current_and_the_ones_before_are_superseded() -> None:
    found = words((tag("1", B, 2), tag("2", A, 1)), record(1, "release", A, "1", "2"), record(2, "release", B, "1"))
    assert found == [("1", "current"), ("2", "current"), ("1", "superseded")]


def test_the_same_digest_bound_again_is_current_once() -> None:
    found = words((tag("1", A, 2),), record(1, "release", A, "1"), record(2, "release", A, "1"))
    assert found == [("1", "current"), ("1", "superseded")]


def test_whether_a_release_is_revoked_its_own_record_says() -> None:
    """The rule is asked where the records are read: a release after the REVOKE of a list is free, one before is not."""
    before = record(1, "release", A, "1", revoked=True)
    revoke = record(2, "revoke", B, height=None, settled=False)
    after = record(3, "release", A, "2")
    found = words((tag("1", A, 1), tag("2", A, 3)), before, revoke, after)
    assert found == [("2", "current"), ("1", "revoked")]


def test_what_might_be_revoked_is_told() -> None:
    repository = replace(REPOSITORY, tags=(replace(tag("1", A, 1), unsure=True),))
    lineage = LineageView(name="a/b", genesis="", network="regtest", records=(record(1, "release", A, "1"),))
    (line,) = timeline(repository, lineage)
    assert line.word == "current"
    assert "a manifest is missing" in line.why


def test_what_waits_is_pending_and_what_does_not_count_is_ignored_with_its_reason() -> None:
    waiting = record(2, "release", B, "1", height=None, settled=False)
    ignored = record(3, "release", B, "1", counts=False, why_not="no signature")
    found = words((tag("1", A, 1),), record(1, "release", A, "1"), waiting, ignored)
    assert found == [("1", "ignored"), ("1", "pending"), ("1", "current")]


def test_a_final_tag_stays_final_and_what_came_against_it_is_ignored() -> None:
    found = words((tag("1", A, 1, final=True),), record(1, "final", A, "1"), record(2, "release", B, "1", "2"))
    assert found == [("2", "superseded"), ("1", "ignored"), ("1", "final")]


def test_a_tag_of_which_the_chain_holds_only_the_hash_is_found_by_it() -> None:
    hashed = "ab" * 32
    found = words((tag(f"sha256:{hashed}", A, 1),), record(1, "release", A, f"tag with sha256 {hashed}"))
    assert found == [(f"tag with sha256 {hashed}", "current")]


def test_other_records_are_no_releases() -> None:
    assert words((), record(1, "genesis"), record(2, "transfer"), record(3, "define")) == []
