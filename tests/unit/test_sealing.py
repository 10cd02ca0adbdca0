"""Sealed files: what comes out is what went in, for the right passphrase alone, and no changed byte gets by."""

import errno
import stat
from pathlib import Path

import pytest

from services import sealing
from services.sealing import CHUNK, TAG, Damaged, WrongPassphrase

PASSPHRASE = "a passphrase of the tests"
HEAD = 11 + 4 + 16 + 7 + 32
"""Bytes before the first chunk."""


def sealed(folder: Path, content: bytes) -> Path:
    (folder / "plain").write_bytes(content)
    sealing.seal(folder / "plain", folder / "sealed", PASSPHRASE)
    return folder / "sealed"


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_what_was_sealed_comes_out_byte_for_byte(tmp_path: Path, size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    file = sealed(tmp_path, content)
    assert sealing.is_sealed(file)
    assert not sealing.is_sealed(tmp_path / "plain")
    assert size < 64 or content[:64] not in file.read_bytes()
    sealing.unseal(file, tmp_path / "opened", PASSPHRASE)
    assert (tmp_path / "opened").read_bytes() == content


def test_nobody_else_on_the_machine_can_read_it_and_no_two_are_alike(tmp_path: Path) -> None:
    first = sealed(tmp_path, b"the same").read_bytes()
    assert stat.S_IMODE((tmp_path / "sealed").stat().st_mode) == 0o600
    assert sealed(tmp_path, b"the same").read_bytes()[11:] != first[11:]


def test_another_passphrase_is_told_from_damage(tmp_path: Path) -> None:
    with pytest.raises(WrongPassphrase):
        sealing.unseal(sealed(tmp_path, b"books"), tmp_path / "opened", "another passphrase")


@pytest.mark.parametrize("place", [HEAD, HEAD + CHUNK // 2, HEAD + CHUNK, HEAD + CHUNK + TAG, -1])
def test_a_changed_byte_anywhere_is_noticed(tmp_path: Path, place: int) -> None:
    file = sealed(tmp_path, b"b" * (CHUNK + 100))
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    with pytest.raises(Damaged):
        sealing.unseal(file, tmp_path / "opened", PASSPHRASE)


@pytest.mark.parametrize(
    ("place", "value", "error"),
    [
        (0, 0, Damaged),  # the magic
        (11, 2, Damaged),  # a version that is yet to come
        (12, 40, Damaged),  # a cost that would take a terabyte
        (12, 0, Damaged),
        (15, 0, WrongPassphrase),  # the salt
        (35, 0, WrongPassphrase),  # the prefix of the nonces
        (40, 0, WrongPassphrase),  # the check itself
    ],
)
def test_a_changed_header_opens_nothing(tmp_path: Path, place: int, value: int, error: type[Exception]) -> None:
    file = sealed(tmp_path, b"books")
    content = bytearray(file.read_bytes())
    content[place] = value if content[place] != value else value ^ 255
    file.write_bytes(content)
    with pytest.raises(error):
        sealing.unseal(file, tmp_path / "opened", PASSPHRASE)


@pytest.mark.parametrize("left", [0, 10, HEAD - 1, HEAD, HEAD + 5, HEAD + CHUNK + TAG, HEAD + CHUNK + TAG + 20])
def test_a_missing_end_is_noticed_even_at_the_border_of_a_chunk(tmp_path: Path, left: int) -> None:
    file = sealed(tmp_path, b"b" * (CHUNK + 100))
    file.write_bytes(file.read_bytes()[:left])
    with pytest.raises(Damaged):
        sealing.unseal(file, tmp_path / "opened", PASSPHRASE)


def test_chunks_that_changed_places_or_were_added_are_noticed(tmp_path: Path) -> None:
    file = sealed(tmp_path, b"a" * CHUNK + b"b" * CHUNK)
    whole = file.read_bytes()
    head, first, second = whole[:HEAD], whole[HEAD : HEAD + CHUNK + TAG], whole[HEAD + CHUNK + TAG :]
    for changed in (head + second + first, head + first + second + second, head + second):
        file.write_bytes(changed)
        with pytest.raises(Damaged):
            sealing.unseal(file, tmp_path / "opened", PASSPHRASE)


def test_a_full_disk_is_an_error_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"books")
    with pytest.raises(OSError) as full:  # noqa: PT011
        sealing.seal(tmp_path / "plain", Path("/dev/full"), PASSPHRASE)
    assert full.value.errno == errno.ENOSPC
