"""`dockchains image pull`."""

from pathlib import Path

import click

from tui.cli import options
from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output


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
    from tui.cli.pulling import PullOrder, pull_image

    order = PullOrder(
        reference=reference,
        to=to,
        genesis=genesis,
        lock=lock,
        allow=allow,
        platform=platform,
        key_file=key_file,
        key_out=key_out,
        proof=proof,
        keep_sealed=keep_sealed,
        password_file=password_file,
        password_fd=password_fd,
    )
    return pull_image(call, order)
