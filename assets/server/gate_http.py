"""The gate over HTTP (FORMATS, HTTP): `GET /token`, `POST` and `DELETE /v1/sessions`, `POST /v1/keys`, `GET /healthz`.

Handlers are plain functions and run in threads. Bodies, times and rates are bounded. What registries' clients read is
in Distribution's form, everything else is `{error, message, next}`. The access log has a line of JSON for each answer:
who asked, what was granted, and never a header, a secret, a token or a key.
"""

import asyncio
import json
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from assets.errors import ImageError, IndexStateError, NotFoundError, UnauthorizedError
from assets.images.login_claim import REQUEST_LIMIT
from assets.server.bodies import bounded_body
from assets.server.clients import client_of
from assets.server.gate import Gate, Visitor
from assets.server.gate_follow import Progress
from assets.server.gate_tokens import LIFETIME, IssuedToken
from assets.server.limits import RateLimit
from assets.server.unhandled import unhandled
from wallet.errors import ChainError, EncodingError, StoreError, WalletError

BODY_SECONDS = 15.0
"""How long a client may take to send a body."""

LOGIN_COST = 10.0
"""What a login takes from a client's rate, in requests: it may hold many signatures."""

KEY_COST = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An answer that is none: HTTP status, Distribution's code, what is wrong, and what to do next."""

    status: int
    code: str
    message: str
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as handlers see it. `notes` is what they add to the access log."""

    path: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    body: bytes
    authorization: str | None = field(repr=False)
    notes: dict[str, object]

    def every(self, key: str) -> tuple[str, ...]:
        """The values of a parameter that may stand several times."""
        return tuple(value for name, value in self.query if name == key)


Handler = Callable[[Asked], Response]
Refuse = Callable[[Refusal], Response]

_LATER = "try again in a moment"


def refusal_of(error: WalletError) -> Refusal:
    """The answer to an error of the program."""
    match error:
        case UnauthorizedError():
            return Refusal(status=401, code="UNAUTHORIZED", message=str(error), next=error.hint)
        case NotFoundError():
            return Refusal(status=404, code="UNKNOWN", message=str(error), next=error.hint)
        case ImageError():
            return Refusal(status=403, code="DENIED", message=str(error), next=error.hint)
        case EncodingError():
            return Refusal(status=400, code="UNSUPPORTED", message=str(error), next=error.hint)
        case IndexStateError():
            return Refusal(status=503, code="UNAVAILABLE", message=str(error), next=error.hint or _LATER)
        case ChainError():
            return Refusal(status=503, code="UNAVAILABLE", message="the gate cannot ask its node now", next=_LATER)
        case StoreError():
            return Refusal(status=503, code="UNAVAILABLE", message="the gate cannot write to its disk now", next=_LATER)
        case _:
            return Refusal(status=409, code="DENIED", message=str(error), next=error.hint)


class GateService:
    """The handlers, and what they share. `progress` says how far the index is."""

    def __init__(
        self, gate: Gate, limit: RateLimit, progress: Callable[[], Progress], *, proxied: bool = False
    ) -> None:
        self._gate = gate
        self._limit = limit
        self._progress = progress
        self._proxied = proxied

    def app(self) -> Starlette:
        """The application."""
        as_registry, plain = self._as_registry, _refuse
        return Starlette(
            routes=[
                Route("/token", self._endpoint(self._token, as_registry), methods=["GET"]),
                Route("/token", self._endpoint(_no_oauth, as_registry), methods=["POST"]),
                Route("/v1/sessions", self._endpoint(self._login, plain, cost=LOGIN_COST), methods=["POST"]),
                Route("/v1/sessions/{session}", self._endpoint(self._logout, plain), methods=["DELETE"]),
                Route("/v1/keys", self._endpoint(self._key, plain, cost=KEY_COST), methods=["POST"]),
                Route("/healthz", self._endpoint(self._health, plain, cost=0.2), methods=["GET"]),
            ],
            exception_handlers={
                404: unhandled(self._endpoint(lambda _: _refuse(_NOTHING), plain)),
                405: unhandled(self._endpoint(lambda _: _refuse(_OTHER_METHOD), plain)),
            },
        )

    def _token(self, asked: Asked) -> Response:
        visitor = self._visitor(asked)
        services = asked.every("service")
        issued = self._gate.token(services[0] if services else None, asked.every("scope"), visitor)
        asked.notes["granted"] = [f"{grant.name}:{','.join(grant.words)}" for grant in issued.grants]
        return _json(_token_document(issued), 200)

    def _login(self, asked: Asked) -> Response:
        session, until = self._gate.login(asked.body)
        asked.notes["who"] = _shown(session)
        return _json({"session": session, "until": until}, 201)

    def _logout(self, asked: Asked) -> Response:
        session = asked.path["session"]
        ended = self._gate.logout(session, asked.authorization)
        asked.notes["who"] = _shown(session)
        return _json({"session": session, "ended": ended}, 200)

    def _key(self, asked: Asked) -> Response:
        wrapped = self._gate.wrapped_key(asked.body, self._visitor(asked))
        return Response(wrapped, headers=_FIXED, media_type="application/jose")

    def _health(self, _: Asked) -> Response:
        """Whether units can be judged: 200, or 503 where the node does not answer or the index is behind it."""
        now = self._progress()
        status = "ok" if now.current else ("unavailable" if now.trouble else "behind")
        document = {"status": status, "height": now.height, "node": now.node}
        return _json({key: value for key, value in document.items() if value is not None}, 200 if now.current else 503)

    def _visitor(self, asked: Asked) -> Visitor | None:
        visitor = self._gate.visitor(asked.authorization)
        asked.notes["who"] = "nobody" if visitor is None else _shown(visitor.session)
        return visitor

    def _as_registry(self, refusal: Refusal) -> Response:
        """Distribution's form; a 401 asks for Basic credentials, so that clients say that these were wrong."""
        error = {"code": refusal.code, "message": refusal.message, "detail": refusal.next}
        headers = {"WWW-Authenticate": f'Basic realm="{self._gate.origin}"'} if refusal.status == 401 else {}
        return _json({"errors": [error]}, refusal.status, headers)

    def _endpoint(
        self, handler: Handler, refuse: Refuse, *, cost: float = 1.0
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request, client: str, notes: dict[str, object]) -> Response:
            wait = self._limit.wait(client, cost)
            if wait > 0:
                response = refuse(_TOO_MANY)
                response.headers["Retry-After"] = str(math.ceil(wait))
                return response
            try:
                body = await asyncio.wait_for(bounded_body(request, REQUEST_LIMIT), BODY_SECONDS)
            except TimeoutError:
                return refuse(_TOO_SLOW)
            except ClientDisconnect:
                return Response(status_code=400)
            if body is None:
                return refuse(_TOO_LARGE)
            asked = Asked(
                path=dict(request.path_params),
                query=tuple(request.query_params.multi_items()),
                body=body,
                authorization=request.headers.get("authorization"),
                notes=notes,
            )
            return await run_in_threadpool(_guarded, handler, refuse, asked)

        async def endpoint(request: Request) -> Response:
            start, client, notes = time.monotonic(), client_of(request, proxied=self._proxied), dict[str, object]()
            response = await answer(request, client, notes)
            line = {
                "client": client,
                "method": request.method,
                "path": request.url.path[:200],
                "status": response.status_code,
                "ms": round((time.monotonic() - start) * 1000),
                **notes,
            }
            _log.info("%s", json.dumps(line))
            return response

        return endpoint


