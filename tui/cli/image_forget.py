"""`dockchains image forget`."""

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines


@verb(needs=Needs.NOTHING, node_options=True, example="dockchains image forget registry.example/acme/app:1.0")
@click.argument("references", nargs=-1, metavar="[NAME[:TAG][@DIGEST]]...")
@click.option("--unfinished", is_flag=True, help="Drop what interrupted pulls left behind.")
@click.option("--all", "everything", is_flag=True, help="Drop all that was pulled.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and drop nothing.")
def command(call: Call, *, references: tuple[str, ...], unfinished: bool, everything: bool, dry_run: bool) -> Output:
    """Drop images that were pulled and are kept here, and their blobs.

    A blob stays as long as another kept image needs it. What was handed over (image pull --to) is not touched, and all
    that goes can be pulled again.
    """
    from assets.images.reference import ImageReference
    from assets.services.images.forgetting import forget, plan_forgetting
    from assets.store.image_store import KeptImage
    from tui.cli.pulling import store_of
    from tui.cli.serving import on_network_of_images
    from wallet.errors import EncodingError, StateError

    if not (references or unfinished or everything):
        raise EncodingError("what is to be dropped?", hint="say NAME:TAG, --unfinished or --all")
    asked = [ImageReference.parse(text) for text in references]
    call = on_network_of_images(call, unfinished=unfinished or everything)
    store = store_of(call)

    def fits(one: ImageReference, image: KeptImage) -> bool:
        tag_fits, digest_fits = one.tag in (None, image.tag), one.digest in (None, image.digest)
        return one.name == image.name and tag_fits and digest_fits

    missing = next((one for one in asked if not any(fits(one, image) for image in store.kept())), None)
    if missing is not None:
        raise StateError(f"{missing} is not kept here", hint="`dockchains image serve --check` lists what is")
    plan = plan_forgetting(
        store, lambda image: any(fits(one, image) for one in asked), unfinished=unfinished, everything=everything
    )
    if not dry_run:
        forget(store, plan)
    data = {
        "forgotten": not dry_run,
        "images": [str(image.reference) for image in plan.images],
        "blobs": [str(digest) for digest in plan.blobs],
        "unfinished": [str(digest) for digest in plan.beginnings],
        "bytes": plan.size,
        "network": call.house.network.name,
    }
    freed = "would free" if dry_run else "freed"
    told = [f"{'would forget' if dry_run else 'forgot'} {image.reference}" for image in plan.images]
    return Output(data=data, text=lines(told, f"{freed} {plan.size / 1_000_000:,.1f} MB"))
