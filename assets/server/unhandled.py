"""Requests that no handler is for, answered under the same bounds as all others."""

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

Endpoint = Callable[[Request], Awaitable[Response]]


def unhandled(endpoint: Endpoint) -> Callable[[Request, Exception], Awaitable[Response]]:
    """What `endpoint` answers, with the headers that such an answer must have (`Allow`, RFC 9110, section 15.5.6)."""

    async def answer(request: Request, error: Exception) -> Response:
        response = await endpoint(request)
        if isinstance(error, HTTPException):
            response.headers.update(error.headers or {})
        return response

    return answer
