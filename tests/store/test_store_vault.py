"""Keys that hide personal data: their files, their names, their deletion."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingqu.core.errors import DataError, SpecError, StoreError
from lingqu.store import vault
from lingqu.store.vault import MaskKey


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = vault.make(tmp_path, "mask")
    path = vault.path_of(tmp_path, "mask")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert vault.make(tmp_path, "mask").fingerprint == first.fingerprint
    assert vault.names(tmp_path) == ["mask"]
    assert [p.name for p in path.parent.iterdir()] == ["mask.key"]
    assert vault.make(tmp_path, "other").fingerprint != first.fingerprint


def test_a_key_that_others_read_or_that_is_too_short_is_refused(tmp_path: Path) -> None:
    vault.make(tmp_path, "mask")
    path = vault.path_of(tmp_path, "mask")
    path.chmod(0o644)
    with pytest.raises(StoreError) as caught:
        vault.read(tmp_path, "mask")
    assert caught.value.key == "store.key_open"
    path.chmod(0o600)
    path.write_text("short\n")
    with pytest.raises(StoreError) as caught:
        vault.read(tmp_path, "mask")
    assert caught.value.key == "store.key_bad"


def test_a_deleted_key_is_gone(tmp_path: Path) -> None:
    made = vault.make(tmp_path, "mask")
    path = vault.path_of(tmp_path, "mask")
    assert vault.delete(tmp_path, "mask") == made.fingerprint
    assert not path.exists() and vault.read(tmp_path, "mask") is None
    with pytest.raises(StoreError) as caught:
        vault.delete(tmp_path, "mask")
    assert caught.value.key == "privacy.absent_key"


@pytest.mark.parametrize("name", ["", "../key", "a/b", ".hidden", "x" * 65, "键"])
def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(SpecError):
        vault.path_of(tmp_path, name)


def test_the_environment_goes_first_and_the_newest_workspace_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    keys = [vault.make(root, "k") for root in (one, two)]
    for root in (one, two):
        vault.remember(root)
    assert vault.find("k", "NO_SUCH_VARIABLE").fingerprint == keys[1].fingerprint
    older = keys[0].fingerprint
    assert vault.find("k", "NO_SUCH_VARIABLE", older).fingerprint == older
    monkeypatch.setenv("A_VARIABLE", "a secret of enough length")
    told = MaskKey(b"a secret of enough length").fingerprint
    assert vault.is_told("A_VARIABLE") and vault.find("k", "A_VARIABLE").fingerprint == told
    with pytest.raises(DataError) as caught:
        vault.find("k", "A_VARIABLE", older)
    assert caught.value.key == "privacy.wrong_key"
    monkeypatch.setenv("A_VARIABLE", "short")
    with pytest.raises(DataError, match="one of 5 characters"):
        vault.find("k", "A_VARIABLE")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / vault.FOLDER).write_text("a file")
    with pytest.raises(StoreError):
        vault.make(tmp_path, "mask")
    with pytest.raises(StoreError):
        vault.read(tmp_path, "mask")


@given(st.binary(min_size=16, max_size=24), st.text(min_size=1, max_size=8), st.integers(1, 100))
def test_each_purpose_has_a_key_of_its_own(secret: bytes, purpose: str, length: int) -> None:
    key = MaskKey(secret[:16])
    made = key.derive(purpose, length)
    assert len(made) == length and made == MaskKey(secret[:16]).derive(purpose, length)
    assert made[:16] != key.derive(purpose + "x", length)[:16] or length < 4
