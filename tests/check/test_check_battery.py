"""Every check of the catalogue: says what it saw or why not, and says the same again."""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from lingqu.core import catalog
from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Finding, Subject
from lingqu.core.ports import Check
from lingqu.core.predictions import Predictions, Replies
from lingqu.core.schema import Column, Schema
from lingqu.release.profile import answers, count, fit_profile, signals

NAMES = sorted(catalog.names("checks"))
MEASURES_TIME = frozenset({"efficiency"})
CLASSES = ("no", "yes")


def frame(seed: int, n: int, task: str) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    age, income = rng.normal(40, 10, n), rng.exponential(30, n)
    chance = 1 / (1 + np.exp(-(age - 40) / 5))
    hit = rng.random(n) < chance
    y = pl.Series("y", np.where(hit, "yes", "no")) if task == "classify" else age * 2 + income
    return pl.DataFrame(
        {
            "age": pl.Series(age).set(pl.Series(rng.random(n) < 0.05), None),
            "income": income,
            "plan": rng.choice(["a", "b", "c"], n),
            "note": [f"word {i % 13} of {i % 7}" for i in range(n)],
            "picture": rng.integers(0, 17, (n, 4, 4)).astype(np.uint8),
            "sex": rng.choice(["f", "m"], n),
            "house": rng.integers(0, n * 10, n).astype(str),
            "y": y,
            "gain": hit.astype(float),
            "chance": np.full(n, 0.5),
        }
    )


def schema(task: str) -> Schema:
    return Schema(
        (
            Column("age", "number", nullable=True),
            Column("income", "number"),
            Column("plan", "category", levels=("a", "b", "c")),
            Column("note", "text"),
            Column("picture", "image", shape=(4, 4), low=0.0, high=16.0),
            Column("sex", "category", "protected", levels=("f", "m")),
            Column("house", "category", "group"),
            Column("y", "category" if task == "classify" else "number", "target", levels=CLASSES),
            Column("gain", "number", "reward"),
            Column("chance", "number", "propensity"),
        )
    )


def predict(rows: pl.DataFrame) -> Predictions:
    age = rows["age"].cast(pl.Float64).fill_null(40.0).to_numpy()
    bright = np.stack([np.asarray(p, dtype=float) for p in rows["picture"].to_list()])
    p = 1 / (1 + np.exp(-(age - 40) / 5 - (bright.mean((1, 2)) - 8) / 10))
    proba = np.stack([1 - p, p], axis=1)
    return Predictions((p > 0.5).astype(np.int64), proba, CLASSES)


def predict_value(rows: pl.DataFrame) -> Predictions:
    age = rows["age"].cast(pl.Float64).fill_null(40.0).to_numpy()
    return Predictions(age * 2 + rows["income"].cast(pl.Float64).fill_null(30.0).to_numpy())


PLAYED = {"returns": [3.0, 5.0, 4.0], "lengths": [3, 5, 4], "unsafe_rate": 0.0, "masked_rate": 0.0}
"""What episodes of a policy brought."""


def subject(task: str, stage: str, n: int = 300) -> Subject:
    columns = schema(task)
    ask = predict if task == "classify" else predict_value
    train = Dataset(frame(1, 2 * n, task), columns, facts={"source": "made", "license": "CC0"})
    test = Dataset(frame(2, n, task), columns)
    said = ask(test.frame)
    y = np.array([CLASSES.index(v) for v in test.frame["y"]]) if task == "classify" else None
    reference = fit_profile(signals(test.frame, columns), said, y=y)
    live = frame(3, n, task)
    window = count(reference, signals(live, columns), answers(ask(live)))
    facts = {
        "fit_s": 1.5, "fit_cpu_s": 1.2, "size_mb": 0.1, "window": window,
        "requests": 400, "errors": 1, "latency_p50_ms": 1.0, "latency_p99_ms": 4.0,
        "played": {"policy": PLAYED, "baselines": {"random": PLAYED}},
    }  # fmt: skip
    return Subject(stage, task, columns, train, test, said, ask, reference, facts, seed=7)


def made_rows(seed: int) -> tuple[dict[str, object], ...]:
    """Return rows as a generator says them."""
    return tuple(frame(seed, 300, "classify").select("age", "income", "plan", "y").to_dicts())


