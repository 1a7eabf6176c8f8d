"""What an owner is told before an image is sealed again: which of key and secret stay the same."""

from assets.images.content_key import RepositorySecret, repository_secret
from assets.images.digest import Digest
from assets.registry.encryption import Seal
from assets.services.repository_secrets.resealing import reseal_warnings
from tests.assets.images.lineage import ALICE, Lineage
from tests.assets.services.test_sealed_keys import Forms, seal
from tests.assets.services.test_secret_epochs import WORDS

IMAGE = Digest.of(b"an image")
NEW = Digest.of(b"its new form")


class Sealed:
    """An image that was sealed once, with generation 1 of epoch 1."""

    def __init__(self) -> None:
        self.lineage, self.forms = Lineage(), Forms()
        self.old = self.forms.add(self._secret(1), IMAGE, 1)
        seal(self.lineage, IMAGE, self.old)

    def _secret(self, epoch: int) -> RepositorySecret:
        return repository_secret(WORDS[bytes(ALICE)], self.lineage.txid, epoch)

    def told(self, *, generation: int = 1, epoch: int = 1, image: Digest = IMAGE, form: Digest = NEW) -> str:
        secret = self._secret(epoch)
        stated = Seal.of(secret, secret.content_key(image, generation), generation)
        return "; ".join(map(str, reseal_warnings(self.lineage.state(), image, form, stated, self.forms.read)))

    @property
    def secret_id(self) -> str:
        return str(self._secret(1).id.hex())


def test_a_first_form_of_an_image_is_warned_of_nothing() -> None:
    assert Sealed().told(image=Digest.of(b"another image")) == ""


def test_the_same_generation_and_epoch_have_the_same_key() -> None:
    one = Sealed()
    told = one.told()
    assert f"{one.old} is a sealed form of this image already; it stays one" in told
    assert f"the new form has the SAME KEY, generation 1 of repository secret {one.secret_id}" in told
    assert "generation 2 is another key" in told
    assert "very form" not in told


def test_the_very_same_form_says_nothing_new() -> None:
    one = Sealed()
    assert "the same key, and the same bytes; its record says nothing new" in one.told(form=one.old)


def test_another_generation_has_another_key_of_the_same_secret() -> None:
    one = Sealed()
    told = one.told(generation=2)
    assert "SAME KEY" not in told
    assert f"generation 2, is derived from the SAME REPOSITORY SECRET {one.secret_id}" in told
    assert "only another epoch helps" in told
    assert "its key opens it as before" in told


def test_another_epoch_has_another_secret_and_the_old_form_stays() -> None:
    told = Sealed().told(epoch=2)
    assert "SAME" not in told
    assert "it stays one, and its key opens it as before" in told


def test_a_form_that_cannot_be_read_is_told_and_nothing_is_claimed_of_it() -> None:
    one = Sealed()
    lost = Digest.of(b"a form that is gone")
    seal(one.lineage, IMAGE, lost)
    told = one.told(epoch=2)
    assert f"{lost} cannot be read" in told
    assert "it is not known whether the new form has the same key" in told
