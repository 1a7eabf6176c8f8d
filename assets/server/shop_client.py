"""The buyer's side of a shop's HTTP: fetch its asks, hand it a bid, ask what became of one.

What a shop answers is believed for nothing: asks are checked against the chain, and a sale is one once the chain says
so. Answers are bounded, redirects are not followed.
"""

import json
from dataclasses import dataclass
from typing import Any

import urllib3

from assets.errors import OfferError
from assets.images.board import Board
from assets.images.canonical import ASKS_LIMIT
from assets.images.service_url import parse_service_url
from wallet.errors import WalletError

_TIMEOUT = urllib3.Timeout(connect=10, read=60)
_ANSWER_LIMIT = 256 * 1024
_SHOWN = 300


class ShopError(WalletError):
    """A shop does not answer, or answers what cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopAnswer:
    """What a shop says of a bid: `state` in its words, the sale's txid, or empty."""

    state: str
    txid: str


class ShopClient:
    """One shop by its URL, of which a final slash is dropped. Raises EncodingError for a URL that is none."""

    def __init__(self, url: str) -> None:
        self.url = parse_service_url(url.removesuffix("/"))
        self._pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=False, maxsize=1)

    def asks(self) -> Board:
        """The shop's list. Raises ShopError, EncodingError."""
        return Board.parse(self._ask("GET", "/v1/asks", None, ASKS_LIMIT))

    def bid(self, package: bytes) -> ShopAnswer:
        """Hands over a bid (canonical JSON). Raises OfferError with the shop's reason, ShopError."""
        return _answer(self._ask("POST", "/v1/bids", package, _ANSWER_LIMIT))

    def outcome(self, bid_id: bytes) -> ShopAnswer:
        """What became of a bid. Raises OfferError where the shop does not know it, ShopError."""
        return _answer(self._ask("GET", f"/v1/bids/{bid_id.hex()}", None, _ANSWER_LIMIT))

    def close(self) -> None:
        """Closes the connections."""
        self._pool.clear()

    def _ask(self, method: str, path: str, body: bytes | None, limit: int) -> bytes:
        headers = {"Accept": "application/json", "User-Agent": "dockchains"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            response = self._pool.request(
                method, self.url + path, body=body, headers=headers, redirect=False, preload_content=False
            )
            try:
                data = response.read(limit + 1, decode_content=False)
            finally:
                response.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise ShopError(
                f"the shop {self.url} does not answer: {type(error).__name__}", hint="check the URL, then try again"
            ) from error
        if len(data) > limit:
            raise ShopError(f"the shop {self.url} answers with more than {limit} bytes", hint="do not use it")
        if response.status != 200:
            raise _refusal(self.url, response.status, data)
        return bytes(data)


def _refusal(url: str, status: int, data: bytes) -> WalletError:
    try:
        document = json.loads(data)
        error, message, advice = (_text(document[key]) for key in ("error", "message", "next"))
    except (ValueError, KeyError, TypeError):
        return ShopError(f"the shop {url} answers with HTTP status {status}", hint="try again later")
    return OfferError(f"the shop says {error}", message, hint=advice)


def _answer(data: bytes) -> ShopAnswer:
    try:
        document: Any = json.loads(data)
        return ShopAnswer(state=_text(document["state"]), txid=_text(document["txid"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ShopError("the shop's answer cannot be read", hint="ask again what became of the bid") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value[:_SHOWN]
