"""The colour rules that this program has. A second protocol is entered here, and nowhere above."""

from assets.coloring.port import ColorRule
from assets.protocols.open_assets.color_rule import OpenAssets

RULE: ColorRule = OpenAssets()
"""The rule of every repository that is issued, followed and spent."""
