"""Sealed files: encrypted with a passphrase, chunk by chunk, so that neither a wrong byte nor a missing one gets by.

    header   magic, version, the cost of scrypt (log2 n, r, p), salt, the nonces' prefix
    check    HMAC-SHA256 of the header with the second half of what scrypt makes of the passphrase, to tell a wrong one
    chunks   AES-256-GCM with the first half: 1 MiB each, the last one shorter or empty. The nonce is the prefix, the
             number of the chunk and whether it is the last; the header is authenticated with each

Everything here blocks: call it in a thread.
"""

import hmac
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC, VERSION = b"shop-sealed", 1
CHUNK, TAG = 1024 * 1024, 16
COST = (15, 8, 3)
"""log2 n, r, p: 32 MB and a fraction of a second for each guess."""
DEAREST = (20, 16, 16)
"""What a header may ask for: a forged one must not take all the memory."""
_HEADER = struct.Struct(">11sBBBB16s7s")
_CHECK = 32


class NotOpened(Exception):
    """A sealed file that cannot be opened."""


class WrongPassphrase(NotOpened):
    """It was sealed with another passphrase, or its first bytes were changed."""


class Damaged(NotOpened):
    """Bytes are missing, changed or too many, or it is of a version that this program does not know."""


def is_sealed(file: Path) -> bool:
    """Whether it begins as a sealed file does. Raises OSError."""
    with file.open("rb") as opened:
        return opened.read(len(MAGIC)) == MAGIC


def seal(source: Path, target: Path, passphrase: str) -> None:
    """Write `source` into `target`, sealed, safe on the disk when this returns. Raises OSError."""
    header = _HEADER.pack(MAGIC, VERSION, *COST, os.urandom(16), os.urandom(7))
    cipher, check = _opener(header, passphrase)
    with source.open("rb") as plain, _private(target) as sealed:
        sealed.write(header + check)
        for nonce, chunk in _chunks(plain, header, CHUNK):
            sealed.write(cipher.encrypt(nonce, chunk, header))
        _settle(sealed)


def unseal(source: Path, target: Path, passphrase: str) -> None:
    """Write what is in the sealed `source` into `target`. Raises WrongPassphrase, Damaged or OSError.

    What stands in `target` when it raises is good for nothing.
    """
    with source.open("rb") as sealed, _private(target) as plain:
        header, check = sealed.read(_HEADER.size), sealed.read(_CHECK)
        if len(header) + len(check) != _HEADER.size + _CHECK:
            raise Damaged
        cipher, right = _opener(header, passphrase)
        if not hmac.compare_digest(check, right):
            raise WrongPassphrase
        for nonce, chunk in _chunks(sealed, header, CHUNK + TAG):
            try:
                plain.write(cipher.decrypt(nonce, chunk, header))
            except InvalidTag:
                raise Damaged from None
        _settle(plain)


def _opener(header: bytes, passphrase: str) -> tuple[AESGCM, bytes]:
    """The cipher, and what must stand after the header. Raises Damaged."""
    magic, version, *cost, salt, _prefix = _HEADER.unpack(header)
    if (
        magic != MAGIC
        or version != VERSION
        or any(not 0 < one <= most for one, most in zip(cost, DEAREST, strict=True))
    ):
        raise Damaged
    power, r, p = cost
    made = Scrypt(salt=salt, length=64, n=2**power, r=r, p=p).derive(passphrase.encode())
    return AESGCM(made[:32]), hmac.digest(made[32:], header, "sha256")


def _chunks(file: BinaryIO, header: bytes, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk with its nonce; one at least."""
    prefix, number, chunk = header[-7:], 0, file.read(size)
    while True:
        following = file.read(size) if len(chunk) == size else b""
        yield prefix + struct.pack(">IB", number, not following), chunk
        if not following:
            return
        number, chunk = number + 1, following


def _private(target: Path) -> BinaryIO:
    """A new file that nobody else may read."""
    return os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