_TOO_MANY = Refusal(status=429, code="TOOMANYREQUESTS", message="too many requests", next="wait, then go on")
_TOO_SLOW = Refusal(status=408, code="UNAVAILABLE", message="the request did not arrive in time", next=_LATER)
_TOO_LARGE = Refusal(
    status=413, code="SIZE_INVALID", message=f"a request has at most {REQUEST_LIMIT} bytes", next="send less"
)
_NOTHING = Refusal(status=404, code="UNKNOWN", message="there is nothing here", next="see GET /healthz")
_OTHER_METHOD = Refusal(status=405, code="UNSUPPORTED", message="not with this method", next="see GET /healthz")
_BUG = Refusal(status=500, code="UNKNOWN", message="something went wrong here", next="tell the gate's operator")
_FIXED = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def _no_oauth(_: Asked) -> Response:
    """Distribution's OAuth 2 form is not spoken here; by 404 its clients go on with GET, as it has them do."""
    message = "this gate gives tokens by GET and keeps no refresh tokens"
    return _json({"errors": [{"code": "UNSUPPORTED", "message": message, "detail": "GET /token"}]}, 404)


def _token_document(issued: IssuedToken) -> dict[str, object]:
    return {
        "token": issued.text,
        "access_token": issued.text,
        "expires_in": LIFETIME,
        "issued_at": datetime.fromtimestamp(issued.issued, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _shown(session: str) -> str:
    """Enough of a session's key to tell it from others in a log."""
    return session[:18]


def _guarded(handler: Handler, refuse: Refuse, asked: Asked) -> Response:
    """Turns errors into answers. What nobody expected is logged, and tells nothing."""
    try:
        return handler(asked)
    except WalletError as error:
        refusal = refusal_of(error)
        asked.notes["refused"] = str(error)[:200]
        return refuse(refusal)
    except Exception:  # noqa: BLE001 - one request must not take the gate down
        _log.exception("a request failed")
        return refuse(_BUG)


def _refuse(refusal: Refusal) -> Response:
    document = {"error": refusal.code.lower(), "message": refusal.message, "next": refusal.next}
    return _json(document, refusal.status)


def _json(document: Mapping[str, object], status: int, headers: Mapping[str, str] | None = None) -> Response:
    data = json.dumps(document).encode("utf-8")
    return Response(data, status_code=status, headers={**_FIXED, **(headers or {})}, media_type="application/json")
