"""Coins that something holds on to: a draft, an offer, a lot at a shop. Nobody else may spend them meanwhile."""

from collections.abc import Iterable
from dataclasses import dataclass

from bitcoin.core import COutPoint

from wallet.errors import BusyError
from wallet.hashes import outpoint_text
from wallet.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A coin, who holds it (text for people), and until when in unix seconds (None: until it is released)."""

    outpoint: COutPoint
    owner: str
    expiry: int | None


class Reservations:
    """The reservations in a wallet's database. `now` is always the caller's clock, in unix seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, outpoints: Iterable[COutPoint], owner: str, *, now: int, expiry: int | None) -> None:
        """Reserves all of them or none. The same owner again moves the expiry.

        Raises BusyError that names the coin and its present owner.
        """
        with self._database.transaction() as connection:
            held = {reservation.outpoint: reservation.owner for reservation in self.active(now)}
            for outpoint in outpoints:
                if held.get(outpoint, owner) != owner:
                    raise BusyError(
                        f"the coin {outpoint_text(outpoint)} is reserved by {held[outpoint]}",
                        hint="finish or cancel that first",
                    )
                connection.execute(
                    "INSERT INTO reservation (txid, vout, owner, expiry) VALUES (?, ?, ?, ?) "
                    "ON CONFLICT (txid, vout) DO UPDATE SET owner = excluded.owner, expiry = excluded.expiry",
                    (outpoint.hash, outpoint.n, owner, expiry),
                )

    def release(self, owner: str) -> None:
        """Frees everything that an owner holds."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM reservation WHERE owner = ?", (owner,))

    def free(self, outpoints: Iterable[COutPoint]) -> None:
        """Frees coins, whoever holds them."""
        with self._database.transaction() as connection:
            connection.executemany(
                "DELETE FROM reservation WHERE txid = ? AND vout = ?",
                [(outpoint.hash, outpoint.n) for outpoint in outpoints],
            )

    def active(self, now: int) -> tuple[Reservation, ...]:
        """Reservations that have not expired."""
        with self._database.snapshot() as connection:
            rows = connection.execute(
                "SELECT txid, vout, owner, expiry FROM reservation WHERE expiry IS NULL OR expiry > ? "
                "ORDER BY owner, txid, vout",
                (now,),
            ).fetchall()
        return tuple(
            Reservation(outpoint=COutPoint(bytes(txid), vout), owner=owner, expiry=expiry)
            for txid, vout, owner, expiry in rows
        )

    def reserved(self, now: int) -> frozenset[COutPoint]:
        """The coins of all reservations that have not expired."""
        return frozenset(reservation.outpoint for reservation in self.active(now))
