"""Where a gate is spoken to, and what of its words may be shown."""

from dataclasses import dataclass
from typing import Self

from assets.errors import RegistryUnavailableError
from assets.images.origin import parse_origin
from assets.registry.endpoint import Url, registry_origin
from assets.registry.printable import printable
from assets.registry.transport import Answer, Request, Transport
from wallet.documents import read_json


def gate_url(gate: str, path: str, name: str) -> Url:
    """A path at a gate's origin, for the repository `name`.

    Raises EncodingError for what is no origin, and RegistryError where a definition of a registry elsewhere names a
    gate on this machine.
    """
    return Url.parse(f"{parse_origin(gate)}{path}", asked=registry_origin(name))


def ask_gate(transport: Transport, request: Request) -> Answer:
    """A gate's answer. Raises RegistryUnavailableError, in words for a gate, where none comes; RegistryError."""
    try:
        return transport.send(request)
    except RegistryUnavailableError as error:
        raise RegistryUnavailableError(
            f"the gate {request.url.origin} does not answer", hint="try again later, or tell whoever runs the gate"
        ) from error


@dataclass(frozen=True, slots=True)
class GateWords:
    """What a gate says of a refusal, `{error, message, next}`, made harmless; empty where it says nothing."""

    message: str
    hint: str

    @classmethod
    def of(cls, body: bytes) -> Self:
        """The words in the body of an answer, whatever it is."""
        try:
            document = read_json(body, what="the answer")
            return cls(printable(str(document["message"])), printable(str(document.get("next", ""))))
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls("", "")
