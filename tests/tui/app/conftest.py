"""Frozen surroundings for the app's tests, and tests that are coroutines."""

import asyncio
import inspect
from collections.abc import Hashable, Iterator

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.widgets import Input


@pytest.fixture(autouse=True, scope="package")
def _styles_are_parsed_once() -> Iterator[None]:
    """Each app parses the same style sheets anew, some of them at each place: here, the apps share what was parsed."""
    parsed: dict[Hashable, list[RuleSet]] = {}
    original = Stylesheet._parse_rules

    def shared(self: Stylesheet, css: str, *where: Hashable, **options: Hashable) -> list[RuleSet]:
        key = (css, where, tuple(options.items()), frozenset(self._variables.items()))
        if key not in parsed:
            parsed[key] = original(self, css, *where, **options)  # type: ignore[arg-type]
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", shared)
        yield


@pytest.fixture(autouse=True)
def _calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing blinks or glides, so that pictures are the same each time."""
    original = Input.__init__

    def still(self: Input, *arguments: object, **options: object) -> None:
        original(self, *arguments, **options)  # type: ignore[arg-type]
        self.cursor_blink = False

    monkeypatch.setattr(Input, "__init__", still)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Runs a test that is a coroutine, in a loop of its own."""
    test = pyfuncitem.obj
    if not inspect.iscoroutinefunction(test):
        return None
    wanted = inspect.signature(test).parameters
    asyncio.run(test(**{name: pyfuncitem.funcargs[name] for name in wanted}))
    return True
