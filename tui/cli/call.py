"""One run of one command: what was typed, the terminal, and the house that it may ask for things."""

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui import log
from tui.bootstrap import House
from tui.cli.progress import Bars, Progress
from tui.cli.terminal import Terminal
from tui.paths import Paths
from tui.settings import Settings, load
from tui.sweeping import sweep_home
from tui.text import lines
from wallet.advice import Prose

if TYPE_CHECKING:
    from assets.services.read_models.wallet_views import FallenView
    from tui.verbs.keys import Keys
    from tui.verbs.reading import Reading
    from tui.verbs.workplace import Workplace

HouseFactory = Callable[[Settings, Paths], House]


class Call:
    """What a command works with beside its own arguments."""

    def __init__(self, house: House, terminal: Terminal, *, as_json: bool, again: bool = False) -> None:
        self.house = house
        self.terminal = terminal
        self.as_json = as_json
        self._again = again
        self._bars = Bars(terminal)

    @classmethod
    def opened(cls, shared: Mapping[str, Any], build: HouseFactory) -> "Call":
        """What killed runs left is removed, settings are merged, the log is started; nothing else is touched.

        Raises EncodingError for settings that are not right.
        """
        paths = Paths.of(os.environ)
        sweep_home(paths)
        flags = {key: shared.get(key) for key in ("network", "wallet", "node_url", "node_cookie")}
        settings = load(flags, os.environ, paths.settings_file)
        log.start(paths.log_file)
        house, again = build(settings, paths), bool(shared.get("again"))
        return cls(house, Terminal(), as_json=bool(shared.get("as_json")), again=again)

    @property
    def settings(self) -> Settings:
        """What the user chose."""
        return self.house.settings

    @cached_property
    def workplace(self) -> "Workplace":
        """What verbs work with: this command's network and wallet, its terminal for progress and notes."""
        from tui.verbs.workplace import Workplace

        return Workplace(
            house=self.house, report=self._bars, note=self.note, fell_out=self._fell_out, again=self._again
        )

    @property
    def reading(self) -> "Reading":
        """What verbs work with that need no open wallet."""
        return self.workplace

    def keys(self, password_file: Path | None, password_fd: int | None, house: House | None = None) -> "Keys":
        """The wallet's keys, opened when they are first needed; the password is asked for no second time.

        `house` is for a wallet on a network that something else than the settings decided.
        """
        chosen = house or self.house
        from tui.cli.secrets import SecretSource, password
        from tui.verbs.keys import Opening

        def ask() -> str:
            source = SecretSource(file=password_file, fd=password_fd)
            return password(source, self.terminal, of=f"wallet {chosen.wallet_paths.name}")

        return Opening(chosen, ask)

    def broken_off(self, error: BaseException) -> BaseException:
        """The error to tell where `error` came after this command signed something: that stands, and is named."""
        return self.workplace.broken_off(error) if "workplace" in vars(self) else error

    def close(self) -> None:
        """Takes away what is drawn."""
        self._bars.close()

    def _fell_out(self, fallen: "tuple[FallenView, ...]") -> None:
        from tui.cli.fallen_text import fallen_text

        self.note(lines(fallen_text(fallen)))

    def progress(self, what: str) -> Progress:
        """A progress display on standard error for work that may take long; use it in a `with`."""
        return Progress(what, self.terminal)

    def note(self, text: Prose) -> None:
        """Tells something that is not the answer; nothing is drawn over it."""
        self._bars.close()
        self.terminal.note(text)
