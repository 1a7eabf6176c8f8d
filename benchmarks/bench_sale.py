"""How fast a shop sells, and where the time goes; what a sale costs on the chain; how many lots go into a transaction.

Lots are made by typed commands on a regtest node. Bids are signed beforehand, so that only the shop is measured, over
HTTP, with `CLIENTS` buyers at once. Prints sales per second beside the node's own bare acceptance of the same number of
transactions, the share of each step, vB of a sale beside the smallest transaction that could do it, and lots per
transaction beside what a marker of 80 bytes can name. Takes about a minute.
"""

import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

sys.path.insert(0, str(Path(__file__).parents[1]))

import urllib3
from bitcoin.core import COutPoint, CTransaction, CTxOut
from bitcoin.core.script import CScript

from assets.coloring.compose import UNITS_VALUE
from assets.coloring.plan import Recipient, UnitCoin
from assets.coloring.sale import Deal, plan_sale
from assets.coloring.trace import MemoryCache
from assets.coloring.walk import ColorWalker
from assets.images.bid import Bid, BidPackage
from assets.images.shop_bundle import BundledLot, ShopBundle
from assets.model import Genuine
from assets.protocols.open_assets.compose import compose_marker
from assets.protocols.table import RULE
from assets.server import shop as steps
from assets.server.limits import RateLimit
from assets.server.listening import Listener
from assets.server.shop import Shop, ShopLot, ShopParts
from assets.server.shop_http import ShopService
from assets.services.market.lot_signer import BundleSigner
from assets.services.market.lots import MAX_LOTS_PER_TRANSACTION
from assets.services.spending.drafts import template_of
from assets.store.shop_journal import ShopJournal
from regtest.harness import Harness
from regtest.publisher import Publisher
from wallet.account import Account
from wallet.amount import Sats
from wallet.builder import fund
from wallet.chain.bitcoind import Bitcoind
from wallet.chain.endpoint import CookieFile, Endpoint
from wallet.coins import AccountKind, Coin, KeyPath
from wallet.fees import FeeRate
from wallet.hashes import txid_of
from wallet.keys.keychain import PrivateKeychain
from wallet.keys.message import message_flaw
from wallet.network import REGTEST
from wallet.psbt import Psbt, add_signatures, bare_psbt, to_psbt
from wallet.signer import SoftwareSigner
from wallet.transactions import Prevout, assemble, signed_vsize, vsize_of

LOTS = 140
CLIENTS = 8
PRICE = "0.0005"
RATE = FeeRate(2_000)
COIN = 200_000
"""Sats of each coin that pays for a lot."""

F = TypeVar("F", bound=Callable[..., Any])


