"""What a user may set about registries, and how patient the client is."""

from dataclasses import dataclass, field
from pathlib import Path

from assets.registry.proxy import ProxyRules

MIB = 1024 * 1024
CHUNK = MIB
"""Bytes of a file that are worked on at once."""

MANIFEST_LIMIT = 4 * MIB
"""Bytes of the largest manifest that is read; Distribution refuses larger ones too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySettings:
    """`ca_file` (PEM) is trusted beside the system's authorities. `proxies` says what is reached through a proxy.

    Times are in seconds: to connect, to wait for the next bytes, and for a whole exchange. A body of many bytes gets
    one more second of the whole for each `slowest` bytes that it may have. `retries` counts attempts after the first.
    """

    ca_file: Path | None = None
    proxies: ProxyRules = field(default_factory=ProxyRules)
    connect_timeout: float = 5.0
    idle_timeout: float = 30.0
    exchange_timeout: float = 60.0
    slowest: int = 32 * 1024
    retries: int = 2
    back_off: float = 0.2
    longest_wait: float = 5.0

    def exchange_seconds(self, limit: int) -> float:
        """How long an exchange of at most `limit` bytes may take as a whole."""
        return self.exchange_timeout + limit / self.slowest
