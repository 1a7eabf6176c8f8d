"""A URL that somebody else named must not have this machine ask itself, or its own network, however it is spelled.

Names are looked up by a resolver of the tests; no packet leaves this machine. What is refused is refused before any
connection, and what is allowed is connected to the very address that was judged.
"""

import ipaddress
import socket
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.errors import RegistryError, ShopError
from assets.registry import pools
from assets.registry.endpoint import STRANGER, Origin, Url, registry_origin
from assets.registry.gate_places import gate_url
from assets.registry.proxy import ProxyRules
from assets.registry.settings import RegistrySettings
from assets.registry.transport import Request, Transport
from assets.server.shop_client import ShopClient
from assets.services.market.buying import namer_of
from tests.assets.images.listings import LOT
from tests.assets.registry.scripted import Reply, ScriptedServer
from wallet.hosts import Reach, may_name, reach_of

PUBLIC = Origin("https", "r.example", 443)
HERE = Origin("http", "127.0.0.1", 5000)

AT_THIS_MACHINE = [
    "https://127.0.0.1/x",
    "https://127.9.9.9/x",
    "https://localhost/x",
    "https://localhost./x",
    "https://LOCALHOST/x",
    "https://a.localhost/x",
    "https://[::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[::ffff:7f00:1]/x",
    "https://[0:0:0:0:0:ffff:7f00:1]/x",
    "https://[64:ff9b::127.0.0.1]/x",
    "https://[2002:7f00:1::]/x",
    "https://0.0.0.0:8443/x",
    "https://0.1.2.3/x",
    "https://[::]:8443/",
    "https://127.1/x",
    "https://127.0.1/x",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://127.0.0.1./",
    "https://%31%32%37.0.0.1/",
]
NEAR_OR_NOWHERE = [
    "https://10.0.0.1/",
    "https://172.31.255.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest",
    "https://[fe80::1]/",
    "https://[fe80::1%25lo]/",
    "https://[fd00::1]/",
    "https://[ff02::1]/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://198.18.0.1/",
    "https://192.0.0.1/",
    "https://[::ffff:10.0.0.1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:a00:1::1]/",
    "https://[2001::1]/",
    "https://[::7f00:1]/",
    "https://[fec0::1]/",
]
ADDRESSES = {
    "127.0.0.1": Reach.HERE,
    "127.255.255.254": Reach.HERE,
    "::1": Reach.HERE,
    "0.0.0.0": Reach.HERE,
    "::": Reach.HERE,
    "::ffff:127.0.0.1": Reach.HERE,
    "64:ff9b::7f00:1": Reach.HERE,
    "2002:7f00:1::": Reach.HERE,
    "10.1.2.3": Reach.NEAR,
    "172.16.0.1": Reach.NEAR,
    "192.168.0.1": Reach.NEAR,
    "100.127.0.1": Reach.NEAR,
    "fd12::1": Reach.NEAR,
    "::ffff:192.168.0.1": Reach.NEAR,
    "2002:c0a8:1::": Reach.NEAR,
    "169.254.169.254": Reach.NOWHERE,
    "fe80::1": Reach.NOWHERE,
    "224.0.0.251": Reach.NOWHERE,
    "ff02::fb": Reach.NOWHERE,
    "240.0.0.1": Reach.NOWHERE,
    "192.0.2.1": Reach.NOWHERE,
    "2001:db8::1": Reach.NOWHERE,
    "64:ff9b:1::7f00:1": Reach.NOWHERE,
    "8.8.8.8": Reach.PUBLIC,
    "2606:4700::1111": Reach.PUBLIC,
    "::ffff:8.8.8.8": Reach.PUBLIC,
    "64:ff9b::808:808": Reach.PUBLIC,
    "100.128.0.1": Reach.PUBLIC,
    "172.32.0.1": Reach.PUBLIC,
}


class ReachedError(Exception):
    """A connection would have been opened to this address."""


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Addresses by host; spelled ones lead where the system's own reader of addresses says. None is connected to."""
    book: dict[str, list[str]] = {}

    def look_up(host: str, port: int, *_: object, **__: object) -> list[object]:
        if host not in book:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in book[host]]

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        raise ReachedError(address[0])

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(pools, "create_connection", connect)
    return book


def asked(url: Url, settings: RegistrySettings | None = None) -> None:
    with_settings = replace(settings or RegistrySettings(), retries=0)
    transport = Transport(with_settings)
    try:
        transport.send(Request(method="GET", url=url, limit=10))
    finally:
        transport.close()


@pytest.mark.parametrize("url", [*AT_THIS_MACHINE, *NEAR_OR_NOWHERE])
def test_a15_what_a_remote_registry_spells_is_refused_at_once(url: str) -> None:
    for namer in (PUBLIC, Url(PUBLIC, "/v2/"), STRANGER, Origin("https", "8.8.8.8", 443)):
        with pytest.raises(RegistryError):
            Url.parse(url, asked=namer)


@pytest.mark.parametrize("address", [address for address, reach in ADDRESSES.items() if reach is not Reach.PUBLIC])
def test_a15_a_name_is_judged_by_what_it_leads_to(address: str, resolver: dict[str, list[str]]) -> None:
    """A15: redirects, realms, uploads, gates, all of which are made by the same function from what a registry says."""
    resolver["r.example"] = ["8.8.8.8"]
    resolver["inner.example"] = [address]
    for url in (
        Url.parse("https://inner.example/x", asked=PUBLIC),
        gate_url("https://inner.example", "/", "r.example/a"),
    ):
        with pytest.raises(RegistryError, match=r"r\.example points"):
            asked(url)
    resolver["inner.example"] = ["8.8.8.8", address]
    with pytest.raises(RegistryError, match=r"r\.example points"):
        asked(Url.parse("https://inner.example/x", asked=PUBLIC))


