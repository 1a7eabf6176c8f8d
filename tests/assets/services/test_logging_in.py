"""Logging in at a gate: which scripts are shown, what is signed, what is kept, and how it all ends."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from assets.errors import ImageError, UnauthorizedError
from assets.images.login_claim import MAX_PROOFS
from assets.images.pull_secret import check_pull_secret
from assets.remedies import ImageRemedy
from assets.services.access.gate_logins import GateLogins
from assets.services.access.logging_out import log_out, logins, logins_for
from assets.services.access.login_scripts import OwnScript
from assets.store.session_store import DAY
from tests.assets.services.closed_world import GATE, ClosedWorld
from tests.assets.services.fake_session import NOW
from wallet.errors import EncodingError, StateError, StoreError

HOST = "registry.example"
NAME = f"{HOST}/studio/film"
OTHER_KEY = bytes(31) + b"\x09"


@pytest.fixture
def closed(tmp_path: Path) -> ClosedWorld:
    return ClosedWorld(tmp_path)


def indexes(scripts: tuple[OwnScript, ...]) -> list[int]:
    return [one.path.index for one in scripts]


def test_a_holder_logs_in_with_every_script_that_holds_units(closed: ClosedWorld) -> None:
    film = closed.issue(NAME)
    closed.grant(film, 0, 3, 5)
    draft = closed.draft(film)
    assert sorted(indexes(draft.scripts)) == [0, 3, 5]
    assert (draft.gate, draft.host, draft.repositories, draft.for_tools) == (GATE, HOST, (NAME,), True)
    assert draft.until - draft.since == 30 * DAY
    session = closed.log_in(draft)
    (request,) = closed.gates.sessions.values()
    assert request.claim.session.hex() == session.username
    assert {bytes(proof.script) for proof in request.proofs} == {bytes(closed.own(index)) for index in (0, 3, 5)}
    assert closed.store.load(HOST) == session
    assert (session.gate, session.image, session.scripts, session.since) == (GATE, NAME, 3, NOW)


def test_the_wallet_is_not_unlocked_before_something_is_signed(closed: ClosedWorld) -> None:
    film = closed.issue(NAME)
    closed.grant(film, 0)
    draft = closed.draft(film)
    assert (closed.wallet.unlocked, closed.gates.asked) == (0, [])
    closed.log_in(draft)
    assert closed.wallet.unlocked == 1


def test_the_owner_logs_in_with_the_title(closed: ClosedWorld) -> None:
    film = closed.issue(NAME, owner=closed.own(2))
    assert indexes(closed.draft(film).scripts) == [2]


def test_whoever_holds_nothing_is_told_where_to_buy(closed: ClosedWorld) -> None:
    film = closed.issue(NAME)
    with pytest.raises(ImageError, match="holds neither") as caught:
        closed.draft(film)
    assert caught.value.advice == ImageRemedy.BUY_ACCESS.of(name=NAME)


def test_an_image_without_a_gate_needs_no_login(closed: ClosedWorld) -> None:
    film = closed.issue(NAME, gate=None, owner=closed.own(0))
    with pytest.raises(StateError, match="names no gate"):
        closed.draft(film)


def test_the_gate_is_the_one_of_the_document_that_the_chain_carries(closed: ClosedWorld) -> None:
    film = closed.issue(NAME, owner=closed.own(0))
    other = closed.issue(NAME, gate="https://phishing.example", push=True)
    assert other.genesis != film.genesis
    with pytest.raises(ImageError, match="neither on this machine nor in the registry"):
        closed.draft(film)


def test_a_definition_that_is_kept_here_needs_no_registry(closed: ClosedWorld) -> None:
    film = closed.issue(NAME, owner=closed.own(0))
    closed.draft(film)
    closed.issue(NAME, gate="https://phishing.example", push=True)
    assert closed.draft(film).gate == GATE


def test_a_definition_for_another_name_is_refused(closed: ClosedWorld) -> None:
    film = closed.issue(NAME, owner=closed.own(0), claims=f"{HOST}/studio/other")
    with pytest.raises(StateError, match="is called"):
        closed.draft(film)


@pytest.mark.parametrize("days", [0, 31, -1])
def test_a_login_holds_for_1_to_30_days(closed: ClosedWorld, days: int) -> None:
    film = closed.issue(NAME, owner=closed.own(0))
    with pytest.raises(EncodingError):
        closed.draft(film, days=days)


def test_other_repositories_at_the_host_are_shown_only_to_their_own_gate(closed: ClosedWorld) -> None:
    film = closed.issue(NAME)
    closed.grant(film, 0)
    same = closed.issue(f"{HOST}/studio/book")
    closed.grant(same, 1)
    elsewhere = closed.issue(f"{HOST}/evil/app", gate="https://phishing.example")
    closed.grant(elsewhere, 2)
    unread = closed.issue(f"{HOST}/lost/app", push=False)
    closed.grant(unread, 3)
    other_host = closed.issue("other.example/studio/film")
    closed.grant(other_host, 4)
    opened = closed.issue(f"{HOST}/open/app", gate=None, owner=closed.own(5))
    open_unit = closed.issue(f"{HOST}/open/lib", gate=None)
    closed.grant(open_unit, 6)
    draft = closed.draft(film)
    assert indexes(draft.scripts)[0] == 0
    assert sorted(indexes(draft.scripts)) == [0, 1, 5]
    assert draft.repositories == (NAME, opened.name, f"{HOST}/studio/book")
    assert any("lost/app is left out" in note for note in draft.notes)


def test_a_repository_of_which_the_chain_has_only_the_hash_is_known_by_name(closed: ClosedWorld) -> None:
    long_name = f"{HOST}/studio/a-film-with-a-very-long-name"
    film, long_film = closed.issue(NAME), closed.issue(long_name)
    closed.grant(film, 0)
    closed.grant(long_film, 1)
    assert indexes(closed.draft(film).scripts) == [0]
    assert sorted(indexes(closed.draft(film, known_names=(long_name,)).scripts)) == [0, 1]


def test_one_script_of_each_repository_comes_before_the_second_of_any(closed: ClosedWorld) -> None:
    film, book = closed.issue(NAME), closed.issue(f"{HOST}/studio/book")
    closed.grant(film, *range(1, 20))
    closed.grant(book, 20, 21)
    shown = indexes(closed.draft(film).scripts)
    assert len(shown) == 21 <= MAX_PROOFS
    assert {20, 21} & set(shown[:2])


def test_container_tools_are_told_and_the_helper_can_answer(closed: ClosedWorld) -> None:
    film = closed.issue(NAME, owner=closed.own(0))
    session = closed.log_in(closed.draft(film))
    for entry in session.entries:
        assert json.loads(entry.path.read_text()) == {"credHelpers": {HOST: "dockchains"}}
    login = GateLogins(closed.store, lambda: NOW)(HOST)
    assert login is not None
    assert (login.username, login.only_at) == (session.username, GATE)
    check_pull_secret(bytes.fromhex(login.username), login.secret, gate=GATE, now=NOW)
    assert GateLogins(closed.store, lambda: session.until)(HOST) is None
    assert GateLogins(closed.store, lambda: NOW)("other.example") is None


@pytest.mark.parametrize("realm", [None, "https://phishing.example", f"{GATE}:8443"])
def test_a_registry_that_asks_another_place_for_tokens_is_not_shown_the_login(
    closed: ClosedWorld, realm: str | None
) -> None:
    film = closed.issue(NAME, owner=closed.own(0))
    closed.gates.realm = realm
    draft = closed.draft(film)
    assert not draft.for_tools
    assert "container tools are told nothing" in draft.notes[-1]
    assert closed.log_in(draft).entries == ()
    assert not closed.home.exists()
    logins_at = GateLogins(closed.store, lambda: NOW)
    assert (logins_at(HOST), logins_at.at_gate(HOST, "https://other.example")) == (None, None)
    assert logins_at.at_gate(HOST, GATE) is not None


def test_nothing_is_kept_where_the_gate_refuses(closed: ClosedWorld) -> None:
    film = closed.issue(NAME, owner=closed.own(0))
    closed.gates.refusal = UnauthorizedError("no")
    with pytest.raises(UnauthorizedError):
        closed.log_in(closed.draft(film))
    assert closed.store.all() == ()
    assert not closed.home.exists()


def test_nothing_is_signed_where_a_tools_file_is_broken(closed: ClosedWorld) -> None:
    film = closed.issue(NAME, owner=closed.own(0))
    broken = closed.home / ".docker" / "config.json"
    broken.parent.mkdir(parents=True)
    broken.write_text("{")
    with pytest.raises(StoreError, match=r"config\.json"):
        closed.log_in(closed.draft(film))
    assert (closed.gates.asked, closed.store.all()) == ([], ())


def test_a_second_login_replaces_the_first_and_ends_it(closed: ClosedWorld) -> None:
    film = closed.issue(NAME, owner=closed.own(0))
    first = closed.log_in(closed.draft(film))
    second = closed.log_in(closed.draft(film), key=OTHER_KEY)
    assert closed.store.all() == (second,)
    assert closed.gates.ended == [first.username]
    assert list(closed.gates.sessions) == [second.username]
    assert second.entries == first.entries
    out = log_out(second, closed.gates, closed.store, closed.tools, NOW)
    assert out.failed == ()
    assert not any(entry.path.exists() for entry in first.entries)


def test_a_second_login_works_where_the_gate_cannot_end_the_first(closed: ClosedWorld) -> None:
    film = closed.issue(NAME, owner=closed.own(0))
    closed.log_in(closed.draft(film))
    draft = closed.draft(film)
    closed.gates.forgets = False
    assert closed.log_in(draft, key=OTHER_KEY) == closed.store.load(HOST)


def test_keys_of_many_gates_are_had_at_one_public_registry(closed: ClosedWorld) -> None:
    closed.gates.realm = "https://auth.registry.example"
    film = closed.issue(NAME, owner=closed.own(0))
    other = closed.issue(f"{HOST}/other/app", gate="https://other.example", owner=closed.own(1))
    closed.log_in(closed.draft(film))
    closed.log_in(closed.draft(other), key=OTHER_KEY)
    kept = GateLogins(closed.store, lambda: NOW)
    for gate in (GATE, "https://other.example"):
        login = kept.at_gate(HOST, gate)
        assert login is not None
        assert login.only_at == gate
    assert closed.gates.ended == []
    (meant,) = logins_for(closed.store, other.name)
    log_out(meant, closed.gates, closed.store, closed.tools, NOW)
    assert [one.image for one in closed.store.all()] == [NAME]
    (left,) = logins_for(closed.store, f"{HOST}/any/thing")
    assert left.image == NAME


def test_a_name_that_could_mean_several_logins_means_none(closed: ClosedWorld) -> None:
    closed.gates.realm = None
    for number, (path, gate) in enumerate((("a/b", GATE), ("c/d", "https://other.example"))):
        issued = closed.issue(f"{HOST}/{path}", gate=gate, owner=closed.own(number))
        closed.log_in(closed.draft(issued), key=bytes(31) + bytes((number + 1,)))
    with pytest.raises(StateError, match="has 2 logins"):
        logins_for(closed.store, NAME)
    with pytest.raises(StateError, match="is not logged in"):
        logins_for(closed.store, "other.example/a/b")


def test_a_registry_that_takes_its_gate_up_or_drops_it_changes_what_tools_are_told(closed: ClosedWorld) -> None:
    film = closed.issue(NAME, owner=closed.own(0))
    closed.gates.realm = None
    keys = closed.log_in(closed.draft(film))
    closed.gates.realm = GATE
    told = closed.log_in(closed.draft(film), key=OTHER_KEY)
    assert closed.store.all() == (told,)
    assert closed.gates.ended == [keys.username]
    closed.gates.realm = None
    again = closed.log_in(closed.draft(film), key=bytes(31) + b"\x0a")
    assert closed.store.all() == (again,)
    assert not any(entry.path.exists() for entry in told.entries)


def test_one_host_has_one_gate_until_somebody_logs_out(closed: ClosedWorld) -> None:
    film = closed.issue(NAME, owner=closed.own(0))
    kept = closed.log_in(closed.draft(film))
    other = closed.issue(f"{HOST}/other/app", gate="https://other.example", owner=closed.own(1))
    closed.gates.realm = "https://other.example"
    with pytest.raises(StateError, match=r"gate\.example") as caught:
        closed.log_in(closed.draft(other), key=OTHER_KEY)
    assert caught.value.advice == ImageRemedy.END_LOGIN.of(image=NAME)
    assert closed.store.load(HOST) == kept


def test_a_login_at_another_network_is_not_replaced_silently(closed: ClosedWorld) -> None:
    film = closed.issue(NAME, owner=closed.own(0))
    kept = closed.log_in(closed.draft(film))
    closed.store.save(replace(kept, network="00" * 32))
    with pytest.raises(StateError):
        closed.log_in(closed.draft(film), key=OTHER_KEY)


def test_logging_out_leaves_nothing(closed: ClosedWorld) -> None:
    film = closed.issue(NAME, owner=closed.own(0))
    session = closed.log_in(closed.draft(film))
    view = log_out(session, closed.gates, closed.store, closed.tools, NOW)
    assert view.at_gate == "the gate has forgotten the session"
    assert [done for _, done in view.files] == ["removed", "removed"]
    assert (closed.gates.sessions, closed.store.all()) == ({}, ())
    assert not any(entry.path.exists() for entry in session.entries)


def test_logging_out_works_without_the_gate_and_says_so(closed: ClosedWorld) -> None:
    film = closed.issue(NAME, owner=closed.own(0))
    session = closed.log_in(closed.draft(film))
    closed.gates.down = True
    view = log_out(session, closed.gates, closed.store, closed.tools, NOW)
    assert "could not be told" in view.at_gate
    assert closed.store.all() == ()
    assert not any(entry.path.exists() for entry in session.entries)


def test_an_ended_login_is_removed_without_asking_the_gate(closed: ClosedWorld) -> None:
    film = closed.issue(NAME, owner=closed.own(0))
    session = closed.log_in(closed.draft(film))
    asked = len(closed.gates.asked)
    view = log_out(session, closed.gates, closed.store, closed.tools, session.until)
    assert view.at_gate == "the login had ended by itself"
    assert len(closed.gates.asked) == asked


def test_a_file_that_cannot_be_undone_is_told_and_the_key_is_gone_all_the_same(closed: ClosedWorld) -> None:
    film = closed.issue(NAME, owner=closed.own(0))
    session = closed.log_in(closed.draft(film))
    session.entries[0].path.write_text("{")
    view = log_out(session, closed.gates, closed.store, closed.tools, NOW)
    assert [path for path, _ in view.failed] == [str(session.entries[0].path)]
    assert closed.store.all() == ()


def test_logins_are_listed_with_the_days_that_are_left(closed: ClosedWorld) -> None:
    film = closed.issue(NAME, owner=closed.own(0))
    session = closed.log_in(closed.draft(film, days=2))
    (view,) = logins(closed.store, NOW + 1)
    assert (view.host, view.gate, view.network, view.days_left, view.over) == (HOST, GATE, "regtest", 2, False)
    (view,) = logins(closed.store, session.until)
    assert (view.days_left, view.over) == (0, True)
