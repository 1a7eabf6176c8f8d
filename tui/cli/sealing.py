"""What the commands that seal images share: the keys first, then encrypting and pushing, then the records."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from assets.images.secret_ring import SecretRing
from assets.services.repository_secrets.secret_keeping import secret_ring
from assets.services.wallets.unlocking import Unlocked
from assets.store.staging import staging_folder
from tui.cli.call import Call
from tui.cli.deeds import Manner, carry_out, with_transactions
from tui.cli.interruption import cleaned_up
from tui.cli.options import source
from tui.cli.output import Output
from tui.cli.release_digest import compared
from tui.cli.secrets import password
from tui.verbs.image.cautions import ACCESS_IS_ACCESS, CONFIG_IS_PLAIN
from tui.verbs.image.requests import RecordSeal, ReleaseSealed, Sealing
from tui.verbs.image.seal import SealRecorded, encrypt, prepare, which
from tui.verbs.review import Outcome
from wallet.signer import Signer

__all__ = ["ACCESS_IS_ACCESS", "Keys", "sealed_and_recorded", "staging_of"]


class Keys:
    """A wallet's keys and secrets, opened once, when they are first needed."""

    def __init__(self, call: Call, password_file: Path | None, password_fd: int | None) -> None:
        self._call = call
        self._source = source(password_file, password_fd)
        self._opened: Unlocked | None = None

    @property
    def whole(self) -> Unlocked:
        """Keys and secrets. Raises WrongPasswordError, LockedError."""
        if self._opened is None:
            house = self._call.house
            house.require_keys()
            secret = password(self._source, self._call.terminal, of=f"wallet {house.wallet_paths.name}")
            self._opened = house.unlocked(secret)
        return self._opened

    @property
    def ring(self) -> SecretRing:
        """Every repository secret that the wallet has, those that sellers handed over too."""
        return secret_ring(self.whole.secrets, self._call.house.wallet_store.handovers)

    def unlock(self) -> Signer:
        """The keys that sign."""
        return self.whole.signer


@contextmanager
def staging_of(call: Call) -> Iterator[Path]:
    """A folder (0700) on the disk that holds this user's data; gone at the end, whatever happens."""
    with cleaned_up(), staging_folder(call.house.paths.network(call.house.network.name) / "staging") as folder:
        yield folder


def sealed_and_recorded(call: Call, request: Sealing, manner: Manner) -> Output:
    """Asks, encrypts and pushes; then shows the records, asks again, signs, sends, and moves the registry's tags.

    With `--dry-run` the image is encrypted, and nothing leaves this machine.
    """
    asked = which(request, call.workplace)
    if asked is not None and isinstance(request, ReleaseSealed):
        request = replace(request, release=compared(call.terminal, asked))
    call.house.require_keys()
    call.note(f"{ACCESS_IS_ACCESS} {CONFIG_IS_PLAIN}")
    if not manner.dry_run:
        call.terminal.confirm("Encrypt and push this image?", yes=manner.yes)
    keys = call.keys(manner.password_file, manner.password_fd)
    with cleaned_up():
        form = encrypt(request, call.workplace, keys.secrets, push=not manner.dry_run)
    for note in form.notes:
        call.note(note)

    def answer(outcome: Outcome[SealRecorded]) -> Output:
        return Output(data=with_transactions(outcome), text=outcome.result.image)

    return carry_out(call, prepare(RecordSeal(sealing=request, form=form), call.workplace), manner, answer, keys=keys)
