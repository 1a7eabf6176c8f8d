"""Settings, pins and the log, as they lie on this machine."""

import os

from assets.services.chain.image_words import pin_view
from assets.services.read_models.image_views import PinsView
from tui.app.remedies import words
from tui.app.views import LogView, SettingLine, SettingsView
from tui.bootstrap import House
from tui.index_setting import index_remarks
from tui.log import redact
from tui.settings import load, rows
from tui.settings_file import changed, value_of
from wallet.errors import EncodingError
from wallet.store.files import write_private

LOG_LINES = 500
_LOG_BYTES = 256 * 1024


class HouseMachine:
    """Implements `MachineServices`."""

    def __init__(self, house: House) -> None:
        self._house = house

    def settings(self) -> SettingsView:
        """What is set, where that comes from, and what is pinned."""
        house = self._house
        lines = tuple(
            SettingLine(key=key, value=value, origin=str(origin)) for key, value, origin in rows(house.settings)
        )
        pins = tuple(pin_view(pin, house.network) for pin in house.pins.load().pins)
        return SettingsView(file=str(house.paths.settings_file), settings=lines, pins=PinsView(pins=pins))

    def set_setting(self, key: str, value: str) -> str:
        """Changes one line of the settings file; what would not be read again is refused."""
        file = self._house.paths.settings_file
        try:
            text = file.read_text(encoding="utf-8") if file.exists() else ""
        except (OSError, UnicodeDecodeError) as error:
            raise EncodingError(f"cannot read {file}: {error}", hint="repair it or move it away") from error
        new = changed(text, {key: value_of(key, value) if value else None})
        load({}, {}, file, text=new)
        if new != text:
            write_private(file, new.encode("utf-8"), overwrite=True)
        if key != "index_start":
            return ""
        return "\n".join(map(words, index_remarks(self._house.paths, load({}, os.environ, file, text=new))))

    def log(self) -> LogView:
        """The end of the log file, without what looks secret."""
        file = self._house.paths.log_file
        try:
            with file.open("rb") as opened:
                opened.seek(0, 2)
                opened.seek(max(0, opened.tell() - _LOG_BYTES))
                text = opened.read().decode("utf-8", "replace")
        except OSError:
            text = ""
        return LogView(file=str(file), lines=tuple(redact(text).splitlines()[-LOG_LINES:]))
