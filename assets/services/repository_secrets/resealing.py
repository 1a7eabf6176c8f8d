"""What an owner must know before an image that has a sealed form gets another one, above all after a leak.

A content key follows from the repository secret, the image's digest and a generation (FORMATS, keys for content). The
same three give the same key, and then the same bytes; another generation gives another key of the same secret, and only
another epoch another secret. No sealed form ever stops being one.
"""

from collections.abc import Iterator

from assets.images.digest import Digest
from assets.images.repository import RepositoryState
from assets.registry.encryption import Seal
from assets.remedies import ImageRemedy
from assets.services.repository_secrets.secret_forms import ReadManifest, read_forms
from wallet.advice import Prose


def reseal_warnings(
    state: RepositoryState, plaintext: Digest, ciphertext: Digest, seal: Seal, read: ReadManifest
) -> tuple[Prose, ...]:
    """What the new sealed form, which states `seal`, shares with those that the image has; nothing for a first one."""
    return tuple(_warnings(state, plaintext, ciphertext, seal, read))


def _warnings(
    state: RepositoryState, plaintext: Digest, ciphertext: Digest, seal: Seal, read: ReadManifest
) -> Iterator[Prose]:
    sealings = {one.ciphertext: one for one in state.sealings if one.plaintext == plaintext}
    if not sealings:
        return
    for digest in sealings:
        yield f"{digest} is a sealed form of this image already; it stays one, and its key opens it as before"
    forms = read_forms(sealings.values(), read)
    secret, generation = seal.secret.hex(), seal.generation
    if ciphertext in sealings:
        yield "the new form is that very form: the same key, and the same bytes; its record says nothing new"
    if ciphertext in sealings or any(one.seal.commitment == seal.commitment for one in forms.read):
        yield (
            f"the new form has the SAME KEY, generation {generation} of repository secret {secret}: after a leak of it"
            " this protects nothing; " + ImageRemedy.OTHER_EPOCH.of(generation=generation + 1)
        )
    elif any(one.seal.secret == seal.secret for one in forms.read):
        yield (
            f"the new key, generation {generation}, is derived from the SAME REPOSITORY SECRET {secret} as an earlier"
            " one: whoever has only the earlier key cannot open the new form; whoever has the secret derives the keys"
            " of all generations, and after a leak of it only "
            + ImageRemedy.NEW_EPOCH.of()
            + " helps, for what is sealed then"
        )
    for digest, why in forms.unread:
        yield (
            f"{digest} cannot be read ({why}), so that it is not known whether the new form has the same key, which is"
            f" generation {generation} of repository secret {secret}"
        )
