"""MLflow loads what we pack. In a process of its own: importing MLflow warns and is slow."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.release.release_samples import CLASSES, Model, member, people

from lingqu.core.errors import GateError
from lingqu.release.bundle import Contents, pack
from lingqu.release.encode import encode
from lingqu.release.mlflow import _load_pyfunc
from lingqu.release.release import Release

SCRIPT = """
import json, sys, warnings
warnings.simplefilter("ignore")
import mlflow, mlflow.onnx, numpy, pandas
folder, rows = sys.argv[1], json.load(open(sys.argv[2]))
loaded = mlflow.pyfunc.load_model(folder)
answers = loaded.predict(pandas.DataFrame(rows))
raw = mlflow.onnx._load_pyfunc(folder + "/model.onnx").predict(
    {"x": numpy.load(sys.argv[3]).astype(numpy.float32)})
example = json.load(open(folder + "/input_example.json"))
served = mlflow.pyfunc.load_model(folder).predict(
    pandas.DataFrame(example["data"], columns=example["columns"]))
print(json.dumps({
    "type": type(answers).__name__,
    "answers": answers.to_dict("records"),
    "raw": raw["probabilities"].tolist(),
    "graph": mlflow.onnx.load_model(folder).graph.name,
    "flavors": sorted(loaded.metadata.flavors),
    "uuid": loaded.metadata.model_uuid,
    "example": len(served),
}))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = people()
    secret = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    contents = Contents(
        name="churn",
        model=Model("classify", CLASSES, (member(data, "linear", 2),)),
        schema=data.schema,
        golden_rows=data.frame,
    )
    public = secret.public_key().public_bytes_raw()
    pack(
        tmp_path / "release",
        contents,
        created="2026-03-01T08:00:00Z",
        sign=secret.sign,
        public_key=public,
    )
    return tmp_path / "release"


@pytest.mark.slow
def test_mlflow_gives_the_same_answers(folder: Path, tmp_path: Path):
    release = Release.open(folder)
    rows = [row["input"] for row in release.golden["rows"]]
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    frame = people().frame
    encoding = json.loads((folder / "encoding.json").read_bytes())["inputs"][0]["encoding"]
    np.save(tmp_path / "x.npy", encode(frame, encoding)["x"])
    command = [sys.executable, "-c", SCRIPT, str(folder), str(tmp_path / "rows.json")]
    done = subprocess.run(
        [*command, str(tmp_path / "x.npy")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["type"] == "DataFrame"
    assert found["answers"] == [row["output"] for row in release.golden["rows"]]
    expected = release.answer(frame).probabilities
    np.testing.assert_allclose(found["raw"], expected, atol=1e-6)
    assert found["flavors"] == ["onnx", "python_function"]
    assert found["graph"] == "lingqu" and found["example"] == 2
    assert found["uuid"] == release.digest[:32]


def test_the_loader_refuses_a_changed_release(folder: Path):
    frame = people().frame[:2]
    answer = _load_pyfunc(str(folder)).predict(frame.to_pandas(), params={"ignored": 1})
    assert (
        answer["prediction"].tolist() == Release.open(folder).predict(frame)["prediction"].to_list()
    )
    (folder / "channel.yaml").write_text("channel: other\n")
    with pytest.raises(GateError, match=r"channel\.yaml"):
        _load_pyfunc(str(folder))
