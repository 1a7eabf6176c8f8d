"""A pull-only registry of what lies on a shelf: the part of the OCI distribution API that container tools pull with.

It answers `GET` and `HEAD` for manifests, blobs (with ranges) and tags, and nothing else: there is no way to write.
What may be given out is the shelf's to say; here is only how it is said. Names come with or without their registry's
host, so that the address works as a mirror (`/v2/acme/app/...`) and by itself (`/v2/registry.example/acme/app/...`).
"""

import logging

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assets.registry.shelf import Shelf

_log = logging.getLogger(__name__)

_VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}
_METHODS = ["GET", "HEAD"]


def pull_registry(shelf: Shelf) -> Starlette:
    """The registry as an application. Its endpoints run in threads, one request each."""

    def version(request: Request) -> Response:
        return JSONResponse({}, headers=_VERSION)

    def manifest(request: Request) -> Response:
        name, selector, host = _asked(request, "selector")
        found = shelf.manifest(name, selector, host)
        if found is None:
            return _error(
                404, "MANIFEST_UNKNOWN", shelf.refusal(name, selector, host) or f"no verified {name} {selector} here"
            )
        return Response(
            b"" if request.method == "HEAD" else found.data,
            media_type=found.media_type,
            headers={**_VERSION, "Docker-Content-Digest": found.digest, "Content-Length": str(len(found.data))},
        )

    def blob(request: Request) -> Response:
        name, digest, host = _asked(request, "digest")
        path = shelf.blob(name, digest, host)
        if path is None:
            return _error(404, "BLOB_UNKNOWN", f"no blob {digest} of a verified {name} here")
        headers = {**_VERSION, "Docker-Content-Digest": digest}
        return FileResponse(path, media_type="application/octet-stream", headers=headers)

    def tags(request: Request) -> Response:
        name, _, host = _asked(request, None)
        found = shelf.tags(name, host)
        if found is None:
            return _error(404, "NAME_UNKNOWN", f"nothing verified of {name} here")
        return JSONResponse({"name": name, "tags": list(found)}, headers=_VERSION)

    def health(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    def other(request: Request) -> Response:
        if request.method not in _METHODS:
            return _error(405, "UNSUPPORTED", "this registry can only be pulled from")
        return _error(404, "NAME_UNKNOWN", "there is nothing here")

    everything = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    app = Starlette(
        middleware=[Middleware(_Logged)],
        routes=[
            Route("/healthz", health, methods=_METHODS),
            Route("/v2/", version, methods=_METHODS),
            Route("/v2", version, methods=_METHODS),
            Route("/v2/{name:path}/manifests/{selector}", manifest, methods=_METHODS),
            Route("/v2/{name:path}/blobs/{digest}", blob, methods=_METHODS),
            Route("/v2/{name:path}/tags/list", tags, methods=_METHODS),
            Route("/{rest:path}", other, methods=everything),
        ],
    )
    app.router.redirect_slashes = False
    return app


def _asked(request: Request, last: str | None) -> tuple[str, str, str]:
    """Name, selector and the mirrored host (`ns`, which containerd sends)."""
    name = str(request.path_params["name"])
    selector = str(request.path_params[last]) if last is not None else ""
    return name[:512], selector[:256], request.query_params.get("ns", "")[:256]


def _error(status: int, code: str, message: str) -> Response:
    """An error as Distribution writes it."""
    return JSONResponse({"errors": [{"code": code, "message": message}]}, status_code=status, headers=_VERSION)


class _Logged:
    """One line per request, without headers, which may hold secrets that are meant for others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                _log.info("%s %r %d", scope["method"], scope["path"][:300], message["status"])
            await send(message)

        await self._app(scope, receive, told)
