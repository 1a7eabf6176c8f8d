"""The buyer's side of a shop's HTTP: fetch its asks, hand it a bid, ask what became of one.

What a shop answers is believed for nothing: asks are checked against the chain, and a sale is one once the chain says
so. Answers are bounded in bytes and in time, redirects are not followed. A shop is reached like a registry: with the
same authorities, and through the same proxy.
"""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from urllib3.exceptions import ProxyError, SSLError

from assets.errors import OfferError, RegistryError, RegistryUnavailableError, ShopError, ShopUnreachedError
from assets.images.board import Board
from assets.images.canonical import ASKS_LIMIT
from assets.images.service_url import parse_service_url
from assets.registry.endpoint import Origin, Url
from assets.registry.printable import printable
from assets.registry.settings import RegistrySettings
from assets.registry.transport import Answer, Request, Transport
from wallet.documents import read_json
from wallet.errors import WalletError

_PATIENCE = 60.0
"""Seconds for the first bytes of an answer: a shop decides one bid after the other."""

_ANSWER_LIMIT = 256 * 1024
_SHOWN = 300
_PORTS = {"https": 443, "http": 80}
_UNDECIDED = frozenset({500, 502, 503, 504})
"""HTTP statuses that say nothing of the bid itself: a shop may have written the sale down before."""

_UNSEEN = frozenset({408, 429})
"""HTTP statuses by which a shop says that it did not look at a bid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopAnswer:
    """What a shop says of a bid: `state` in its words, the sale's txid, or empty."""

    state: str
    txid: str


class ShopClient:
    """One shop by its URL, of which a final slash is dropped. Raises EncodingError for a URL that is none."""

    def __init__(self, url: str, settings: RegistrySettings, *, named_by: Origin | None = None) -> None:
        """`settings` say how registries are spoken to, and so shops; `named_by` is who named the URL, if no person."""
        self.url = parse_service_url(url.removesuffix("/"))
        parts = urlsplit(self.url)
        port = _PORTS[parts.scheme] if parts.port is None else parts.port
        self._origin = Origin(parts.scheme, parts.hostname or "", port)
        self._path = parts.path
        self._named_by = named_by
        patient = replace(settings, idle_timeout=_PATIENCE, exchange_timeout=_PATIENCE)
        self._transport = Transport(patient)

    def asks(self) -> Board:
        """The shop's list. Raises ShopError, EncodingError."""
        return Board.parse(self._ask("GET", "/v1/asks", None, ASKS_LIMIT))

    def bid(self, package: bytes) -> ShopAnswer:
        """Hands over a bid (canonical JSON).

        Raises OfferError with the shop's reason, ShopUnreachedError where it did not get the bid, and ShopError where
        no answer says what became of it.
        """
        return _answer(self._ask("POST", "/v1/bids", package, _ANSWER_LIMIT))

    def outcome(self, bid_id: bytes) -> ShopAnswer:
        """What became of a bid. Raises OfferError where the shop does not know it, ShopError."""
        return _answer(self._ask("GET", f"/v1/bids/{bid_id.hex()}", None, _ANSWER_LIMIT))

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def _ask(self, method: str, path: str, body: bytes | None, limit: int) -> bytes:
        headers = {"Accept": "application/json"} | ({} if body is None else {"Content-Type": "application/json"})
        left: list[bool] = []
        request = Request(
            method=method,
            url=Url(self._origin, self._path + path, self._named_by),
            headers=headers,
            body=body,
            limit=limit,
            idempotent=body is None,
            leaving=lambda: left.append(True),
        )
        try:
            answer = self._transport.send(request)
        except RegistryError as error:
            raise self._trouble(error, ShopError if left else ShopUnreachedError) from error
        if answer.status != 200:
            raise _refusal(self.url, answer)
        return answer.body

    def _trouble(self, error: RegistryError, kind: type[ShopError]) -> ShopError:
        """Why no answer came, in words for a shop; what a proxy or a certificate is wrong with is said as it is."""
        if not isinstance(error, RegistryUnavailableError):
            return kind(str(error), hint=error.advice)
        if isinstance(error.__cause__, ProxyError | SSLError):
            return kind(f"the shop {self.url} cannot be reached: {error}", hint=error.advice)
        return kind(f"the shop {self.url} does not answer", hint="check the URL, then try again")


def _refusal(url: str, answer: Answer) -> WalletError:
    try:
        document = read_json(answer.body, what="the answer")
        error, message, advice = (_text(document[key]) for key in ("error", "message", "next"))
    except (ValueError, KeyError, TypeError):
        return ShopError(f"the shop {url} answers with HTTP status {answer.status}", hint="try again later")
    if answer.status in _UNSEEN:
        return ShopUnreachedError(f"the shop {url} says: {message}", hint=advice)
    if answer.status in _UNDECIDED:
        return ShopError(f"the shop {url} says: {message}", hint=advice)
    return OfferError(f"the shop says {error}", message.removeprefix(f"refused ({error}): "), hint=advice)


def _answer(data: bytes) -> ShopAnswer:
    try:
        document = read_json(data, what="the answer")
        return ShopAnswer(state=_text(document["state"]), txid=_text(document["txid"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ShopError("the shop's answer cannot be read", hint="ask again what became of the bid") from error


def _text(value: object) -> str:
    """A short text of the shop that is harmless to show."""
    if not isinstance(value, str):
        raise TypeError("not a text")
    return printable(value, _SHOWN)
