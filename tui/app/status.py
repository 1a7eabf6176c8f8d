"""What all screens show of wallet and chain: one value, replaced as a whole."""

from dataclasses import dataclass, replace

from assets.services.read_models.wallet_views import ChainView
from tui.verbs.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The open wallet, the chain as last seen, work that is under way, and what is wrong (kind and text)."""

    wallet: str = ""
    network: str = ""
    chain: ChainView | None = None
    progress: Progress | None = None
    banners: tuple[tuple[str, str], ...] = ()

    def with_banner(self, about: str, text: str) -> "Status":
        """With another text about this, or without any where it is empty."""
        others = tuple(pair for pair in self.banners if pair[0] != about)
        return replace(self, banners=(*others, (about, text)) if text else others)