def judge(name: str, seen: Subject) -> list[Finding]:
    found = catalog.build("checks", name).look(seen)
    assert found, "a check that says nothing cannot be told from one that did not run"
    for finding in found:
        assert finding.check == name
        json.dumps(finding.to_json(), allow_nan=False)
        if finding.value is None:
            assert finding.verdict in ("unknown", "note")
            assert finding.evidence["why"] and finding.evidence["why_zh"]
        else:
            assert math.isfinite(finding.value)
            assert finding.verdict != "unknown"
        if finding.low is not None and finding.high is not None and finding.value is not None:
            assert finding.low <= finding.high
        if finding.verdict == "fail":
            assert both(finding.advice)["zh"]
    keys = [finding.subject for finding in found]
    assert len(keys) == len(set(keys)), "a rule must know which finding it names"
    return found


def cases() -> Iterator[tuple[str, str, str]]:
    for name in NAMES:
        for task in ("classify", "regress"):
            for stage in sorted(catalog.load("checks", name).stages):
                yield name, task, stage


@pytest.mark.parametrize(("name", "task", "stage"), list(cases()))
def test_it_says_what_it_saw_and_says_it_again(name: str, task: str, stage: str) -> None:
    seen = subject(task, stage)
    first = judge(name, seen)
    if name in MEASURES_TIME:
        return
    assert [f.to_json() for f in judge(name, seen)] == [f.to_json() for f in first]


@pytest.mark.parametrize("name", NAMES)
def test_it_measures_something_on_a_good_subject(name: str) -> None:
    stage = min(catalog.load("checks", name).stages)
    seen = subject("classify", stage)
    if name == "generated":  # it looks at rows that were made
        seen = replace(seen, predictions=Predictions(np.ones(300), replies=Replies(made_rows(4))))
    assert any(finding.value is not None for finding in judge(name, seen))


@pytest.mark.parametrize(("name", "task", "stage"), list(cases()))
def test_nothing_at_all_is_unknown(name: str, task: str, stage: str) -> None:
    for finding in judge(name, Subject(stage, task, schema(task))):
        assert finding.value is None and finding.verdict in ("unknown", "note")


@pytest.mark.parametrize(("name", "task", "stage"), list(cases()))
def test_no_rows_are_unknown(name: str, task: str, stage: str) -> None:
    seen = subject(task, stage)
    assert seen.train is not None and seen.test is not None and seen.predictions is not None
    said = Predictions(seen.predictions.labels[:0], None, seen.predictions.classes)
    empty = replace(
        seen,
        train=replace(seen.train, frame=seen.train.frame.clear()),
        test=replace(seen.test, frame=seen.test.frame.clear()),
        predictions=said,
        facts={},
    )
    for finding in judge(name, empty):
        assert finding.value is None and finding.verdict in ("unknown", "note")


@pytest.mark.parametrize(("name", "task", "stage"), list(cases()))
def test_one_class_or_one_value_is_looked_at_without_a_crash(
    name: str, task: str, stage: str
) -> None:
    seen = subject(task, stage)
    assert seen.train is not None and seen.test is not None
    only = pl.lit("no" if task == "classify" else 5.0).alias("y")
    flat = replace(
        seen,
        train=replace(seen.train, frame=seen.train.frame.with_columns(only)),
        test=replace(seen.test, frame=seen.test.frame.with_columns(only)),
    )
    judge(name, flat)


@pytest.mark.parametrize(("name", "task", "stage"), list(cases()))
def test_all_missing_columns_are_looked_at_without_a_crash(
    name: str, task: str, stage: str
) -> None:
    seen = subject(task, stage)
    assert seen.train is not None and seen.test is not None
    gone = [
        pl.lit(None, dtype=seen.train.frame[c].dtype).alias(c)
        for c in ("income", "plan", "note", "sex", "house")
    ]
    judge(
        name,
        replace(
            seen,
            train=replace(seen.train, frame=seen.train.frame.with_columns(gone)),
            test=replace(seen.test, frame=seen.test.frame.with_columns(gone)),
        ),
    )


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_check_that_explains_itself(name: str) -> None:
    kind = catalog.load("checks", name)
    assert isinstance(kind(), Check)
    assert kind.name == name
    assert kind.stages <= {"data", "gate", "live"}
    text = inspect.getdoc(kind) or ""
    assert "Example:" in text and ">>>" in text and "Source:" in text
