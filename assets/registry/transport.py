"""HTTP with a registry: one request in, one bounded answer out. It knows nothing of images.

Nothing is followed that was not asked for, nothing is read past its limit or its deadline, no answer is unpacked, and
an `Authorization` header goes to the origin that it was made for and nowhere else.
"""

import io
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from assets.errors import RegistryError, RegistryUnavailableError
from assets.registry.endpoint import Origin, Url, require_nameable, require_safe
from assets.registry.network_errors import REGISTRY, Interrupted, translated
from assets.registry.proxy import Proxy
from assets.registry.settings import RegistrySettings
from wallet.hosts import Address, Reach, address_of_text, farthest, reach_of, spelled_reach

if TYPE_CHECKING:
    import ssl

    from urllib3 import HTTPConnectionPool
    from urllib3.response import BaseHTTPResponse
    from urllib3.util import Timeout

logger = logging.getLogger(__name__)

_CHUNK = 64 * 1024
_ERROR_LIMIT = 64 * 1024
_MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({500, 502, 503, 504})
_MAX_POOLS = 32


Sink = Callable[[bytes], None]
"""Takes the bytes of a body as they come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileBody:
    """A body of `size` bytes that is read from a file as it is sent; `advance` is told of each piece."""

    path: Path
    size: int
    advance: Callable[[int], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`headers` may hold `Authorization`, which never leaves `url`'s origin and is never shown.

    `limit` is the most bytes of a good answer. An `idempotent` request may be sent again after a broken connection.
    `leaving` is told when the body begins to leave: where it was not, the other side cannot have got it.
    `into` makes the sink for the body of a good answer from its status and headers; without it the body is kept.
    `peer` is what errors call the other side.
    """

    method: str
    url: Url
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | FileBody | None = field(default=None, repr=False)
    limit: int
    idempotent: bool = True
    follow: bool = False
    into: Callable[[int, Mapping[str, str]], Sink] | None = field(default=None, repr=False)
    peer: str = REGISTRY
    leaving: Callable[[], None] | None = field(default=None, repr=False)

    @property
    def body_size(self) -> int:
        """Bytes that are sent."""
        return self.body.size if isinstance(self.body, FileBody) else len(self.body or b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `headers` have lower-case names.

    `body` is whole where `ok` (empty where a sink took it), else at most its first 64 KiB.
    """

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


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """The connections to an origin, through a proxy or to fixed addresses.

    `reaches` says how near these are to this machine; empty where a proxy looks the name up, and nobody here knows.
    """

    origin: Origin
    pool: "HTTPConnectionPool"
    proxy: Proxy | None
    reaches: tuple[Reach, ...]


class Transport:
    """Connections to registries, kept open for reuse until `close`. Safe to share between threads."""

    def __init__(
        self, settings: RegistrySettings | None = None, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._settings = RegistrySettings() if settings is None else settings
        self._sleep = sleep
        self._lock = threading.Lock()
        self._lines: dict[Origin, _Line] = {}
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
            lines, self._lines = tuple(self._lines.values()), {}
        for line in lines:
            line.pool.close()

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
        line = self._line(request.url.origin, request.peer)
        self._require_nameable(request.url, line)
        pool, proxy = line.pool, line.proxy
        headers = {"User-Agent": "dockchains", **request.headers}
        if request.body is not None:
            headers["Content-Length"] = str(request.body_size)
        allowed = self._settings.exchange_seconds(max(request.limit, request.body_size))
        DEADLINE.set(time.monotonic() + allowed)
        with _opened(request) as body, self._forgetting(line), translated(request.url.origin, proxy, request.peer):
            response = pool.urlopen(
                request.method,
                request.url.target,
                body=body,
                headers=headers,
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
                timeout=self._timeout(request),
            )
            try:
                return _answer(request, response)
            finally:
                response.close()
                response.release_conn()

    def _timeout(self, request: Request) -> "Timeout":
        """Seconds that one step may take. What is sent in pieces may wait for a registry that is writing them down."""
        from urllib3.util import Timeout

        settings = self._settings
        if not isinstance(request.body, FileBody):
            return Timeout(connect=settings.connect_timeout, read=settings.idle_timeout)
        return Timeout(connect=settings.idle_timeout, read=settings.exchange_seconds(request.body.size))

    def _line(self, origin: Origin, peer: str) -> _Line:
        """The connections to an origin. A name is looked up once for all of them."""
        from assets.registry.pools import plain_pool, secure_pool, tunnel_pool

        with self._lock:
            if origin in self._lines:
                return self._lines[origin]
            if len(self._lines) >= _MAX_POOLS:
                self._lines.pop(next(iter(self._lines))).pool.close()
            proxy = self._settings.proxies.proxy_for(origin)
            if proxy is not None:
                spelled = spelled_reach(origin.host)
                known = () if spelled is None else (spelled,)
                made = _Line(origin, tunnel_pool(origin, self._tls(), proxy), proxy, known)
            else:
                addresses = _looked_up(origin, peer)
                reaches, texts = tuple(map(reach_of, addresses)), tuple(map(str, addresses))
                if origin.scheme == "https":
                    made = _Line(origin, secure_pool(origin, self._tls(), texts), None, reaches)
                elif all(address.is_loopback for address in addresses):
                    made = _Line(origin, plain_pool(origin, texts), None, reaches)
                else:
                    raise RegistryError(
                        f"{origin.host} is not this machine here, so plain HTTP to it is refused",
                        hint="use 127.0.0.1 instead",
                    )
            self._lines[origin] = made
            return made

    def _require_nameable(self, url: Url, line: _Line) -> None:
        """Raises RegistryError where whoever named a URL may send nobody to where it leads.

        What a proxy looks up is not known here: it is judged by its spelling alone (`Url.parse`), and by the proxy.
        """
        if url.root is not None and url.root != url.origin and line.reaches:
            named = max(line.reaches)
            if named is not Reach.PUBLIC:
                require_nameable(url.root, self._reach_of(url.root), url.origin, named)

    def _reach_of(self, origin: Origin) -> Reach:
        """What an origin counts for as a namer of others: where it leads, at its farthest."""
        spelled = spelled_reach(origin.host)
        if spelled is not None:
            return spelled
        if not origin.host or self._settings.proxies.proxy_for(origin) is not None:
            return Reach.PUBLIC
        with self._lock:
            known = self._lines.get(origin)
        if known is not None:
            return farthest(known.reaches)
        try:
            return farthest(reach_of(address) for address in _looked_up(origin, REGISTRY))
        except RegistryUnavailableError:
            return Reach.PUBLIC

    @contextmanager
    def _forgetting(self, line: _Line) -> Iterator[None]:
        """Looks a host up anew the next time where no connection came about: it may have moved."""
        try:
            yield
        except Interrupted as trouble:
            if trouble.unsent:
                with self._lock:
                    if self._lines.get(line.origin) is line:
                        del self._lines[line.origin]
                line.pool.close()
            raise

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
    if good and request.into is not None:
        _pour(request, response, request.into(response.status, headers))
        return Answer(url=request.url, status=response.status, headers=headers, body=b"")
    limit = request.limit if good else _ERROR_LIMIT
    body = bytearray()
    while request.method != "HEAD" and (chunk := response.read1(_CHUNK)):
        body += chunk
        if len(body) > limit:
            if not good:
                break
            raise _too_long(request)
    return Answer(url=request.url, status=response.status, headers=headers, body=bytes(body[:limit]))


def _pour(request: Request, response: "BaseHTTPResponse", sink: Sink) -> None:
    """Hands a body to its sink as it comes, and not a byte beyond the limit."""
    left = request.limit
    while chunk := response.read1(_CHUNK):
        left -= len(chunk)
        if left < 0:
            raise _too_long(request)
        sink(chunk)


def _too_long(request: Request) -> RegistryError:
    return RegistryError(
        f"{request.url.origin.host} sends more than the {request.limit} bytes that this may have",
        hint="the answer is no such document; do not use it",
    )


@contextmanager
def _opened(request: Request) -> Iterator[BinaryIO | None]:
    """The body of a request as the connection reads it."""
    body = request.body
    if body is None:
        yield None
    elif isinstance(body, bytes):
        yield io.BytesIO(body) if request.leaving is None else _Leaving(body, request.leaving)
    else:
        with body.path.open("rb") as file:
            yield _Told(file, body.advance) if body.advance is not None else file


class _Leaving(io.BytesIO):
    """Bytes that tell when they are read: connections read a body once they stand, and its headers are sent."""

    def __init__(self, data: bytes, leaving: Callable[[], None]) -> None:
        super().__init__(data)
        self._leaving = leaving

    def read(self, size: int | None = -1, /) -> bytes:
        self._leaving()
        return super().read(size)


class _Told(io.BufferedReader):
    """A file that tells how much of it was read."""

    def __init__(self, file: io.BufferedReader, advance: Callable[[int], None]) -> None:
        super().__init__(file.raw)
        self._advance = advance

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self._advance(len(piece))
        return piece


def _redirected(request: Request, answer: Answer) -> Request:
    """The request at the place that a redirect names, without credentials where that is another origin."""
    url = Url.parse(answer.header("location"), asked=request.url)
    headers = dict(request.headers)
    if url.origin != request.url.origin:
        headers.pop("Authorization", None)
    return replace(request, url=url, headers=headers)


def _looked_up(origin: Origin, peer: str) -> tuple[Address, ...]:
    """The addresses of a host, of which at least one. Raises RegistryUnavailableError."""
    try:
        found = socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise RegistryUnavailableError(
            f"no address is known for the {peer} {origin.host}", hint="check the host in the image's name"
        ) from error
    texts = dict.fromkeys(str(entry[4][0]) for entry in found)
    addresses = tuple(address for text in texts if (address := address_of_text(text)) is not None)
    assert addresses, "a host that was found has an address"
    return addresses
