"""The one place where urllib3's and the socket's errors become ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from assets.errors import RegistryUnavailableError
from assets.registry.endpoint import Origin
from assets.registry.printable import printable
from assets.registry.proxy import Proxy
from assets.remedies import ImageRemedy

REGISTRY = "registry"
"""What the other side is called where nothing else is said."""


class BrokenConnectionError(RegistryUnavailableError):
    """A connection that was accepted, and ended or went wrong before the answer was whole."""


class Interrupted(Exception):  # noqa: N818
    """An exchange that came to nothing and might succeed the next time. `unsent`: the request never left."""

    def __init__(self, error: RegistryUnavailableError, *, unsent: bool) -> None:
        super().__init__(str(error))
        self.error = error
        self.unsent = unsent


@contextmanager
def translated(origin: Origin, proxy: Proxy | None = None, peer: str = REGISTRY) -> Iterator[None]:
    """Raise RegistryUnavailableError, or Interrupted where another attempt may help, in place of urllib3's errors.

    `proxy` is what the other side is reached through, if anything, and `peer` what it is.
    """
    from urllib3 import exceptions

    host = f"{origin.host}:{origin.port}"
    probe = f"{origin}/v2/" if peer == REGISTRY else str(origin)
    down = f"see that the {peer} runs and that this machine can reach it (curl {probe})"
    try:
        yield
    except exceptions.ProxyError as error:
        raise _proxy_failure(origin, proxy, error) from error
    except exceptions.NameResolutionError as error:
        raise RegistryUnavailableError(
            f"no address is known for the {peer} {origin.host}", hint="check the host in the image's name"
        ) from error
    except exceptions.NewConnectionError as error:
        failure = RegistryUnavailableError(f"the {peer} {host} does not answer", hint=down)
        raise Interrupted(failure, unsent=True) from error
    except exceptions.ConnectTimeoutError as error:
        failure = RegistryUnavailableError(f"the {peer} {host} does not accept a connection in time", hint=down)
        raise Interrupted(failure, unsent=True) from error
    except (exceptions.ReadTimeoutError, TimeoutError) as error:
        raise RegistryUnavailableError(
            f"the {peer} {host} is too slow",
            hint=f"try again; if it stays so, {'use a mirror of it' if peer == REGISTRY else 'tell whoever runs it'}",
        ) from error
    except exceptions.SSLError as error:
        raise _tls_failure(origin, error) from error
    except exceptions.HTTPError as error:
        failure = BrokenConnectionError(
            f"the connection to the {peer} {host} broke: {printable(_innermost(error))}",
            hint="try again; if it stays so, something between damages what the registry sends",
        )
        raise Interrupted(failure, unsent=False) from error


def _proxy_failure(origin: Origin, proxy: Proxy | None, error: Exception) -> Exception:
    """What a proxy refused, or that it is not there; one that is not there may be there in a moment."""
    where = "the proxy" if proxy is None else f"the proxy {printable(proxy.url)} (HTTPS_PROXY)"
    reason = _innermost(error)
    refused = reason.partition("Tunnel connection failed:")[2].strip()
    if refused.startswith("407"):
        return RegistryUnavailableError(
            f"{where} wants another login", hint="put USER:PASSWORD@ before its host in HTTPS_PROXY"
        )
    if refused:
        return RegistryUnavailableError(
            f"{where} does not lead to {origin.host}:{origin.port}: {printable(refused)}",
            hint="see whether it may; a registry that needs no proxy goes into NO_PROXY",
        )
    failure = RegistryUnavailableError(
        f"{where} cannot be spoken to: {printable(reason)}",
        hint="check HTTPS_PROXY; a registry that needs no proxy goes into NO_PROXY",
    )
    return Interrupted(failure, unsent=True)


def _tls_failure(origin: Origin, error: Exception) -> RegistryUnavailableError:
    reason = _innermost(error)
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        why = reason.partition("certificate verify failed:")[2].rpartition("(")[0].strip() or "unknown authority"
        return RegistryUnavailableError(
            f"the TLS certificate of {origin.host} is not trusted: {printable(why)}",
            hint=ImageRemedy.TRUST_AUTHORITY.of(),
        )
    return RegistryUnavailableError(
        f"no TLS with {origin.host}:{origin.port}: {printable(reason)}",
        hint="registries are spoken to by HTTPS; plain HTTP is for loopback only",
    )


def _innermost(error: BaseException) -> str:
    """What the first of a chain of wrapped errors says."""
    while True:
        inner = next((part for part in error.args if isinstance(part, BaseException)), None)
        if inner is None:
            return str(error)
        error = inner
