"""Rows in memory: frames of every library, and Hugging Face data sets."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import soundfile
from PIL import Image
from tests.contracts.source_contract import SourceContract

from lingqu.core.errors import DataError
from lingqu.core.ports import Source
from lingqu.data.frame import InMemory
from lingqu.data.hub import is_hub
from lingqu.data.resolve import resolve

with warnings.catch_warnings():
    # Importing the library warns of its own dependencies.
    warnings.simplefilter("ignore")
    import datasets


def test_the_index_of_a_pandas_frame_is_a_column() -> None:
    frame = pd.DataFrame({"paid": [1.5, 2.5, 4.0]}, index=pd.date_range("2024-01-01", periods=3))
    assert InMemory(frame).read().schema["index"].kind == "datetime"
    frame.index = pd.Index(["C7", "C8", "C9"], name="customer_id")
    told = InMemory(frame)
    read = told.read()
    assert read.schema.names == ("customer_id", "paid") and told.fingerprint()
    assert read.schema["customer_id"].role == "id"


def png(value: int = 10) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((6, 4), value, np.uint8)).save(file, "PNG")
    return file.getvalue()


def wav() -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(80), 8000, format="WAV")
    return file.getvalue()


FEATURES = datasets.Features(
    {
        "text": datasets.Value("string"),
        "label": datasets.ClassLabel(names=["no", "yes"]),
        "photo": datasets.Image(),
        "sound": {"bytes": datasets.Value("binary"), "path": datasets.Value("string")},
        "grid": datasets.Array2D((2, 2), "float32"),
        "size": datasets.List(datasets.Value("float32")),
    }
)


def hub(labels: tuple[int, ...] = (1, 0, -1)) -> datasets.Dataset:
    rows = {
        "text": [f"the story number {place} of many" for place in range(len(labels))],
        "label": list(labels),
        "photo": [{"bytes": png(place), "path": None} for place in range(len(labels))],
        "sound": [{"bytes": wav(), "path": None} for _ in labels],
        "grid": [np.full((2, 2), place, np.float32) for place in range(len(labels))],
        "size": [[1.5, 2.5] for _ in labels],
    }
    # Encoding recordings takes a package that decoding, which is ours to do, does not.
    return datasets.Dataset.from_dict(rows, features=FEATURES).cast_column(
        "sound", datasets.Audio()
    )


class TestHubDataset(SourceContract):
    @pytest.fixture
    def source(self) -> Source:
        return InMemory(hub())

    @pytest.fixture
    def changed(self) -> Source:
        return InMemory(hub((1, 1, 0)))

    @pytest.fixture
    def absent(self) -> Source:
        return InMemory(hub().to_iterable_dataset())


ROWS = [{"age": 41.5, "city": "Aix"}, {"age": 29.0, "city": "Bern"}]


def test_every_frame_is_the_same_data() -> None:
    frame = pl.DataFrame(ROWS)
    table = frame.to_arrow()
    given = [
        frame,
        frame.lazy(),
        pd.DataFrame(ROWS),
        table,
        table.to_batches()[0],
        pa.RecordBatchReader.from_batches(table.schema, table.to_batches()),
        ROWS,
        {"age": [41.5, 29.0], "city": ["Aix", "Bern"]},
        datasets.Dataset.from_list(ROWS),
    ]
    found = {resolve(one).read().digest for one in given}
    assert len(found) == 1
    assert [is_hub(one) for one in given] == [False] * 8 + [True]


def test_features_tell_kinds_and_names() -> None:
    dataset = resolve(hub()).read()
    kinds = {column.name: column.kind for column in dataset.schema}
    assert kinds == {"text": "text", "label": "category", "photo": "image", "sound": "audio",
                     "grid": "image", "size": "vector"}  # fmt: skip
    assert dataset.frame["label"].to_list() == ["yes", "no", None]
    assert dataset.frame["photo"][1] == png(1)
    assert dataset.frame["sound"][0] == wav()
    assert dataset.schema["grid"].shape == (2, 2)
    assert resolve(hub(), {"kinds": {"size": "vector"}}).read().schema["size"].shape == (2,)


def test_chosen_rows_stay_chosen_and_files_are_read(tmp_path: Path) -> None:
    assert resolve(hub().select([1, 0])).read().frame["label"].to_list() == ["no", "yes"]
    (tmp_path / "a.png").write_bytes(png(7))
    rows = {"photo": [str(tmp_path / "a.png"), str(tmp_path / "a.png")], "n": [1.5, 2.5]}
    features = datasets.Features({"photo": datasets.Image(), "n": datasets.Value("float64")})
    named = datasets.Dataset.from_dict(rows, features=features)
    assert resolve(named).read().frame["photo"].to_list() == [png(7)] * 2
    (tmp_path / "a.png").unlink()
    with pytest.raises(DataError, match=r"'photo', row 1.*a\.png"):
        resolve(named).read()


def test_parts_are_joined_or_chosen() -> None:
    parts = datasets.DatasetDict({"train": hub((1, 0)), "test": hub((1, 1, 0))})
    dataset = resolve(parts).read()
    assert dataset.frame["split"].to_list() == ["train"] * 2 + ["test"] * 3
    assert len(resolve(parts, {"split": "test"}).read()) == 3
    only = datasets.DatasetDict({"train": hub((1, 0))})
    assert "split" not in resolve(only).read().schema
    with pytest.raises(DataError, match=r"no split 'tset'. Near names: test.*train, test"):
        resolve(parts, {"split": "tset"}).read()
    with pytest.raises(DataError, match="no split 'test'"):
        resolve(hub(), {"split": "test"}).read()
    with pytest.raises(DataError, match="no split 'test'"):
        resolve(ROWS, {"split": "test"}).read()
    odd = datasets.DatasetDict({"train": hub(), "test": hub().remove_columns("size")})
    with pytest.raises(DataError, match="'test' has other columns than 'train': 'size'"):
        resolve(odd).read()
    with pytest.raises(DataError, match="no rows"):
        resolve(datasets.DatasetDict()).read()
    taken = datasets.DatasetDict(
        {name: datasets.Dataset.from_dict({"split": ["x", "y"]}) for name in ("a", "b")}
    )
    assert resolve(taken).read().schema.names == ("split", "hub_split")


def test_streams_are_refused_with_what_to_do() -> None:
    with pytest.raises(DataError, match=r"IterableDataset streams.*Dataset\.from_list"):
        resolve(hub().to_iterable_dataset()).read()
    with pytest.raises(DataError, match="not a table"):
        resolve(3).read()
