"""A release under the tools and the own checks of scikit-learn."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibrationDisplay
from sklearn.inspection import PartialDependenceDisplay, permutation_importance
from sklearn.metrics import accuracy_score, r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks
from sklearn.utils.validation import check_is_fitted
from tests.outlets.outlet_samples import digits_model, make_release, people_model, prices_model
from tests.release.release_samples import people

from lingqu.core.errors import DataError, SpecError
from lingqu.release.estimator import _labels
from lingqu.release.release import Release


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Release]:
    root = tmp_path_factory.mktemp("packed")
    for name in ("people", "prices", "digits"):
        make_release(root / name, name)
    return {name: Release.open(root / name) for name in ("people", "prices", "digits")}


CHECKS = [
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_set_params",
    "check_valid_tag_types",
]
"""Those of scikit-learn's checks that do not fit on data of their own."""


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", ["people", "prices"])
def test_the_checks_of_scikit_learn(releases: dict[str, Release], check: str, name: str):
    estimator = releases[name].as_estimator()
    getattr(estimator_checks, check)(type(estimator).__name__, estimator)


def test_a_classifier_as_it_is_expected(releases: dict[str, Release]):
    estimator = releases["people"].as_estimator()
    data, _ = people_model()
    frame = data.frame
    assert is_classifier(estimator) and not is_regressor(estimator)
    check_is_fitted(estimator)
    assert clone(estimator) is estimator and estimator.fit(frame, None) is estimator
    assert estimator.feature_names_in_.tolist() == [
        c.name for c in releases["people"].schema.inputs
    ]
    assert estimator.n_features_in_ == len(estimator.feature_names_in_)
    answers = releases["people"].predict(frame)
    for given in (frame, frame.to_pandas()):
        assert estimator.predict(given).tolist() == answers["prediction"].to_list()
        shares = estimator.predict_proba(given)
        assert shares.shape == (80, 2) and np.allclose(shares.sum(axis=1), 1)
        for place, name in enumerate(estimator.classes_):
            assert np.allclose(shares[:, place], answers[f"probability.{name}"])
    assert estimator.classes_.tolist() == sorted(estimator.classes_.tolist())
    truth = frame["member"].cast(pl.String).replace({"true": "yes", "false": "no"}).fill_null("no")
    assert 0 <= estimator.score(frame, truth.to_numpy()) <= 1
    piped = make_pipeline(FunctionTransformer(), estimator)
    assert piped.predict(frame).tolist() == answers["prediction"].to_list()


def test_inspection_and_calibration_read_it(releases: dict[str, Release]):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    estimator = releases["prices"].as_estimator()
    data, _ = prices_model()
    table = data.frame.select("a", "b", "c").to_numpy()
    truth = data.frame["price"].to_numpy()
    found = permutation_importance(estimator, table, truth, n_repeats=2, random_state=0)
    assert found.importances_mean.shape == (3,)
    assert np.isfinite(found.importances_mean).all() and np.ptp(found.importances_mean) > 0
    PartialDependenceDisplay.from_estimator(estimator, table, [0], grid_resolution=5)
    classifier = releases["people"].as_estimator()
    frame = people(80).frame
    drawn = CalibrationDisplay.from_estimator(
        classifier, frame, classifier.predict(frame), n_bins=3, pos_label="yes"
    )
    assert len(drawn.prob_pred) >= 1
    pyplot.close("all")


def test_a_regressor_reads_arrays_in_the_order_of_the_names(releases: dict[str, Release]):
    estimator = releases["prices"].as_estimator()
    data, _ = prices_model()
    frame = data.frame.select("a", "b", "c")
    expected = releases["prices"].predict(frame)["prediction"].to_numpy()
    assert is_regressor(estimator)
    for given in (frame.to_numpy(), frame.to_numpy().astype(object), frame.to_numpy().tolist()):
        assert np.allclose(estimator.predict(given), expected)
    holes = frame.to_numpy().copy()
    holes[0, 2] = np.nan
    missing = frame.with_columns(c=pl.when(pl.int_range(50) > 0).then("c"))
    same = releases["prices"].predict(missing)["prediction"].to_numpy()
    assert np.allclose(estimator.predict(holes), same)
    score = estimator.score(frame.to_numpy(), data.frame["price"].to_numpy())
    assert score == pytest.approx(r2_score(data.frame["price"].to_numpy(), expected))


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        (np.zeros((2, 2)), ValueError, "2 features, but ReleaseRegressor is expecting 3"),
        (np.zeros(3), ValueError, "Reshape your data"),
        (np.zeros((0, 3)), ValueError, "0 sample"),
        (np.zeros((2, 3), dtype=complex), ValueError, "Complex data"),
        (pl.DataFrame({"a": [1.0], "b": [1.0]}), DataError, "'c'"),
        (pl.DataFrame({"a": ["x"], "b": [1.0], "c": [1.0]}), DataError, "'x'"),
    ],
)
def test_rows_that_cannot_be_read(
    releases: dict[str, Release], given: Any, kind: type[Exception], words: str
):
    with pytest.raises(kind, match=words):
        releases["prices"].as_estimator().predict(given)


def test_it_goes_to_other_processes(releases: dict[str, Release]):
    estimator = releases["prices"].as_estimator()
    estimator.predict(np.ones((1, 3)))
    again = pickle.loads(pickle.dumps(estimator))
    assert again.predict(np.ones((4, 3))) == pytest.approx(estimator.predict(np.ones((4, 3))))


def test_classes_are_told_as_they_stand_in_y(releases: dict[str, Release]):
    estimator = releases["digits"].as_estimator()
    data, _ = digits_model()
    classes = estimator.classes_
    assert classes.tolist() == list(range(10))
    said = estimator.predict(data.frame)
    assert said.dtype.kind == "i"
    shares = estimator.predict_proba(data.frame)
    assert (classes[shares.argmax(axis=1)] == said).all()
    assert accuracy_score(said, said) == 1
    assert _labels(("true", "false")).tolist() == [True, False]
    assert _labels(("01", "1")).tolist() == ["01", "1"]


def test_other_tasks_have_no_estimator(releases: dict[str, Release]):
    people = releases["people"]
    talking = Release(people.folder, replace(people.manifest, name="talk", task="chat"))
    with pytest.raises(SpecError, match=r"'talk'.*'chat'"):
        talking.as_estimator()
