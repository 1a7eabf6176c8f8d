"""Lineages of a title, told step by step, as the index would report them."""

from bitcoin.core import COutPoint
from bitcoin.core.script import CScript

from assets.images.digest import Digest
from assets.images.name import name_hash
from assets.images.record import Define, RecordName, Release, Revoke, RevokeReason, Seal
from assets.images.repository import RepositoryState, fold
from assets.images.tag import Tags
from assets.model import AssetId, Authorship, GenesisFact, Holding, Movement, MovementKind, Position
from wallet.amount import Sats
from wallet.hashes import BlockHash, Txid, sha256

NAME = "registry.example/acme/app"
ALICE = CScript(b"\x00\x14" + b"a" * 20)
BOB = CScript(b"\x00\x14" + b"b" * 20)
GENESIS_HEIGHT = 100


def digest(name: str) -> Digest:
    """The digest that a test calls by a letter."""
    return Digest.of(name.encode())


def block_at(height: int | None) -> BlockHash | None:
    """The made-up block of a height."""
    return None if height is None else BlockHash(sha256(f"block {height}".encode()))


class Lineage:
    """A genesis at height 100 and what follows, one block for each step unless told otherwise."""

    def __init__(self, label: str = "main", owner: CScript = ALICE, height: int | None = GENESIS_HEIGHT) -> None:
        self.label = label
        self.height = height
        self.movements: list[Movement] = []
        self.txid = Txid(sha256(f"{label} genesis".encode()))
        self.title = Holding(outpoint=COutPoint(self.txid, 0), script=owner, value=Sats(10_000))
        self.genesis = GenesisFact(
            txid=self.txid,
            position=Position(height=height, index=1),
            block=block_at(height),
            asset=AssetId(sha256(label.encode())[:20]),
            issuing_script=CScript(b"\x00\x14" + b"i" * 20),
            genesis_input=COutPoint(sha256(f"{label} coin".encode()), 0),
            title=self.title,
            treasury=Holding(outpoint=COutPoint(self.txid, 1), script=owner, value=Sats(546)),
            units=1_000_000,
            definition=sha256(b"definition"),
            name=NAME,
            name_hash=name_hash(NAME),
        )

    def mempool(self) -> "Lineage":
        """Whatever follows is unconfirmed."""
        self.height = None
        return self

    def step(
        self,
        attachment: bytes,
        *,
        to: CScript | None = None,
        authorship: Authorship | None = None,
        lost: bool = False,
    ) -> "Lineage":
        """One movement of the title."""
        if self.height is not None:
            self.height += 1
        txid = Txid(sha256(f"{self.label} step {len(self.movements)}".encode()))
        script = self.title.script if to is None else to
        target = None if lost else Holding(outpoint=COutPoint(txid, 1), script=script, value=Sats(9_000))
        judged = Authorship.AUTHORISED if attachment else Authorship.NO_RECORD
        self.movements.append(
            Movement(
                kind=MovementKind.LOSS if lost else MovementKind.TRANSFER,
                txid=txid,
                position=Position(height=self.height, index=len(self.movements)),
                block=block_at(self.height),
                genesis=self.txid,
                title=True,
                quantity=1,
                source=self.title,
                target=target,
                attachment=attachment,
                authorship=authorship or judged,
                author=self.title.script,
            )
        )
        self.title = target or self.title
        return self

    def release(self, image: str, *tags: str, final: bool = False, authorship: Authorship | None = None) -> "Lineage":
        """A RELEASE, or FINAL."""
        record = Release(digest=digest(image), tags=Tags.of(*tags), final=final)
        return self.step(record.serialize(), authorship=authorship)

    def revoke(self, image: str, authorship: Authorship | None = None, *, alone: bool = False) -> "Lineage":
        """A REVOKE."""
        record = Revoke(digest=digest(image), reason=RevokeReason.COMPROMISED, alone=alone)
        return self.step(record.serialize(), authorship=authorship)

    def seal(self, plaintext: str, ciphertext: str) -> "Lineage":
        """A SEAL."""
        return self.step(Seal(plaintext=digest(plaintext), ciphertext=digest(ciphertext)).serialize())

    def define(self, name: str) -> "Lineage":
        """A DEFINE with another name."""
        return self.step(Define(definition=sha256(name.encode()), name=RecordName.of(name)).serialize())

    def handover(self, to: CScript, attachment: bytes = b"") -> "Lineage":
        """The title on another script."""
        return self.step(attachment, to=to, authorship=Authorship.OTHER_SCRIPT if attachment else None)

    def lose(self, attachment: bytes = b"") -> "Lineage":
        """The title ends."""
        return self.step(attachment, lost=True, authorship=Authorship.OTHER_SCRIPT if attachment else None)

    def state(self, settled_height: int | None = None) -> RepositoryState:
        """The fold; everything in a block is settled unless told otherwise."""
        return fold(self.genesis, self.movements, settled_height=1_000 if settled_height is None else settled_height)
