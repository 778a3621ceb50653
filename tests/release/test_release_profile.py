"""Profiles: what is watched, how it is counted, and that windows add up exactly."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.errors import DataError
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, Schema
from lingqu.release.profile import LEVELS, answers, count, fit_profile, merge, signals


def table(seed: int, n: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    income = rng.normal(40, 10, n)
    income[rng.random(n) < 0.1] = np.nan
    return pl.DataFrame(
        {
            "income": income,
            "visits": rng.poisson(1.0, n).astype(float),
            "wild": rng.standard_t(1.5, n),
            "colour": rng.choice(["red", "green", "blue"], n, p=[0.6, 0.3, 0.1]),
        }
    )


def said(seed: int, n: int) -> Predictions:
    proba = np.random.default_rng(seed).dirichlet([1, 2], n)
    return Predictions(proba.argmax(1), proba, ("no", "yes"))


def test_signals_of_every_kind() -> None:
    schema = Schema(
        (
            Column("age", "number"),
            Column("plan", "category"),
            Column("active", "boolean"),
            Column("note", "text"),
            Column("picture", "image", shape=(2, 2)),
            Column("embedding", "vector", shape=(2,)),
            Column("born", "datetime"),
            Column("sold", "number"),
            Column("y", "category", "target"),
        )
    )
    frame = pl.DataFrame(
        {
            "age": ["31", "old"],
            "plan": [7, None],
            "active": [True, None],
            "note": ["灵渠 canal", None],
            "picture": pl.Series([[[0, 2], [4, 6]], None], dtype=pl.Array(pl.UInt8, (2, 2))),
            "embedding": pl.Series([[3.0, 4.0], None], dtype=pl.Array(pl.Float32, 2)),
            "born": ["2001-01-01", "2002-01-01"],
            "y": ["a", "b"],
        }
    )
    seen = signals(frame, schema)
    assert seen.row(0, named=True) == {
        "age": 31.0,
        "plan": "7",
        "active": "true",
        "note.length": 8.0,
        "picture.mean": 3.0,
        "picture.std": pytest.approx(5**0.5),
        "picture.sharpness": 6.0,  # 4 downwards and 2 sideways, on average
        "embedding.norm": 5.0,
        "sold": None,
    }
    assert all(value is None for value in seen.row(1))


def test_colour_images_are_watched_as_their_mean_over_channels() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (5, 4, 3, 3)).astype(np.uint8)
    schema = Schema((Column("picture", "image", shape=(4, 3, 3)),))
    seen = signals(pl.DataFrame({"picture": images}), schema)
    assert seen["picture.mean"].to_numpy() == pytest.approx(images.mean((1, 2, 3)), rel=1e-5)


def test_text_may_not_name_a_file_when_a_stranger_sent_it(tmp_path: object) -> None:
    schema = Schema((Column("picture", "image", shape=(4, 4)),))
    frame = pl.DataFrame({"picture": ["/etc/hostname"]})
    with pytest.raises(DataError):
        signals(frame, schema, paths=False)


def test_answers_are_names_and_confidences() -> None:
    assert answers(Predictions(np.array([1.5]))).rows() == [(1.5,)]
    assert answers(Predictions(np.array([0]), None, ("no", "yes"))).rows() == [("no",)]


def test_bins_hold_equal_shares_and_add_up() -> None:
    values = np.random.default_rng(0).normal(size=6400)
    part = fit_profile(pl.DataFrame({"a": values}))["columns"]["a"]
    counts = np.array(part["counts"])
    assert counts.sum() == 6400
    assert counts[0] == counts[-1] == 0, "nothing lies outside what was seen"
    assert set(counts[1:-1]) == {100}
    assert part["min"] == values.min() and part["max"] == values.max()
    assert np.all(np.diff(part["scores"]) >= 0)


def test_a_value_outside_or_beside_what_was_seen_gets_another_bin() -> None:
    frame = pl.DataFrame({"flat": [5.0] * 100, "heavy": [0.0] * 90 + list(range(1, 11))})
    profile = fit_profile(frame, bins=8)
    seen = count(profile, pl.DataFrame({"flat": [5.0, 6.0, 4.0], "heavy": [0.0, 0.5, 99.0]}))
    assert seen["columns"]["flat"]["counts"] == [1, 1, 1]
    assert max(seen["columns"]["heavy"]["counts"]) == 1


def test_missing_infinite_and_absent_values_are_counted() -> None:
    profile = fit_profile(table(0, 500))
    window = count(
        profile,
        pl.DataFrame(
            {"income": [np.inf, -np.inf, np.nan, None], "colour": ["red", "pink", None, "blue"]}
        ),
    )
    income, colour = window["columns"]["income"], window["columns"]["colour"]
    assert income["nulls"] == 2 and income["counts"][0] == 1 and income["counts"][-1] == 1
    assert income["min"] is None and abs(income["sum"]) == 0
    assert colour["unseen"] == 1 and colour["nulls"] == 1 and sum(colour["counts"]) == 2
    assert window["columns"]["visits"]["nulls"] == 4, "an absent column is missing in every row"


def test_many_levels_are_pooled() -> None:
    names = [f"v{i:03}" for i in range(300)]
    part = fit_profile(pl.DataFrame({"code": names * 3}))["columns"]["code"]
    assert len(part["levels"]) == LEVELS and part["pooled"]
    assert part["other"] == 900 - 3 * LEVELS and part["unseen"] == 0


def test_outputs_count_classes_confidences_and_hits() -> None:
    predictions = said(0, 400)
    y = np.random.default_rng(1).integers(0, 2, 400)
    profile = fit_profile(table(0, 50), predictions, y=y)
    prediction, confidence = profile["outputs"]["prediction"], profile["outputs"]["confidence"]
    assert prediction["levels"] == ["no", "yes"]
    assert prediction["counts"] == np.bincount(predictions.labels).tolist()
    assert sum(confidence["hits"]) == int((predictions.labels == y).sum())
    window = count(profile, table(1, 30), said(2, 30))
    assert sum(window["outputs"]["confidence"]["counts"]) == 30
    assert "hits" not in window["outputs"]["confidence"]
    logged = count(profile, table(1, 30), answers(said(2, 30)))
    assert logged == window, "the columns of a log do as well as the answers themselves"
    values = fit_profile(table(0, 50), Predictions(np.arange(50.0)))["outputs"]["prediction"]
    assert values["kind"] == "number"


def test_cross_products_are_those_of_the_bin_scores() -> None:
    frame = table(3, 700)
    profile = fit_profile(frame)
    names = profile["cross"]["names"]
    assert names == ["income", "visits", "wild"]
    scores = []
    for name in names:
        part = profile["columns"][name]
        values = frame[name].to_numpy()
        cells = np.searchsorted(part["edges"], values, side="right")
        scores.append(np.where(np.isnan(values), 0, np.array(part["scores"])[cells]))
    expected = [int(scores[i] @ scores[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    assert profile["cross"]["products"] == expected


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.lists(st.integers(0, 60), min_size=3, max_size=3))
def test_merging_is_exact_and_associative(seed: int, sizes: list[int]) -> None:
    profile = fit_profile(table(seed, 200), said(seed, 200))
    frames = [table(seed + i + 1, n) for i, n in enumerate(sizes)]
    predictions = [said(seed + i + 1, n) for i, n in enumerate(sizes)]
    a, b, c = (count(profile, f, p) for f, p in zip(frames, predictions, strict=True))
    left, right = merge(merge(a, b), c), merge(a, merge(b, c))
    assert left == right == merge(merge(c, a), b)
    together = count(
        profile,
        pl.concat(frames),
        Predictions(
            np.concatenate([p.labels for p in predictions]),
            np.concatenate([p.probabilities for p in predictions]),
            ("no", "yes"),
        ),
    )
    assert left == together
    assert json.loads(json.dumps(left)) == left


def test_profiles_of_different_releases_do_not_merge() -> None:
    one, other = fit_profile(table(0, 300)), fit_profile(table(1, 300))
    with pytest.raises(DataError, match="edges"):
        merge(one, other)
    with pytest.raises(DataError, match="hits"):
        y = np.zeros(300, int)
        merge(
            fit_profile(table(0, 300), said(0, 300), y=y), fit_profile(table(0, 300), said(0, 300))
        )


def test_no_rows_are_refused_and_all_missing_is_kept() -> None:
    with pytest.raises(DataError):
        fit_profile(table(0, 10).clear())
    empty = pl.DataFrame({"a": pl.Series([None, None], dtype=pl.Float64)})
    part = fit_profile(empty)["columns"]["a"]
    assert part["nulls"] == 2 and sum(part["counts"]) == 0


def test_a_column_takes_at_most_4_kb() -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "a": rng.normal(size=1_000_000) * 1e-7,
            "b": rng.choice([f"some level {i}" for i in range(200)], 1_000_000),
        }
    )
    for part in fit_profile(frame)["columns"].values():
        assert len(json.dumps(part)) <= 4096


def test_the_server_pays_for_no_learner() -> None:
    code = (
        "import sys, lingqu.release.profile, lingqu.core.metrics;"
        "bad = {'sklearn', 'scipy', 'torch', 'pandas', 'PIL', 'sqlalchemy'} & set(sys.modules);"
        "sys.exit(str(bad) if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_rows_are_counted_by_answers_where_no_column_may_be_seen() -> None:
    said = Predictions(
        np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]]), ("a", "b")
    )
    profile = fit_profile(pl.DataFrame(), said, y=np.array([0, 1, 0]))
    assert profile["rows"] == 3 and profile["columns"] == {}
    assert profile["outputs"]["prediction"]["counts"] == [1, 2]
    assert count(profile, pl.DataFrame(), said)["rows"] == 3
    with pytest.raises(DataError):
        fit_profile(pl.DataFrame({"a": []}, schema={"a": pl.Float64}), said)
