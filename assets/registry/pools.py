"""Connections whose every read obeys one deadline, so that a server that drips bytes cannot hold the caller for ever.

urllib3 bounds each wait for bytes. A server that sends one byte just before each wait ends, in headers or in a body,
would be read for hours; here a wait is never longer than what is left of the whole exchange.
"""

import http.client
import io
import socket
import time
from base64 import b64encode
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import create_connection

from assets.registry.endpoint import Origin
from assets.registry.proxy import Proxy

if TYPE_CHECKING:
    import ssl

    from _typeshed import WriteableBuffer

_MOST_CONNECTIONS = 4

DEADLINE: ContextVar[float] = ContextVar("DEADLINE")
"""When the present exchange ends at the latest, in seconds of the monotonic clock."""


class _DeadlineReader(io.RawIOBase):
    """A socket's bytes until a deadline; TimeoutError after it."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, deadline: float) -> None:
        super().__init__()
        self._sock = sock
        self._raw = raw
        self._idle = sock.gettimeout()
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the exchange takes too long")
        self._sock.settimeout(left if self._idle is None else min(left, self._idle))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
            super().close()


class _Response(http.client.HTTPResponse):
    """A response that is read through the present deadline."""

    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        self.fp = io.BufferedReader(_DeadlineReader(sock, self.fp.detach(), DEADLINE.get()))


class _Pinned(HTTPConnection):
    """Connects to the addresses that were judged before, one after the other, and asks no resolver again."""

    def __init__(self, *arguments: Any, addresses: tuple[str, ...], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.addresses = addresses

    def _new_conn(self) -> socket.socket:
        trouble: Exception | None = None
        for address in self.addresses:
            try:
                return create_connection(
                    (address, self.port),
                    self.timeout,
                    source_address=self.source_address,
                    socket_options=self.socket_options,
                )
            except TimeoutError:
                trouble = ConnectTimeoutError(self, "no connection in time")
            except OSError as error:
                trouble = NewConnectionError(self, f"no connection: {error.strerror}")
        assert trouble is not None, "at least one address"
        raise trouble


class _PlainConnection(_Pinned):
    response_class = _Response  # type: ignore[mutable-override]


class _SecureConnection(_Pinned, HTTPSConnection):
    response_class = _Response  # type: ignore[mutable-override]


class _TunneledConnection(HTTPSConnection):
    """Through a proxy, which alone looks names up."""

    response_class = _Response  # type: ignore[mutable-override]


class PlainPool(HTTPConnectionPool):
    """Connections by plain HTTP."""

    ConnectionCls = _PlainConnection  # type: ignore[mutable-override]


class SecurePool(HTTPSConnectionPool):
    """Connections by TLS."""

    ConnectionCls = _SecureConnection  # type: ignore[mutable-override]


class TunnelPool(HTTPSConnectionPool):
    """Connections by TLS in a tunnel."""

    ConnectionCls = _TunneledConnection  # type: ignore[mutable-override]


def plain_pool(origin: Origin, addresses: tuple[str, ...]) -> HTTPConnectionPool:
    """Connections by plain HTTP to these addresses, which were seen to be loopback."""
    return PlainPool(origin.host, origin.port, maxsize=_MOST_CONNECTIONS, addresses=addresses)


def secure_pool(origin: Origin, context: "ssl.SSLContext", addresses: tuple[str, ...]) -> HTTPConnectionPool:
    """Connections by TLS to these addresses; the certificate must be the host's."""
    return SecurePool(origin.host, origin.port, maxsize=_MOST_CONNECTIONS, ssl_context=context, addresses=addresses)


def tunnel_pool(origin: Origin, context: "ssl.SSLContext", proxy: Proxy) -> HTTPConnectionPool:
    """Connections by TLS, each in a tunnel of its own (CONNECT) through a proxy."""
    headers = {}
    if proxy.login is not None:
        headers["Proxy-Authorization"] = f"Basic {b64encode(proxy.login.encode()).decode('ascii')}"
    manager = ProxyManager(
        proxy.url,
        proxy_headers=headers,
        proxy_ssl_context=context if proxy.scheme == "https" else None,
        maxsize=_MOST_CONNECTIONS,
        ssl_context=context,
    )
    manager.pool_classes_by_scheme = {"https": TunnelPool}
    return manager.connection_from_host(origin.host, origin.port, scheme="https")
