"""The shop's HTTP against clients who misbehave; the shop behind it refuses every bid."""

import json
from collections.abc import Callable

from starlette.types import Message, Receive, Scope, Send

from assets.errors import OfferTakenError
from assets.images.bid import PACKAGE_LIMIT, BidPackage
from assets.images.board import Board
from assets.images.shop_sale import ShopSale
from assets.server.limits import MAX_CLIENTS, RateLimit
from assets.server.shop_http import ShopService
from tests.assets.images.listings import BID, LOT
from wallet.chain.source import BlockRef
from wallet.errors import ChainUnavailableError
from wallet.hashes import BlockHash


class RefusingShop:
    """Stands for a shop whose every lot is sold. `down` makes its node unreachable."""

    def __init__(self) -> None:
        self.down = False
        self.seen = 0
        self.block = BlockRef(7, BlockHash(b"\x07" * 32))

    def board(self) -> Board:
        """One listing."""
        return Board.of([LOT])

    def counts(self) -> tuple[int, int, int]:
        """The tip, lots here, lots sold."""
        if self.down:
            raise ChainUnavailableError("no answer from 127.0.0.1:18443 with user bob", hint="start it")
        return 100, 1, 0

    def best(self) -> BlockRef:
        """The best block."""
        return self.block

    def is_still(self, block: BlockRef) -> bool:
        """Whether it is the best block."""
        return block == self.block

    def bid(self, package: BidPackage) -> ShopSale:
        """No."""
        self.seen += 1
        raise OfferTakenError("unspent", "the lot is sold", hint="choose another")

    def outcome(self, bid: bytes) -> ShopSale | None:
        """Nothing."""
        return None


class Client:
    """Speaks ASGI to the application, without a socket."""

    def __init__(self, shop: RefusingShop, *, per_minute: int = 6_000, proxied: bool = False) -> None:
        self.now = 0.0
        limit = RateLimit(per_minute=per_minute, burst=10, clock=lambda: self.now)
        self.app = ShopService(shop, limit, proxied=proxied).app()  # type: ignore[arg-type]

    def ask(
        self, method: str, path: str, body: bytes = b"", *, headers: tuple[tuple[str, str], ...] = ()
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers, body."""
        import asyncio

        sent: list[Message] = []
        chunks = [body[at : at + 65_536] for at in range(0, max(len(body), 1), 65_536)]

        async def receive() -> Message:
            part = chunks.pop(0) if chunks else b""
            return {"type": "http.request", "body": part, "more_body": bool(chunks)}

        async def send(message: Message) -> None:
            sent.append(message)

        scope: Scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(key.lower().encode(), value.encode()) for key, value in headers],
            "client": ("192.0.2.1", 1234),
        }
        asyncio.run(_run(self.app, scope, receive, send))
        start = sent[0]
        told = {key.decode(): value.decode() for key, value in start["headers"]}
        return start["status"], told, b"".join(message.get("body", b"") for message in sent[1:])


async def _run(app: Callable[[Scope, Receive, Send], object], scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)  # type: ignore[misc]


PACKAGE = BidPackage(bid=BID, psbt=b"psbt\xff").serialize()


def test_the_list_is_a_board_that_buyers_can_read() -> None:
    status, headers, body = Client(RefusingShop()).ask("GET", "/v1/asks")
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert headers["cache-control"] == "no-store"
    assert Board.parse(body).asks == (LOT,)


def test_a_refusal_says_what_and_what_next_and_is_remembered() -> None:
    client = Client(RefusingShop())
    status, _, body = client.ask("POST", "/v1/bids", PACKAGE)
    assert status == 409
    told = {"error": "unspent", "message": "refused (unspent): the lot is sold", "next": "choose another"}
    assert json.loads(body) == told
    status, _, body = client.ask("GET", f"/v1/bids/{BID.id.hex()}")
    assert (status, json.loads(body)) == (409, told)
    assert client.ask("GET", f"/v1/bids/{'00' * 32}")[0] == 404


def test_a_refusal_is_not_told_once_the_block_that_it_rested_on_left_the_chain() -> None:
    shop = RefusingShop()
    client = Client(shop)
    client.ask("POST", "/v1/bids", PACKAGE)
    assert client.ask("GET", f"/v1/bids/{BID.id.hex()}")[0] == 409
    shop.block = BlockRef(7, BlockHash(b"\x08" * 32))
    status, _, body = client.ask("GET", f"/v1/bids/{BID.id.hex()}")
    assert (status, json.loads(body)["next"]) == (404, "send the bid again")


def test_what_is_no_bid_is_malformed() -> None:
    client, shop = Client(RefusingShop()), RefusingShop()
    for body in (b"", b"{}", b"[]", b"\xff", PACKAGE[:-1], PACKAGE.replace(b'"v":1', b'"v":2')):
        status, _, answer = client.ask("POST", "/v1/bids", body)
        client.now += 60
        assert status == 400, answer
        assert set(json.loads(answer)) == {"error", "message", "next"}
    assert client.ask("GET", "/v1/bids/nothex")[0] == 400
    assert shop.seen == 0


def test_a_body_is_read_up_to_its_limit() -> None:
    status, _, body = Client(RefusingShop()).ask("POST", "/v1/bids", bytes(PACKAGE_LIMIT + 1))
    assert (status, json.loads(body)["error"]) == (413, "too large")


def test_other_paths_and_methods_are_answered_in_the_same_form() -> None:
    client = Client(RefusingShop())
    for method, path, expected in (("GET", "/", 404), ("DELETE", "/v1/asks", 405), ("GET", "/v1/bids", 405)):
        status, headers, body = client.ask(method, path)
        assert status == expected
        assert set(json.loads(body)) == {"error", "message", "next"}
        assert ("allow" in headers) == (status == 405)
    asked = [client.ask("GET", "/wp-login.php")[0] for _ in range(10)]
    assert asked[-1] == 429, "they take from the rate as well"


def test_a_node_that_is_down_is_not_described_to_strangers() -> None:
    shop = RefusingShop()
    shop.down = True
    status, _, body = Client(shop).ask("GET", "/healthz")
    assert status == 503
    assert b"18443" not in body
    assert b"bob" not in body


def test_whoever_asks_too_often_waits() -> None:
    client = Client(RefusingShop(), per_minute=60)
    statuses = [client.ask("GET", "/v1/asks")[0] for _ in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    status, headers, _ = client.ask("POST", "/v1/bids", PACKAGE)
    assert (status, headers["retry-after"]) == (429, "3")
    client.now += 3
    assert client.ask("POST", "/v1/bids", PACKAGE)[0] == 409


def test_behind_a_proxy_the_last_named_address_counts() -> None:
    client = Client(RefusingShop(), per_minute=60, proxied=True)
    for number in range(30):
        forwarded = (("X-Forwarded-For", f"203.0.113.99, 198.51.100.{number}"),)
        assert client.ask("GET", "/v1/asks", headers=forwarded)[0] == 200
    spoofed = [
        client.ask("GET", "/v1/asks", headers=(("X-Forwarded-For", f"198.51.100.{n}, 203.0.113.7"),))[0]
        for n in range(12)
    ]
    assert spoofed.count(429) == 2


def test_only_so_many_clients_are_remembered() -> None:
    limit = RateLimit(per_minute=60, burst=1, clock=lambda: 0.0)
    for number in range(MAX_CLIENTS + 100):
        assert limit.wait(str(number)) == 0
    assert limit.wait(str(MAX_CLIENTS + 99)) > 0
    assert limit.wait("0") == 0
