"""JSON-RPC to bitcoind: python-bitcoinrpc, made to outlive idle hours, restarts, time-outs and threads.

Each thread has a connection of its own. A connection is used for nothing before the node behind it showed the right
block 0. One that broke is replaced once, for calls that may be made twice.
"""

import contextlib
import http.client
import json
import logging
import socket
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from bitcoinrpc.authproxy import AuthServiceProxy, JSONRPCException

from wallet.chain.answers import MAX_ANSWER, convert, decode
from wallet.chain.endpoint import Endpoint
from wallet.chain.identity import check_network
from wallet.errors import ChainError, ChainUnavailableError, RpcError
from wallet.network import Network

T = TypeVar("T")

Call = tuple[str, tuple[object, ...]]
"""A method and its parameters."""

WARMING_UP = -28
NOT_FOUND = -5
METHOD_NOT_FOUND = -32601
WALLET_NOT_FOUND = -18

_NO_JSON = -342
"""What python-bitcoinrpc calls an answer of another content type."""

_ONCE = frozenset(
    {
        "abandontransaction",
        "createwallet",
        "importdescriptors",
        "loadwallet",
        "rescanblockchain",
        "scantxoutset",
        "setlabel",
        "unloadwallet",
    }
)
"""Calls that change the node. They get a fresh connection, so that an idle one cannot break, and are never repeated."""

logging.getLogger("BitcoinRPC").setLevel(logging.INFO)
"""At DEBUG the library writes every call with its public keys and transactions into the log."""


class _BrokenError(Exception):
    """The connection is of no more use; another one may be."""


class _DeniedError(_BrokenError):
    """The node did not accept the credentials, and so did nothing; a new cookie may be there by now."""


