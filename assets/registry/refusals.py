"""What a registry's refusal means, in words, and what to do next."""

import msgspec

from assets.errors import NotFoundError, RegistryError, RegistryUnavailableError, UnauthorizedError
from assets.images.name import split_name
from assets.registry.printable import printable
from assets.registry.transport import Answer
from wallet.documents import decode_json
from wallet.errors import EncodingError


class _Error(msgspec.Struct):
    code: str = ""
    message: str = ""


class _Errors(msgspec.Struct):
    errors: list[_Error]


def refusal(answer: Answer, name: str, what: str) -> RegistryError:
    """The error for an answer that is no success; `what` was asked of the repository `name`, e.g. `tag 1.0`."""
    host, path = split_name(name)
    code, said = first_error(answer.body)
    match answer.status:
        case 401 | 403:
            return UnauthorizedError(
                f"the registry {host} refuses access to {path}, asked for its {what}{said}",
                hint=f"log in with an account that may: docker login {host}; or the repository does not exist",
            )
        case 404:
            return not_found(name, what, repository_known=code != "NAME_UNKNOWN")
        case 429:
            wait = printable(answer.header("retry-after"), 40)
            return RegistryUnavailableError(
                f"the registry {host} has had too many requests",
                hint=f"try again in {wait} seconds" if wait.isdecimal() else "try again later, or log in",
            )
        case status if status >= 500:
            return RegistryUnavailableError(
                f"the registry {host} fails with status {status}{said}", hint="try again; see the registry's log"
            )
        case status:
            return RegistryError(
                f"the registry {host} answers status {status}, asked for the {what} of {path}{said}",
                hint="see that the host is a registry's and that nothing between answers in its place",
            )


def not_found(name: str, what: str, *, repository_known: bool) -> NotFoundError:
    """The error for something that a registry does not have."""
    host, path = split_name(name)
    if repository_known:
        return NotFoundError(
            f"{path} at {host} has no {what}", hint="check the tag or digest, and that the image has been pushed"
        )
    return NotFoundError(
        f"there is no repository {path} at {host}, asked for its {what}",
        hint="check the name; a repository is there once an image has been pushed to it",
    )


def first_error(body: bytes) -> tuple[str, str]:
    """Code and printable message of the first error, in Distribution's form; empty where there is none."""
    try:
        found = decode_json(body, _Errors, what="the answer").errors
    except EncodingError:
        return "", ""
    if not found:
        return "", ""
    said = printable(": ".join(part for part in (found[0].code, found[0].message) if part))
    return found[0].code, f" ({said})" if said else ""
