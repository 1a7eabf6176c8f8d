"""A bitcoind on regtest: its process, its folder and its RPC. What happens on its chain is in `node.py`."""

from __future__ import annotations

import http.client
import shutil
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bitcoinrpc.authproxy import AuthServiceProxy, JSONRPCException

from regtest.errors import NodeUnreachableError, RpcFailure, StartError
from regtest.packages import tools
from regtest.server import ServerProcess, free_port
from regtest.waiting import wait_for

_WARMING_UP = -28
_NO_ANSWER = -342
"""bitcoinrpc's own code for what is no JSON: HTTP's 503, for one, of a node that ends in the midst of its start."""

_OPTIONS = (
    "-regtest",
    "-server",
    "-txindex=1",
    "-blockfilterindex=1",
    "-rest=1",
    "-fallbackfee=0.0001",
    "-listen=0",
    "-dnsseed=0",
    "-fixedseeds=0",
    "-discover=0",
    "-walletbroadcast=0",
    "-nodebuglogfile",
    "-dbcache=32",
    "-par=1",
    "-rpcbind=127.0.0.1",
    "-rpcallowip=127.0.0.1",
)


class Daemon:
    """One bitcoind with a data folder of its own. `extra` options come last, so they win over the harness's own.

    By default it keeps the transaction index, block filters and REST, listens for no peers, and its wallets send
    nothing by themselves (`-walletbroadcast=0`), so that what a test evicts stays away.
    """

    def __init__(
        self, folder: Path, *, extra: tuple[str, ...] = (), bitcoind: Path | None = None, detached: bool = False
    ) -> None:
        self.datadir = folder
        self.extra = extra
        self.rpc_port = 0
        self._bitcoind = bitcoind
        self._detached = detached
        self._server: ServerProcess | None = None

    @property
    def url(self) -> str:
        """Where RPC and REST answer."""
        return f"http://127.0.0.1:{self.rpc_port}"

    @property
    def cookie(self) -> Path:
        """The file with the RPC user and password; bitcoind writes a new one at each start."""
        return self.datadir / "regtest" / ".cookie"

    @property
    def pid(self) -> int | None:
        """The process id while the node runs."""
        return self._server.pid if self._server is not None else None

    def start(self) -> None:
        """Start and wait until RPC answers. The port of the first start is kept for all later ones.

        Raises StartError with the end of the node's log, or MissingTool.
        """
        if self._bitcoind is None:
            self._bitcoind = tools(fetch=False).bitcoind
        self.datadir.mkdir(mode=0o700, parents=True, exist_ok=True)
        for _ in range(3):
            try:
                return self._start_on(self._bitcoind, self.rpc_port or free_port())
            except StartError as error:
                self._mend(error)
        raise StartError(f"bitcoind does not start in {self.datadir}, tried three times")

    def _mend(self, error: StartError) -> None:
        """Put right what another attempt can live with, else raise the error.

        Somebody may have taken a port between choosing and binding it. A node that was killed after a reorg may find
        its block filters behind its chain and refuses to start; like its user would, it gets them built anew.
        """
        if "index may be corrupted" in str(error):
            shutil.rmtree(self.datadir / "regtest" / "indexes" / "blockfilter")
        elif self.rpc_port or "Unable to bind" not in str(error):
            raise error

    def _start_on(self, bitcoind: Path, port: int) -> None:
        server = ServerProcess(
            name="bitcoind",
            command=(str(bitcoind), *_OPTIONS, f"-datadir={self.datadir}", f"-rpcport={port}", *self.extra),
            log=self.datadir / "bitcoind.log",
            detached=self._detached,
        )
        self.cookie.unlink(missing_ok=True)
        server.start(lambda: self._answers(port))
        self._server = server
        self.rpc_port = port

    def _answers(self, port: int) -> bool:
        try:
            self._call(port, "/", "getblockchaininfo", (), timeout=10)
        except (NodeUnreachableError, OSError):
            return False
        except RpcFailure as failure:
            if failure.code in (_WARMING_UP, _NO_ANSWER):
                return False
            raise
        return True

    def stop(self) -> None:
        """Shut down in order and wait for it."""
        if self._server is not None:
            self._server.stop()

    def kill(self) -> None:
        """End at once, as a power cut would. `start` goes on from what the node had written: after a kill the newest
        blocks are gone unless `flush` came before it."""
        if self._server is not None:
            self._server.kill()

    def flush(self) -> None:
        """Make the node write its chain to disk."""
        self.rpc("gettxoutsetinfo", "none")

    def restart(self, *, extra: tuple[str, ...] | None = None) -> None:
        """Stop and start in the same folder on the same port; `extra` replaces the extra options from now on.

        What waited in the mempool is there again: the node answers before it has read all of that.
        """
        self.stop()
        if extra is not None:
            self.extra = extra
        self.start()
        wait_for(lambda: self.rpc("getmempoolinfo")["loaded"], what="the mempool of before")

    def rpc(self, method: str, *params: Any, wallet: str | None = None, timeout: float = 120) -> Any:
        """Call the node; numbers with a point come back as Decimal.

        Each call has a connection of its own, so calls survive restarts and may come from any thread. Raises
        RpcFailure with the node's code, or NodeUnreachableError.
        """
        return self._call(self.rpc_port, f"/wallet/{wallet}" if wallet is not None else "/", method, params, timeout)

    def _call(self, port: int, path: str, method: str, params: tuple[Any, ...], timeout: float) -> Any:
        try:
            user, _, password = self.cookie.read_text(encoding="ascii").strip().partition(":")
        except OSError as error:
            raise NodeUnreachableError(f"bitcoind has no cookie yet or is stopped: {self.cookie}") from error
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        proxy = AuthServiceProxy(
            f"http://{user}:{password}@127.0.0.1:{port}{path}", method, timeout=timeout, connection=connection
        )
        try:
            return proxy(*params)
        except JSONRPCException as error:
            raise RpcFailure(error.code, error.message) from error
        except (OSError, http.client.HTTPException) as error:
            raise NodeUnreachableError(f"bitcoind on port {port}: {method}: {error}") from error
        finally:
            connection.close()

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of the node's log."""
        return self._server.tail(lines) if self._server is not None else ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
