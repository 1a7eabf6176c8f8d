"""`settings set`: one line changes, everything else in the file stays, and what no command could use is refused."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.settings import PARSERS
from tui.settings_file import changed, value_of
from wallet.errors import EncodingError

FILE = '# mine\nnetwork = "signet"  # for now\n\nfee_rate = 2.5\n'


def test_a_key_is_changed_in_its_place_and_comments_stay() -> None:
    assert changed(FILE, {"fee_rate": "3"}) == '# mine\nnetwork = "signet"  # for now\n\nfee_rate = "3"\n'
    assert changed(FILE, {"confirmations": 6}) == FILE + "confirmations = 6\n"
    assert changed(FILE.rstrip("\n"), {"allow_mainnet": True}) == FILE + "allow_mainnet = true\n"
    assert changed(FILE, {"network": None}) == "# mine\n\nfee_rate = 2.5\n"
    assert changed(FILE, {"wallet": None}) == FILE
    assert changed("", {"wallet": "savings"}) == 'wallet = "savings"\n'


@pytest.mark.parametrize(
    "text",
    [
        'wallet = """\nnetwork = "x"\n"""\nnetwork = "signet"\n',
        '"network" = "signet"\n',
        'note = [\n"a",\n]\nnetwork = """\nsignet"""\n',
    ],
)
def test_a_file_that_cannot_be_changed_by_the_line_is_left_to_its_owner(text: str) -> None:
    with pytest.raises(EncodingError) as refused:
        changed(text, {"network": "regtest"})
    assert refused.value.hint == "edit the file by hand"


def test_a_file_that_is_not_toml_is_refused() -> None:
    with pytest.raises(EncodingError, match="is not TOML"):
        changed("network = \n", {"network": "regtest"})


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_text_is_written_as_it_is_or_refused(text: str) -> None:
    try:
        written = changed(FILE, {"wallet": text})
    except EncodingError:
        assert "\x7f" in text
        return
    assert tomllib.loads(written) == {"network": "signet", "fee_rate": 2.5, "wallet": text}


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("allow_mainnet", "yes", True),
        ("confirmations", "6", 6),
        ("network", "regtest", "regtest"),
        ("fee_rate", "2.5", "2.5"),
        ("node_cookie", "/run/node/.cookie", "/run/node/.cookie"),
    ],
)
def test_values_are_written_as_what_they_are(key: str, text: str, value: object) -> None:
    assert value_of(key, text) == value


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("colour", "red", "unknown setting 'colour'"),
        ("network", "mars", "unknown network: 'mars'"),
        ("fee_rate", "-1", "not a fee rate"),
        ("confirmations", "0", "expected 1 to 1000"),
        ("allow_mainnet", "perhaps", "expected true or false"),
        ("node_url", "http://me:secret@host", "a URL without user and password"),
    ],
)
def test_a_value_that_no_command_would_take_is_refused(key: str, text: str, message: str) -> None:
    with pytest.raises(Exception, match=message):
        value_of(key, text)
    assert set(PARSERS) >= {"network", "fee_rate"}
