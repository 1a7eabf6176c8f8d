"""HTTP with a registry: one request in, one bounded answer out. It knows nothing of images.

Nothing is followed that was not asked for, nothing is read past its limit or its deadline, no answer is unpacked, and
an `Authorization` header goes to the origin that it was made for and nowhere else.
"""

import io
import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assets.errors import RegistryError, RegistryUnavailableError
from assets.registry.endpoint import Origin, Url, is_loopback, require_safe
from assets.registry.network_errors import Interrupted, translated
from assets.registry.settings import RegistrySettings

if TYPE_CHECKING:
    import ssl

    from urllib3 import HTTPConnectionPool
    from urllib3.response import BaseHTTPResponse

logger = logging.getLogger(__name__)

_CHUNK = 64 * 1024
_ERROR_LIMIT = 64 * 1024
_MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({500, 502, 503, 504})
_MAX_POOLS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`headers` may hold `Authorization`, which never leaves `url`'s origin and is never shown.

    `limit` is the most bytes of a good answer. An `idempotent` request may be sent again after a broken connection.
    """

    method: str
    url: Url
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    limit: int
    idempotent: bool = True
    follow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `headers` have lower-case names. `body` is whole where `ok`, else at most its first 64 KiB."""

    url: Url
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    def header(self, name: str) -> str:
        """A header by its lower-case name, or the empty string."""
        return self.headers.get(name, "")


class Transport:
    """Connections to registries, kept open for reuse until `close`. Safe to share between threads."""

    def __init__(
        self, settings: RegistrySettings | None = None, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._settings = RegistrySettings() if settings is None else settings
        self._sleep = sleep
        self._lock = threading.Lock()
        self._pools: dict[Origin, HTTPConnectionPool] = {}
        self._context: ssl.SSLContext | None = None

    def send(self, request: Request) -> Answer:
        """The answer to a request, redirects followed where `follow` says so.

        Raises RegistryUnavailableError where none comes, RegistryError where it is too long or leads astray.
        """
        answer = self._persist(request)
        for _ in range(_MAX_REDIRECTS):
            if not request.follow or answer.status not in _REDIRECTS:
                return answer
            request = _redirected(request, answer)
            answer = self._persist(request)
        if answer.status in _REDIRECTS:
            raise RegistryError(
                f"{request.url.origin.host} redirects more than {_MAX_REDIRECTS} times", hint="do not use it"
            )
        return answer

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            pools, self._pools = tuple(self._pools.values()), {}
        for pool in pools:
            pool.close()

    def _persist(self, request: Request) -> Answer:
        """One request, again a few times where the trouble may pass."""
        for attempt in range(self._settings.retries + 1):
            last = attempt == self._settings.retries
            pause = self._settings.back_off * 4**attempt
            try:
                answer = self._once(request)
            except Interrupted as trouble:
                if last or not (trouble.unsent or request.idempotent):
                    raise trouble.error from trouble.__cause__
                logger.debug("again after %s", trouble.error)
            else:
                wait = self._wait(request, answer, pause)
                if last or wait is None:
                    return answer
                pause = wait
            self._sleep(pause)
        raise AssertionError("a loop with at least one round")

    def _wait(self, request: Request, answer: Answer, pause: float) -> float | None:
        """Seconds until the request is worth sending again, or None."""
        if answer.status == 429:
            asked = answer.header("retry-after")
            seconds = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else None
            return seconds if seconds is not None and seconds <= self._settings.longest_wait else None
        return pause if answer.status in _PASSING and request.idempotent else None

    def _once(self, request: Request) -> Answer:
        from assets.registry.pools import DEADLINE

        require_safe(request.url.origin)
        pool = self._pool(request.url.origin)
        headers = {"User-Agent": "dockchains", **request.headers}
        if request.body is not None:
            headers["Content-Length"] = str(len(request.body))
        DEADLINE.set(time.monotonic() + self._settings.exchange_seconds(request.limit))
        with translated(request.url.origin):
            response = pool.urlopen(
                request.method,
                request.url.target,
                body=None if request.body is None else io.BytesIO(request.body),
                headers=headers,
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                return _answer(request, response)
            finally:
                response.close()
                response.release_conn()

    def _pool(self, origin: Origin) -> "HTTPConnectionPool":
        from urllib3.util import Timeout

        from assets.registry.pools import PlainPool, SecurePool

        with self._lock:
            if origin in self._pools:
                return self._pools[origin]
            if len(self._pools) >= _MAX_POOLS:
                self._pools.pop(next(iter(self._pools))).close()
            timeout = Timeout(connect=self._settings.connect_timeout, read=self._settings.idle_timeout)
            if origin.scheme == "https":
                self._pools[origin] = SecurePool(
                    origin.host, origin.port, timeout=timeout, maxsize=4, ssl_context=self._tls()
                )
            else:
                _require_loopback_address(origin)
                self._pools[origin] = PlainPool(origin.host, origin.port, timeout=timeout, maxsize=4)
            return self._pools[origin]

    def _tls(self) -> "ssl.SSLContext":
        import ssl

        if self._context is None:
            context = ssl.create_default_context()
            if self._settings.ca_file is not None:
                try:
                    context.load_verify_locations(cafile=str(self._settings.ca_file))
                except (OSError, ssl.SSLError) as error:
                    raise RegistryError(
                        f"the CA file {self._settings.ca_file} cannot be used: {error.strerror or error}",
                        hint="it must be a PEM file with the certificate of the registry's authority",
                    ) from error
            self._context = context
        return self._context


def _answer(request: Request, response: "BaseHTTPResponse") -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    good = 200 <= response.status < 300
    if good and headers.get("content-encoding", "identity").lower() not in {"", "identity"}:
        raise RegistryError(
            f"{request.url.origin.host} packs its answer, which was not asked for",
            hint="something between changes what the registry serves",
        )
    limit = request.limit if good else _ERROR_LIMIT
    body = bytearray()
    while request.method != "HEAD" and (chunk := response.read1(_CHUNK)):
        body += chunk
        if len(body) > limit:
            if not good:
                break
            raise RegistryError(
                f"{request.url.origin.host} sends more than the {limit} bytes that this may have",
                hint="the answer is no such document; do not use it",
            )
    return Answer(url=request.url, status=response.status, headers=headers, body=bytes(body[:limit]))


def _redirected(request: Request, answer: Answer) -> Request:
    """The request at the place that a redirect names, without credentials where that is another origin."""
    url = Url.parse(answer.header("location"), asked=request.url)
    headers = dict(request.headers)
    if url.origin != request.url.origin:
        headers.pop("Authorization", None)
    return Request(method=request.method, url=url, headers=headers, limit=request.limit, follow=True)


def _require_loopback_address(origin: Origin) -> None:
    """`localhost` is a name, so that a resolver could lead it elsewhere."""
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise RegistryUnavailableError(f"{origin.host} has no address", hint="use 127.0.0.1 instead") from error
    if not all(is_loopback(str(address)) for address in found):
        raise RegistryError(
            f"{origin.host} is not this machine here, so plain HTTP to it is refused", hint="use 127.0.0.1 instead"
        )
