"""The key of a workspace."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from lingqu.core.errors import StoreError
from lingqu.store.signing import SigningKey, verify_with


def test_the_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "new" / "signing.pem"
    first = SigningKey.open_or_create(path)
    again = SigningKey.open_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["signing.pem"]
    assert again.verify(b"x", first.sign(b"x"))
    assert first.public_pem == again.public_pem


def test_processes_that_make_it_at_once_get_the_same(tmp_path: Path) -> None:
    program = (
        "import sys; from lingqu.store.signing import SigningKey\n"
        "print(SigningKey.open_or_create(sys.argv[1]).public_pem)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "signing.pem")]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(3)]
    assert len({child.communicate()[0] for child in children}) == 1


def test_anybody_can_verify_with_the_public_half(tmp_path: Path) -> None:
    key = SigningKey.open_or_create(tmp_path / "a.pem")
    other = SigningKey.open_or_create(tmp_path / "b.pem")
    signature = key.sign(b"release")
    assert verify_with(key.public_pem, b"release", signature)
    assert verify_with(key.public_pem.encode(), b"release", signature)
    assert not verify_with(key.public_pem, b"releasE", signature)
    forged = bytes([signature[0] ^ 1]) + signature[1:]
    assert not verify_with(key.public_pem, b"release", forged)
    assert not verify_with(other.public_pem, b"release", signature)
    assert not verify_with("no key", b"release", signature)
    assert not verify_with(key.public_pem, b"release", b"")


def test_a_keyed_hash_depends_on_the_key(tmp_path: Path) -> None:
    key = SigningKey.open_or_create(tmp_path / "a.pem")
    other = SigningKey.open_or_create(tmp_path / "b.pem")
    again = SigningKey.open_or_create(tmp_path / "a.pem")
    assert key.keyed_hash(b"110101") == again.keyed_hash(b"110101")
    assert key.keyed_hash(b"110101") != other.keyed_hash(b"110101")
    assert key.keyed_hash(b"110101") != key.keyed_hash(b"110102")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "signing.pem"
    SigningKey.open_or_create(path)
    path.chmod(mode)
    with pytest.raises(StoreError, match=f"chmod 600 {path}") as caught:
        SigningKey.open_or_create(path)
    assert caught.value.key == "store.key_open"


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    for data in (b"", b"hello", curve):
        path.write_bytes(data)
        path.chmod(0o600)
        with pytest.raises(StoreError) as caught:
            SigningKey.open_or_create(path)
        assert caught.value.key == "store.key_bad"


def test_an_unwritable_folder_is_said(closed_folder: Path) -> None:
    with pytest.raises(StoreError) as caught:
        SigningKey.open_or_create(closed_folder / "signing.pem")
    assert caught.value.key == "store.unwritable"
    assert os.listdir(closed_folder) == []
