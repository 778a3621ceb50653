"""Label errors: figures on real data, rare classes, texts, numbers to predict, the report."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from lingqu.core import digest
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.govern import find_label_errors
from lingqu.govern.find_label_errors import LISTED, FindLabelErrors
from lingqu.govern.label_judges import calibrated, ridge_left_out, votes_of, weighed
from lingqu.govern.label_jury import view
from lingqu.govern.label_model import folds, linear_votes
from lingqu.govern.label_suspects import FEWEST, judge, wilson
from lingqu.govern.label_texts import text_votes
from lingqu.govern.marks import commit

LABEL = Column("y", "category", "target")


def numeric(x: Any, labels: list[str]) -> Dataset:
    columns = {f"x{i}": x[:, i].astype(float) for i in range(x.shape[1])}
    frame = pl.DataFrame(columns).with_columns(pl.Series("y", labels))
    return Dataset(frame, Schema((*(Column(n, "number") for n in columns), LABEL)))


def flipped(data: Dataset, seed: int, share: float = 0.05) -> tuple[Dataset, Any]:
    """Return the rows with wrong labels, and which they are."""
    labels = data.frame["y"].to_numpy()
    classes, codes = np.unique(labels, return_inverse=True)
    random = np.random.default_rng(seed)
    wrong = np.zeros(len(labels), dtype=bool)
    wrong[random.choice(len(labels), int(len(labels) * share), replace=False)] = True
    moved = (codes + random.integers(1, len(classes), len(labels))) % len(classes)
    fresh = pl.Series("y", classes[np.where(wrong, moved, codes)])
    return replace(data, frame=data.frame.with_columns(fresh)), wrong


def judged(data: Dataset, **options: Any) -> tuple[pl.DataFrame, dict[str, Any]]:
    step = FindLabelErrors(**options)
    step.apply(data)
    found = step._judge(data)
    assert isinstance(found, pl.DataFrame)
    return found, dict(step.report())


def two_crowds(rows: int = 120, seed: int = 0) -> tuple[Any, list[str]]:
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 2)) * 0.5
    x[rows // 2 :] += 5
    return x, ["a"] * (rows // 2) + ["b"] * (rows - rows // 2)


class TestFigures:
    def test_digits_with_five_percent_flips(self) -> None:
        x, y = load_digits(return_X_y=True)
        pictures = pl.Series("p", x.reshape(-1, 8, 8).astype(np.uint8),
                             dtype=pl.Array(pl.UInt8, (8, 8)))  # fmt: skip
        schema = Schema((Column("p", "image", shape=(8, 8)), LABEL))
        clean = Dataset(pl.DataFrame([pictures, pl.Series("y", y.astype(str))]), schema)
        data, wrong = flipped(clean, 3)
        found, report = judged(data)
        suspects = found["suspect"].to_numpy()
        assert average_precision_score(wrong, -found["score"].to_numpy()) >= 0.98
        assert (suspects & wrong).sum() >= 0.95 * wrong.sum()
        assert (suspects & wrong).sum() >= 0.8 * suspects.sum()
        assert report["low"] <= wrong.mean() <= report["high"]
        assert report["high"] - report["low"] < 0.05

    def test_a_table_with_flips(self) -> None:
        x, y = load_breast_cancer(return_X_y=True)
        data, wrong = flipped(numeric(x, y.astype(str).tolist()), 4)
        found, report = judged(data)
        assert average_precision_score(wrong, -found["score"].to_numpy()) >= 0.9
        assert report["low"] <= wrong.mean() <= report["high"]

    @pytest.mark.parametrize("language", ["en", "zh"])
    def test_texts_with_flips(self, language: str) -> None:
        said = {
            "en": (["the room was clean and quiet", "lovely staff, great breakfast"],
                   ["dirty carpet and a rude clerk", "noisy, cold, never again please"]),
            "zh": (["房间很干净，服务热情", "早餐丰富，位置方便"],
                   ["地毯很脏，前台态度差", "隔音不好，太冷了"]),
        }[language]  # fmt: skip
        rows = [
            (f"{side[i % 2]} {i % 7}", "ng"[s]) for s, side in enumerate(said) for i in range(60)
        ]
        frame = pl.DataFrame(rows, schema=["t", "y"], orient="row")
        data = Dataset(frame, Schema((Column("t", "text"), LABEL)))
        data, wrong = flipped(data, 1)
        found, _ = judged(data)
        assert set(found.filter("suspect")["row"]) == set(np.flatnonzero(wrong).tolist())


class TestRareClasses:
    def test_a_rare_class_is_not_swept_away(self) -> None:
        x, labels = two_crowds(300)
        rare = np.random.default_rng(1).normal(size=(7, 2)) * 0.2 + [5, -5]
        data = numeric(np.concatenate([x, rare]), [*labels, *["rare"] * 7])
        found, report = judged(data)
        assert found.filter(pl.col("given") == "rare")["suspect"].sum() == 0
        assert report["suspects"] == 0

    def test_a_wrong_row_among_rare_ones_is_found(self) -> None:
        x, labels = two_crowds(300)
        rare = np.random.default_rng(1).normal(size=(12, 2)) * 0.2 + [5, -5]
        rows = np.concatenate([x, rare, [[0.0, 0.0]]])
        found, _ = judged(numeric(rows, [*labels, *["rare"] * 13]))
        suspects = found.filter("suspect")
        assert suspects["row"].to_list() == [312] and suspects["suggested"].to_list() == ["a"]

    def test_a_class_that_hides_in_another_loses_a_third_at_most(self) -> None:
        random = np.random.default_rng(0)
        x = random.normal(size=(400, 3))
        labels = ["common"] * 380 + ["hidden"] * 20
        found, report = judged(numeric(x, labels))
        assert found.filter(pl.col("given") == "hidden")["suspect"].sum() <= 6
        assert report["suspects"] <= 6

    def test_the_cap_names_the_class(self) -> None:
        given = np.array([0] * 40 + [1] * 12)
        votes = np.tile([0.9, 0.1], (52, 1))
        votes[40, 1], votes[40, 0] = 1.0, 0.0
        votes[41:] = [0.99, 0.01]
        found = judge([votes, votes], [0.5, 0.5], given)
        assert found.unknown == (1,)
        assert found.suspect[given == 1].sum() == 4 and not found.suspect[given == 0].any()

    def test_classes_of_a_few_rows_are_named_and_left(self) -> None:
        x, labels = two_crowds()
        odd = np.array([[0.1, 0.1]] * (FEWEST - 1))
        found, report = judged(numeric(np.concatenate([x, odd]), [*labels, *["odd"] * len(odd)]))
        assert report["too_few"] == ["odd"]
        assert not found.filter(pl.col("given") == "odd")["suspect"].any()

    def test_all_classmates_near_is_full_marks(self) -> None:
        given = np.array([0] * 20 + [1] * 3)
        near = np.array([list(range(10))] * 20 + [[21, 22, *range(8)], [20, 22, *range(8)],
                                                  [20, 21, *range(8)]])  # fmt: skip
        votes = votes_of(near, given)
        assert votes.sum(axis=1) == pytest.approx(1)
        assert (votes[20:, 1] > 0.5).all()


class TestNumbers:
    def test_wrong_numbers_are_found_and_a_value_suggested(self) -> None:
        random = np.random.default_rng(0)
        x = random.normal(size=(300, 3))
        y = 10 * x[:, 0] + random.normal(size=300) * 0.3
        right = y.copy()
        y[[5, 77, 200]] += [80, -60, 50]
        frame = pl.DataFrame({f"x{i}": x[:, i] for i in range(3)}).with_columns(pl.Series("y", y))
        columns = tuple(Column(f"x{i}", "number") for i in range(3))
        data = Dataset(frame, Schema((*columns, Column("y", "number", "target"))))
        found, report = judged(data)
        suspects = found.filter("suspect")
        assert {5, 77, 200} <= set(suspects["row"]) and suspects.height <= 6
        for row, value in zip(suspects["row"], suspects["suggested"], strict=True):
            if row in (5, 77, 200):
                assert abs(value - right[row]) < abs(y[row] - right[row]) / 2
        assert report["by"] == "residuals"
        dropped = FindLabelErrors(drop=0.01)
        after = dropped.apply(data)
        _, _, removed = commit(after)
        assert {row["row"] for row in removed} == {5, 77, 200}
        assert "foretell" in removed[0]["reason"] and removed[0]["reason_zh"]

    def test_real_numbers_have_few_suspects(self) -> None:
        x, y = load_diabetes(return_X_y=True)
        frame = pl.DataFrame({f"x{i}": x[:, i] for i in range(10)}).with_columns(pl.Series("y", y))
        columns = tuple(Column(f"x{i}", "number") for i in range(10))
        found, _ = judged(Dataset(frame, Schema((*columns, Column("y", "number", "target")))))
        assert found["suspect"].sum() <= 2

    def test_texts_foretell_numbers(self) -> None:
        rows = [("cheap small room", 50.0), ("large suite with a view", 200.0)] * 40
        rows[10] = ("cheap small room", 200.0)
        frame = pl.DataFrame(rows, schema=["t", "y"], orient="row")
        schema = Schema((Column("t", "text"), Column("y", "number", "target")))
        found, _ = judged(Dataset(frame, schema))
        assert found.sort("score")["row"][0] == 10

    def test_one_value_cannot_be_judged(self) -> None:
        frame = pl.DataFrame({"x": [float(i) for i in range(30)], "y": [1.0] * 30})
        schema = Schema((Column("x", "number"), Column("y", "number", "target")))
        step = FindLabelErrors()
        step.apply(Dataset(frame, schema))
        report = step.report()
        assert report["applicable"] is False and report["why_zh"] == "目标列的值全都相同"


class TestReport:
    def test_it_holds_what_a_fix_needs(self) -> None:
        x, labels = two_crowds()
        labels[3], labels[100] = "b", "a"
        data = numeric(x, labels)
        _, report = judged(data)
        assert json.dumps(report, allow_nan=False)
        assert {row["row"] for row in report["samples"]} == {3, 100}
        sample = next(row for row in report["samples"] if row["row"] == 3)
        assert (sample["given"], sample["suggested"]) == ("b", "a")
        assert sample["model"] < 0 and sample["neighbours"] < 0
        fix = next(fix for fix in report["fixes"] if fix[0] == 3)
        assert fix[1] == digest.short(digest.of_frame(data.frame[3], Schema(())))
        assert fix[2:4] == ["b", "a"]

    def test_labels_are_never_changed_and_a_mark_carries_its_evidence(self) -> None:
        x, labels = two_crowds()
        labels[3] = "b"
        data = numeric(x, labels)
        after = FindLabelErrors(drop=0.05).apply(data)
        assert after.frame["y"].to_list() == labels
        _, _, removed = commit(after)
        assert [row["row"] for row in removed] == [3]
        assert removed[0]["suggested"] == "a" and "邻近样本" in removed[0]["reason_zh"]

    def test_nothing_is_dropped_where_nothing_is_suspect(self) -> None:
        x, labels = two_crowds()
        data = numeric(x, labels)
        assert FindLabelErrors(drop=0.5).apply(data) is data

    def test_the_list_is_bounded(self) -> None:
        random = np.random.default_rng(0)
        x, labels = two_crowds(3000)
        for row in random.choice(3000, 300, replace=False).tolist():
            labels[row] = "a" if labels[row] == "b" else "b"
        _, report = judged(numeric(x, labels))
        assert report["suspects"] > LISTED == len(report["fixes"]) and len(report["samples"]) == 20
        assert report["low"] <= 0.1 <= report["high"]

    def test_large_tables_are_sampled(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(find_label_errors, "MOST_ROWS", 60)
        x, labels = two_crowds()
        found, report = judged(numeric(x, labels), seed=1)
        assert report["judged"] == 60 and found["row"].is_sorted()

    def test_a_share_above_half_is_refused_in_both_languages(self) -> None:
        with pytest.raises(SpecError) as caught:
            FindLabelErrors(drop=0.6)
        assert "0.5" in str(caught.value.facts["expected"])

    def test_texts_that_say_nothing(self) -> None:
        frame = pl.DataFrame({"t": [f"{chr(0x4E00 + i)}" for i in range(40)], "y": ["a", "b"] * 20})
        step = FindLabelErrors()
        step.apply(Dataset(frame, Schema((Column("t", "text"), LABEL))))
        assert step.report()["applicable"] is False


class TestJudges:
    def test_the_logistic_model_is_that_of_scikit_learn(self) -> None:
        x, y = load_wine(return_X_y=True)
        x = (x - x.mean(axis=0)) / x.std(axis=0)
        for labels in (y, y == 0):
            codes = np.unique(labels, return_inverse=True)[1]
            votes, fold = linear_votes(x, codes, 3), folds(codes, 3)
            model = LogisticRegression(C=1.0, tol=1e-8, max_iter=1000)
            said = model.fit(x[fold != 2], codes[fold != 2]).predict_proba(x[fold == 2])
            assert votes[fold == 2] == pytest.approx(said, abs=0.02)

    def test_every_fold_holds_its_share_of_every_class(self) -> None:
        codes = np.random.default_rng(0).permutation([0] * 52 + [1] * 23 + [2] * 4)
        fold = folds(codes, 1)
        for code, most in ((0, 11), (1, 5), (2, 1)):
            counts = np.bincount(fold[codes == code], minlength=5)
            assert counts.max() <= most and counts.max() - counts.min() <= 1
        assert not np.array_equal(fold, folds(codes, 2))

    def test_votes_are_as_sharp_as_the_labels_allow(self) -> None:
        random = np.random.default_rng(0)
        codes = random.integers(0, 2, 2000)
        seen = np.where(random.random(2000) < 0.9, codes, 1 - codes)
        votes = calibrated(np.where(np.eye(2)[seen] == 1, 0.6, 0.4), codes)
        assert (votes.argmax(axis=1) == seen).all()
        sure = votes.max(axis=1)
        assert sure.mean() == pytest.approx((seen == codes).mean(), abs=2e-3)

    def test_a_class_is_named_as_often_as_it_is_given(self) -> None:
        random = np.random.default_rng(0)
        codes = (random.random(3000) < 0.1).astype(int)
        scores = np.where(np.eye(2)[codes] == 1, 0.6, 0.4) + random.normal(size=(3000, 2)) * 0.3
        votes = calibrated(scores + np.array([0.0, 2.0]), codes)
        assert votes.sum(axis=0) == pytest.approx(np.bincount(codes), rel=0.01)

    def test_the_penalty_with_the_least_error_is_taken(self) -> None:
        random = np.random.default_rng(0)
        x = random.normal(size=(60, 40))
        noise, line = random.normal(size=(60, 1)), x @ np.ones((40, 1))
        assert ridge_left_out(x, noise, [1e-3, 1e3])[2] == 1
        said, error, place = ridge_left_out(x, line, [1e-3, 1e3])
        assert place == 0 and error == pytest.approx(((said - line) ** 2).mean())

    def test_a_judge_who_foretells_is_heard_more(self) -> None:
        given = np.array([0, 1] * 50)
        good = np.where(np.eye(2)[given] == 1, 0.9, 0.1)
        even = np.full((100, 2), 0.5)
        shares = weighed([good, even], given)
        assert shares[0] > 0.7 and sum(shares) == pytest.approx(1) and shares[1] >= 0.25 - 1e-9

    def test_a_fold_without_a_class_gives_it_no_chance(self) -> None:
        given = np.array([0] * 15 + [1])
        votes = linear_votes(np.arange(16.0)[:, None], given, 0)
        assert votes.shape == (16, 2) and votes[15, 1] == 0
        assert votes.sum(axis=1) == pytest.approx(1)

    @pytest.mark.parametrize("classes", [2, 3])
    def test_texts_of_many_classes(self, classes: int) -> None:
        words = ["apple pie", "river boat", "stone wall"][:classes]
        frame = pl.DataFrame({"t": words * 20, "y": [w[0] for w in words] * 20})
        labels = frame["y"].to_list()
        labels[0] = labels[1]
        data = Dataset(
            frame.with_columns(pl.Series("y", labels)), Schema((Column("t", "text"), LABEL))
        )
        found, _ = judged(data)
        assert found.filter("suspect")["row"].to_list() == [0]

    def test_texts_beside_numbers_and_a_class_of_one_row(self) -> None:
        words = ["apple pie", "river boat"] * 12
        frame = pl.DataFrame({"t": words, "x": [float(i % 2) for i in range(24)]})
        columns = [Column("t", "text"), Column("x", "number")]
        seen = view(frame, columns, 0)
        assert seen is not None and seen.wide is not None and seen.plain is not None
        codes = np.array([0] * 23 + [1])
        for votes in text_votes(seen.wide, codes, 0):
            assert votes.shape == (24, 2) and np.isfinite(votes).all()
            assert votes.sum(axis=1) == pytest.approx(1) and votes[23, 1] < 0.5

    @given(st.integers(1, 500), st.integers(0, 500))
    @settings(max_examples=50, deadline=None)
    def test_an_interval_holds_its_share(self, count: int, hits: int) -> None:
        hits = min(hits, count)
        low, high = wilson(hits, count)
        assert 0 <= low <= hits / count <= high <= 1

    @given(st.integers(0, 10**6), st.integers(2, 4), st.integers(20, 60))
    @settings(max_examples=25, deadline=None)
    def test_any_labels_give_bounded_shares(self, seed: int, classes: int, rows: int) -> None:
        random = np.random.default_rng(seed)
        given = random.integers(0, classes, rows)
        judges = [random.dirichlet(np.ones(classes), rows) for _ in range(2)]
        found = judge(judges, weighed(judges, given), given)
        assert 0 <= found.low <= found.share <= found.high <= 1
        for code in range(classes):
            assert found.suspect[given == code].sum() <= (given == code).sum() / 3 + 1e-9
