from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image
from tests.release.release_samples import TEN, digits, ensemble, member, people

from lingqu.core.nouns import Model
from lingqu.core.schema import Column, Schema
from lingqu.release.answers import columns
from lingqu.release.frames import to_polars
from lingqu.release.golden import differences, inputs_of, json_rows, make_golden
from lingqu.release.predictor import Predictor
from lingqu.release.runner import Runner


def test_rows_survive_json_and_the_answers_are_exact():
    for data, model in (
        (people(), ensemble(people())),
        (digits(), Model("classify", TEN, (member(digits(), "linear", 10),))),
    ):
        predictor = Predictor.of(model, data.schema)
        golden = json.loads(json.dumps(make_golden(predictor, data.frame)))
        assert len(golden["rows"]) == 16
        answers = columns(predictor.predict(to_polars(inputs_of(golden))))
        assert answers.to_dicts() == [row["output"] for row in golden["rows"]]
        assert differences(golden, answers) == []


def test_every_predicted_class_is_among_the_rows():
    data = digits(2000)
    predictor = Predictor.of(Model("classify", TEN, (member(data, "linear", 10),)), data.schema)
    predicted = set(columns(predictor.predict(data.frame[:1024]))["prediction"])
    golden = make_golden(predictor, data.frame)
    assert {row["output"]["prediction"] for row in golden["rows"]} == predicted
    assert len(make_golden(predictor, data.frame[:3])["rows"]) == 3


def test_a_small_difference_between_machines_is_the_same_answer():
    data = people()
    predictor = Predictor.of(ensemble(data), data.schema)
    golden = make_golden(predictor, data.frame, rows=4)
    answers = columns(predictor.predict(to_polars(inputs_of(golden))))
    assert differences(golden, answers.with_columns(pl.col("confidence") + 5e-7)) == []
    assert len(differences(golden, answers.with_columns(pl.col("confidence") + 1e-5))) == 4
    other = answers.with_columns(prediction=pl.lit("maybe"))
    assert str(differences(golden, other)[0]).startswith("row 1 prediction: '")
    assert differences(golden, answers.drop("confidence"))[0].received is None
    assert differences(golden, answers.with_columns(confidence=float("nan")))


@pytest.mark.parametrize("form", ["path", "bytes"])
def test_pictures_travel_inside_the_rows(form: str, tmp_path: Path):
    data = digits()
    file = io.BytesIO()
    Image.fromarray(data.frame["image"].to_numpy()[0]).save(file, "png")
    (tmp_path / "a.png").write_bytes(file.getvalue())
    cell = str(tmp_path / "a.png") if form == "path" else file.getvalue()
    (row,) = json_rows(pl.DataFrame({"image": [cell]}), data.schema)
    (tmp_path / "a.png").unlink()
    runner = Runner.of(Model("classify", TEN, (member(data, "linear", 10),)))
    guarded = Predictor(data.schema, (), runner, paths=False)
    np.testing.assert_allclose(
        guarded.predict(to_polars([row])).probabilities,
        runner.predict(data.frame[:1]).probabilities,
    )


def test_vectors_and_missing_values_become_json():
    schema = Schema((Column("v", "vector", shape=(2,)), Column("d", "datetime")))
    rows = json_rows(pl.DataFrame({"v": [[0.5, 1.0], None], "d": ["2024-01-05", None]}), schema)
    assert rows == [{"v": [0.5, 1.0], "d": "2024-01-05T00:00:00"}, {"v": None, "d": None}]
