"""Which secret of its own an owner seals with.

A secret that was handed over with the title is never used again: whoever sold a repository and bought it back goes on
with a new one, and so does a buyer, whose secrets follow from other words. Each time that the title comes to a wallet
begins a new epoch of that wallet's secrets, so that the chain alone tells which one is next.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace

from assets.images.bid import BidPackage
from assets.images.content_key import MAX_NUMBER, repository_secret
from assets.images.history import HistoryStep
from assets.images.repository import RepositoryState, Sealing
from assets.registry.port import ManifestSource
from assets.remedies import ImageRemedy
from assets.services.owning.seal_records import ContentSecret
from assets.services.repository_secrets.secret_forms import ReadManifest, read_forms, reader_of
from assets.services.wallets.own_keys import own_scripts
from assets.services.wallets.ownership import OwnedTitle
from assets.services.wallets.session import Session
from wallet.advice import Prose
from wallet.errors import StateError
from wallet.hashes import Txid, display
from wallet.psbt import Psbt
from wallet.secret_store import SecretStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    """The times for which one wallet has held a title. `first` is the step with which the present time began.

    `count` numbers the times, from 1; 0, with no step, for a wallet that never held it.
    """

    count: int
    first: int

    def present(self, state: RepositoryState) -> tuple[Sealing, ...]:
        """What was sealed since the title came last, oldest first."""
        steps = {step.txid for step in state.history[self.first :]}
        return tuple(one for one in state.sealings if one.step.txid in steps)

    def earlier(self, state: RepositoryState) -> tuple[Sealing, ...]:
        """What was sealed before, by whomever."""
        steps = {step.txid for step in state.history[self.first :]}
        return tuple(one for one in state.sealings if one.step.txid not in steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenSecret:
    """What to seal with, and what its owner should know."""

    content: ContentSecret
    epoch: int
    notes: tuple[Prose, ...]


def tenure(history: Sequence[HistoryStep], own: Container[bytes]) -> Tenure:
    """How often the title came to `own` scripts; moves between them are none."""
    count, first, inside = 0, 0, False
    for number, step in enumerate(history):
        if step.target is None:
            continue
        now = bytes(step.target.script) in own
        if now and not inside:
            count, first = count + 1, number
        inside = now
    return Tenure(count=count, first=first)


def present_secret(
    name: str,
    owned: OwnedTitle,
    session: Session,
    secrets: SecretStore,
    registry: ManifestSource,
    *,
    epoch: int | None,
    generation: int,
) -> ChosenSecret:
    """The secret for the next sealed form of a canonical name. Raises what `choose_secret` raises."""
    read = reader_of(registry, owned.state, (name,))
    chosen = choose_secret(owned.state, own_scripts(session), secrets, read, epoch=epoch, generation=generation)
    handed = session.handovers.handed() if session.handovers is not None else ()
    return replace(chosen, notes=(*chosen.notes, *undone_sales(owned.state, handed, chosen.epoch)))


def undone_sales(state: RepositoryState, handed: Iterable[tuple[Txid, bytes]], epoch: int) -> tuple[Prose, ...]:
    """Warnings where a secret was handed over after a sale of this title that a reorganisation has undone since.

    `handed` are such sales with their bids, `epoch` is what would be sealed with.
    """
    steps = {step.txid for step in state.history}
    coins = {(step.target.outpoint.hash, step.target.outpoint.n) for step in state.history if step.target is not None}
    undone: list[Prose] = []
    for txid, package in handed:
        spent = Psbt.parse(BidPackage.parse(package).psbt).tx.vin[0].prevout
        if txid not in steps and (spent.hash, spent.n) in coins:
            undone.append(
                f"warning: the sale {display(txid)} was undone after its buyer got the secret; "
                + ImageRemedy.SEAL_NEW_EPOCH.of(epoch=epoch, next=epoch + 1)
            )
    return tuple(undone)


def choose_secret(
    state: RepositoryState,
    own: Container[bytes],
    secrets: SecretStore,
    read: ReadManifest,
    *,
    epoch: int | None,
    generation: int,
) -> ChosenSecret:
    """The secret for the owner's next sealed form: the one of the newest form of the present time, else a new one.

    `epoch` asks for a certain one. Raises StateError for one that an earlier time of this wallet used, which whoever
    bought the title then has, and EncodingError for numbers out of range.
    """
    genesis = state.genesis.txid
    if epoch is not None:
        repository_secret(secrets, genesis, epoch)
    held = tenure(state.history, own)
    newest, notes = (None, ()) if epoch is not None else _newest(held, state, secrets, read)
    if newest is None:
        spent = _spent(held, state, secrets, read)
        newest = epoch if epoch is not None else _first_unspent(max(1, held.count), spent)
        if newest in spent or newest < held.count:
            raise StateError(
                f"secret {newest} was this repository's before its title left this wallet: others may have it",
                hint=ImageRemedy.NO_EPOCH.of(),
            )
    content = ContentSecret.of(secrets, genesis, epoch=newest, generation=generation)
    return ChosenSecret(content=content, epoch=newest, notes=notes)


def epoch_of(secrets: SecretStore, genesis: Txid, wanted: bytes) -> int | None:
    """Which of the wallet's own secrets for a repository has an id; None where it is somebody else's."""
    epochs = range(1, MAX_NUMBER + 1)
    return next((epoch for epoch in epochs if repository_secret(secrets, genesis, epoch).id == wanted), None)


def _newest(
    held: Tenure, state: RepositoryState, secrets: SecretStore, read: ReadManifest
) -> tuple[int | None, tuple[Prose, ...]]:
    """The epoch of the newest form of the present time that can be read and is the wallet's own."""
    unread: list[Prose] = []
    for sealing in reversed(held.present(state)):
        forms = read_forms((sealing,), read)
        unread.extend(
            f"warning: the sealed form {digest} cannot be read ({why}); " + ImageRemedy.SAME_EPOCH.of()
            for digest, why in forms.unread
        )
        for form in forms.read:
            found = epoch_of(secrets, state.genesis.txid, form.seal.secret)
            if found is not None:
                return found, tuple(unread)
    return None, tuple(unread)


def _spent(held: Tenure, state: RepositoryState, secrets: SecretStore, read: ReadManifest) -> frozenset[int]:
    """Epochs of the wallet's own that were used before the title left it."""
    if held.count < 2:
        return frozenset()
    forms = read_forms(held.earlier(state), read).read
    found = (epoch_of(secrets, state.genesis.txid, form.seal.secret) for form in forms)
    return frozenset(epoch for epoch in found if epoch is not None)


def _first_unspent(start: int, spent: frozenset[int]) -> int:
    return next(epoch for epoch in range(start, start + len(spent) + 1) if epoch not in spent)
