"""Dataset versions by content."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from lingqu.core.errors import DataError, StoreError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.data.images import ImageFolder
from lingqu.data.infer import typed
from lingqu.data.roles import ready
from lingqu.data.sklearn import SklearnBundled
from lingqu.data.versions import load, save, whole
from lingqu.release.media import pixels
from lingqu.store.blobs import FsspecBlobs


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    blobs = FsspecBlobs(str(tmp_path / "blobs"))
    for dataset in (
        SklearnBundled("digits").read(),
        typed(pl.DataFrame({"日": ["2024年1月5日", None], "n": [1.5, None]}), facts={"k": "v"}),
    ):
        path = save(dataset, blobs)
        assert path == f"datasets/{dataset.digest}.parquet"
        again = load(path, blobs)
        assert again.frame.equals(dataset.frame)
        assert again.frame.schema == dataset.frame.schema
        assert again == replace(dataset, frame=again.frame)


def test_saving_twice_writes_once(tmp_path: Path) -> None:
    blobs = FsspecBlobs(str(tmp_path))
    dataset = typed(pl.DataFrame({"a": [1.5, 2.5]}))
    path = save(dataset, blobs)
    before = (tmp_path / path).stat().st_mtime_ns
    assert save(replace(dataset, name="other"), blobs) == path
    assert (tmp_path / path).stat().st_mtime_ns == before
    assert len(blobs.list("datasets")) == 1


def test_a_version_of_pictures_outlives_their_files(tmp_path: Path) -> None:
    blobs = FsspecBlobs(str(tmp_path / "blobs"))
    for name, value in (("cat", 10), ("dog", 200)):
        (tmp_path / "pets" / name).mkdir(parents=True)
        picture = Image.fromarray(np.full((4, 4), value, np.uint8))
        picture.save(tmp_path / "pets" / name / "0.png")
    dataset = ImageFolder(str(tmp_path / "pets")).read()
    first = save(dataset, blobs)
    picture.save(tmp_path / "pets" / "cat" / "0.png")
    assert save(ImageFolder(str(tmp_path / "pets")).read(), blobs) != first
    (tmp_path / "pets" / "cat" / "0.png").unlink()
    with pytest.raises(DataError, match="row 1"):
        whole(dataset)
    kept = load(first, blobs)
    assert pixels(kept.frame["image"], (4, 4))[:, 0, 0].tolist() == [10.0, 200.0]
    assert whole(kept) is kept


def test_ready_data_stand_for_the_content_of_their_pictures(tmp_path: Path) -> None:
    digests = []
    for value in (10, 20):
        for name in ("cat", "dog"):
            (tmp_path / "pets" / name).mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(np.full((4, 4), value, np.uint8))
            picture.save(tmp_path / "pets" / name / "0.png")
        data = ready(ImageFolder(str(tmp_path / "pets")).read(), target="label")
        assert data.frame["image"].dtype == pl.Binary
        digests.append(data.digest)
    assert digests[0] != digests[1]


def test_pictures_as_data_uris_stay_text(tmp_path: Path) -> None:
    uri = "data:image/png;base64,AAAA"
    schema = Schema((Column("p", "image", shape=(2, 2)), Column("a", "audio")))
    frame = pl.DataFrame({"p": [uri], "a": [None]}, schema={"p": pl.String, "a": pl.String})
    kept = whole(Dataset(frame, schema))
    assert kept.frame.rows() == [(uri, None)]
    assert kept.frame["a"].dtype == pl.Binary


def test_other_blobs_are_refused(tmp_path: Path) -> None:
    blobs = FsspecBlobs(str(tmp_path))
    blobs.write("datasets/a.parquet", b"not parquet")
    with pytest.raises(DataError, match=r"a\.parquet"):
        load("datasets/a.parquet", blobs)
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "datasets" / "b.parquet")
    with pytest.raises(DataError, match=r"b\.parquet"):
        load("datasets/b.parquet", blobs)
    with pytest.raises(StoreError):
        load("datasets/c.parquet", blobs)
