"""Logging in at a gate and out: `POST /v1/sessions`, `DELETE /v1/sessions/<session>`."""

from urllib.parse import urlsplit

from assets.errors import RegistryError, RegistryUnavailableError, UnauthorizedError
from assets.images.login_claim import SessionRequest
from assets.registry.auth import Authenticator
from assets.registry.challenge import parse_challenges
from assets.registry.client import HttpWire
from assets.registry.credentials import CredentialFinder
from assets.registry.endpoint import Origin, Url
from assets.registry.gate_places import GateWords, ask_gate, gate_url
from assets.registry.logins import Login
from assets.registry.transport import Answer, Request, Transport
from wallet.documents import read_json

_LIMIT = 64 * 1024


class GateSessions:
    """Speaks to gates that definitions name, and asks registries which gate they trust."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._wire = HttpWire(transport, Authenticator(transport, CredentialFinder.nowhere()))

    def token_origin(self, name: str) -> str | None:
        """The origin from which the registry of a canonical name wants tokens; None where it wants none.

        Nothing is shown to either. Raises RegistryUnavailableError, RegistryError.
        """
        answer = self._wire.greeting(name)
        bearer = next(
            (one for one in parse_challenges(answer.header("www-authenticate")) if one.scheme == "bearer"), None
        )
        realm = "" if bearer is None else bearer.parameters.get("realm", "")
        if answer.status != 401 or not urlsplit(realm).netloc:
            return None
        return str(Url.parse(realm, asked=answer.url).origin)

    def register(self, gate: str, name: str, request: SessionRequest) -> None:
        """Has a gate know a session key from now on.

        Raises UnauthorizedError where it refuses the proofs, RegistryUnavailableError where it does not answer, and
        RegistryError for anything else.
        """
        url = gate_url(gate, "/v1/sessions", name)
        answer = ask_gate(
            self._transport,
            Request(
                method="POST",
                url=url,
                headers={"Content-Type": "application/json"},
                body=request.to_json(),
                limit=_LIMIT,
            ),
        )
        if not answer.ok:
            raise _refused(answer, url.origin)

    def end(self, gate: str, name: str, login: Login) -> bool:
        """Has a gate forget a session, by that session's own login; False where the gate did not know it.

        Raises RegistryUnavailableError where it does not answer, RegistryError for anything else.
        """
        url = gate_url(gate, f"/v1/sessions/{login.username}", name)
        answer = ask_gate(
            self._transport,
            Request(method="DELETE", url=url, headers={"Authorization": login.basic()}, limit=_LIMIT),
        )
        if answer.status in (401, 404, 410):
            return False
        if not answer.ok:
            raise _refused(answer, url.origin)
        return _had_ended(answer.body)


def _had_ended(body: bytes) -> bool:
    """Whether a gate says that there was a session to end; one that says nothing of it had one."""
    try:
        return read_json(body, what="the answer")["ended"] is not False
    except (ValueError, KeyError, TypeError):
        return True


def _refused(answer: Answer, origin: Origin) -> RegistryError:
    said = GateWords.of(answer.body)
    if answer.status == 429 or answer.status >= 500:
        return RegistryUnavailableError(
            f"the gate {origin} cannot answer now: {said.message or answer.status}", hint=said.hint or "try again later"
        )
    if answer.status in (400, 401, 403, 422):
        return UnauthorizedError(
            f"the gate {origin} refuses the login: {said.message or answer.status}",
            hint=said.hint or "is this machine's clock right?",
        )
    return RegistryError(
        f"the gate {origin} answers status {answer.status}: {said.message}",
        hint=said.hint or "is this a gate? ask the publisher",
    )
