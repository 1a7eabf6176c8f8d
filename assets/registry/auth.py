"""Answers to a registry's challenge: Basic, or a bearer token from the realm that the registry names.

Credentials for a registry go to that registry and to the realm that it named, by HTTPS (or within loopback), and
nowhere else. The scope that is asked for is ours: a registry cannot widen it. Tokens are kept in memory until shortly
before they expire.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode, urlsplit

import msgspec

from assets.errors import RegistryError, RegistryUnavailableError, UnauthorizedError
from assets.images.access import SIBLING
from assets.images.name import split_name
from assets.registry.challenge import Challenge, parse_challenges
from assets.registry.credentials import CredentialFinder
from assets.registry.endpoint import Origin, Url
from assets.registry.logins import Credentials, IdentityToken, Login
from assets.registry.printable import printable
from assets.registry.refusals import first_error
from assets.registry.transport import Answer, Request, Transport
from assets.remedies import ImageRemedy
from wallet.advice import Advice
from wallet.documents import decode_json
from wallet.errors import EncodingError

_TOKEN = re.compile(r"[\x21-\x7e]{1,65536}", re.ASCII)
_TOKEN_LIMIT = 256 * 1024
_SHORTEST_LIFE = 60
_LONGEST_LIFE = 24 * 3600
_MARGIN = 10.0
_CLIENT = "dockchains"
_PEER = "token server"


class _TokenAnswer(msgspec.Struct):
    token: str = ""
    access_token: str = ""
    expires_in: int | None = None


@dataclass(frozen=True, slots=True)
class _Header:
    """An `Authorization` value, when it ends (seconds of the monotonic clock), and whether a login stands behind it."""

    value: str = field(repr=False)
    ends: float
    login: bool = True


@dataclass(frozen=True, slots=True)
class Access:
    """What a request wants: a repository by its canonical name, and to pull, or to push as well."""

    name: str
    push: bool = False

    @property
    def scope(self) -> str:
        """The scope of Distribution's token protocol."""
        return f"repository:{split_name(self.name)[1]}:{'pull,push' if self.push else 'pull'}"


class Authorizer(Protocol):
    """Where `Authorization` headers come from."""

    def known(self, origin: Origin, access: Access) -> str | None:
        """A header that opened this before and still should, or None."""

    def authorize(self, refusal: Answer, access: Access) -> str:
        """The header that answers a 401. Raises UnauthorizedError where there is nothing to answer with."""

    def refused(self, origin: Origin, access: Access) -> UnauthorizedError:
        """What to say where that header opens nothing either."""


