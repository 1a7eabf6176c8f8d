"""The table by which scopes are granted: what is asked and entitled, each scope alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.images.access import (
    MAX_SCOPES,
    AccessTable,
    Action,
    Grant,
    Place,
    Scope,
    Standing,
    entitled,
    grants,
    parse_scopes,
)
from wallet.errors import EncodingError
from wallet.hashes import Txid

APP, TOOL, OPEN = (Txid(bytes([number]) * 32) for number in (1, 2, 3))
TABLE = AccessTable.of(
    [("registry.example/acme/app", APP), ("registry.example/other/tool", TOOL), ("registry.example/free", OPEN)]
)
PULL, PUSH = frozenset({Action.PULL}), frozenset({Action.PUSH})
BOTH = PULL | PUSH
NOTHING: frozenset[Action] = frozenset()


@pytest.mark.parametrize(
    ("standing", "sibling", "is_open", "allowed"),
    [
        (Standing.STRANGER, False, False, NOTHING),
        (Standing.STRANGER, False, True, PULL),
        (Standing.STRANGER, True, False, PULL),
        (Standing.HOLDER, False, False, PULL),
        (Standing.HOLDER, False, True, PULL),
        (Standing.HOLDER, True, False, PULL),
        (Standing.OWNER, False, False, BOTH),
        (Standing.OWNER, False, True, BOTH),
        (Standing.OWNER, True, False, BOTH),
    ],
)
def test_the_table_of_rights(standing: Standing, sibling: bool, is_open: bool, allowed: frozenset[Action]) -> None:
    assert entitled(Place(genesis=APP, sibling=sibling), standing, is_open=is_open) == allowed


def granted(standings: dict[Txid, Standing], *texts: str, opened: frozenset[Txid] = frozenset({OPEN})) -> object:
    """What is granted, as paths and words."""
    found = grants(
        parse_scopes(texts),
        TABLE,
        standing=lambda genesis: standings.get(genesis, Standing.STRANGER),
        is_open=opened.__contains__,
    )
    return {grant.name: ",".join(grant.words) for grant in found}


def test_what_is_asked_and_entitled_is_granted_and_no_more() -> None:
    holder, owner = {APP: Standing.HOLDER}, {APP: Standing.OWNER}
    assert granted(holder, "repository:acme/app:pull,push") == {"acme/app": "pull"}
    assert granted(holder, "repository:acme/app:push") == {}
    assert granted(owner, "repository:acme/app:pull,push") == {"acme/app": "pull,push"}
    assert granted(owner, "repository:acme/app:pull") == {"acme/app": "pull"}
    assert granted({}, "repository:free:pull,push") == {"free": "pull"}
    assert granted(owner, "repository:acme/app/dockchains:push,pull") == {"acme/app/dockchains": "pull,push"}
    assert granted(holder, "repository:acme/app/dockchains:push,pull") == {"acme/app/dockchains": "pull"}
    assert granted({}, "repository:free/dockchains:pull") == {"free/dockchains": "pull"}


def test_each_scope_is_judged_alone() -> None:
    asked = ("repository:acme/app:pull,push repository:other/tool:pull", "repository:other/tool/dockchains:pull,push")
    assert granted({APP: Standing.OWNER}, *asked) == {"acme/app": "pull,push", "other/tool/dockchains": "pull"}


@pytest.mark.parametrize(
    "scope",
    [
        "registry:catalog:*",
        "repository:acme/app:*",
        "repository:acme/app:delete",
        "repository:acme/app:PULL",
        "repository:acme/app:",
        "repository:acme/app",
        "repository::pull",
        ":acme/app:pull",
        "acme/app:pull",
        "Repository:acme/app:pull",
        "repository(plugin):acme/app:pull",
        "repository:acme/*:pull",
        "repository:*:pull",
        "repository:acme:pull",
        "repository:acme/app/:pull",
        "repository:/acme/app:pull",
        "repository:acme//app:pull",
        "repository:acme/./app:pull",
        "repository:acme/app/../app:pull",
        "repository:acme%2fapp:pull",
        "repository:ACME/app:pull",
        "repository:registry.example/acme/app:pull",
        "repository:registry.example:443/acme/app:pull",
        "repository:acme/app/dockchains/dockchains:pull",
        "repository:dockchains:pull",
        "repository:acme/app\t:pull",
        "repository:acme/app:pull:pull",
        "repository:unknown/thing:pull,push",
        "",
        ":::",
        "x" * 5_000,
    ],
)
def test_what_is_not_in_the_table_is_granted_to_nobody(scope: str) -> None:
    everybody = dict.fromkeys((APP, TOOL, OPEN), Standing.OWNER)
    assert granted(everybody, scope) == {}


def test_scopes_of_one_resource_are_put_together() -> None:
    assert parse_scopes(["repository:a:pull", "repository:a:push,pull"]) == (
        Scope(kind="repository", name="a", actions=frozenset({"pull", "push"})),
    )


def test_too_many_scopes_are_refused_at_once() -> None:
    assert len(parse_scopes([f"repository:r{number}:pull" for number in range(MAX_SCOPES)])) == MAX_SCOPES
    with pytest.raises(EncodingError, match="10000 scopes"):
        parse_scopes(["repository:a:pull " * 10_000])


def test_the_chain_is_only_asked_where_the_answer_hangs_on_it() -> None:
    asked: list[Txid] = []

    def standing(genesis: Txid) -> Standing:
        asked.append(genesis)
        return Standing.STRANGER

    scopes = parse_scopes(["repository:free:pull repository:acme/app/dockchains:pull repository:nowhere:pull,push"])
    assert len(grants(scopes, TABLE, standing=standing, is_open=frozenset({OPEN}).__contains__)) == 2
    assert asked == []
    assert grants(parse_scopes(["repository:free:push"]), TABLE, standing=standing, is_open=lambda _: True) == ()
    assert asked == [OPEN]


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["registry.example/a", "other.example/b"], "2 registries"),
        (["registry.example/a", "registry.example/a"], "two repositories"),
        (["registry.example/a", "registry.example/a/dockchains"], "two repositories"),
        (["registry.example/a/dockchains", "registry.example/a"], "two repositories"),
    ],
)
def test_a_table_that_could_mean_two_things_is_refused(names: list[str], why: str) -> None:
    with pytest.raises(EncodingError, match=why):
        AccessTable.of([(name, Txid(bytes([number]) * 32)) for number, name in enumerate(names)])


def test_one_repository_may_go_by_two_names() -> None:
    table = AccessTable.of([("registry.example/old", APP), ("registry.example/new", APP)])
    assert table.geneses == {APP}
    assert table.places["old"] == table.places["new"]


@given(st.lists(st.text(max_size=40), max_size=20))
def test_any_text_is_scopes_or_a_refusal_and_never_grants_strangers_a_closed_image(texts: list[str]) -> None:
    found: tuple[Grant, ...] = grants(
        parse_scopes(texts), TABLE, standing=lambda _: Standing.STRANGER, is_open=lambda _: False
    )
    assert all(grant.name.endswith("/dockchains") and grant.actions == PULL for grant in found)
