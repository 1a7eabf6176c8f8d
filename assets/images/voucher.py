"""What vouches for a genesis from outside the registry: a pin, a named lock file, or a txid on the command line."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bitcoin.core.script import CScript

from assets.images.pin import Pin
from assets.model import GenesisFact
from wallet.hashes import Txid, display


class VoucherKind(StrEnum):
    """Where a voucher comes from."""

    PIN = "pin"
    LOCK = "lock file"
    GENESIS = "--genesis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """A genesis, and the owners' scripts that are accepted for it."""

    kind: VoucherKind
    genesis: Txid
    owners: tuple[CScript, ...]

    def accepts(self, script: CScript) -> bool:
        """Whether a script is an accepted owner."""
        return script in self.owners


def voucher_of_pin(pin: Pin, kind: VoucherKind = VoucherKind.PIN) -> Voucher:
    """What a pin, or an entry of a lock file, vouches for."""
    return Voucher(kind=kind, genesis=pin.genesis, owners=pin.owners)


def voucher_of_genesis(genesis: GenesisFact) -> Voucher:
    """What a txid on the command line vouches for: the script of the genesis' output 0, and no later owner."""
    return Voucher(kind=VoucherKind.GENESIS, genesis=genesis.txid, owners=(genesis.title.script,))


def disagreements(vouchers: Sequence[Voucher], claimed: Txid | None = None) -> tuple[str, ...]:
    """In words, which vouchers name different geneses, and whether the registry's claim names another than they do.

    `claimed` is the genesis of the registry's own claim for this very name, or None. Strangers' geneses on the chain
    are no argument here, since anybody can make one.
    """
    if not vouchers:
        return ()
    first = vouchers[0]
    others = [
        f"the {first.kind} names genesis {display(first.genesis)}, the {other.kind} {display(other.genesis)}"
        for other in vouchers[1:]
        if other.genesis != first.genesis
    ]
    if claimed is not None and any(voucher.genesis != claimed for voucher in vouchers):
        others.append(f"the registry claims genesis {display(claimed)}, the {first.kind} {display(first.genesis)}")
    return tuple(others)
