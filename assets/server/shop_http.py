"""The shop over HTTP (FORMATS, HTTP): `GET /v1/asks`, `POST /v1/bids`, `GET /v1/bids/<id>`, `GET /healthz`.

Handlers are plain functions and run in threads. A body is read up to its limit and no longer than a client may take for
it; every client has a rate. Errors are `{error, message, next}`.
"""

import asyncio
import json
import logging
import math
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from assets.errors import AssetError, GuardError, OfferError, OfferExpiredError, OfferTakenError
from assets.images.bid import PACKAGE_LIMIT, BidPackage, parse_id
from assets.images.shop_sale import SaleState, ShopSale
from assets.server.bodies import bounded_body
from assets.server.clients import client_of
from assets.server.limits import RateLimit
from assets.server.shop import Shop
from assets.server.unhandled import unhandled
from wallet.chain.source import BlockRef
from wallet.errors import ChainError, EncodingError, StoreError, WalletError
from wallet.hashes import display

BODY_SECONDS = 15.0
"""How long a client may take to send a bid."""

BID_COST = 3.0
"""What a bid takes from a client's rate, in requests."""

REMEMBERED = 1_000
"""Refusals that are kept in memory, for those who ask what became of a bid."""

_SAID = {
    SaleState.SIGNED: "sold, not sent yet",
    SaleState.SENT: "sold, waiting for a block",
    SaleState.CONFIRMED: "sold",
    SaleState.CONTESTED: "contested: a transaction that waits for a block spends one of its coins otherwise",
    SaleState.VOID: "void: one of its coins was spent otherwise, in a block",
    SaleState.REPLACED: "replaced by a later bid",
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An answer that is none: HTTP status, what is wrong in one word or two, in a sentence, and what to do next."""

    status: int
    error: str
    message: str
    next: str


def refusal_of(error: WalletError) -> Refusal:
    """The answer to an error of the program."""
    status, name = 422, "refused"
    match error:
        case OfferTakenError():
            status, name = 409, error.check
        case OfferExpiredError():
            status, name = 410, error.check
        case OfferError():
            status, name = 422, error.check
        case GuardError():
            name = "guard"
        case EncodingError():
            status, name = 400, "malformed"
        case ChainError():
            return Refusal(status=503, error="unavailable", message="the shop cannot ask its node now", next=_LATER)
        case StoreError():
            return Refusal(
                status=503, error="unavailable", message="the shop cannot write to its disk now", next=_LATER
            )
        case AssetError():
            pass
        case _:
            status, name = 503, "busy"
    return Refusal(status=status, error=name, message=str(error), next=error.hint)


_LATER = "try again in a moment; the same bid again gets the same answer"


class ShopService:
    """The handlers, and what they share."""

    def __init__(self, shop: Shop, limit: RateLimit, *, proxied: bool = False) -> None:
        self._shop = shop
        self._limit = limit
        self._proxied = proxied
        self._lock = threading.Lock()
        self._refused: OrderedDict[bytes, tuple[BlockRef, Refusal]] = OrderedDict()

    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[
                Route("/v1/asks", self._endpoint(self._asks), methods=["GET"]),
                Route("/v1/bids", self._endpoint(self._bid, cost=BID_COST), methods=["POST"]),
                Route("/v1/bids/{bid}", self._endpoint(self._outcome), methods=["GET"]),
                Route("/healthz", self._endpoint(self._health, cost=0.2), methods=["GET"]),
            ],
            exception_handlers={
                404: unhandled(self._endpoint(lambda *_: _refuse(_NOTHING))),
                405: unhandled(self._endpoint(lambda *_: _refuse(_OTHER_METHOD))),
            },
        )

    def _asks(self, _: Mapping[str, str], __: bytes) -> Response:
        return _json(self._shop.board().serialize(), 200)

    def _bid(self, _: Mapping[str, str], body: bytes) -> Response:
        package = BidPackage.parse(body)
        best = self._shop.best()
        try:
            sale = self._shop.bid(package)
        except (OfferError, GuardError) as error:
            with self._lock:
                self._refused[package.bid.id] = (best, refusal_of(error))
                while len(self._refused) > REMEMBERED:
                    self._refused.popitem(last=False)
            raise
        return _sale(sale)

    def _outcome(self, path: Mapping[str, str], _: bytes) -> Response:
        bid = parse_id(path["bid"])
        sale = self._shop.outcome(bid)
        if sale is not None:
            return _sale(sale)
        refused = self._refused.get(bid)
        if refused is not None and self._shop.is_still(refused[0]):
            return _refuse(refused[1])
        return _refuse(
            Refusal(status=404, error="unknown", message="this shop knows no such bid", next="send the bid again")
        )

    def _health(self, _: Mapping[str, str], __: bytes) -> Response:
        height, here, sold = self._shop.counts()
        return _json(json.dumps({"status": "ok", "height": height, "lots": here, "sold": sold}).encode(), 200)

    def _endpoint(
        self, handler: Callable[[Mapping[str, str], bytes], Response], *, cost: float = 1.0
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            wait = self._limit.wait(client_of(request, proxied=self._proxied), cost)
            if wait > 0:
                return _refuse(_TOO_MANY, {"Retry-After": str(math.ceil(wait))})
            try:
                body = await asyncio.wait_for(bounded_body(request, PACKAGE_LIMIT), BODY_SECONDS)
            except TimeoutError:
                return _refuse(Refusal(status=408, error="too slow", message="the bid did not arrive", next=_LATER))
            except ClientDisconnect:
                return Response(status_code=400)
            if body is None:
                return _refuse(_TOO_LARGE)
            return await run_in_threadpool(_guarded, handler, dict(request.path_params), body)

        return endpoint


_TOO_MANY = Refusal(status=429, error="too many requests", message="too many requests", next="wait, then go on")
_NOTHING = Refusal(status=404, error="not found", message="there is nothing here", next="see GET /v1/asks")
_OTHER_METHOD = Refusal(status=405, error="method", message="not with this method", next="see GET /v1/asks")
_TOO_LARGE = Refusal(
    status=413, error="too large", message=f"a bid has at most {PACKAGE_LIMIT} bytes", next="make a smaller one"
)


def _guarded(handler: Callable[[Mapping[str, str], bytes], Response], path: Mapping[str, str], body: bytes) -> Response:
    """Turns errors into answers. What nobody expected is logged, and tells nothing."""
    try:
        return handler(path, body)
    except WalletError as error:
        return _refuse(refusal_of(error))
    except Exception:  # noqa: BLE001 - one request must not take the shop down
        _log.exception("a request failed")
        return _refuse(Refusal(status=500, error="bug", message="something went wrong here", next="tell the seller"))


def _sale(sale: ShopSale) -> Response:
    document = {
        "state": _SAID[sale.state],
        "txid": display(sale.txid),
        "tx": sale.tx.serialize().hex(),
        "bid": sale.bid.hex(),
        "ask": sale.ask.hex(),
    }
    return _json(json.dumps(document).encode(), 200)


def _refuse(refusal: Refusal, headers: Mapping[str, str] | None = None) -> Response:
    document = {"error": refusal.error, "message": refusal.message, "next": refusal.next}
    return _json(json.dumps(document).encode(), refusal.status, headers)


def _json(data: bytes, status: int, headers: Mapping[str, str] | None = None) -> Response:
    fixed = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(data, status_code=status, headers={**fixed, **(headers or {})}, media_type="application/json")
