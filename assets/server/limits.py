"""How much one client may ask: a bucket of requests that fills up again, for each of a bounded number of clients."""

import ipaddress
import threading
from collections import OrderedDict
from collections.abc import Callable

MAX_CLIENTS = 10_000
"""Clients that are remembered; the one that was silent longest is forgotten first."""


_HOST_BITS = 64
"""Bits of an IPv6 address that its owner chooses (RFC 4291): all of these addresses are one client."""


class RateLimit:
    """At most `burst` requests at once and `per_minute` in the long run. `clock` gives seconds that never go back."""

    def __init__(self, *, per_minute: int, burst: int, clock: Callable[[], float]) -> None:
        self._rate = per_minute / 60
        self._burst = float(burst)
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str, cost: float = 1.0) -> float:
        """Takes `cost` from a client's bucket and returns 0, or the seconds after which there is enough.

        A client is an address, or a whole network of IPv6 (/64), since whoever has one has all of its addresses.
        What costs more than a bucket holds takes a full one, so that it is rare and not impossible.
        """
        now, cost, client = self._clock(), min(cost, self._burst), one_client(client)
        with self._lock:
            level, since = self._buckets.pop(client, (self._burst, now))
            level = min(self._burst, level + (now - since) * self._rate)
            missing = cost - level
            self._buckets[client] = (level if missing > 0 else level - cost, now)
            if len(self._buckets) > MAX_CLIENTS:
                self._buckets.popitem(last=False)
        return max(0.0, missing / self._rate)


def one_client(client: str) -> str:
    """What all addresses of one client have in common; a text that is no address stands for itself."""
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.IPv6Address(int(address) >> _HOST_BITS << _HOST_BITS))
