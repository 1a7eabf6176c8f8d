"""Registries over HTTP, by the OCI distribution specification."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import msgspec

from assets.errors import RegistryError
from assets.images.name import split_name
from assets.registry.auth import Access, Authenticator, Authorizer
from assets.registry.checked import CheckedRegistry
from assets.registry.credentials import CredentialFinder
from assets.registry.endpoint import Origin, Url, registry_origin
from assets.registry.media_types import ACCEPT, OCTETS
from assets.registry.network_errors import BrokenConnectionError
from assets.registry.port import Landing, ManifestAnswer
from assets.registry.refusals import refusal
from assets.registry.settings import MIB, RegistrySettings
from assets.registry.transport import Answer, FileBody, Request, Sink, Transport
from wallet.documents import decode_json
from wallet.errors import EncodingError

_NEXT = re.compile(r';[ \t]*rel="?next\b', re.IGNORECASE)
_TAGS_LIMIT = 8 * MIB
_MAX_PAGES = 100
_SMALL = 64 * 1024
_FRUITLESS = 3
"""Broken connections in a row, none of which brought a byte, before a download is given up."""


class _TagPage(msgspec.Struct):
    tags: list[str] | None = None


class HttpWire:
    """Moves bytes; implements `RegistryWire`. One round of authorisation for each request, no more."""

    def __init__(self, transport: Transport, authenticator: Authorizer) -> None:
        self._transport = transport
        self._authenticator = authenticator
        self._loopback_schemes: dict[Origin, str] = {}

    def read_manifest(self, name: str, selector: str, limit: int) -> ManifestAnswer:
        """A manifest of at most `limit` bytes."""
        answer = self._call(name, f"manifests/{selector}", headers={"Accept": ACCEPT}, limit=limit, follow=True)
        if not answer.ok:
            raise refusal(answer, name, _asked(selector))
        return ManifestAnswer(
            data=answer.body,
            content_type=answer.header("content-type"),
            claimed=answer.header("docker-content-digest"),
        )

    def read_blob(self, name: str, digest: str, limit: int) -> bytes:
        """A blob of at most `limit` bytes; the registry may send us to another host for it."""
        answer = self._call(name, f"blobs/{digest}", headers={"Accept": "*/*"}, limit=limit, follow=True)
        if not answer.ok:
            raise refusal(answer, name, f"blob {digest}")
        return answer.body

    def read_blob_into(self, name: str, digest: str, size: int, landing: Landing) -> None:
        """A blob, from the landing's size on; after a broken connection it goes on where that ended."""
        fruitless = 0
        while landing.size < size and fruitless < _FRUITLESS:
            start = landing.size
            try:
                self._read_rest(name, digest, size, landing)
            except BrokenConnectionError:
                fruitless = 0 if landing.size > start else fruitless + 1
                if fruitless == _FRUITLESS:
                    raise
            else:
                return

    def _read_rest(self, name: str, digest: str, size: int, landing: Landing) -> None:
        start = landing.size

        def into(status: int, headers: Mapping[str, str]) -> Sink:
            if status == 206 and headers.get("content-range", "").startswith(f"bytes {start}-"):
                return landing.write
            landing.restart()
            if status != 200:
                raise RegistryError(
                    f"the registry sends another part of blob {digest} than was asked for", hint="try again"
                )
            return landing.write

        ranged = {"Range": f"bytes={start}-"} if start else {}
        answer = self._call(
            name, f"blobs/{digest}", headers={"Accept": "*/*", **ranged}, limit=size, idempotent=False, follow=True,
            into=into,
        )  # fmt: skip
        if not answer.ok:
            raise refusal(answer, name, f"blob {digest}")

    def has_blob(self, name: str, digest: str) -> bool:
        """Whether the registry says that it has a blob; a refusal of any kind is a no."""
        return self._call(name, f"blobs/{digest}", method="HEAD", push=True, follow=True).ok

    def write_blob(self, name: str, digest: str, data: bytes) -> None:
        """Store a blob in one piece."""
        self._write(name, digest, data)

    def write_blob_file(
        self, name: str, digest: str, path: Path, size: int, advance: Callable[[int], None] | None
    ) -> None:
        """Store a blob in one piece, read from its file as it goes out."""
        self._write(name, digest, FileBody(path=path, size=size, advance=advance))

    def _write(self, name: str, digest: str, body: bytes | FileBody) -> None:
        """A place for the blob is asked for, then the bytes go there."""
        started = self._call(name, "blobs/uploads/", method="POST", body=b"", push=True, idempotent=False)
        if started.status != 202:
            raise refusal(started, name, "place for an upload")
        place = Url.parse(started.header("location"), asked=started.url)
        if place.origin != started.url.origin:
            raise RegistryError(
                f"the registry wants the upload at another place: {place.origin}",
                hint="a proxy before the registry may hide its address (X-Forwarded-Proto, X-Forwarded-Host)",
            )
        joint = "&" if "?" in place.target else "?"
        done = self._authorized(
            Access(name, push=True),
            Request(
                method="PUT",
                url=Url(place.origin, f"{place.target}{joint}digest={quote(digest)}"),
                headers={"Content-Type": OCTETS},
                body=body,
                limit=_SMALL,
                idempotent=False,
            ),
        )
        if done.status != 201:
            raise refusal(done, name, f"upload of {digest}")

    def write_manifest(self, name: str, selector: str, media_type: str, data: bytes) -> str:
        """Store a manifest; the registry's word on its digest."""
        answer = self._call(
            name, f"manifests/{selector}", method="PUT", headers={"Content-Type": media_type}, body=data, push=True
        )
        if not answer.ok:
            raise refusal(answer, name, f"place for {_asked(selector)}")
        return answer.header("docker-content-digest")

    def list_tags(self, name: str) -> tuple[str, ...]:
        """All tags, page by page."""
        found: list[str] = []
        answer = self._call(name, "tags/list", limit=_TAGS_LIMIT)
        for _ in range(_MAX_PAGES):
            if not answer.ok:
                raise refusal(answer, name, "list of tags")
            found += _tags(answer)
            following = next_link(answer.header("link"))
            if following is None:
                return tuple(found)
            url = Url.parse(following, asked=answer.url)
            if url.origin != answer.url.origin:
                raise RegistryError(f"the list of tags goes on at another place: {url.origin}", hint="do not use it")
            answer = self._authorized(Access(name), Request(method="GET", url=url, limit=_TAGS_LIMIT))
        raise RegistryError(f"the list of tags of {name} does not end", hint="tell the registry's operator")

    def greeting(self, name: str) -> Answer:
        """What the registry of a name says to whoever shows nothing, at `/v2/`."""
        return self._transport.send(Request(method="GET", url=Url(self._origin(name), "/v2/"), limit=_SMALL))

    def _call(
        self,
        name: str,
        path: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        limit: int = _SMALL,
        push: bool = False,
        idempotent: bool = True,
        follow: bool = False,
        into: Callable[[int, Mapping[str, str]], Sink] | None = None,
    ) -> Answer:
        """A request to a repository's API, with whatever authorisation it takes."""
        _, repository = split_name(name)
        url = Url(self._origin(name), f"/v2/{repository}/{path}")
        request = Request(
            method=method,
            url=url,
            headers=headers or {},
            body=body,
            limit=limit,
            idempotent=idempotent,
            follow=follow,
            into=into,
        )
        return self._authorized(Access(name, push=push), request)

    def _authorized(self, access: Access, request: Request) -> Answer:
        answer = self._transport.send(_with(request, self._authenticator.known(request.url.origin, access)))
        if answer.status != 401:
            return answer
        if answer.url.origin != request.url.origin:
            raise RegistryError(
                f"{answer.url.origin.host}, where the registry leads, wants credentials of its own",
                hint="nothing is sent to a host that the image's name does not name",
            )
        answer = self._transport.send(_with(request, self._authenticator.authorize(answer, access)))
        if answer.status == 401:
            raise self._authenticator.refused(request.url.origin, access)
        return answer

    def _origin(self, name: str) -> Origin:
        """Where a repository is served. On loopback both schemes are usual; the registry shows which it speaks."""
        secure = registry_origin(name)
        if not secure.loopback:
            return secure
        plain = registry_origin(name, scheme="http")
        if plain not in self._loopback_schemes:
            self._loopback_schemes[plain] = self._spoken_scheme(plain)
        return registry_origin(name, scheme=self._loopback_schemes[plain])

    def _spoken_scheme(self, plain: Origin) -> str:
        """`https` where plain HTTP meets a server that speaks TLS: it answers 400, or with no HTTP at all."""
        try:
            answer = self._transport.send(Request(method="GET", url=Url(plain, "/v2/"), limit=_SMALL, idempotent=False))
        except BrokenConnectionError:
            return "https"
        return "https" if answer.status == 400 else "http"