class Clock:
    """Adds up what each step takes; steps of different threads are added, too."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._lock = threading.Lock()

    def timed(self, step: str, function: F) -> F:
        """The function, with its time booked under `step`."""

        def run(*arguments: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                with self._lock:
                    self.spent[step] += time.perf_counter() - start

        return run  # type: ignore[return-value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyers:
    """Keys that pay, one coin for each lot."""

    account: Account
    signer: SoftwareSigner
    coins: tuple[Coin, ...]

    @classmethod
    def paid(cls, publisher: Publisher) -> "Buyers":
        """LOTS coins in a block."""
        keychain = PrivateKeychain(bytes(range(32)), REGTEST)
        account = Account.of(keychain)
        node = publisher.harness.node
        paths = [KeyPath(AccountKind.BTC, 0, index) for index in range(LOTS)]
        addresses = [node.rpc("decodescript", account.script(path).hex())["address"] for path in paths]
        txid = node.miner("sendmany", "", dict.fromkeys(addresses, COIN / 100_000_000))
        raw = node.miner("gettransaction", txid)["hex"]
        node.rpc("sendrawtransaction", raw)
        node.mine()
        tx = CTransaction.deserialize(bytes.fromhex(raw))
        by_script = {bytes(out.scriptPubKey): vout for vout, out in enumerate(tx.vout)}
        coins = tuple(
            Coin(
                outpoint=COutPoint(txid_of(tx), by_script[bytes(account.script(path))]),
                value=Sats(COIN),
                script_pubkey=account.script(path),
                path=path,
                height=1,
            )
            for path in paths
        )
        return cls(account=account, signer=SoftwareSigner(keychain, REGTEST), coins=coins)

    def bid(self, lot: BundledLot, coin: Coin, expires: int) -> BidPackage:
        """A bid for a lot, paid with one coin."""
        receiver = KeyPath(AccountKind.UNITS, 0, coin.path.index)
        change = KeyPath(AccountKind.BTC, 1, coin.path.index)
        value = Sats(lot.ask.coins[0].value)
        units = Genuine(genesis=lot.ask.genesis, quantity=lot.quantity, title=False)
        prevout = Prevout(outpoint=lot.outpoint, txout=CTxOut(value, lot.script), path=None)
        deal = Deal(
            sold=(UnitCoin(prevout=prevout, units=units),),
            price=lot.ask.price,
            pay_to=Recipient(script=lot.ask.pay_to),
            buyer=Recipient(script=self.account.script(receiver), path=receiver),
        )
        template = template_of(plan_sale(deal, (self.account.script(change), change)))
        unsigned = fund(template, coins=[coin], reserved=frozenset(), rate=RATE, tip_height=200)
        own = Psbt.parse(self.signer.sign(to_psbt(unsigned, self.account)))
        made = {number: entry.signatures[0] for number, entry in enumerate(own.inputs) if entry.signatures}
        bid = Bid(ask=lot.ask.id, expires=expires)
        text = bid.text(REGTEST.genesis, unsigned.txid)
        signed = bid.signed(self.signer.sign_message(text, receiver))
        return BidPackage(bid=signed, psbt=add_signatures(bare_psbt(unsigned), made))


def source_of(harness: Harness) -> Bitcoind:
    """The node behind the ports."""
    node = harness.node
    endpoint = Endpoint(host="127.0.0.1", port=node.rpc_port, credentials=CookieFile(Path(node.cookie)))
    return Bitcoind.at(endpoint, REGTEST)


def timed_shop(bundle: ShopBundle, source: Bitcoind, journal: ShopJournal, clock: Clock) -> Shop:
    """A shop whose steps are timed."""
    signer, refusal = BundleSigner(bundle), source.refusal
    colors = ColorWalker(RULE, source, MemoryCache()).color
    steps.__dict__["receive"] = clock.timed("PSBT and form", steps.__dict__["receive"])
    steps.__dict__["coin_facts"] = clock.timed("node: are the coins there", steps.__dict__["coin_facts"])
    steps.__dict__["judge"] = clock.timed("checks, signatures and guard", steps.__dict__["judge"])
    steps.__dict__["finalize"] = clock.timed("joining and verifying", steps.__dict__["finalize"])
    journal.record = clock.timed("journal", journal.record)  # type: ignore[method-assign]
    signer_sign = clock.timed("signature", signer.sign)
    parts = ShopParts(
        lots=tuple(ShopLot(ask=lot.ask, script=lot.script) for lot in bundle.lots),
        source=source,
        colors=colors,
        verify=message_flaw,
        signer=type("Timed", (), {"sign": staticmethod(signer_sign)})(),
        journal=journal,
        refusal=clock.timed("node: would it take it", refusal),
        clock=lambda: int(time.time()),
    )
    return Shop(parts)


def sell(shop: Shop, bids: Sequence[BidPackage], clock: Clock) -> float:
    """Sells every lot over HTTP; seconds."""
    listener = Listener("127.0.0.1", 0)
    limit = RateLimit(per_minute=10_000_000, burst=1_000_000, clock=time.monotonic)
    thread = threading.Thread(target=listener.run, args=(ShopService(shop, limit).app(),), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.address[1]}/v1/bids"
    bodies = [bid.serialize() for bid in bids]
    with urllib3.PoolManager(maxsize=CLIENTS, retries=3) as pool, ThreadPoolExecutor(CLIENTS) as executor:
        start = time.perf_counter()
        answers = list(executor.map(lambda body: pool.request("POST", url, body=body), bodies))
        seconds = time.perf_counter() - start
    listener.stop()
    thread.join()
    assert all(answer.status == 200 for answer in answers), [answer.data for answer in answers][:1]
    clock.spent["everything"] = seconds
    return seconds


def bare_acceptance(source: Bitcoind, txs: Sequence[CTransaction]) -> float:
    """Seconds in which the node alone judges the same sales: the floor under any shop."""
    start = time.perf_counter()
    for tx in txs:
        source.refusal(tx)
    return time.perf_counter() - start


def floor() -> tuple[int, int]:
    """vB of the smallest transaction that sells a unit (lot and one coin in; marker, unit, price out); with change."""
    script = CScript(b"\x00\x14" + bytes(20))
    marker = compose_marker([], [1], b"")
    inputs = tuple((COutPoint(bytes([number]) * 32, 0), 0) for number in (1, 2))
    outputs = (marker, CTxOut(UNITS_VALUE, script), CTxOut(50_000, script))
    return signed_vsize(assemble(inputs, outputs)), signed_vsize(assemble(inputs, (*outputs, CTxOut(1_000, script))))


def main() -> None:
    """Everything, once."""
    with Harness() as harness, tempfile.TemporaryDirectory() as folder:
        publisher = Publisher(harness, coins=3)
        name = publisher.name
        publisher.issue()
        sold = publisher.act("market", "sell", name, "--access", "--copies", str(LOTS), "--price", PRICE)
        harness.node.mine()
        path = Path(folder) / "shop.json"
        publisher.act("market", "export-shop", name, str(path))
        bundle = ShopBundle.parse(path.read_bytes())
        buyers = Buyers.paid(publisher)
        expires = harness.node.height() + 50
        bids = [buyers.bid(lot, coin, expires) for lot, coin in zip(bundle.lots, buyers.coins, strict=True)]
        source, clock = source_of(harness), Clock()
        journal = ShopJournal(Path(folder) / "journal", REGTEST.genesis)
        seconds = sell(timed_shop(bundle, source, journal, clock), bids, clock)
        sales = journal.sales()
        bare = bare_acceptance(source, [sale.tx for sale in sales])
        journal.close()
        report(seconds, bare, clock, [vsize_of(sale.tx) for sale in sales], len(sold["transactions"]))


def report(seconds: float, bare: float, clock: Clock, sizes: Sequence[int], transactions: int) -> None:
    """The figures, each beside its limit."""
    print(f"{LOTS} sales by {CLIENTS} buyers at once: {LOTS / seconds:.0f} a second")
    print(f"the node's bare acceptance of the same transactions: {LOTS / bare:.0f} a second")
    print("where the time goes (ms for each sale; steps of different bids overlap)")
    for step, spent in sorted(clock.spent.items(), key=lambda item: -item[1]):
        print(f"  {step:<32}{spent / LOTS * 1000:>8.2f}")
    smallest, with_change = floor()
    mean = sum(sizes) / len(sizes)
    print(
        f"a sale: {mean:.1f} vB; the smallest with change {with_change} ({mean / with_change:.3f}), without {smallest}"
    )
    per = LOTS / transactions
    print(f"lots: {per:.0f} in each of {transactions} transactions; 80 bytes name {MAX_LOTS_PER_TRANSACTION} at most")


if __name__ == "__main__":
    main()
