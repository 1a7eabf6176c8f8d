"""Running an application on one address until it is told to stop."""

import resource
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.applications import Starlette

from assets.remedies import ImageRemedy
from assets.server.doors import Bounds, Doors
from assets.server.turns import Turns
from wallet.errors import EncodingError, StateError

if TYPE_CHECKING:
    import uvicorn

LOOPBACK = ("127.0.0.1", "::1", "localhost")

PATIENCE = 30.0
"""Seconds for which a client may let a connection wait: for a request, for its rest, or before it reads on."""

_GRACE = 5
_FILES = 192
"""Files that a service may need beside its connections."""
_HEADERS = 32 * 1024
"""Bytes of a request's line and headers."""


class Listener:
    """One address, bound at once, so that a port that is taken is known before anything else is done.

    Port 0 takes any free one; `address` says which. `run` serves until a signal, or until `stop` is called.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        patience: float = PATIENCE,
        proxied: bool = False,
        bounds: Bounds | None = None,
    ) -> None:
        """A client may take `patience` seconds at most, and no more than the `bounds` say.

        With `proxied` a proxy stands in front, so that connections are not counted by address, and requests are by the
        one that it names. Raises StateError where the address cannot be had.
        """
        self._patience = patience
        self._proxied = proxied
        self._bounds = _fitting(Bounds() if bounds is None else bounds)
        self._doors = Doors(self._bounds, one_door=proxied)
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self._socket = socket.create_server((host, port), family=family, backlog=512)
        except OSError as error:
            why = (error.strerror or str(error)).partition(" (while")[0]
            raise StateError(
                f"cannot listen on {host}:{port}: {why}", hint=ImageRemedy.LISTEN_ELSEWHERE.of()
            ) from error
        self._server: uvicorn.Server | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        found = self._socket.getsockname()
        return str(found[0]), int(found[1])

    @property
    def open_connections(self) -> int:
        """How many clients are connected."""
        return self._doors.count

    def run(self, app: Starlette, started: Callable[[], None] | None = None) -> None:
        """Serves; requests that are under way at the end get a few seconds to finish."""
        import uvicorn

        from assets.server.patience import impatient

        config = uvicorn.Config(
            Turns(app, self._bounds, patience=self._patience, proxied=self._proxied),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            http=impatient(self._patience, self._doors),
            ws="none",
            h11_max_incomplete_event_size=_HEADERS,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=_GRACE,
        )
        self._server = uvicorn.Server(config)
        try:
            with self._ending_normally():
                if started is not None:
                    started()
                self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()

    def stop(self) -> None:
        """Lets `run` return soon; for other threads."""
        if self._server is not None:
            self._server.should_exit = True

    @contextmanager
    def _ending_normally(self) -> Iterator[None]:
        """Lets `run` return after an interrupt or a request to end, so that what stands behind it is closed in order.

        uvicorn stops at such a signal, and sends it to the process once more when it is done. Only the main thread can
        say what signals do.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, lambda *_: self.stop()) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _fitting(bounds: Bounds) -> Bounds:
    """Bounds under which files can still be opened: each connection is one of the files that a process may have."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    room = bounds.connections if soft == resource.RLIM_INFINITY else max(16, soft - _FILES)
    connections = min(bounds.connections, room)
    return replace(bounds, connections=connections, connections_each=min(bounds.connections_each, connections // 2))


def parse_loopback(text: str, what: str) -> tuple[str, int]:
    """Host and port for a service (`what`) behind a proxy. Raises EncodingError for anything but loopback."""
    host, separator, port = text.rpartition(":")
    host = host.strip("[]")
    if not separator or not port.isascii() or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise EncodingError(f"not an address to listen on: {text[:100]!a}", hint="expected HOST:PORT")
    if host not in LOOPBACK:
        raise EncodingError(
            f"the {what} listens on this machine only, not on {host[:100]!a}",
            hint=ImageRemedy.PROXY_WITH_TLS.of(),
        )
    return ("127.0.0.1" if host == "localhost" else host), int(port)


def http_url(host: str, port: int) -> str:
    """The address of a service without TLS."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
