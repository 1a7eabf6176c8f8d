"""Who asks, as far as rates and logs are concerned."""

from starlette.requests import Request

_LONGEST = 64


def client_of(request: Request, *, proxied: bool) -> str:
    """The address that speaks, or, behind a proxy of one's own, the one that it names last.

    A proxy may append to the header that the client sent or add another one after it, so only the last value of the
    last header is the proxy's word.
    """
    if proxied:
        lines = request.headers.getlist("x-forwarded-for")
        named = lines[-1].rpartition(",")[2].strip() if lines else ""
        if named:
            return named[:_LONGEST]
    return request.client.host if request.client is not None else ""
