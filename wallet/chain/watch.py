"""The watching wallet inside the node: it knows descriptors and no private key, and only tells what it sees.

It is never asked to fund, sign or bump: it would lose coloured coins. It is never asked to lock coins either, because
locked coins vanish from its list.
"""

import threading
from collections.abc import Sequence

import msgspec

from wallet.chain.answers import Count, Fraction, block_hash_of, convert
from wallet.chain.rpc import METHOD_NOT_FOUND, WALLET_NOT_FOUND, Rpc
from wallet.chain.scripts import Progress, ScriptSet
from wallet.chain.watched import read_coins, read_history
from wallet.coins import AccountKind, Coin
from wallet.errors import ChainError, RpcError
from wallet.hashes import BlockHash, Txid, display
from wallet.history import WatchedTransaction
from wallet.keys.descriptor import OutputDescriptor
from wallet.network import Network

WINDOWS = {AccountKind.BTC: 1000, AccountKind.UNITS: 1000, AccountKind.ISSUING: 100}
"""How many keys of each chain are watched from the start."""

SCANNED = "dockchains-scanned"
"""The label that the first address of a descriptor gets once the chain was searched for it, so that an interrupted
search is taken up again, whichever program was interrupted."""

_LONG = 30 * 24 * 3600.0
"""Seconds that a search of the chain may take before the connection gives up."""

_POLL = 0.5
_BATCH = 500
_AT_EVERY_START = True

_WATCHING = (True, True, "", False, True, _AT_EVERY_START)
"""createwallet: no private keys, blank, no passphrase, no reuse tracking, descriptors, loaded at every start."""

_NO_SUCH_LABEL = -11
_ALREADY_LOADED = -35


class _Listed(msgspec.Struct, frozen=True, kw_only=True):
    desc: str
    range: tuple[Count, Count] | None = None
    next_index: Count = 0


class _Listing(msgspec.Struct, frozen=True, kw_only=True):
    descriptors: list[_Listed]


class _Scanning(msgspec.Struct, frozen=True, kw_only=True):
    progress: Fraction


class _WalletInfo(msgspec.Struct, frozen=True, kw_only=True):
    private_keys_enabled: bool
    descriptors: bool = False
    scanning: _Scanning | bool = False


class _Imported(msgspec.Struct, frozen=True, kw_only=True):
    success: bool
    error: dict[str, object] | None = None


def watch_name(fingerprint: bytes, network: Network) -> str:
    """The name of the node's wallet for the keys with this master fingerprint."""
    return f"dockchains-{network.name}-{fingerprint.hex()}"