class _Answer:
    """An HTTP answer. What it holds is bounded, and strict JSON, before the library or anybody else looks into it."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response
        self.status = response.status
        self.reason = response.reason

    def getheader(self, name: str) -> str | None:
        return self._response.getheader(name)

    def read(self) -> bytes:
        raw = self._response.read(MAX_ANSWER + 1)
        if len(raw) <= MAX_ANSWER:
            self._response.read()  # the end of the answer, so that the connection can be used again
        decode(raw)
        return raw


class _Line:
    """One HTTP connection to the node, with the header that opens it."""

    def __init__(self, endpoint: Endpoint, timeout: float) -> None:
        kind = http.client.HTTPSConnection if endpoint.tls else http.client.HTTPConnection
        self._http = kind(endpoint.host, endpoint.port, timeout=timeout)
        self._authorization = endpoint.credentials.authorization()
        self.status = 0

    @property
    def sock(self) -> socket.socket:
        return self._http.sock

    def request(self, method: str, path: str, body: str, headers: dict[str, str]) -> None:
        self._http.request(method, path, body, {**headers, "Authorization": self._authorization})

    def getresponse(self) -> "_Answer":
        response = self._http.getresponse()
        self.status = response.status
        return _Answer(response)

    def close(self) -> None:
        self._http.close()

    def __del__(self) -> None:
        self.close()


class Rpc:
    """Calls to one node, from any number of threads.

    `timeout` is in seconds and per call. Raises ChainUnavailableError where no answer comes, RpcError where the node
    refuses, WrongNetworkError where it follows another chain than `network`.
    """

    def __init__(self, endpoint: Endpoint, *, network: Network, timeout: float = 60.0) -> None:
        self._endpoint = endpoint
        self._network = network
        self._timeout = timeout
        self._local = threading.local()
        self._lines: weakref.WeakSet[_Line] = weakref.WeakSet()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Rpc({self._endpoint.origin})"

    @property
    def origin(self) -> str:
        """The node's address, without credentials."""
        return self._endpoint.origin

    @property
    def network(self) -> Network:
        """The network that every connection is checked against."""
        return self._network

    def call(self, method: str, *params: object, wallet: str | None = None, timeout: float | None = None) -> object:
        """The result of one call as plain JSON values, decimal numbers as Decimal. `wallet` names a node's wallet."""
        seconds = self._timeout if timeout is None else timeout
        return self._with_line(
            lambda line: self._speak(line, method, params, wallet, seconds), repeatable=method not in _ONCE
        )

    def ask(
        self, shape: type[T], method: str, *params: object, wallet: str | None = None, timeout: float | None = None
    ) -> T:
        """As `call`, with the result converted to `shape`. Raises ChainError where it has another shape."""
        return convert(self.call(method, *params, wallet=wallet, timeout=timeout), shape, method)

    def batch(
        self, calls: Sequence[tuple[str, tuple[object, ...]]], *, wallet: str | None = None
    ) -> tuple[object, ...]:
        """The results of many reading calls in one round trip, in order. The first error is raised."""
        if not calls:
            return ()
        return self._with_line(lambda line: self._speak_batch(line, calls, wallet), repeatable=True)

    def close(self) -> None:
        """Close every connection, of all threads. The next call opens new ones."""
        with self._lock:
            lines = tuple(self._lines)
        for line in lines:
            line.close()
        self._local = threading.local()

    def _with_line(self, talk: Callable[[_Line], T], *, repeatable: bool) -> T:
        for attempt in (0, 1):
            try:
                return self._attempt(talk, fresh=attempt > 0 or not repeatable)
            except _DeniedError as error:
                if attempt:
                    raise ChainUnavailableError(
                        f"the node at {self.origin} does not accept the user name and password, or the cookie (401)",
                        hint="use the .cookie file of this node's own data folder, or the user that its rpcauth names",
                    ) from error
            except _BrokenError as error:
                if attempt or not repeatable:
                    raise self._unavailable(f"the connection broke ({error})") from error
        raise AssertionError("the second attempt returns or raises")

    def _attempt(self, talk: Callable[[_Line], T], *, fresh: bool) -> T:
        try:
            with self._translated():
                return talk(self._open(fresh=fresh))
        except RpcError:
            raise
        except BaseException:
            # Whatever else happened, an interrupt included, an answer may still be on its way on this connection.
            self._drop()
            raise

    def _open(self, *, fresh: bool) -> _Line:
        line: _Line | None = getattr(self._local, "line", None)
        if line is not None and not fresh:
            return line
        self._drop()
        line = _Line(self._endpoint, self._timeout)
        opened = line
        check_network(lambda method, *params: self._speak(opened, method, params, None, self._timeout), self._network)
        with self._lock:
            self._lines.add(line)
        self._local.line = line
        return line

    def _drop(self) -> None:
        line: _Line | None = getattr(self._local, "line", None)
        if line is not None:
            line.close()
            self._local.line = None

    def _path(self, wallet: str | None) -> str:
        return "/" if wallet is None else f"/wallet/{quote(wallet, safe='')}"

    def _speak(
        self, line: _Line, method: str, params: tuple[object, ...], wallet: str | None, timeout: float
    ) -> object:
        # The library wants a user in the URL; the connection replaces its header by the real one.
        url = self._endpoint.origin.replace("://", "://-:-@") + self._path(wallet)
        proxy = AuthServiceProxy(url, method, timeout, line)
        try:
            result: object = proxy(*params)
        except JSONRPCException as error:
            raise self._refusal(line, method, error.error) from None
        return result

    def _speak_batch(self, line: _Line, calls: Sequence[Call], wallet: str | None) -> tuple[object, ...]:
        body = json.dumps([{"method": call, "params": params, "id": at} for at, (call, params) in enumerate(calls)])
        line.request("POST", self._path(wallet), body, {"Content-Type": "application/json"})
        line.sock.settimeout(self._timeout)
        response = line.getresponse()
        if response.getheader("Content-Type") != "application/json":
            raise self._refusal(
                line, calls[0][0], {"code": _NO_JSON, "message": f"{response.status} {response.reason}"}
            )
        raw = response.read()
        answers: Any = decode(raw)
        if isinstance(answers, dict) and answers.get("error"):
            raise self._refusal(line, calls[0][0], answers["error"])
        by_id = {answer["id"]: answer for answer in answers}
        for at, (method, _) in enumerate(calls):
            if by_id[at].get("error") is not None:
                raise self._refusal(line, method, by_id[at]["error"])
        return tuple(by_id[at]["result"] for at in range(len(calls)))

    def _refusal(self, line: _Line, method: str, error: object) -> Exception:
        code = error.get("code") if isinstance(error, dict) else None
        message = str(error.get("message") if isinstance(error, dict) else error)[:500]
        if code == WARMING_UP:
            return ChainUnavailableError(f"the node is still starting: {message}", hint="try again in a minute")
        if code == _NO_JSON:
            return self._http_refusal(line.status)
        if code == METHOD_NOT_FOUND:
            hint = "it may be switched off (-disablewallet), or the node is too old"
            return RpcError(f"the node does not know {method}", code=METHOD_NOT_FOUND, hint=hint)
        return RpcError(f"the node refused {method}: {message}", code=code if isinstance(code, int) else 0)

    def _http_refusal(self, status: int) -> Exception:
        if status == http.HTTPStatus.UNAUTHORIZED:
            return _DeniedError()
        if status == http.HTTPStatus.FORBIDDEN:
            return ChainUnavailableError(
                f"the node at {self.origin} refuses calls from this machine (403)", hint="see -rpcallowip of bitcoind"
            )
        if status == http.HTTPStatus.SERVICE_UNAVAILABLE:
            return ChainUnavailableError("the node has too much to do (503)", hint="try again, or raise -rpcworkqueue")
        return ChainUnavailableError(
            f"what listens at {self.origin} is no bitcoind (HTTP status {status})", hint="check the node's address"
        )

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            raise self._unavailable("it did not answer in time") from error
        except ConnectionRefusedError as error:
            raise self._unavailable("nothing listens there") from error
        except (http.client.HTTPException, ConnectionError) as error:
            raise _BrokenError(type(error).__name__) from error
        except OSError as error:
            raise self._unavailable(error.strerror or str(error)) from error
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            raise ChainError(
                f"what listens at {self.origin} does not answer as bitcoind does", hint="check the node's address"
            ) from error

    def _unavailable(self, why: str) -> ChainUnavailableError:
        return ChainUnavailableError(
            f"the node at {self.origin} cannot be asked: {why}",
            hint="is bitcoind running there? its log says; the setting node_url names another address",
        )
