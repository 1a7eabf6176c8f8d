"""Bodies of requests, read no further than a service expects them."""

from starlette.requests import Request


async def bounded_body(request: Request, limit: int) -> bytes | None:
    """What was posted, at most `limit` bytes; empty for other methods; None where there is more."""
    if request.method != "POST":
        return b""
    parts: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            return None
        parts.append(chunk)
    return b"".join(parts)
