"""What stands behind the app's places of keys: a real wallet on the disk, no node."""

import stat
from pathlib import Path

import pytest
from bitcoin.core import COutPoint, CTxOut
from bitcoin.core.script import CScript

from assets.errors import GuardError
from assets.services.wallets.watch_only import create_watching
from tests.tui.app import samples
from tui.app.house.checks import check
from tui.app.house.lobby import HouseLobby
from tui.app.house.services import HouseServices
from tui.app.kinds import Kind
from tui.app.views import WalletChoice
from tui.paths import Paths
from tui.settings import load
from tui.verbs.image.fields import key_number, layout_of
from tui.verbs.image.references import whole_destination
from tui.verbs.wallet.requests import FromBackup, GivenPsbt, OldWords
from wallet.coins import AccountKind, KeyPath
from wallet.errors import (
    EncodingError,
    KeystoreError,
    MissingKeyError,
    SigningError,
    StateError,
    StoreError,
    WrongPasswordError,
)
from wallet.hashes import txid_of
from wallet.psbt import to_psbt, to_text
from wallet.public_facts import PublicFacts
from wallet.transactions import Prevout, UnsignedTransaction, assemble

WORDS = "abandon " * 11 + "about"
PASSWORD = "only for this test"


FIRST = WalletChoice(network="regtest", name="first")


@pytest.fixture
def lobby(tmp_path: Path) -> HouseLobby:
    """A user with one wallet, and a node that does not answer."""
    environment = {"DOCKCHAINS_HOME": str(tmp_path / "home"), "DOCKCHAINS_NODE_URL": "http://127.0.0.1:9"}
    paths = Paths.of(environment)
    made = HouseLobby(load({}, environment, paths.settings_file), paths)
    made.create(WalletChoice(network="regtest", name="first"), OldWords(words=WORDS), PASSWORD)
    return made


