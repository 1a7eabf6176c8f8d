"""A real HTTP proxy on loopback that opens tunnels (CONNECT), and writes down what it could see of them."""

import socket
import ssl
import threading
from base64 import b64decode
from contextlib import suppress
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from types import TracebackType
from typing import Self


class ProxyServer:
    """Serves until the `with` block ends. `routes` leads `host:port` to a port of this machine; all else is refused.

    `login` is the `user:password` that it wants. With `tls` (certificate and key) it is itself spoken to by TLS.
    `asked` holds the targets of all CONNECTs, `heads` everything that it was sent outside of tunnels, `tunnelled`
    what went through them towards the registries.
    """

    def __init__(
        self, routes: dict[str, int], *, login: str | None = None, tls: tuple[Path, Path] | None = None
    ) -> None:
        self.routes = routes
        self.login = login
        self.asked: list[str] = []
        self.heads: list[str] = []
        self.tunnelled = bytearray()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def host(self) -> str:
        """`127.0.0.1:PORT`."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that breaks off is no news here."""


def _handler(proxy: ProxyServer) -> type[StreamRequestHandler]:
    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            lines = []
            while line := self.rfile.readline(65_536).decode("latin-1").strip():
                lines.append(line)
            if not lines:
                return
            proxy.heads.append("\n".join(lines))
            method, target = lines[0].split()[:2]
            proxy.asked.append(target)
            if not _admitted(proxy, lines):
                self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            elif method != "CONNECT" or target not in proxy.routes:
                self.wfile.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            else:
                self._tunnel(proxy.routes[target])

        def _tunnel(self, port: int) -> None:
            with socket.create_connection(("127.0.0.1", port)) as upstream:
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_pump, args=(upstream, self.connection, None))
                back.start()
                _pump(self.connection, upstream, proxy.tunnelled)
                back.join()

    return Handler


def _admitted(proxy: ProxyServer, lines: list[str]) -> bool:
    if proxy.login is None:
        return True
    given = [line.partition(": Basic ")[2] for line in lines if line.lower().startswith("proxy-authorization:")]
    return [b64decode(one).decode() for one in given] == [proxy.login]


def _pump(source: socket.socket, sink: socket.socket, noted: bytearray | None) -> None:
    """One direction of a tunnel; the end of either side ends both."""
    with suppress(OSError):
        while piece := source.recv(65_536):
            if noted is not None:
                noted += piece
            sink.sendall(piece)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
