"""A login in words."""

import time

from assets.services.read_models.access_views import LoginView
from tui.text import lines, plain


def login_text(view: LoginView) -> str:
    """A login in a few lines."""
    ends = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(view.until))
    left = "it is over; log in again" if view.over else f"{view.days_left} days left"
    rows = (
        f"{plain(view.host)} at {plain(view.gate)}",
        f"  for      {plain(view.image)} on {view.network}",
        f"  until    {ends} ({left})",
        f"  scripts  {view.scripts}",
        f"  tools    {', '.join(plain(path) for path in view.files) or 'none: for the keys of sealed images alone'}",
    )
    return lines(rows)