class WatchWallet:
    """Implements `ScriptSource` with one watching wallet of a node, which is made where it is missing."""

    def __init__(self, rpc: Rpc, scripts: ScriptSet) -> None:
        self._rpc = rpc
        self._scripts = scripts
        self.name = watch_name(scripts.fingerprint, scripts.network)

    def watch(self, *, birth_height: int | None, progress: Progress | None = None) -> None:
        """Create or load the wallet, import what is missing, and search the chain from `birth_height` on for it.

        Keys of lots that the node does not watch yet are searched for like any others: `watch_new` is for those that
        were made just now.
        """
        descriptors = self._scripts.descriptors()
        self._load()
        self._require_watching()
        listed = self._listed()
        imports = [entry for descriptor in descriptors if (entry := _import_of(descriptor, listed)) is not None]
        marked = self._scanned()
        firsts = self._first_addresses(descriptors)
        for address in (firsts[str(entry["desc"])] for entry in imports):
            if address in marked:
                self._call("setlabel", address, "")
                marked.remove(address)
        if imports:
            self._import(imports)
        unscanned = [address for address in firsts.values() if address not in marked]
        if not unscanned:
            return
        if birth_height is not None:
            self.rescan(birth_height, progress=progress)
        for address in unscanned:
            self._call("setlabel", address, SCANNED)

    def watch_new(self, scripts: ScriptSet) -> None:
        """Watch single keys that were made just now, without a search."""
        self._load()
        listed = self._listed()
        descriptors = scripts.descriptors()
        new = [one for one in descriptors if one.number is not None and _body(one.text) not in listed]
        if new:
            self._import([{"desc": one.text, "timestamp": "now", "label": SCANNED} for one in new])
        self._scripts = scripts

    def unspent(self) -> tuple[Coin, ...]:
        """Every unspent output that the wallet watches, immature and unconfirmed ones too, as of one tip.

        A coin whose key the node names wrongly raises ChainError. What a transaction of this wallet spends is not
        listed, even after it left the mempool, until it is abandoned.
        """
        self._load()
        return read_coins(self._rpc, self.name, self._scripts.script)

    def history(self, since: BlockHash | None = None) -> tuple[WatchedTransaction, ...]:
        """The wallet's transactions in blocks after `since` (None: all), in the mempool, and those that fell out."""
        self._load()
        return read_history(self._rpc, self.name, since)

    def best_block(self) -> BlockHash:
        """The node's last block."""
        return block_hash_of(convert(self._rpc.call("getbestblockhash"), str, "getbestblockhash"))

    def abandon(self, txid: Txid) -> None:
        """Give up a transaction that left the mempool, so that its inputs are listed again. It can still be sent."""
        self._load()
        self._call("abandontransaction", display(txid))

    def first_unused(self, account: AccountKind, chain: int) -> int:
        """The number of the first key of a chain after the last one that was ever paid, by the node's account."""
        listed = self._listed()
        chains = {(one.account, one.chain): one for one in self._scripts.descriptors() if one.number is None}
        wanted = chains.get((account, chain))
        found = listed.get(_body(wanted.text)) if wanted is not None else None
        return found.next_index if found is not None else 0

    def scan_progress(self) -> float | None:
        """How far a running search is, 0 to 1; None where none runs."""
        scanning = self._info().scanning
        return scanning.progress if isinstance(scanning, _Scanning) else None

    def rescan(self, start_height: int, *, progress: Progress | None = None) -> None:
        """Search the chain from a height on. Takes minutes to hours on a long chain; an interrupt ends it."""
        failures: list[BaseException] = []

        def search() -> None:
            try:
                self._call("rescanblockchain", max(0, start_height), timeout=_LONG)
            except BaseException as error:  # noqa: BLE001 - it is raised again in the thread that asked
                failures.append(error)

        thread = threading.Thread(target=search, name="rescan", daemon=True)
        thread.start()
        try:
            while thread.is_alive():
                thread.join(_POLL)
                share = self.scan_progress() if progress is not None and thread.is_alive() else None
                if progress is not None and share is not None:
                    progress(share)
        except BaseException:
            self._call("abortrescan")
            raise
        if failures:
            raise _explained(failures[0])
        if progress is not None:
            progress(1.0)

    def _call(self, method: str, *params: object, timeout: float | None = None) -> object:
        return self._rpc.call(method, *params, wallet=self.name, timeout=timeout)

    def _load(self) -> None:
        """Make the wallet loaded: load it, or create it where the node has none of this name."""
        try:
            loaded = self._rpc.ask(list[str], "listwallets")
            if self.name in loaded:
                return
            self._load_or_create()
        except RpcError as error:
            if error.code == METHOD_NOT_FOUND:
                raise ChainError(
                    "the node has no wallet support", hint="start bitcoind without -disablewallet"
                ) from error
            raise

    def _require_watching(self) -> None:
        info = self._info()
        if info.private_keys_enabled or not info.descriptors:
            raise ChainError(
                f"the node's wallet {self.name} is not a watching wallet of this program",
                hint="rename or remove that wallet in the node",
            )

    def _load_or_create(self) -> None:
        try:
            self._rpc.call("loadwallet", self.name, _AT_EVERY_START, timeout=_LONG)
        except RpcError as error:
            if error.code == _ALREADY_LOADED:
                return
            if error.code != WALLET_NOT_FOUND:
                raise
            self._rpc.call("createwallet", self.name, *_WATCHING)

    def _info(self) -> _WalletInfo:
        return convert(self._call("getwalletinfo"), _WalletInfo, "getwalletinfo")

    def _listed(self) -> dict[str, _Listed]:
        found = convert(self._call("listdescriptors"), _Listing, "listdescriptors")
        return {_body(listed.desc): listed for listed in found.descriptors}

    def _scanned(self) -> set[str]:
        """The first addresses of the descriptors for which the chain was searched to its end."""
        try:
            return set(convert(self._call("getaddressesbylabel", SCANNED), dict[str, object], "getaddressesbylabel"))
        except RpcError as error:
            if error.code != _NO_SUCH_LABEL:
                raise
            return set()

    def _first_addresses(self, descriptors: Sequence[OutputDescriptor]) -> dict[str, str]:
        """The first, or only, address of each descriptor, by its text."""
        calls: list[tuple[str, tuple[object, ...]]] = [
            ("deriveaddresses", (one.text, [0, 0]) if one.number is None else (one.text,)) for one in descriptors
        ]
        found: dict[str, str] = {}
        for at in range(0, len(calls), _BATCH):
            answers = self._rpc.batch(calls[at : at + _BATCH])
            for one, answer in zip(descriptors[at : at + _BATCH], answers, strict=True):
                found[one.text] = convert(answer, list[str], "deriveaddresses")[0]
        return found

    def _import(self, entries: list[dict[str, object]]) -> None:
        results = convert(self._call("importdescriptors", entries, timeout=_LONG), list[_Imported], "importdescriptors")
        for result in results:
            if not result.success:
                reason = (result.error or {}).get("message", "no reason given")
                raise ChainError(f"the node did not take a descriptor: {str(reason)[:300]}")


def _import_of(descriptor: OutputDescriptor, listed: dict[str, _Listed]) -> dict[str, object] | None:
    """The import that a descriptor needs: none where the node watches enough keys after the last one in use."""
    found = listed.get(_body(descriptor.text))
    if descriptor.number is not None:
        return None if found is not None else {"desc": descriptor.text, "timestamp": "now"}
    window = WINDOWS[descriptor.account]
    used = found.next_index if found is not None else 0
    if found is not None and found.range is not None and found.range[1] + 1 >= used + window // 2:
        return None
    return {
        "desc": descriptor.text,
        "range": [0, used + window - 1],
        "next_index": used,
        "timestamp": "now",
        "active": False,
        "internal": descriptor.is_change,
    }


def _body(text: str) -> str:
    """A descriptor without checksum, hardened steps written with `h`."""
    return text.partition("#")[0].replace("'", "h")


def _explained(error: BaseException) -> BaseException:
    """The failure of a search, with advice where the node has thrown the blocks away."""
    if isinstance(error, RpcError) and "prune" in str(error).lower():
        return ChainError(
            f"the node cannot search its chain: {error}",
            hint="it is pruned beyond the wallet's birth height; use a node with all blocks",
        )
    return error
