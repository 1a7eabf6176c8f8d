"""Where an internet address leads: to anybody, into a network of one's own, or to this very machine.

A URL that somebody else named must not have this machine ask services of its own, or of the network that it stands in.
What counts is the address that is connected to, never how it was spelled: names are looked up first, and addresses that
hold an IPv4 address (RFC 4291, 6052, 3056) lead where that one leads.
"""

import ipaddress
import re
from collections.abc import Iterable
from enum import IntEnum

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Reach(IntEnum):
    """How near the place is to which an address leads."""

    PUBLIC = 0
    """Anybody's."""
    NEAR = 1
    """In a private or a carrier's network (RFC 1918, 4193, 6598)."""
    HERE = 2
    """This machine: loopback, or no address at all, which systems take for it."""
    NOWHERE = 3
    """Link-local, multicast, reserved: cloud machines have their secrets there, and no registry is."""


_NEAR = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
_THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_6TO4 = ipaddress.IPv6Network("2002::/16")
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)*\.?", re.ASCII)
_NUMBER = re.compile(r"(0[xX][0-9A-Fa-f]*|[0-9]+)", re.ASCII)


def address_of_text(host: str) -> Address | None:
    """The address that a host (no port, no brackets) spells in its one form; None for a name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether a host (no port, no brackets) can only be this machine by its spelling: localhost, 127.x.y.z or ::1."""
    if host == "localhost":
        return True
    address = address_of_text(host)
    return address is not None and address.is_loopback and "%" not in host


def is_usable(host: str) -> bool:
    """Whether a host is a name, or an address in its one form: `127.1`, `0x7f.1` and `2130706433` are not."""
    if address_of_text(host) is not None:
        return "%" not in host
    last = host.rstrip(".").rpartition(".")[2]
    return len(host) <= 253 and _NAME.fullmatch(host) is not None and not _NUMBER.fullmatch(last)


def spelled_reach(host: str) -> Reach | None:
    """Where a host leads by its spelling alone; None where a name has to be looked up (RFC 6761 for localhost)."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return Reach.HERE
    address = address_of_text(host)
    return None if address is None else reach_of(address)


def reach_of(address: Address) -> Reach:
    """Where an address leads."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _embedded(address)
        if inner is not None:
            return reach_of(inner)
        if address.is_site_local:
            return Reach.NOWHERE
    if address.is_loopback or address.is_unspecified or address in _THIS_NETWORK:
        return Reach.HERE
    if any(address in network for network in _NEAR):
        return Reach.NEAR
    if address.is_link_local or address.is_multicast or address.is_reserved or not address.is_global:
        return Reach.NOWHERE
    return Reach.PUBLIC


def farthest(reaches: Iterable[Reach]) -> Reach:
    """What somebody at several addresses counts for as a namer of others: the most public of them."""
    return min(reaches, default=Reach.PUBLIC)


def may_name(namer: Reach, named: Reach) -> bool:
    """Whether a place may send us to another: to the public always, else to none that is nearer than it is itself."""
    if named is Reach.PUBLIC:
        return True
    return Reach.NOWHERE not in (namer, named) and named <= namer


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address to which packets for an IPv6 address go in the end."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _6TO4:
        return ipaddress.IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
    return None
