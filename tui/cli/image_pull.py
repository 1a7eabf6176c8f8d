"""`dockchains image pull`."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output

if TYPE_CHECKING:
    from assets.services.read_models.image_views import VerificationView
    from tui.verbs.image.pull import PullView
    from tui.verbs.reading import Reading
    from wallet.secret_store import SecretStore

_KEPT = "kept; serve it with: dockchains image serve"


@verb(
    needs=Needs.NOTHING,
    node_options=True,
    new_wallet=True,
    example="dockchains image pull registry.example/acme/app:1.0 --to oci:app",
)
@click.argument("reference")
@click.option(
    "--to",
    "to",
    metavar="DESTINATION",
    help="oci:DIR[:TAG], docker-archive:FILE (for `docker load`), docker-daemon:, or NAME[:TAG] in a registry."
    " Without it the image is kept, for `image serve`.",
)
@click.option("--genesis", metavar="TXID", help="Vouch for this genesis, held by the owner that it names.")
@click.option(
    "--lock",
    type=click.Path(path_type=Path),
    envvar="DOCKCHAINS_LOCK",
    metavar="FILE",
    help="A lock file that vouches. Never searched for; DOCKCHAINS_LOCK names one too.",
)
@click.option("--allow", metavar="VERDICTS", help="Accept: pending, superseded, new-owner, frozen, unpinned.")
@click.option("--platform", metavar="OS/ARCH", help="Pull one manifest of a multi-platform image.")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The key of a sealed image: 64 hexadecimal digits, what --key-out wrote, or a repository secret that was"
    " handed over.",
)
@click.option(
    "--key-out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the key of a sealed image for `skopeo --decryption-key` here (PKCS#8, a secret).",
)
@click.option(
    "--proof",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where the owner broke the seal, write what shows it to anybody (for `image check-proof`).",
)
@click.option("--keep-sealed", is_flag=True, help="Do not open a sealed image: hand its ciphertext on.")
@options.password
def command(
    call: Call,
    *,
    reference: str,
    to: str | None,
    genesis: str | None,
    lock: Path | None,
    allow: str | None,
    platform: str | None,
    key_file: Path | None,
    key_out: Path | None,
    proof: Path | None,
    keep_sealed: bool,
    password_file: Path | None,
    password_fd: int | None,
) -> Output:
    """Verify an image, pull all of it, open it where it is sealed, and hand it over.

    Prints name@sha256:... of what was handed over. An image that does not verify is not fetched, and the exit code says
    why, as `image verify` does. A pull that was cut off goes on where it ended.

    The key of a sealed image comes from --key-file, from the gate (after `access login`), or from this wallet's own
    words. docker-archive: is written by this program; docker-daemon: hands the same archive to `docker load`.
    """
    from tui.cli.interruption import cleaned_up
    from tui.cli.verification_text import verification_text
    from tui.verbs.image import references
    from tui.verbs.image.pull import OwnWords, pull
    from tui.verbs.image.reader_requests import Pull, Verify

    request = Pull(
        image=Verify(
            reference=references.reference(reference),
            genesis=references.genesis(genesis),
            lock=lock,
            allow=references.allowed(allow),
            platform=platform,
        ),
        to=None if to is None else references.destination(to),
        key_file=key_file,
        key_out=key_out,
        proof=proof,
        keep_sealed=keep_sealed,
    )

    def secrets(place: "Reading") -> "SecretStore":
        return call.keys(password_file, password_fd, place.house).secrets()

    named = password_file is not None or password_fd is not None
    words = OwnWords(secrets, first=named) if named or call.terminal.interactive else None

    def told(view: "VerificationView") -> None:
        if not call.as_json:
            call.note(verification_text(view))

    with cleaned_up():
        view = pull(request, call.workplace, words, told)
    return _answer(call, view, told)


def _answer(call: Call, view: "PullView", told: "Callable[[VerificationView], None]") -> Output:
    """What was handed over; a refusal as `image verify` says it of what was asked, or of what came."""
    from tui.cli.image_verify import answered

    pulled = view.pulled
    if pulled is None:
        if view.is_of_what_came:
            told(view.verification)
        return answered(view.verification)
    call.note(f"handed over to {pulled.to}" if pulled.to else _KEPT)
    if pulled.key_file:
        call.note(f"the key for `skopeo --decryption-key` is in {pulled.key_file}")
    for note in view.notes:
        call.note(note)
    data = asdict(pulled)
    del data["key_file"]
    return Output(data=data | {"to": pulled.to or _KEPT}, text=pulled.image)
