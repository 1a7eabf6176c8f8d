"""Files that hold a PSBT: binary or base64, never over something else, and nothing that is none."""

from pathlib import Path

import pytest

from tests.wallet.signing_cases import ACCOUNT, unsigned
from tui.verbs.files import read_given, require_new, write_new
from wallet import psbt_text
from wallet.errors import EncodingError, StoreError
from wallet.psbt import to_psbt, to_text
from wallet.psbt_fields import MAX_PSBT

RAW = to_psbt(unsigned(), ACCOUNT)


def read_psbt(file: Path) -> bytes:
    """As every verb reads one that a person names."""
    return psbt_text.read_psbt(read_given(file, psbt_text.MAX_TEXT))


def test_a_psbt_is_written_in_binary_for_this_user_only(tmp_path: Path) -> None:
    file = tmp_path / "a.psbt"
    write_new(file, RAW)
    assert file.read_bytes() == RAW
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_psbt(file) == RAW


def test_base64_is_read_as_well_with_line_ends(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    text = to_text(RAW)
    file.write_text("\n".join(text[at : at + 64] for at in range(0, len(text), 64)) + "\n")
    assert read_psbt(file) == RAW


def test_no_file_is_written_over(tmp_path: Path) -> None:
    file = tmp_path / "a.psbt"
    file.write_bytes(b"something else")
    with pytest.raises(StoreError, match="exists already"):
        require_new(file)
    with pytest.raises(StoreError):
        write_new(file, RAW)
    assert file.read_bytes() == b"something else"


@pytest.mark.parametrize(
    "data", [b"\xff\xfe no text", b"not base64!", b"A" * (2 * MAX_PSBT + 1)], ids=["bytes", "text", "too-large"]
)
def test_what_is_no_psbt_is_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.psbt"
    file.write_bytes(data)
    with pytest.raises(EncodingError):
        read_psbt(file)
