"""The two themes. Widgets name meanings (`$success`, `$text-muted`), never colours."""

from textual.theme import Theme

DARK = Theme(
    name="dockchains-dark",
    primary="#5aa9e6",
    secondary="#7fc8a9",
    accent="#f2b05e",
    success="#7fc87f",
    warning="#e6c35c",
    error="#ef7d7d",
    foreground="#d8dee6",
    background="#12161c",
    surface="#1a2029",
    panel="#242c38",
    dark=True,
)

LIGHT = Theme(
    name="dockchains-light",
    primary="#1f5f99",
    secondary="#2f7a5a",
    accent="#9a5b00",
    success="#23702f",
    warning="#7a5600",
    error="#a52222",
    foreground="#1c232b",
    background="#fbfbf8",
    surface="#f1f1ec",
    panel="#e3e4de",
    dark=False,
)

THEMES = (DARK, LIGHT)


def other(name: str) -> str:
    """The theme that is not this one."""
    return LIGHT.name if name == DARK.name else DARK.name