class RegistryClient(CheckedRegistry):
    """Every registry, by the host in an image's name. Use it in a `with` statement, or `close` it."""

    def __init__(
        self,
        finder: CredentialFinder,
        settings: RegistrySettings | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transport = Transport(settings, sleep=sleep)
        super().__init__(HttpWire(self._transport, Authenticator(self._transport, finder)))

    def close(self) -> None:
        """Close every connection. The client may be used again."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def next_link(header: str) -> str | None:
    """The target of the link with the relation `next` in a `Link` header (RFC 8288), in one pass over it."""
    end = -1
    while (start := header.find("<", end + 1)) >= 0 and (end := header.find(">", start)) >= 0:
        following = header.find("<", end)
        if _NEXT.search(header, end, len(header) if following < 0 else following):
            return header[start + 1 : end]
    return None


def _with(request: Request, authorization: str | None) -> Request:
    if authorization is None:
        return request
    return replace(request, headers={**request.headers, "Authorization": authorization})


def _asked(selector: str) -> str:
    return f"manifest {selector}" if ":" in selector else f"tag {selector}"


def _tags(answer: Answer) -> list[str]:
    try:
        return decode_json(answer.body, _TagPage, what="the list").tags or []
    except EncodingError as error:
        raise RegistryError("the registry's list of tags is malformed", hint="tell its operator") from error
