"""bitcoind's REST interface: whole blocks as bytes, about ten times faster than the same through RPC."""

from functools import cached_property
from typing import TYPE_CHECKING

from wallet.chain.endpoint import Endpoint
from wallet.hashes import BlockHash, display

if TYPE_CHECKING:
    from urllib3 import HTTPConnectionPool

MAX_BLOCK_BYTES = 8_000_000
"""More than any block may have (4,000,000, BIP141)."""


class Rest:
    """One node's REST interface, with connections kept open. It needs no password.

    `available` is None until it was asked, and false once the node showed that it does not serve REST. Most commands
    read no block, and do not load the library that does.
    """

    def __init__(self, endpoint: Endpoint, *, timeout: float = 60.0) -> None:
        self._endpoint = endpoint
        self._timeout = timeout
        self.available: bool | None = None

    @cached_property
    def _pool(self) -> "HTTPConnectionPool":
        import urllib3

        kind = urllib3.HTTPSConnectionPool if self._endpoint.tls else urllib3.HTTPConnectionPool
        retries = urllib3.Retry(total=1, connect=0, redirect=0, status=0, other=0)
        return kind(
            self._endpoint.host, self._endpoint.port, timeout=self._timeout, retries=retries, maxsize=2, block=False
        )

    def block(self, block: BlockHash) -> bytes | None:
        """A raw block with witnesses, unchecked; None where REST does not have it, and RPC must say why."""
        return self._fetch(f"/rest/block/{display(block)}.bin", MAX_BLOCK_BYTES)

    def headers(self, start: BlockHash, count: int) -> tuple[bytes, ...] | None:
        """Up to `count` (2000 at most) raw headers of 80 bytes of the best chain from block `start` on, unchecked."""
        raw = self._fetch(f"/rest/headers/{count}/{display(start)}.bin", 80 * count)
        if raw is None or len(raw) % 80:
            return None
        return tuple(raw[at : at + 80] for at in range(0, len(raw), 80))

    def probe(self, block: BlockHash) -> bool:
        """Whether the node serves REST, asked with a block that it knows."""
        return self.headers(block, 1) is not None

    def close(self) -> None:
        """Close the connections, if there are any."""
        if "_pool" in self.__dict__:
            self._pool.close()

    def _fetch(self, path: str, limit: int) -> bytes | None:
        if self.available is False:
            return None
        from urllib3.exceptions import HTTPError

        try:
            response = self._pool.request("GET", path, redirect=False, preload_content=False, decode_content=False)
            try:
                body = response.read(limit + 1)
                response.drain_conn()
            finally:
                response.release_conn()
        except HTTPError:
            return None
        if response.status == 200 and len(body) <= limit:
            self.available = True
            return body
        # With REST a missing block is a 404 that says so in words; without it the path is unknown, and the body empty.
        if response.status == 404 and not body:
            self.available = False
        return None
