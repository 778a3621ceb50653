"""Drift: quiet on quiet data, awake on drift, and honest about what it cannot tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest

from lingqu.check.drift import Drift
from lingqu.core.nouns import Dataset, Finding, Subject
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, Schema
from lingqu.release.profile import answers, count, fit_profile, merge


def draw(
    rng: np.random.Generator,
    n: int,
    shift: float = 0.0,
    spread: float = 1.0,
    correlation: float = 0.6,
    category: float = 0.0,
    missing: float = 0.05,
) -> pl.DataFrame:
    """Ten numbers, two pairs of them correlated and some of them awkward, and five categories."""
    z = rng.normal(size=(n, 10))
    z[:, 1] = correlation * z[:, 0] + np.sqrt(1 - correlation**2) * z[:, 1]
    z[:, 3] = 0.8 * z[:, 2] + 0.6 * z[:, 3]
    z[:, 4] = z[:, 4] * spread + shift
    z[:, 5] = np.exp(z[:, 5])
    z[:, 6] = rng.standard_t(3, n)
    z[:, 7] = rng.poisson(2, n)
    z[:, 8] = z[:, 9] ** 2 + 0.3 * z[:, 8]
    z[rng.random(n) < missing, 9] = np.nan
    columns: dict[str, Any] = {f"x{i}": z[:, i] for i in range(10)}
    shares = [
        np.array([0.6, 0.4]),
        np.array([0.5 - category, 0.3 + category / 2, 0.2 + category / 2]),
        np.array([0.4, 0.3, 0.2, 0.1]),
        1 / np.arange(1, 21),
        1 / np.arange(1, 301),
    ]
    for i, share in enumerate(shares):
        levels = np.char.add("v", np.arange(len(share)).astype(str))
        columns[f"c{i}"] = rng.choice(levels, n, p=share / share.sum())
    return pl.DataFrame(columns)


def said(rng: np.random.Generator, n: int, sure: float = 5.0) -> Predictions:
    confidence = 0.5 + rng.beta(sure, 2, n) / 2
    labels = (rng.random(n) < 0.4).astype(np.int64)
    chosen = labels[:, None] == np.arange(2)
    proba = np.where(chosen, confidence[:, None], 1 - confidence[:, None])
    return Predictions(labels, proba, ("no", "yes"))


def look(
    profile: Mapping[str, Any], window: Mapping[str, Any], **options: Any
) -> dict[str, Finding]:
    subject = Subject("live", "classify", Schema(()), reference=profile, facts={"window": window})
    return {finding.subject: finding for finding in Drift(**options).look(subject)}


def alarms(
    rows: int, window: int, windows: int, seed: int, references: int = 4, **drift: float
) -> float:
    """Return the share of windows in which anything alarms."""
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(references):
        profile = fit_profile(draw(rng, rows), said(rng, rows))
        for _ in range(windows // references):
            now = count(profile, draw(rng, window, **drift), said(rng, window))
            hits += look(profile, now)["drift.alarm"].value == 1.0
    return hits / (windows // references * references)


def test_each_kind_of_drift_is_named() -> None:
    rng = np.random.default_rng(0)
    profile = fit_profile(draw(rng, 5000), said(rng, 5000))

    def failed(window: pl.DataFrame, answer: Predictions | None = None) -> set[str]:
        found = look(profile, count(profile, window, answer or said(rng, window.height)))
        return {subject for subject, finding in found.items() if finding.verdict == "fail"}

    assert failed(draw(rng, 1000)) == set()
    assert {"drift.alarm", "drift.ks(x4)", "drift.shift(x4)"} <= failed(draw(rng, 1000, shift=0.4))
    assert "drift.scale(x4)" in failed(draw(rng, 1000, spread=1.5))
    assert "drift.category(c1)" in failed(draw(rng, 1000, category=0.15))
    assert "drift.missing(x9)" in failed(draw(rng, 1000, missing=0.2))
    assert failed(draw(rng, 1000, correlation=0.0)) == {"drift.alarm", "drift.correlation"}
    far = draw(rng, 1000).with_columns(pl.col("x0").mul(-1).add(9).alias("x0"))
    assert "drift.range(x0)" in failed(far)
    new = draw(rng, 1000).with_columns(pl.lit("brand new").alias("c0"))
    assert "drift.unseen(c0)" in failed(new)
    gone = draw(rng, 1000).drop("x2")
    assert "drift.missing(x2)" in failed(gone)
    unsure = failed(draw(rng, 1000), said(rng, 1000, sure=1.0))
    assert unsure >= {"drift.ks(confidence)", "drift.shift(confidence)"}
    flipped = Predictions(np.ones(1000, np.int64), said(rng, 1000).probabilities, ("no", "yes"))
    assert "drift.category(prediction)" in failed(draw(rng, 1000), flipped)


def test_the_pair_whose_correlation_changed_is_named() -> None:
    rng = np.random.default_rng(1)
    profile = fit_profile(draw(rng, 5000))
    found = look(profile, count(profile, draw(rng, 1000, correlation=0.0)))["drift.correlation"]
    assert found.evidence["columns"] == ["x0", "x1"]
    assert found.evidence["reference"] == pytest.approx(0.6, abs=0.05)
    assert found.evidence["window"] == pytest.approx(0.0, abs=0.1)


def test_significance_without_effect_is_a_note() -> None:
    rng = np.random.default_rng(2)
    profile = fit_profile(pl.DataFrame({"a": rng.normal(size=200_000)}))
    window = count(profile, pl.DataFrame({"a": rng.normal(size=200_000) + 0.03}))
    found = look(profile, window)
    assert found["drift.ks(a)"].evidence["p"] < 1e-6
    assert found["drift.ks(a)"].verdict == "note"
    assert found["drift.alarm"].value == 0.0
    assert found["drift.alarm"].evidence["without_effect"]
    strict = look(profile, window, effect=0.005)
    assert strict["drift.alarm"].value == 1.0


def test_share_and_largest_index() -> None:
    rng = np.random.default_rng(3)
    profile = fit_profile(draw(rng, 5000))
    changed = draw(rng, 2000).with_columns(pl.col("x0") + 2, pl.col("x4") + 0.5)
    found = look(profile, count(profile, changed))
    assert found["drift.share"].evidence["columns"] == ["x0", "x4"]
    assert found["drift.share"].value == pytest.approx(2 / 15)
    assert found["drift.psi"].value == found["drift.psi(x0)"].value > 1.0
    assert found["drift.psi"].evidence["column"] == "x0"
    assert found["drift.psi(x2)"].value < 0.05
    assert found["drift.alarm"].advice == "check.drift_seen"


def test_merged_windows_see_what_single_ones_cannot() -> None:
    rng = np.random.default_rng(4)
    profile = fit_profile(draw(rng, 20_000))
    windows = [count(profile, draw(rng, 500, shift=0.1)) for _ in range(16)]
    total = windows[0]
    for window in windows[1:]:
        total = merge(total, window)
    assert look(profile, windows[0])["drift.alarm"].value == 0.0
    merged = look(profile, total)
    assert merged["drift.alarm"].value == 1.0
    assert {entry["column"] for entry in merged["drift.alarm"].evidence["alarms"]} == {"x4"}


def test_small_windows_and_missing_references_are_unknown() -> None:
    rng = np.random.default_rng(5)
    profile = fit_profile(draw(rng, 500))
    found = look(profile, count(profile, draw(rng, 49, shift=5.0)))
    assert {f.verdict for f in found.values()} == {"unknown"}
    assert set(found) == {"drift.alarm", "drift.share", "drift.psi"}
    assert "49" in found["drift.alarm"].evidence["why"]
    assert look({}, {})["drift.alarm"].verdict == "unknown"


def test_rows_at_hand_are_counted_when_no_window_was_kept() -> None:
    rng = np.random.default_rng(6)
    schema = Schema((Column("a", "number"),))
    profile = fit_profile(pl.DataFrame({"a": rng.normal(size=2000)}), said(rng, 2000))
    test = Dataset(pl.DataFrame({"a": rng.normal(size=300) + 1}), schema)
    answer = said(rng, 300)
    live = Subject("live", "classify", schema, test=test, predictions=answer, reference=profile)
    kept = {"window": count(profile, test.frame, answers(answer))}
    logged = Subject("live", "classify", schema, reference=profile, facts=kept)
    assert Drift().look(live) == Drift().look(logged)
    assert Drift().look(live)[0].value == 1.0


def test_a_window_without_answers_is_judged_by_its_columns() -> None:
    rng = np.random.default_rng(7)
    profile = fit_profile(draw(rng, 1000), said(rng, 1000))
    found = look(profile, count(profile, draw(rng, 400)))
    assert "drift.category(prediction)" not in found and "drift.ks(x0)" in found


def test_a_constant_and_an_empty_column_do_no_harm() -> None:
    flat = pl.DataFrame({"a": [1.0] * 300, "b": pl.Series([None] * 300, dtype=pl.Float64)})
    profile = fit_profile(flat)
    assert look(profile, count(profile, flat))["drift.alarm"].value == 0.0
    moved = flat.with_columns(pl.lit(2.0).alias("a"), pl.lit(1.0).alias("b"))
    found = look(profile, count(profile, moved))
    assert found["drift.ks(a)"].verdict == "fail" and found["drift.missing(b)"].verdict == "fail"


@pytest.mark.slow
def test_quiet_windows_are_quiet_and_drift_is_found() -> None:
    # Budget: 1 % of windows. 2 % of 400 is two standard errors above it.
    assert alarms(20_000, 1000, 400, seed=0) <= 0.02
    assert alarms(1500, 1000, 400, seed=1, references=40) <= 0.02
    assert alarms(20_000, 200, 400, seed=2) <= 0.02
    assert alarms(20_000, 1000, 100, seed=3, shift=0.25) >= 0.95
    assert alarms(20_000, 1000, 100, seed=4, spread=1.2) >= 0.95
    assert alarms(20_000, 1000, 100, seed=5, category=0.1) >= 0.95
    assert alarms(20_000, 1000, 100, seed=6, correlation=0.3) >= 0.95
    assert alarms(20_000, 200, 100, seed=7, shift=0.5) >= 0.95