class Authenticator:
    """Implements `Authorizer` for one client. Credentials are looked for once a registry asks for them."""

    def __init__(
        self, transport: Transport, finder: CredentialFinder, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._transport = transport
        self._finder = finder
        self._clock = clock
        self._headers: dict[tuple[Origin, Access], _Header] = {}

    def known(self, origin: Origin, access: Access) -> str | None:
        """A header that opened this before and still should."""
        found = self._headers.get((origin, access))
        return found.value if found is not None and found.ends > self._clock() else None

    def authorize(self, refusal: Answer, access: Access) -> str:
        """The header that answers a 401. Raises UnauthorizedError where there is nothing to answer with."""
        origin = refusal.url.origin
        header = self._answer(refusal, access)
        self._headers[(origin, access)] = header
        return header.value

    def refused(self, origin: Origin, access: Access) -> UnauthorizedError:
        """What to say where that header opens nothing either: a login may lack a right, or there was none."""
        host, _ = split_name(access.name)
        header = self._headers.get((origin, access))
        if header is None or not header.login:
            wanted = "push to" if access.push else "pull"
            return UnauthorizedError(
                f"the registry {host} lets nobody {wanted} {access.name} without a login", hint=_log_in(access)
            )
        return UnauthorizedError(
            f"the registry {host} refuses the login for {access.name}",
            hint=ImageRemedy.LOGIN_LACKS_RIGHT.of(name=_place(access), host=host),
        )

    def _answer(self, refusal: Answer, access: Access) -> _Header:
        challenges = {challenge.scheme: challenge for challenge in parse_challenges(refusal.header("www-authenticate"))}
        host = refusal.url.origin.host
        if "bearer" in challenges:
            return self._bearer(refusal.url, challenges["bearer"], access)
        if "basic" in challenges:
            match self._finder.find(access.name):
                case Login() as login:
                    _require_place(login, refusal.url.origin)
                    return _Header(login.basic(), self._clock() + _LONGEST_LIFE)
                case IdentityToken():
                    raise UnauthorizedError(
                        f"{host} wants a password, and an identity token is stored", hint=_log_in(access)
                    )
                case None:
                    raise UnauthorizedError(
                        f"the registry {host} wants credentials for {access.name}", hint=_log_in(access)
                    )
        raise UnauthorizedError(
            f"the registry {host} refuses {access.name} and does not say what it wants",
            hint="only Basic and Bearer are known; log in as the registry's operator says",
        )

    def _bearer(self, url: Url, challenge: Challenge, access: Access) -> _Header:
        realm_text = challenge.parameters.get("realm", "")
        if not urlsplit(realm_text).netloc:
            raise UnauthorizedError(
                f"{url.origin.host} names no place that gives out tokens", hint="tell the registry's operator"
            )
        realm = Url.parse(realm_text, asked=url)
        credentials = self._finder.find(access.name)
        if isinstance(credentials, Login):
            _require_place(credentials, realm.origin)
        answer = self._transport.send(_token_request(realm, challenge, access, credentials))
        if not answer.ok:
            raise _refused(answer, access, anonymous=credentials is None)
        token, life = _parse_token(answer)
        ends = self._clock() + max(life, _SHORTEST_LIFE) - _MARGIN
        return _Header(f"Bearer {token}", ends, login=credentials is not None)


def _require_place(login: Login, place: Origin) -> None:
    """Raise UnauthorizedError for a login at a gate that somebody else asks for."""
    if login.only_at is not None and login.only_at != str(place):
        raise UnauthorizedError(
            f"the registry has its users show their login to {printable(str(place))}, and you are logged in at"
            f" {login.only_at}; nothing was sent",
            hint=ImageRemedy.WHICH_GATE.of(),
        )


def _token_request(realm: Url, challenge: Challenge, access: Access, credentials: Credentials | None) -> Request:
    """Distribution's token protocol; with an identity token its OAuth 2 form."""
    fields = {"scope": access.scope}
    if "service" in challenge.parameters:
        fields["service"] = challenge.parameters["service"]
    if isinstance(credentials, IdentityToken):
        form = {**fields, "grant_type": "refresh_token", "client_id": _CLIENT, "refresh_token": credentials.secret}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return Request(
            method="POST",
            url=realm,
            headers=headers,
            body=urlencode(form).encode("ascii"),
            limit=_TOKEN_LIMIT,
            peer=_PEER,
        )
    headers = {}
    if credentials is not None:
        headers["Authorization"] = credentials.basic()
        fields["account"] = credentials.username
    joint = "&" if "?" in realm.target else "?"
    return Request(
        method="GET",
        url=Url(realm.origin, realm.target + joint + urlencode(fields)),
        headers=headers,
        limit=_TOKEN_LIMIT,
        peer=_PEER,
    )


def _refused(answer: Answer, access: Access, *, anonymous: bool) -> RegistryError:
    """The error for an answer that is no token, with what the server says of it."""
    server, (_, said) = f"the {_PEER} {answer.url.origin.authority}", first_error(answer.body)
    if answer.status in {400, 401, 403}:
        who = "gives no token without a login" if anonymous else "refuses the stored credentials"
        return UnauthorizedError(f"{server} {who} for {access.name}{said}", hint=_log_in(access))
    if answer.status == 429 or answer.status >= 500:
        return RegistryUnavailableError(
            f"{server} cannot answer now, asked for {access.name}: status {answer.status}{said}",
            hint="try again later, or tell whoever runs it",
        )
    return RegistryError(
        f"{server} answers with status {answer.status}, asked for {access.name}{said}",
        hint="try again; if it stays so, tell the registry's operator",
    )


def _parse_token(answer: Answer) -> tuple[str, int]:
    """The token and its life in seconds (60 where the realm says nothing)."""
    host = answer.url.origin.host
    try:
        found = decode_json(answer.body, _TokenAnswer, what="the token")
    except EncodingError:
        raise RegistryError(f"{host} answers with something that is no token", hint="tell its operator") from None
    token = found.token or found.access_token
    if not _TOKEN.fullmatch(token):
        raise RegistryError(f"{host} gives a token that cannot be sent", hint="tell its operator")
    return token, min(found.expires_in or 0, _LONGEST_LIFE)


def _log_in(access: Access) -> Advice:
    host, _ = split_name(access.name)
    return ImageRemedy.LOG_IN_AT_REGISTRY.of(host=host, name=_place(access))


def _place(access: Access) -> str:
    """The repository for which one logs in: the one that a public sibling stands beside."""
    return access.name.removesuffix(f"/{SIBLING}")
