"""A workspace on disk."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from lingqu.core.errors import StoreError
from lingqu.store.folders import keep_release, release_folder
from lingqu.store.home import open_home


def test_ids_sort_by_time(tmp_path: Path) -> None:
    times = iter(["2026-01-01T00:00:01.000000+00:00", "2026-01-01T00:00:02.000000+00:00"])
    home = open_home(tmp_path, clock=lambda: next(times))
    first, second = home.new_id(), home.new_id()
    assert first.startswith("20260101T000001-")
    assert first < second
    home.close()


def test_given_places_are_remembered_for_the_next_who_opens(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.db"
    open_home(tmp_path / "w", ledger_url=f"sqlite:///{elsewhere}").close()
    assert elsewhere.is_file()
    mode = stat.S_IMODE((tmp_path / "w" / "places.json").stat().st_mode)
    assert mode == 0o600
    again = open_home(tmp_path / "w")
    assert str(elsewhere) in again.ledger.where
    again.close()
    assert not (tmp_path / "w" / "ledger.db").exists()


def test_a_place_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError) as caught:
        open_home(tmp_path / "file" / "w")
    assert str(tmp_path / "file" / "w") in str(caught.value)


def test_a_release_in_remote_blobs_is_fetched_once(tmp_path: Path) -> None:
    home = open_home(tmp_path / "w", blobs_url=f"memory://{tmp_path.name}")
    source = tmp_path / "packed"
    source.mkdir()
    (source / "model.onnx").write_bytes(b"graph")
    (source / "release.json").write_bytes(b"{}")
    keep_release(home, "d" * 64, source)
    folder = release_folder(home, "d" * 64)
    assert (folder / "model.onnx").read_bytes() == b"graph"
    home.blobs.remove(f"releases/{'d' * 64}")
    assert release_folder(home, "d" * 64) == folder
    with pytest.raises(StoreError) as caught:
        release_folder(home, "e" * 64)
    assert "eeeeeeeeeeee" in str(caught.value)
    home.close()
