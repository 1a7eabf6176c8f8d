"""`make pictures`: the main screens as SVG files in `docs/screens`, from frozen data."""

import asyncio
from pathlib import Path

from textual.widgets import Input

from tests.tui.app.driving import app_of
from tests.tui.app.fake_services import FakeLobby
from tests.tui.app.scenes import SCENES

FOLDER = Path(__file__).parents[3] / "docs" / "screens"
SIZE = (100, 30)


async def picture(scene: str) -> str:
    """One scene as SVG."""
    wallets, act = SCENES[scene]
    app = app_of(FakeLobby(*wallets))
    async with app.run_test(size=SIZE) as pilot:
        await act(pilot)
        for one in app.screen.query(Input):
            one.cursor_blink = False
        app.clear_notifications()
        await pilot.pause()
        return app.export_screenshot(title="Dockchains")


def main() -> None:
    """All of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for scene in SCENES:
        file = FOLDER / f"{scene}.svg"
        file.write_text(asyncio.run(picture(scene)) + "\n", encoding="utf-8")
        print(f"wrote {file.relative_to(FOLDER.parents[1])}")


if __name__ == "__main__":
    main()
