from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from tests.release.release_samples import ensemble, people

from lingqu.core.errors import GateError
from lingqu.core.nouns import Model
from lingqu.release.model import from_bytes, load, save, to_bytes


@pytest.fixture(scope="module")
def model() -> Model:
    return dataclasses.replace(ensemble(people()), threshold=0.3)


def test_bytes_return_the_same_model(model: Model):
    assert from_bytes(to_bytes(model)) == model
    assert to_bytes(from_bytes(to_bytes(model))) == to_bytes(model)


def test_a_folder_returns_the_same_model(model: Model, tmp_path: Path):
    save(model, tmp_path / "model")
    assert load(tmp_path / "model") == model
    assert sorted(p.name for p in (tmp_path / "model").iterdir()) == [
        "0.onnx",
        "1.onnx",
        "model.json",
    ]


def test_other_bytes_are_refused(model: Model):
    data = to_bytes(model)
    middle = len(data) - 200
    wrong = [
        b"",
        b"PK\x03\x04 something else",
        data[:-1],
        data + b"x",
        data[:40] + b"\xff" + data[41:],
        data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        b"LQMODEL1" + (2).to_bytes(8, "little") + b"{}",
    ]
    for other in wrong:
        with pytest.raises(GateError):
            from_bytes(other)


def test_a_folder_that_lacks_a_graph_is_refused(model: Model, tmp_path: Path):
    save(model, tmp_path)
    (tmp_path / "1.onnx").unlink()
    with pytest.raises(GateError, match=r"1\.onnx"):
        load(tmp_path)