def test_a_backup_another_password_and_a_signature_of_a_real_wallet(lobby: HouseLobby, tmp_path: Path) -> None:
    services = lobby.open(WalletChoice(network="regtest", name="first"))
    card = services.unlock(PASSWORD)
    keys, file = services.keys, tmp_path / "first.backup"
    assert keys.backup(str(file)) == str(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(StoreError, match="exists already"):
        keys.backup(str(file))
    with pytest.raises(StoreError, match="there is no folder"):
        keys.backup(str(tmp_path / "nowhere" / "a"))
    assert keys.own_address(card.unit_address).endswith("/0/0")
    with pytest.raises(MissingKeyError):
        keys.own_address(samples.ADDRESS)
    with pytest.raises(KeystoreError, match="at least 8"):
        keys.renew_password(PASSWORD, "short", keep_old=False)
    keys.renew_password(PASSWORD, "another password", keep_old=False)
    with pytest.raises(WrongPasswordError):
        keys.sign_message(card.address, "hello", PASSWORD)
    signature = keys.sign_message(card.address, "hello\nyou", "another password")
    assert keys.judge_message(card.address, "hello\nyou", signature).valid
    assert not keys.judge_message(card.address, "hello", signature).valid
    services.close()
    second = WalletChoice(network="regtest", name="second")
    with pytest.raises(StateError, match="already"):
        lobby.restore_backup(FIRST, FromBackup(file=file), PASSWORD)
    with pytest.raises(WrongPasswordError):
        lobby.restore_backup(second, FromBackup(file=file), "another password")
    made = lobby.restore_backup(second, FromBackup(file=file), PASSWORD)
    restored = made.card
    assert "the wallet first on this machine comes from the same words" in made.notes[0]
    assert (restored.name, restored.fingerprint, restored.address) == ("second", card.fingerprint, card.address)


def test_a_wallet_that_only_watches_opens_without_a_password_and_signs_nothing(lobby: HouseLobby) -> None:
    first = lobby.open(WalletChoice(network="regtest", name="first"))
    card = first.unlock(PASSWORD)
    assert isinstance(first, HouseServices)
    facts = PublicFacts(account=first._house.account, birth_height=0)
    folder = lobby._paths.wallet("regtest", "eyes").folder
    create_watching("eyes", facts, folder, now=card.created)
    by_name = {one.name: one.watches for one in lobby.wallets()}
    assert by_name == {"eyes": True, "first": False}
    eyes = lobby.open(WalletChoice(network="regtest", name="eyes"))
    assert eyes.unlock("").fingerprint == card.fingerprint
    with pytest.raises(KeystoreError, match="watches"):
        eyes.keys.sign_message(card.address, "hello", PASSWORD)


def test_what_is_no_psbt_is_said_before_any_key_is_asked(lobby: HouseLobby, tmp_path: Path) -> None:
    keys = lobby.open(WalletChoice(network="regtest", name="first")).keys
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for given, why in (
        (GivenPsbt(), "no PSBT, or two of them"),
        (GivenPsbt(file=Path("/a"), text="cHNidP8"), "no PSBT, or two of them"),
        (GivenPsbt(file=tmp_path / "none"), "cannot read"),
        (GivenPsbt(file=tmp_path / "binary"), "not a PSBT"),
        (GivenPsbt(text="not base64!"), "not a PSBT"),
    ):
        with pytest.raises(EncodingError, match=why):
            keys.look(given)
    assert keys.waiting() == ()
    with pytest.raises(StateError, match="waits for a signature"):
        keys.discard(samples.TXID)


def test_the_app_refuses_what_the_command_refuses(lobby: HouseLobby) -> None:
    """Texts of our own formats, hidden coins, issuing scripts: no rule is in one front end alone."""
    services = lobby.open(WalletChoice(network="regtest", name="first"))
    card = services.unlock(PASSWORD)
    assert isinstance(services, HouseServices)
    keys, account = services.keys, services._house.account
    with pytest.raises(EncodingError, match="is a login, a listing, a bid or a statement"):
        keys.sign_message(card.unit_address, "dockchains login 1\nnetwork: 00\n", PASSWORD)
    paths = [KeyPath(AccountKind.BTC, 0, number) for number in range(2)]
    parent = assemble(((COutPoint(b"\x01" * 32, 0), 0),), tuple(CTxOut(50_000, account.script(one)) for one in paths))

    def given(to: CScript, *, hidden: int | None = None) -> GivenPsbt:
        prevouts = tuple(
            Prevout(
                outpoint=COutPoint(txid_of(parent), vout),
                txout=parent.vout[vout],
                path=None if vout == hidden else path,
            )
            for vout, path in enumerate(paths)
        )
        tx = assemble(tuple((one.outpoint, 0xFFFFFFFD) for one in prevouts), (CTxOut(99_000, to),))
        return GivenPsbt(text=to_text(to_psbt(UnsignedTransaction(tx=tx, prevouts=prevouts), account, (parent,))))

    stranger = CScript(b"\x00\x14" + b"\x07" * 20)
    for hidden in (0, 1):
        with pytest.raises(SigningError, match="names no key for it"):
            keys.look(given(stranger, hidden=hidden))
    with pytest.raises(GuardError, match="issuing script"):
        keys.look(given(account.script(KeyPath(AccountKind.ISSUING, 0, 4))))
    seen = keys.look(given(stranger))
    assert (seen.draft.kind, seen.draft.delta, seen.signs, seen.checked) == ("payment", -100_000, (0, 1), False)
    assert keys.sign_psbt(given(stranger), seen, PASSWORD).complete


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Kind.DESTINATION, "oci:/srv/app:1.0", "oci:app"),
        (Kind.DESTINATION, "localhost:5000/acme/app:1.0", f"localhost:5000/acme/app@{samples.DIGEST}"),
        (Kind.DESTINATION, "docker-daemon:", "docker-archive:a.tar"),
        (Kind.LAYOUT, "oci:/srv/app:1.0", "/srv/app"),
        (Kind.LAYOUT, "oci:~/app", "oci:app"),
        (Kind.KEYS, "255", "256"),
    ],
)
def test_fields_of_closed_images_are_checked(kind: Kind, good: str, bad: str) -> None:
    assert isinstance(check(kind, good, None), str)
    with pytest.raises(EncodingError):
        check(kind, bad, None)


def test_a_home_is_understood_and_an_empty_number_is_the_first() -> None:
    assert whole_destination("oci:~/app").path == Path.home() / "app"
    assert layout_of("oci:~/app:1").folder == Path.home() / "app"
    assert (key_number(""), key_number(" 7 ")) == (1, 7)
