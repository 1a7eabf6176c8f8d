"""What a reorganisation took away, in words."""

from collections.abc import Iterable

from assets.services.read_models.wallet_views import FallenView


def fallen_text(views: Iterable[FallenView]) -> tuple[str, ...]:
    """What to tell, a line each; empty where nothing fell out."""
    return tuple(
        f"the chain was reorganised: {view.what} of {view.name} is in no block now ({view.txid})" for view in views
    )
