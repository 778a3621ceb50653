from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image
from tests.release.release_samples import CLASSES, TEN, digits, ensemble, member, people

from lingqu.core.errors import DataError
from lingqu.core.nouns import Model
from lingqu.core.predictions import Predictions
from lingqu.govern.impute import Impute
from lingqu.release import runner as module
from lingqu.release.answers import columns
from lingqu.release.predictor import Predictor
from lingqu.release.runner import Runner, predict_model


def test_rows_sum_to_one_and_labels_follow():
    data = people()
    answer = predict_model(ensemble(data), data.frame)
    assert answer.probabilities is not None and answer.probabilities.dtype == np.float64
    np.testing.assert_allclose(answer.probabilities.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_array_equal(answer.labels, answer.probabilities.argmax(axis=1))
    assert answer.labels.dtype == np.int64 and answer.classes == CLASSES


def test_two_classes_follow_the_threshold():
    data = people()
    member_ = member(data, "linear", 2)
    strict = predict_model(Model("classify", CLASSES, (member_,), threshold=0.9), data.frame)
    mild = predict_model(Model("classify", CLASSES, (member_,), threshold=0.1), data.frame)
    assert strict.probabilities is not None
    np.testing.assert_array_equal(strict.labels, strict.probabilities[:, 1] >= 0.9)
    assert strict.labels.sum() < mild.labels.sum()


def test_raw_rows_of_other_types_get_the_same_answers():
    data = people()
    predictor = Predictor.of(ensemble(data), data.schema)
    expected = predictor.predict(data.frame)
    raw = data.frame.with_columns(
        pl.col("age").cast(pl.String), pl.col("joined").dt.to_string("iso"), extra=pl.lit(1)
    )
    shuffled = raw.select(reversed(raw.columns)).drop("left")
    np.testing.assert_array_equal(predictor.predict(shuffled).labels, expected.labels)
    np.testing.assert_allclose(
        predictor.predict(shuffled).probabilities, expected.probabilities, atol=1e-12
    )


def test_travelling_operators_are_applied():
    data = people()
    model = ensemble(data)
    impute = Impute()
    impute.fit(data)
    predictor = Predictor.of(model, data.schema, [impute])
    gap = data.frame.filter(pl.col("age").is_null())
    assert predictor.prepared(gap)["age"].null_count() == 0
    filled = gap.with_columns(pl.lit(data.frame["age"].median()).alias("age"))
    np.testing.assert_allclose(
        predictor.predict(gap).probabilities, predict_model(model, filled).probabilities
    )


def test_many_rows_are_answered_in_parts(monkeypatch: pytest.MonkeyPatch):
    data = digits()
    runner = Runner.of(Model("classify", TEN, (member(data, "linear", 10),)), threads=2)
    whole = runner.predict(data.frame)
    many = pl.concat([data.frame] * (2 * module.CHUNK // len(data) + 1))
    answer = runner.predict(many)
    assert len(answer.labels) == many.height > 2 * module.CHUNK
    np.testing.assert_array_equal(answer.labels[-60:], whole.labels)
    assert runner.columns == ("image",)


def test_pieces_are_answered_side_by_side_as_one_after_the_other():
    data, model = people(), ensemble(people())
    many = pl.concat([data.frame] * (3 * module.PIECE // len(data)))
    side_by_side, in_turn = (Runner.of(model, threads).predict(many) for threads in (None, 1))
    np.testing.assert_array_equal(side_by_side.probabilities, in_turn.probabilities)


def test_regression_answers_values():
    data = people()
    model = Model("regress", (), (member(data, "linear", 1, task="regress"),))
    answer = predict_model(model, data.frame)
    assert answer.probabilities is None and answer.labels.shape == (len(data),)
    frame = columns(answer)
    assert frame.columns == ["prediction"] and frame.schema["prediction"] == pl.Float64


def test_columns_name_every_class():
    answer = Predictions(np.array([1, 0]), np.array([[0.25, 0.75], [0.6, 0.4]]), CLASSES)
    assert columns(answer).to_dicts() == [
        {"prediction": "yes", "confidence": 0.75, "probability.no": 0.25, "probability.yes": 0.75},
        {"prediction": "no", "confidence": 0.6, "probability.no": 0.6, "probability.yes": 0.4},
    ]


def test_no_rows_and_missing_columns_are_refused():
    data = people()
    predictor = Predictor.of(ensemble(data), data.schema)
    with pytest.raises(DataError):
        predictor.predict(data.frame.clear())
    with pytest.raises(DataError):
        predictor.runner.predict(data.frame.clear())
    with pytest.raises(DataError, match="town"):
        predictor.predict(data.frame.drop("town"))
    assert predictor.classes == CLASSES and predictor.task == "classify"


def test_strangers_may_send_pictures_but_not_name_files(tmp_path: Path):
    data = digits()
    runner = Runner.of(Model("classify", TEN, (member(data, "linear", 10),)))
    pixels = data.frame["image"].to_numpy()[3]
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    (tmp_path / "digit.png").write_bytes(file.getvalue())
    by_path = pl.DataFrame({"image": [str(tmp_path / "digit.png")]})
    inline = pl.DataFrame({"image": [base64.b64encode(file.getvalue()).decode()]})
    expected = runner.predict(data.frame[3:4]).probabilities
    trusting = Predictor(data.schema, (), runner)
    guarded = Predictor(data.schema, (), runner, paths=False)
    np.testing.assert_allclose(trusting.predict(by_path).probabilities, expected)
    np.testing.assert_allclose(guarded.predict(inline).probabilities, expected)
    with pytest.raises(DataError):
        guarded.predict(by_path)
