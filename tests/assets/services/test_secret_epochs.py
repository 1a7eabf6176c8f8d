"""Which secret an owner seals with: the one in use, and never one that somebody else may have by a sale."""

import pytest

from assets.images.content_key import repository_secret
from assets.images.digest import Digest
from assets.services.repository_secrets.secret_epochs import ChosenSecret, choose_secret, tenure
from tests.assets.images.lineage import ALICE, BOB, Lineage
from tests.assets.services.test_sealed_keys import Forms, seal
from wallet.errors import EncodingError, StateError
from wallet.secret_store import SeedSecrets

WORDS = {bytes(ALICE): SeedSecrets(b"a" * 64), bytes(BOB): SeedSecrets(b"b" * 64)}
CAROL_NEVER = frozenset({b"carol"})


class Story:
    """A lineage whose owners seal as the wallet would, or with an epoch of their own."""

    def __init__(self) -> None:
        self.lineage = Lineage()
        self.forms = Forms()

    def choose(self, *, epoch: int | None = None, also: bytes = b"") -> ChosenSecret:
        owner = bytes(self.lineage.title.script)
        own = frozenset({owner, also})
        return choose_secret(self.lineage.state(), own, WORDS[owner], self.forms.read, epoch=epoch, generation=1)

    def seal(self, image: bytes, *, epoch: int | None = None) -> int:
        """The epoch that was chosen."""
        chosen = self.choose(epoch=epoch)
        plaintext = Digest.of(image)
        seal(self.lineage, plaintext, self.forms.add(chosen.content.secret, plaintext, 1))
        return chosen.epoch

    def sell(self) -> "Story":
        """The title goes to the other one."""
        self.lineage.handover(BOB if self.lineage.title.script == ALICE else ALICE)
        return self


def test_an_owner_goes_on_with_one_secret() -> None:
    story = Story()
    assert [story.seal(image) for image in (b"one", b"two")] == [1, 1]
    chosen = story.choose()
    genesis = story.lineage.txid
    assert chosen.content.secret == repository_secret(WORDS[bytes(ALICE)], genesis)


def test_a_secret_that_was_asked_for_stays_in_use() -> None:
    story = Story()
    assert [story.seal(b"one"), story.seal(b"two", epoch=4), story.seal(b"three")] == [1, 4, 4]


def test_a_buyer_begins_with_a_secret_of_other_words() -> None:
    story = Story()
    story.seal(b"one")
    sold = story.choose().content.secret
    assert story.sell().seal(b"two") == 1
    assert story.choose().content.secret.id != sold.id


def test_who_buys_a_repository_back_never_uses_a_secret_again_that_was_sold_with_it() -> None:
    story = Story()
    story.seal(b"one")
    story.seal(b"two", epoch=3)
    story.sell()
    story.seal(b"theirs")
    story.sell()
    assert story.choose().epoch == 2
    story.seal(b"four")
    story.sell()
    story.sell()
    assert story.choose().epoch == 4
    for epoch in (1, 2, 3):
        with pytest.raises(StateError, match="others may have it"):
            story.choose(epoch=epoch)
    assert story.choose(epoch=9).epoch == 9


def test_a_repository_that_was_sold_before_anything_was_sealed_still_gets_a_new_secret() -> None:
    """The secret of the first time may have been handed over for what could not be read."""
    assert Story().sell().sell().choose().epoch == 2


def test_moving_the_title_between_own_scripts_is_no_sale() -> None:
    story = Story()
    story.seal(b"one")
    history = story.sell().lineage.state().history
    assert tenure(history, frozenset({bytes(ALICE), bytes(BOB)})).count == 1
    assert tenure(history, frozenset({bytes(BOB)})).count == 1
    assert tenure(history, CAROL_NEVER).count == 0


def test_a_form_that_cannot_be_read_is_told_and_passed_over() -> None:
    story = Story()
    story.seal(b"one", epoch=5)
    seal(story.lineage, Digest.of(b"two"), Digest.of(b"gone"))
    chosen = story.choose()
    assert chosen.epoch == 5
    assert len(chosen.notes) == 1
    assert "cannot be read (it is gone)" in chosen.notes[0]


@pytest.mark.parametrize("epoch", [0, 256, -1])
def test_an_epoch_out_of_range_is_refused(epoch: int) -> None:
    with pytest.raises(EncodingError, match="a number from 1 to 255"):
        Story().choose(epoch=epoch)
