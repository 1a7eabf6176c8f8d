"""What the commands that seal images share: the keys first, then encrypting and pushing, then the records."""

from dataclasses import replace

from tui.cli.call import Call
from tui.cli.deeds import Manner, carry_out, with_transactions
from tui.cli.interruption import cleaned_up
from tui.cli.output import Output
from tui.cli.release_digest import compared
from tui.verbs.image.cautions import ACCESS_IS_ACCESS, CONFIG_IS_PLAIN
from tui.verbs.image.requests import RecordSeal, ReleaseSealed, Sealing
from tui.verbs.image.seal import SealRecorded, encrypt, prepare, which
from tui.verbs.review import Outcome


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
