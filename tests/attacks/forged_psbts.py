"""PSBTs that whoever asks for a signature makes up: coins of the victim, outputs at will, and lies in between."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bitcoin.core import COutPoint, CTransaction, CTxOut

from assets.services.wallets.session import Session
from tests.assets.index.signing_party import Coin as StrangersCoin
from tests.attacks.ground import Ground, to
from tests.attacks.person import Said
from tests.attacks.publisher import Publisher
from wallet.coins import AccountKind, Coin, KeyPath
from wallet.hashes import Txid
from wallet.psbt import to_psbt, to_text
from wallet.transactions import RBF_SEQUENCE, Prevout, UnsignedTransaction, assemble


@dataclass(frozen=True, slots=True, kw_only=True)
class Bare:
    """A coin that nobody here signs for."""

    outpoint: COutPoint
    txout: CTxOut


Spendable = Coin | StrangersCoin | Bare


@dataclass(frozen=True, slots=True, kw_only=True)
class Forged:
    """A transaction that somebody made up. `named` are the inputs for which the PSBT gives the victim's key, all where
    None; `lies` are amounts that the PSBT says of inputs, whose previous transactions it then leaves out.
    """

    coins: tuple[Spendable, ...]
    outputs: tuple[CTxOut, ...]
    version: int = 2
    locktime: int = 0
    sequence: int = RBF_SEQUENCE
    named: Collection[int] | None = None
    lies: Mapping[int, int] | None = None
    whole: bool = True

    @property
    def tx(self) -> CTransaction:
        """The transaction."""
        inputs = tuple((coin.outpoint, self.sequence) for coin in self.coins)
        return assemble(inputs, self.outputs, version=self.version, locktime=self.locktime)

    def psbt(self, session: Session) -> bytes:
        """As it is handed to the victim."""
        lies = self.lies or {}
        prevouts = []
        for number, coin in enumerate(self.coins):
            txout, path = _spent(coin)
            hidden = self.named is not None and number not in self.named
            txout = CTxOut(lies.get(number, txout.nValue), txout.scriptPubKey)
            prevouts.append(Prevout(outpoint=coin.outpoint, txout=txout, path=None if hidden else path))
        own = {bytes(coin.script_pubkey): coin.path for coin in self.coins if isinstance(coin, Coin)}
        outputs = tuple(
            (vout, own[bytes(out.scriptPubKey)]) for vout, out in enumerate(self.outputs) if out.scriptPubKey in own
        )
        unsigned = UnsignedTransaction(tx=self.tx, prevouts=tuple(prevouts), own_outputs=outputs)
        given = [coin for number, coin in enumerate(self.coins) if self.whole and number not in lies]
        return to_psbt(unsigned, session.account, tuple(_previous(coin, session) for coin in given))


def _spent(coin: Spendable) -> tuple[CTxOut, KeyPath | None]:
    if isinstance(coin, Coin):
        return coin.txout, coin.path
    if isinstance(coin, Bare):
        return coin.txout, None
    return to(coin.signer, coin.value), None


def _previous(coin: Spendable, session: Session) -> CTransaction:
    found = session.source.transaction(Txid(bytes(coin.outpoint.hash)))
    assert found is not None
    return found.tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """A publisher who is handed PSBTs, and types `wallet sign`: as `signer`, where that is not the publisher here."""

    publisher: Publisher
    ground: Ground
    signer: Publisher | None = None

    def coins(self, account: AccountKind = AccountKind.BTC) -> list[Coin]:
        """What the wallet has on an account, the largest first."""
        with self.publisher.session() as (session, _):
            found = [one for one in session.coins.coins() if one.path.account is account]
            return sorted(found, key=lambda coin: -coin.value)

    def file(self, forged: Forged) -> Path:
        """The PSBT in a file."""
        with self.publisher.session() as (session, _):
            path = self.publisher.person.home / "given.psbt"
            path.write_text(to_text(forged.psbt(session)))
            return path

    def signs(self, forged: Forged, *options: str) -> dict[str, Any]:
        """What the command answers that signs it."""
        return (self.signer or self.publisher).signs("wallet", "sign", str(self.file(forged)), *options)

    def refuses(self, forged: Forged, *options: str) -> Said:
        """What the command says that refuses it; nothing has changed then."""
        before = self.publisher.what_is_there()
        said = (self.signer or self.publisher).refuses("wallet", "sign", str(self.file(forged)), *options)
        assert self.publisher.what_is_there() == before
        return said

    def fund(self, *sats: int) -> None:
        """Coins of the victim's in a block."""
        for one in sats:
            address = self.publisher.person.run("wallet", "receive", "--json").document["address"]
            self.ground.node.fund(address, one)
        self.ground.node.mine()