@pytest.mark.parametrize("address", ADDRESSES)
def test_a15_what_a_person_typed_is_connected_to(address: str, resolver: dict[str, list[str]]) -> None:
    resolver["mine.example"] = [address]
    with pytest.raises(ReachedError) as caught:
        asked(Url(registry_origin("mine.example/acme/app"), "/v2/"))
    assert ipaddress.ip_address(str(caught.value)) == ipaddress.ip_address(address)


def test_a15_a_registry_in_a_private_network_may_name_its_neighbours_and_nothing_nearer(
    resolver: dict[str, list[str]],
) -> None:
    resolver |= {"r.corp": ["10.0.0.5"], "s.corp": ["10.0.0.9"], "m.corp": ["169.254.169.254"], "h.corp": ["127.0.0.1"]}
    corp = Origin("https", "r.corp", 443)
    with pytest.raises(ReachedError, match=r"10\.0\.0\.9"):
        asked(Url.parse("https://s.corp/token", asked=corp))
    for host in ("m.corp", "h.corp"):
        with pytest.raises(RegistryError, match=r"r\.corp points"):
            asked(Url.parse(f"https://{host}/token", asked=corp))
    resolver["r.corp"] = ["10.0.0.5", "8.8.8.8"]
    with pytest.raises(RegistryError, match=r"r\.corp points"):
        asked(Url.parse("https://s.corp/token", asked=corp))


def test_a15_who_named_a_place_is_remembered_over_many_steps(resolver: dict[str, list[str]]) -> None:
    """A redirect to a public place that redirects to a private one is the registry's doing all the same."""
    resolver |= {"r.example": ["8.8.8.8"], "middle.example": ["9.9.9.9"], "inner.example": ["10.0.0.1"]}
    middle = Url.parse("https://middle.example/", asked=Url.parse("/v2/", asked=PUBLIC))
    with pytest.raises(RegistryError, match=r"r\.example points into a private network"):
        asked(Url.parse("https://inner.example/", asked=middle))


def test_a15_no_name_is_looked_up_twice_between_judging_and_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A15: rebinding. The connection goes to the resolver's first answer, which was judged; a second is never asked."""
    real, names = socket.getaddrinfo, list[str]()

    def changing(host: str, *rest: object, **named: object) -> object:
        if host == "localhost":
            names.append(host)
            host = "127.0.0.1" if len(names) == 1 else "192.0.2.1"
        return real(host, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    with ScriptedServer(lambda _: Reply(body=b"yes", headers={"Connection": "close"})) as server:
        transport = Transport(RegistrySettings(retries=0))
        url = Url(Origin("http", "localhost", int(server.host.rpartition(":")[2])), "/x")
        for _ in range(3):
            assert transport.send(Request(method="GET", url=url, limit=10)).body == b"yes"
        transport.close()
    assert names == ["localhost"]


def test_a15_a_shop_that_a_listing_names_is_judged_too(resolver: dict[str, list[str]]) -> None:
    resolver |= {"shop.example": ["10.0.0.1"], "registry.example": ["8.8.8.8"], "registry.corp": ["10.0.0.2"]}
    listing = replace(LOT, bids_to="https://shop.example")
    settings = RegistrySettings(retries=0)
    for name in ("registry.example/acme/app", "name with hash 00"):
        namer = namer_of("https://shop.example", listing, name, None)
        shop = ShopClient("https://shop.example", settings, named_by=namer)
        with pytest.raises(ShopError, match="points into a private network"):
            shop.bid(b"{}")
        shop.close()
    neighbour = namer_of("https://shop.example", listing, "registry.corp/acme/app", None)
    for namer in (neighbour, namer_of("https://shop.example", listing, "registry.example/a", "https://shop.example")):
        shop = ShopClient("https://shop.example", settings, named_by=namer)
        with pytest.raises(ReachedError, match=r"10\.0\.0\.1"):
            shop.bid(b"{}")
        shop.close()


def test_a15_behind_a_proxy_what_is_spelled_is_judged_and_names_are_the_proxys(resolver: dict[str, list[str]]) -> None:
    """A proxy looks names up itself, so that its operator must keep it from leading into its own network."""
    rules = ProxyRules.of({"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "direct.example"})
    settings = RegistrySettings(proxies=rules, retries=0)
    for url in [*AT_THIS_MACHINE, *NEAR_OR_NOWHERE]:
        with pytest.raises(RegistryError):
            Url.parse(url, asked=PUBLIC)
    with pytest.raises(RegistryError, match="points into a private network"):
        asked(Url(Origin("https", "10.0.0.1", 443), "/", STRANGER), settings)
    resolver["direct.example"] = ["10.0.0.1"]
    with pytest.raises(RegistryError, match="points into a private network"):
        asked(Url.parse("https://direct.example/", asked=PUBLIC), settings)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a15_each_kind_of_address_is_told_apart(address: str) -> None:
    assert reach_of(ipaddress.ip_address(address)) is ADDRESSES[address]


@given(st.integers(0, 2**32 - 1))
def test_a15_an_address_in_another_leads_where_it_leads_itself(number: int) -> None:
    plain = ipaddress.IPv4Address(number)
    for inside in (0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80 | 5):
        assert reach_of(ipaddress.IPv6Address(inside)) is reach_of(plain)


def test_a15_nobody_names_what_is_nearer_than_he_is() -> None:
    for namer in Reach:
        for named in Reach:
            allowed = named is Reach.PUBLIC or (Reach.NOWHERE not in (namer, named) and named <= namer)
            assert may_name(namer, named) is allowed
    assert may_name(Reach.HERE, Reach.HERE)
    assert not may_name(Reach.HERE, Reach.NOWHERE)
