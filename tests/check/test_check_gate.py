"""Checks of a fitted model: each sees the fault it is for and passes the sound model."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from lingqu.check import perturb
from lingqu.check.calibration import Calibration
from lingqu.check.efficiency import Efficiency
from lingqu.check.fairness import Fairness, groups
from lingqu.check.importance import Importance, occlusion
from lingqu.check.latency import Latency
from lingqu.check.metrics import Metrics
from lingqu.check.performance import Performance
from lingqu.check.robustness import Robustness
from lingqu.check.truth import Labelled
from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset, Finding, Subject, Task
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, Schema
from lingqu.govern.audio.log_mel import LogMel
from lingqu.release.media import pixels
from lingqu.release.profile import count, fit_profile
from lingqu.release.sound import Sound, decode, encode

BINARY = ("no", "yes")
Predict = Callable[[pl.DataFrame], Predictions]


def subject(
    frame: pl.DataFrame,
    *columns: Column,
    task: Task = "classify",
    predict: Predict | None = None,
    said: Predictions | None = None,
    stage: Any = "gate",
    **more: Any,
) -> Subject:
    schema = Schema(columns)
    return Subject(
        stage, task, schema, test=Dataset(frame, schema), predictions=said, predict=predict, **more
    )


def by_subject(found: list[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in found}


def binary(p: np.ndarray) -> Predictions:
    return Predictions((p > 0.5).astype(np.int64), np.stack([1 - p, p], axis=1), BINARY)


Y = Column("y", "category", "target", levels=BINARY)
VALUE = Column("y", "number", "target")


def logistic(n: int = 1000, seed: int = 0) -> tuple[pl.DataFrame, Predict]:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=n), rng.normal(size=n)
    y = np.where(rng.random(n) < 1 / (1 + np.exp(-3 * a)), "yes", "no")

    def predict(frame: pl.DataFrame) -> Predictions:
        return binary(1 / (1 + np.exp(-3 * frame["a"].cast(pl.Float64).to_numpy())))

    return pl.DataFrame({"a": a, "b": b, "y": y}), predict


A, B = Column("a", "number"), Column("b", "number")


# --- metrics ---


def test_metrics_have_values_intervals_and_tables() -> None:
    frame, predict = logistic()
    found = by_subject(Metrics().look(subject(frame, A, B, Y, predict=predict)))
    accuracy = found["accuracy"]
    assert accuracy.value is not None and accuracy.low is not None and accuracy.high is not None
    assert accuracy.low < accuracy.value < accuracy.high and accuracy.n == 1000
    assert {"roc_auc", "f1", "log_loss", "brier", "average_precision"} <= set(found)
    table = found["error_rate"]
    assert table.value == pytest.approx(1 - accuracy.value)
    assert np.trace(table.evidence["confusion"]) == round(accuracy.value * 1000)
    rows = {row["class"]: row for row in table.evidence["per_class"]}
    assert rows["yes"]["recall"] == pytest.approx(found["recall"].value)


def test_metrics_of_the_other_class_and_of_chosen_names() -> None:
    frame, predict = logistic()
    look = subject(frame, A, B, Y, predict=predict)
    no = by_subject(Metrics(positive="no", names=["recall"]).look(look))
    rows = no["error_rate"].evidence["per_class"]
    assert no["recall"].value == pytest.approx(rows[0]["recall"])
    assert list(no) == ["recall", "error_rate"]


def test_metrics_of_values_and_of_labels_alone() -> None:
    frame = pl.DataFrame({"y": np.arange(50.0)})
    said = Predictions(np.arange(50.0) + 1)
    found = by_subject(Metrics().look(subject(frame, VALUE, task="regress", said=said)))
    assert found["mae"].value == pytest.approx(1.0)
    assert found["error_p90"].evidence["points"][3] == [3.0, 4.0]
    labels = pl.DataFrame({"y": ["no", "yes"] * 10})
    said = Predictions(np.array([0, 1] * 10), None, BINARY)
    assert "roc_auc" not in by_subject(Metrics().look(subject(labels, Y, said=said)))


def test_rows_without_a_known_label_are_left_out_and_counted() -> None:
    frame = pl.DataFrame({"y": ["no", "yes", None, "maybe"]})
    said = Predictions(np.array([0, 1, 1, 1]), None, BINARY)
    found = by_subject(Metrics().look(subject(frame, Y, said=said)))
    assert found["accuracy"].value == 1.0 and found["accuracy"].n == 2
    assert found["error_rate"].evidence["skipped"] == 2


def test_one_class_makes_ranking_unknown_but_not_accuracy() -> None:
    frame = pl.DataFrame({"y": ["no"] * 20})
    found = by_subject(Metrics().look(subject(frame, Y, said=binary(np.full(20, 0.2)))))
    assert found["accuracy"].value == 1.0
    assert found["roc_auc"].value is None and "roc_auc" in found["roc_auc"].evidence["why"]


def test_boolean_targets_are_read_by_position() -> None:
    frame = pl.DataFrame({"y": [True, False]})
    said = Predictions(np.array([1, 0]), None, BINARY)
    assert by_subject(Metrics().look(subject(frame, Y, said=said)))["accuracy"].value == 1.0


# --- calibration ---


def test_a_calibrated_model_passes_and_an_overconfident_one_fails() -> None:
    frame, predict = logistic(4000)
    good = Calibration().look(subject(frame, A, B, Y, predict=predict))[0]
    assert good.verdict == "pass" and good.value is not None and good.value < 0.04
    assert len(good.evidence["curve"]) == 10
    sure = binary(np.where(frame["a"].to_numpy() > 0, 0.999, 0.001))
    bad = Calibration().look(subject(frame, A, B, Y, said=sure))[0]
    assert bad.verdict == "fail" and bad.value is not None
    right = (np.array(BINARY)[sure.labels] == frame["y"].to_numpy()).mean()
    assert bad.value == pytest.approx(0.999 - right, abs=1e-9)
    assert bad.advice == "check.calibrate"


def test_calibration_needs_probabilities_and_rows() -> None:
    frame, _ = logistic(100)
    labels = Predictions(np.zeros(100, int), None, BINARY)
    assert Calibration().look(subject(frame, A, B, Y, said=labels))[0].verdict == "unknown"
    few = Calibration().look(subject(frame[:30], A, Y, said=binary(np.full(30, 0.7))))[0]
    assert few.verdict == "unknown" and "30" in few.evidence["why"]


# --- fairness ---


def people(n: int = 2000, gap: float = 0.3, seed: int = 0) -> tuple[pl.DataFrame, Predictions]:
    rng = np.random.default_rng(seed)
    sex = rng.choice(["f", "m"], n)
    rate = np.where(sex == "f", 0.5 - gap / 2, 0.5 + gap / 2)
    labels = (rng.random(n) < rate).astype(np.int64)
    frame = pl.DataFrame({"sex": sex, "age": rng.normal(40, 10, n), "y": np.array(BINARY)[labels]})
    return frame, Predictions(labels, None, BINARY)


SEX = Column("sex", "category", "protected")


def test_gaps_are_found_with_their_interval() -> None:
    frame, said = people()
    found = by_subject(Fairness().look(subject(frame, SEX, Y, said=said)))
    gap = found["fairness.gap(sex)"]
    assert gap.value == pytest.approx(0.3, abs=0.06) and gap.verdict == "fail"
    assert gap.low is not None and gap.high is not None and gap.low < 0.3 < gap.high
    assert found["fairness.accuracy_gap(sex)"].value == 0.0
    assert found["fairness.equal_opportunity(sex)"].value == 0.0, "every true positive was found"
    shown = {row["group"]: row for row in gap.evidence["groups"]}
    assert shown["m"]["mean_answer"] - shown["f"]["mean_answer"] == pytest.approx(gap.value)


def test_an_interval_of_a_gap_contains_it_and_reaches_0_where_groups_are_equal() -> None:
    kept = below = 0
    for seed in range(30):
        frame, said = people(600, gap=0.0, seed=seed)
        wrong = np.random.default_rng(seed + 100).random(600) < 0.2
        said = Predictions(np.where(wrong, 1 - said.labels, said.labels), None, BINARY)
        found = Fairness().look(subject(frame, SEX, Y, said=said))
        assert all(f.low <= f.value <= f.high <= 1.0 for f in found)
        kept += sum(f.low == 0.0 for f in found)
        below += sum(f.value > 0.0 for f in found)
    # The truth is no gap at all: quantiles of resampled gaps, all above 0, would never hold it.
    assert below == 90 and kept >= 80


def test_equal_opportunity_looks_at_true_positives_only() -> None:
    frame, _ = people(gap=0.0)
    rng = np.random.default_rng(1)
    yes, female = (frame["y"] == "yes").to_numpy(), (frame["sex"] == "f").to_numpy()
    missed = yes & female & (rng.random(2000) < 0.4)
    labels = np.where(missed, 0, yes.astype(int))
    said = Predictions(labels, None, BINARY)
    found = by_subject(Fairness().look(subject(frame, SEX, Y, said=said)))
    assert found["fairness.equal_opportunity(sex)"].value == pytest.approx(0.4, abs=0.07)
    found = by_subject(Fairness(positive="no").look(subject(frame, SEX, Y, said=said)))
    assert found["fairness.equal_opportunity(sex)"].value == 0.0


def test_fair_models_pass_and_the_worst_class_counts() -> None:
    frame, said = people(gap=0.0)
    fair = by_subject(Fairness().look(subject(frame, SEX, Y, said=said)))
    assert fair["fairness.gap(sex)"].verdict == "pass"
    classes = ("a", "b", "c")
    labels = np.where(frame["sex"] == "f", 2, np.arange(2000) % 2)
    y = Column("y", "category", "target", levels=classes)
    three = frame.with_columns(pl.Series("y", np.array(classes)[labels]))
    said = Predictions(labels, None, classes)
    found = by_subject(Fairness().look(subject(three, SEX, y, said=said)))
    assert found["fairness.gap(sex)"].value == 1.0


def test_small_groups_are_shown_and_not_judged() -> None:
    frame, said = people()
    odd = frame.with_columns(pl.Series("sex", ["x"] * 10 + frame["sex"].to_list()[10:]))
    found = by_subject(Fairness().look(subject(odd, SEX, Y, said=said)))["fairness.gap(sex)"]
    judged = {row["group"]: row["judged"] for row in found.evidence["groups"]}
    assert judged == {"f": True, "m": True, "x": False}
    alone = frame.with_columns(pl.lit("f").alias("sex"))
    found = by_subject(Fairness().look(subject(alone, SEX, Y, said=said)))["fairness.gap(sex)"]
    assert found.verdict == "unknown" and found.evidence["groups"] == [{"group": "f", "n": 2000}]


def test_no_true_positives_leave_equal_opportunity_unknown() -> None:
    frame, said = people()
    none = frame.with_columns(pl.lit("no").alias("y"))
    found = by_subject(Fairness().look(subject(none, SEX, Y, said=said)))
    assert found["fairness.equal_opportunity(sex)"].verdict == "unknown"
    assert found["fairness.gap(sex)"].value is not None


def test_numbers_are_cut_into_four_groups() -> None:
    names, codes = groups(pl.Series([*range(100), None]).cast(pl.Float64), number=True)
    assert len(names) == 5 and names[-1] == "missing"
    assert np.bincount(codes).tolist() == [25, 25, 25, 25, 1]
    frame, said = people()
    age = Column("age", "number", "protected")
    found = by_subject(Fairness().look(subject(frame, age, Y, said=said)))
    assert len(found["fairness.gap(age)"].evidence["groups"]) == 4
    empty = frame.with_columns(pl.lit(None, dtype=pl.Float64).alias("age"))
    found = by_subject(Fairness().look(subject(empty, age, Y, said=said)))
    assert found["fairness.gap(age)"].verdict == "unknown"


def test_values_are_compared_in_standard_deviations() -> None:
    rng = np.random.default_rng(0)
    sex = rng.choice(["f", "m"], 1000)
    y = rng.normal(size=1000)
    said = Predictions(np.where(sex == "m", 1.0, 0.0) * y.std())
    frame = pl.DataFrame({"sex": sex, "y": y})
    found = by_subject(Fairness().look(subject(frame, SEX, VALUE, said=said, task="regress")))
    assert found["fairness.gap(sex)"].value == pytest.approx(1.0)
    assert found["fairness.equal_opportunity(sex)"].verdict == "unknown"
    assert found["fairness.accuracy_gap(sex)"].value is not None


def test_without_protected_columns_fairness_is_one_note() -> None:
    frame, said = people()
    (note,) = Fairness().look(subject(frame, Y, said=said))
    assert note.verdict == "note" and "protected" in note.evidence["why"]
    lost = Fairness().look(subject(frame.drop("sex"), SEX, Y, said=said))
    assert {f.verdict for f in lost} == {"unknown"} and len(lost) == 3


def test_groups_are_those_that_were_read_where_privacy_made_them_coarser() -> None:
    """Every band of twenty years holds young and old alike: the gap lies inside the bands."""
    ages = np.repeat(np.arange(20, 60), 40).astype(np.float64)
    first_half = (ages % 20) < 10
    said = binary(np.where(first_half, 0.9, 0.1))
    frame = pl.DataFrame(
        {
            "age": np.where(ages < 40, "20-39", "40-59"),
            "y": np.where(first_half, "yes", "no"),
        }
    )
    coarse = Column("age", "category", "protected")
    read = Dataset(pl.DataFrame({"age": ages}), Schema((Column("age", "number", "protected"),)))
    bands = by_subject(Fairness().look(subject(frame, coarse, Y, said=said)))
    assert bands["fairness.gap(age)"].value == 0.0
    found = by_subject(Fairness().look(subject(frame, coarse, Y, said=said, grouped=read)))
    assert found["fairness.gap(age)"].value == 1.0
    told = [group["group"] for group in found["fairness.gap(age)"].evidence["groups"]]
    assert told == ["20-39 (1)", "20-39 (2)", "40-59 (1)", "40-59 (2)"]  # no exact age is shown


# --- robustness ---


def test_noise_costs_the_fragile_model_more() -> None:
    frame, predict = logistic()

    def fragile(rows: pl.DataFrame) -> Predictions:
        # Right on clean rows, because it knows them by heart.
        known = rows["a"].is_in(frame["a"].implode()).fill_null(False).to_numpy()
        yes = (frame["y"] == "yes").to_numpy()
        return binary(np.where(known & yes, 0.9, 0.1))

    sound = by_subject(Robustness().look(subject(frame, A, B, Y, predict=predict)))
    weak = by_subject(Robustness().look(subject(frame, A, B, Y, predict=fragile)))
    assert sound["robustness.drop(noise_5%)"].verdict == "pass"
    assert weak["robustness.drop(noise_5%)"].verdict == "fail"
    assert weak["robustness.drop"].value == pytest.approx((frame["y"] == "yes").mean())
    assert weak["robustness.drop"].evidence["worst"]


def test_a_model_that_refuses_missing_values_is_unknown_there() -> None:
    frame, predict = logistic(200)

    def strict(rows: pl.DataFrame) -> Predictions:
        if rows["a"].null_count():
            raise DataError("check.no_reference")
        return predict(rows)

    found = by_subject(Robustness().look(subject(frame, A, B, Y, predict=strict)))
    assert found["robustness.drop(missing_10%)"].verdict == "unknown"
    assert found["robustness.drop"].value is not None
    vector = Column("a", "vector")
    none = by_subject(Robustness().look(subject(frame, vector, Y, predict=predict)))
    assert none["robustness.drop"].verdict == "unknown"


def test_pictures_and_texts_are_corrupted_too() -> None:
    rng = np.random.default_rng(0)
    dark = rng.random(200) < 0.5
    pictures = np.where(dark[:, None, None], 2, 12) + rng.integers(0, 3, (200, 4, 4))
    frame = pl.DataFrame(
        {
            "p": pictures.astype(np.uint8),
            "t": np.where(dark, "night", "daylight"),
            "y": np.where(dark, "no", "yes"),
        }
    )
    columns = (Column("p", "image", shape=(4, 4), low=0.0, high=16.0), Column("t", "text"), Y)

    def by_picture(rows: pl.DataFrame) -> Predictions:
        bright = rows["p"].to_numpy().mean((1, 2))
        return binary(1 / (1 + np.exp(8 - bright)))

    found = by_subject(Robustness().look(subject(frame, *columns, predict=by_picture)))
    for name in ("pixel_noise_10%", "shift_1px", "typos_5%", "missing_10%"):
        assert found[f"robustness.drop({name})"].value == 0.0

    def by_text(rows: pl.DataFrame) -> Predictions:
        return binary((rows["t"].fill_null("") == "daylight").to_numpy() * 0.8 + 0.1)

    found = by_subject(Robustness().look(subject(frame, *columns, predict=by_text)))
    assert found["robustness.drop(typos_5%)"].value > 0.1
    assert found["robustness.drop(brightness_20%)"].value == 0.0


def test_recordings_hiss_and_begin_late_and_their_pictures_are_no_photographs() -> None:
    """Rows as sent are corrupted; what was made of recordings is left alone and made again."""
    time = np.arange(4000) / 8000
    high = np.arange(40) % 2 == 0
    waves = [0.3 * np.sin(2 * np.pi * (900 if h else 300) * time) for h in high]
    cells = [encode(Sound(w[:, None].astype(np.float32), 8000)) for w in waves]
    sent = Dataset(
        pl.DataFrame({"a": pl.Series(cells, dtype=pl.Binary)}), Schema((Column("a", "audio"),))
    )
    mel = LogMel(mels=16, rate=8000)
    mel.fit(sent)
    picture = mel.apply(sent).frame["a mel"].to_numpy()
    darker = picture.mean()
    frame = pl.DataFrame({"a mel": picture, "y": np.where(high, "yes", "no")})
    seen: list[pl.DataFrame] = []

    def by_band(rows: pl.DataFrame) -> Predictions:
        seen.append(rows)
        middle = rows["a mel"].to_numpy()[:, :, 10]
        bright = rows["a mel"].to_numpy().mean((1, 2)) > darker + 1
        return binary(np.where(bright, 0.5, np.where(middle.argmax(1) > 4, 0.9, 0.1)))

    def answer(rows: pl.DataFrame) -> Predictions:
        return by_band(mel.apply(Dataset(rows, sent.schema)).frame)

    columns = (Column("a mel", "image", shape=picture.shape[1:]), Y)
    look = subject(frame, *columns, predict=by_band, sent=sent, answer=answer)
    found = by_subject(Robustness().look(look))
    assert set(found) == {
        "robustness.drop(hiss_20db)", "robustness.drop(shift_50ms)", "robustness.drop"
    }  # fmt: skip
    assert found["robustness.drop(shift_50ms)"].value == 0.0
    changed = [rows["a mel"].to_numpy() for rows in seen[1:]]
    assert len(changed) == 2 and all(not np.array_equal(c, picture) for c in changed)
    noisy = [
        decode(cell)
        for cell in perturb.hiss(sent.frame["a"], columns[0], 20, np.random.default_rng(0))
    ]
    added = noisy[0].mono - waves[0].astype(np.float32)
    ratio = 10 * np.log10(np.mean(np.square(waves[0])) / np.mean(np.square(added)))
    assert ratio == pytest.approx(20, abs=0.5)


def test_words_are_mistyped_before_vectors_are_made_of_them() -> None:
    frame = pl.DataFrame({"t": [[1.0]] * 40 + [[0.0]] * 40, "y": ["yes"] * 40 + ["no"] * 40})
    sent = Dataset(
        pl.DataFrame({"t": ["daylight"] * 40 + ["night"] * 40}), Schema((Column("t", "text"),))
    )

    def predict(rows: pl.DataFrame) -> Predictions:
        return binary(rows["t"].list.first().to_numpy() * 0.8 + 0.1)

    def answer(rows: pl.DataFrame) -> Predictions:
        return binary((rows["t"].fill_null("") == "daylight").to_numpy() * 0.8 + 0.1)

    columns = (Column("t", "vector", shape=(1,)), Y)
    look = subject(frame, *columns, predict=predict, sent=sent, answer=answer)
    found = by_subject(Robustness().look(look))
    assert found["robustness.drop(typos_5%)"].value > 0.05


def test_values_lose_in_standard_deviations() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(size=500)
    frame = pl.DataFrame({"a": a, "y": a})

    def predict(rows: pl.DataFrame) -> Predictions:
        return Predictions(rows["a"].fill_null(0.0).to_numpy())

    found = by_subject(Robustness().look(subject(frame, A, VALUE, predict=predict, task="regress")))
    # The mean of |N(0, 0.2)| is 0.16.
    assert found["robustness.drop(noise_20%)"].value == pytest.approx(0.16, abs=0.02)


# --- importance ---


def test_the_column_that_is_used_is_the_important_one() -> None:
    frame, predict = logistic()
    found = Importance().look(subject(frame, A, B, Y, predict=predict))
    assert [f.argument for f in found] == ["a", "b"]
    assert found[0].value is not None and found[0].value > 0.2 and found[1].value == 0.0

    def labels(rows: pl.DataFrame) -> Predictions:
        return Predictions(predict(rows).labels, None, BINARY)

    found = Importance(top=1).look(subject(frame, A, B, Y, predict=labels))
    assert [f.argument for f in found] == ["a"]


def test_pictures_beside_the_hidden_one_are_decoded_once() -> None:
    """What a block says is the same; who answers no longer gets files for the other picture."""
    draw = np.random.default_rng(0)
    y = np.arange(12) % 2
    left, right = (draw.integers(0, 9, (12, 4, 4)) + 90 * y[:, None, None] for _ in range(2))
    columns = [Column(name, "image", shape=(4, 4)) for name in ("left", "right")]
    packed = [BytesIO() for _ in right]
    for file, picture in zip(packed, right, strict=True):
        Image.fromarray(picture.astype(np.uint8)).save(file, "PNG")
    files = pl.Series("right", [file.getvalue() for file in packed])
    seen: list[pl.DataType] = []

    def predict(rows: pl.DataFrame) -> Predictions:
        seen.append(rows.schema["right"])
        light = sum(pixels(rows[c.name], (4, 4))[:, 0, 0] for c in columns) / 200
        return Predictions(np.rint(light).astype(np.int64), np.c_[1 - light, light], ("n", "y"))

    frame = pl.DataFrame({"left": pl.Series(left.astype(np.float32)), "right": files})
    rows = Labelled(frame, y, predict(frame), 0)
    one = occlusion(rows, columns[0], predict)
    assert set(seen) == {pl.Binary()}
    two = occlusion(rows, columns[0], predict, columns[1:])
    assert two == one and seen[-1] == pl.Array(pl.Float32, (4, 4))
    assert one[0][0] > 0.1 and not np.any(one[1])


def test_importance_of_values_is_r2() -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"a": rng.normal(size=500)}).with_columns(y=pl.col("a"))

    def predict(rows: pl.DataFrame) -> Predictions:
        return Predictions(rows["a"].to_numpy())

    found = Importance().look(subject(frame, A, VALUE, predict=predict, task="regress"))
    assert found[0].value == pytest.approx(2.0, abs=0.3)  # shuffled: twice the variance


def test_of_very_many_columns_groups_are_shuffled_first() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 400))
    names = [f"x{i}" for i in range(400)]
    frame = pl.DataFrame(x, schema=names).with_columns(y=pl.Series(x[:, 37] + 0.5 * x[:, 311]))
    columns = [Column(name, "number") for name in names]
    asked = 0

    def predict(rows: pl.DataFrame) -> Predictions:
        nonlocal asked
        asked += 1
        return Predictions((rows["x37"] + 0.5 * rows["x311"]).to_numpy())

    about = subject(frame, *columns, VALUE, predict=predict, task="regress")
    found = Importance(effects=0).look(about)
    assert [f.argument for f in found[:2]] == ["x37", "x311"]
    assert found[2].value == 0.0
    assert found[0].evidence["of"] == 400 and found[0].evidence["judged"] <= 40
    assert asked < 250


def test_the_map_shows_where_the_model_looks() -> None:
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 17, (200, 8, 8)).astype(np.uint8)
    y = np.where(pictures[:, 2, 5] > 8, "yes", "no")
    column = Column("p", "image", shape=(8, 8), low=0.0, high=16.0)

    def predict(rows: pl.DataFrame) -> Predictions:
        return binary((rows["p"].to_numpy()[:, 2, 5] > 8) * 0.8 + 0.1)

    frame = pl.DataFrame({"p": pictures, "y": y})
    (found,) = Importance().look(subject(frame, column, Y, predict=predict))
    grid = np.array(found.evidence["map"])
    assert grid.shape == (8, 8)
    assert np.unravel_index(grid.argmax(), grid.shape) == (2, 5)
    assert np.count_nonzero(grid) == 1


def test_importance_needs_a_model_and_rows() -> None:
    frame, predict = logistic(9)
    assert Importance().look(subject(frame, A, Y, predict=predict))[0].verdict == "unknown"
    frame, predict = logistic(90)
    asked = subject(frame, A, Y, said=predict(frame))
    assert Importance().look(asked)[0].verdict == "unknown"
    assert Robustness().look(asked)[0].verdict == "unknown"


# --- efficiency and latency ---


def test_efficiency_times_the_model_and_repeats_what_was_recorded() -> None:
    frame, predict = logistic(50)
    sizes: list[int] = []

    def counted(rows: pl.DataFrame) -> Predictions:
        sizes.append(rows.height)
        return predict(rows)

    facts = {"fit_s": 2.0, "size_mb": 0.5}
    look = subject(frame, A, B, Y, predict=counted, facts=facts)
    found = by_subject(Efficiency(seconds=0.02).look(look))
    assert found["efficiency.fit_s"].value == 2.0 and found["efficiency.size_mb"].value == 0.5
    assert found["efficiency.fit_cpu_s"].verdict == "unknown"
    fast, slow = found["efficiency.latency_ms"].value, found["efficiency.latency_p99_ms"].value
    assert fast is not None and slow is not None and 0 < fast <= slow
    assert set(sizes) == {1, 50}
    assert found["efficiency.memory_mb"].value > 10
    alone = by_subject(Efficiency().look(subject(frame, A, Y)))
    assert alone["efficiency.latency_ms"].verdict == "unknown"


def test_latency_reads_the_window() -> None:
    def look(check: Latency, **facts: Any) -> dict[str, Finding]:
        return by_subject(check.look(Subject("live", "classify", Schema(()), facts=facts)))

    facts = {"requests": 1000, "errors": 50, "latency_p50_ms": 2.0, "latency_p99_ms": 30.0}
    found = look(Latency(p99_ms=10.0), **facts)
    assert found["latency.p99_ms"].verdict == "fail" and found["latency.p50_ms"].value == 2.0
    assert found["latency.error_rate"].verdict == "fail"
    few = look(Latency(), requests=20, errors=1)
    assert few["latency.error_rate"].verdict == "pass", "one of twenty may be chance"
    assert few["latency.p99_ms"].verdict == "unknown"


# --- performance ---


def live(
    shift: float, n: int = 2000, hits: bool = True
) -> tuple[dict[str, Any], dict[str, Any], float]:
    """A calibrated model, and a window in which the inputs moved towards the hard region."""
    rng = np.random.default_rng(0)

    def rows(count: int, centre: float) -> tuple[np.ndarray, np.ndarray]:
        a = rng.normal(size=count) * 2 + centre
        a = a * (1 - min(centre, 0.9)) if centre else a
        return a, (rng.random(count) < 1 / (1 + np.exp(-a))).astype(int)

    old, y = rows(4000, 0.0)
    new, truth = rows(n, shift)
    said = binary(1 / (1 + np.exp(-old * 3)))  # overconfident, so calibration must do its part
    profile = fit_profile(pl.DataFrame({"a": old}), said, y=y if hits else None)
    now = binary(1 / (1 + np.exp(-new * 3)))
    window = count(profile, pl.DataFrame({"a": new}), now)
    return profile, window, float((now.labels == truth).mean())


def test_harder_inputs_are_estimated_without_labels() -> None:
    for shift in (0.0, 0.8):
        profile, window, truth = live(shift)
        look = Subject("live", "classify", Schema(()), reference=profile, facts={"window": window})
        found = by_subject(Performance().look(look))
        estimate = found["performance.accuracy"]
        assert estimate.value == pytest.approx(truth, abs=0.03)
        assert estimate.evidence["estimate"] is True
        assert "labels" in estimate.evidence["assumes"] and estimate.evidence["assumes_zh"]
        verdict = "fail" if shift else "pass"
        assert found["performance.drop"].verdict == verdict


def test_without_hits_the_confidence_itself_is_taken() -> None:
    profile, window, _ = live(0.0, hits=False)
    look = Subject("live", "classify", Schema(()), reference=profile, facts={"window": window})
    found = by_subject(Performance().look(look))
    assert found["performance.accuracy"].evidence["calibrated"] is False
    assert found["performance.accuracy"].value > 0.9, "an overconfident model is believed"


def test_labels_decide_where_they_are() -> None:
    profile, _, _ = live(0.0)
    frame, _ = logistic(300)
    wrong = binary(np.where(frame["y"] == "yes", 0.1, 0.9))
    look = subject(frame, A, B, Y, said=wrong, stage="live", reference=profile)
    found = by_subject(Performance().look(look))
    assert found["performance.accuracy"].value == 0.0
    assert found["performance.accuracy"].evidence["estimate"] is False
    assert found["performance.drop"].verdict == "fail"
    no_reference = subject(frame, A, B, Y, said=wrong, stage="live")
    assert by_subject(Performance().look(no_reference))["performance.drop"].verdict == "unknown"


def test_rows_at_hand_without_labels_are_estimated() -> None:
    profile, _, _ = live(0.0)
    frame = pl.DataFrame({"a": np.random.default_rng(0).normal(size=100)})
    look = subject(frame, A, Y, said=binary(np.full(100, 0.8)), stage="live", reference=profile)
    found = by_subject(Performance().look(look))
    assert found["performance.accuracy"].n == 100


def test_what_cannot_be_estimated_is_unknown() -> None:
    profile, window, _ = live(0.0, n=20)
    small = Subject("live", "classify", Schema(()), reference=profile, facts={"window": window})
    assert {f.verdict for f in Performance().look(small)} == {"unknown"}
    bare = Subject(
        "live", "classify", Schema(()), reference=fit_profile(pl.DataFrame({"a": [1.0]}))
    )
    assert {f.verdict for f in Performance().look(bare)} == {"unknown"}
    value = Subject("live", "regress", Schema(()), reference=profile)
    assert {f.verdict for f in Performance().look(value)} == {"unknown"}
    frame = pl.DataFrame({"y": np.arange(60.0)})
    said = Predictions(np.arange(60.0) + 2)
    measured = subject(frame, VALUE, said=said, task="regress", stage="live")
    found = by_subject(Performance().look(measured))
    assert found["performance.rmse"].value == pytest.approx(2.0)
