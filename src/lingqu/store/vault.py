"""Secret keys of a workspace that hide personal data: apart from data, releases and ledger.

A key is a file of the workspace that only its owner may read, or an environment variable. Who
deletes a key deletes what only that key could tell: tokens stay, and nobody can reverse them.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from functools import cache
from pathlib import Path

from lingqu.core.errors import DataError, SpecError, StoreError
from lingqu.store.private_file import refuse_open, write_once

FOLDER = "secrets"
LEAST = 16
"""Least characters of a secret."""
_NAME = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_.-]{0,63}")
_OPENED: dict[Path, None] = {}


class MaskKey:
    """A secret, from which one key for each purpose is derived.

    Args:
        secret: At least 16 characters; a text is stretched, so that guessing it costs time.

    Example:
        >>> one, other = MaskKey(b"0123456789abcdef"), MaskKey(b"0123456789abcdeg")
        >>> one.fingerprint == other.fingerprint, len(one.derive("hash", 32))
        (False, 32)

    Source: RFC 5869 (HKDF, expansion), RFC 7914 (scrypt, n = 2^14, r = 8, p = 1), both with
    HMAC-SHA256.
    """

    def __init__(self, secret: bytes) -> None:
        self._master = _stretched(secret)

    def derive(self, purpose: str, length: int) -> bytes:
        """Return the key of one purpose."""
        made, block = b"", b""
        while len(made) < length:
            info = block + f"lingqu {purpose}".encode() + bytes([len(made) // 32 + 1])
            block = hmac.digest(self._master, info, "sha256")
            made += block
        return made[:length]

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that tell keys apart and nothing of the key."""
        return self.derive("fingerprint", 6).hex()


@cache
def _stretched(secret: bytes) -> bytes:
    return hashlib.scrypt(secret, salt=b"lingqu mask key", n=2**14, r=8, p=1, dklen=32)


def remember(root: Path) -> None:
    """Take note of a workspace that this process has opened: its keys may be used."""
    _OPENED.pop(root, None)
    _OPENED[root] = None


def forget() -> None:
    """Forget the workspaces that this process has opened: their keys are used no more."""
    _OPENED.clear()


def path_of(root: Path, name: str) -> Path:
    """Return the file of a key.

    Raises:
        SpecError: The name is no plain name, so it could lead out of the folder.
    """
    if not _NAME.fullmatch(name):
        raise SpecError("privacy.key_name", name=name)
    return root / FOLDER / f"{name}.key"


def make(root: Path, name: str) -> MaskKey:
    """Write a new random key of 256 bits, readable by its owner only; the old one if it is there.

    Raises:
        StoreError: The folder cannot be written.
    """
    path = path_of(root, name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_once(path, secrets.token_hex(32).encode() + b"\n")
    except OSError as error:
        problem = error.strerror or str(error)
        raise StoreError("store.unwritable", path=str(path), problem=problem) from error
    found = read(root, name)
    if found is None:
        raise StoreError("store.unwritable", path=str(path), problem="deleted meanwhile")
    return found


def read(root: Path, name: str) -> MaskKey | None:
    """Return a key of a workspace, None when there is none.

    Raises:
        StoreError: Others may read the file, or it is too short to be a key.
    """
    path = path_of(root, name)
    try:
        refuse_open(path)
        secret = path.read_bytes().strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        problem = error.strerror or str(error)
        raise StoreError("store.unwritable", path=str(path), problem=problem) from error
    if len(secret) < LEAST:
        raise StoreError("store.key_bad", path=str(path), problem=f"{len(secret)} bytes")
    return MaskKey(secret)


def delete(root: Path, name: str) -> str:
    """Overwrite and remove a key; return its fingerprint.

    Raises:
        StoreError: There is no such key, or it cannot be removed.
    """
    key, path = read(root, name), path_of(root, name)
    if key is None:
        raise StoreError("privacy.absent_key", name=name, path=str(path))
    try:
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except OSError as error:
        problem = error.strerror or str(error)
        raise StoreError("store.unwritable", path=str(path), problem=problem) from error
    return key.fingerprint


def names(root: Path) -> list[str]:
    """Return the names of the keys of a workspace."""
    return sorted(path.stem for path in (root / FOLDER).glob("*.key"))


def is_told(variable: str) -> bool:
    """Say whether the environment holds a key."""
    return bool(os.environ.get(variable))


def find(name: str, variable: str, fingerprint: str = "") -> MaskKey:
    """Return a key: of the environment variable if it is set, else of an opened workspace.

    Args:
        name: Name of the key in the workspace.
        variable: Environment variable that goes before it.
        fingerprint: Of the key that is wanted; any when omitted.

    Raises:
        DataError: There is no key, it is too short, or it is another than the one wanted.
    """
    told = os.environ.get(variable, "")
    if told and len(told) < LEAST:
        raise DataError("privacy.no_key", name=name, variable=variable, received=len(told))
    keys = [MaskKey(told.encode())] if told else []
    if not told:
        found = (read(root, name) for root in reversed(_OPENED))
        keys = [key for key in found if key is not None]
    if not keys:
        raise DataError("privacy.no_key", name=name, variable=variable, received=0)
    for key in keys:
        if fingerprint in ("", key.fingerprint):
            return key
    raise DataError(
        "privacy.wrong_key", name=name, expected=fingerprint, received=keys[0].fingerprint
    )
