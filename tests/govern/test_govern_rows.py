"""Operators that judge rows, the pipeline that walks them, and the defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.datasets import load_digits, load_wine
from sklearn.metrics import average_precision_score
from tests.govern.test_govern_battery import people

from lingqu.core import catalog
from lingqu.core.errors import DataError, SpecError
from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset
from lingqu.core.ports import KEEP, REASON
from lingqu.core.schema import Column, Schema
from lingqu.govern.dedupe import Dedupe
from lingqu.govern.defaults import defaults
from lingqu.govern.find_label_errors import FindLabelErrors
from lingqu.govern.impute import Impute
from lingqu.govern.label_judges import kernel_votes, left_out
from lingqu.govern.marks import commit, kept, mark
from lingqu.govern.outliers import Outliers
from lingqu.govern.pipeline import govern, restore, save_state
from lingqu.govern.privacy.mask import Mask
from lingqu.govern.reweigh import WEIGHT, Reweigh


def numbers(**columns: Any) -> Dataset:
    frame = pl.DataFrame(columns)
    roles: dict[str, Any] = {"y": ("category", "target"), "s": ("category", "protected")}
    return Dataset(
        frame, Schema(tuple(Column(n, *roles.get(n, ("number", "feature"))) for n in frame.columns))
    )


class TestDedupe:
    def copies(self, data: Dataset, *subset: str) -> tuple[list[int], dict[str, Any]]:
        step = Dedupe(subset, coarse="drop")
        step.fit(data)
        frame = step.apply(data).frame
        rows = frame.with_row_index("row").filter(~pl.col(KEEP)) if KEEP in frame.columns else None
        return (rows["row"].to_list() if rows is not None else []), dict(step.report())

    def test_later_copies_are_marked_and_clashes_told_apart(self) -> None:
        data = numbers(a=[1, 1, 2, 1, 2], b=[0.5, 0.5, 1, 0.5, 1], y=["n", "n", "n", "y", "n"])
        rows, report = self.copies(data)
        assert rows == [1, 4]
        assert (report["copies"], report["groups"]) == (2, 2)
        assert report["samples"] == [[0, 1], [2, 4]]
        assert (report["conflicting_labels"], report["conflict_samples"]) == (3, [[0, 1, 3]])

    def test_a_subset_decides_alone(self) -> None:
        data = numbers(a=[1, 1, 2], b=[1, 2, 3], y=["n", "y", "n"])
        assert self.copies(data)[0] == []
        assert self.copies(data, "a")[0] == [1]

    def test_a_protected_column_tells_two_people_apart(self) -> None:
        data = numbers(a=[1, 1, 1], s=["m", "f", "m"])
        assert self.copies(data)[0] == [2]

    def test_copies_that_chance_explains_are_only_reported(self) -> None:
        random = np.random.default_rng(0)
        data = numbers(a=random.integers(0, 4, 400).tolist(), y=["n", "y"] * 200)
        step = Dedupe()
        step.fit(data)
        assert KEEP not in step.apply(data).frame.columns
        report = step.report()
        assert (report["only_reported"], report["changed"]) == (True, 0)
        assert report["copies"] == 400 - data.frame.unique().height
        assert report["by_chance"] > 0.3

    def test_planted_copies_of_fine_rows_are_dropped(self) -> None:
        random = np.random.default_rng(0)
        fine = random.normal(size=300).tolist()
        coarse = random.integers(0, 4, 300).tolist()
        data = numbers(
            a=fine + fine[:40], b=coarse + coarse[:40], y=(["n", "y"] * 150)[:] + ["n", "y"] * 20
        )
        step = Dedupe()
        step.fit(data)
        assert kept(step.apply(data)).frame.height == 300
        assert step.report()["by_chance"] == 0.0

    def test_pictures_are_compared_by_content(self, tmp_path: Path) -> None:
        for name, grey in (("a", 10), ("b", 10), ("c", 99)):
            Image.new("L", (4, 4), grey).save(tmp_path / f"{name}.png")
        paths = [str(tmp_path / f"{name}.png") for name in "abc"]
        schema = Schema((Column("p", "image", shape=(4, 4)),))
        assert self.copies(Dataset(pl.DataFrame({"p": paths}), schema))[0] == [1]
        data = [Path(path).read_bytes() for path in paths]
        assert self.copies(Dataset(pl.DataFrame({"p": data}), schema))[0] == [1]
        array = pl.Series(
            "p", np.array([[[1, 2]], [[3, 4]], [[1, 2]]]), dtype=pl.Array(pl.UInt8, (1, 2))
        )
        assert self.copies(Dataset(pl.DataFrame([array]), schema))[0] == [2]
        gaps = pl.DataFrame({"p": [[1.0], None, [1.0], None]})
        assert self.copies(Dataset(gaps, Schema((Column("p", "vector"),))))[0] == [2, 3]

    def test_a_lost_picture_is_named(self) -> None:
        data = Dataset(pl.DataFrame({"p": ["nowhere.png"]}), Schema((Column("p", "image"),)))
        with pytest.raises(DataError) as caught:
            self.copies(data)
        assert caught.value.facts["path"] == "nowhere.png"

    @given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("ab")), min_size=1, max_size=30))
    @settings(max_examples=40, deadline=None)
    def test_what_stays_is_each_row_once(self, rows: list[tuple[int, str]]) -> None:
        data = numbers(a=[a for a, _ in rows], y=[y for _, y in rows])
        gone = set(self.copies(data)[0])
        left = [row for i, row in enumerate(rows) if i not in gone]
        assert left == list(dict.fromkeys(rows))


class TestReweigh:
    def test_weights_make_group_and_label_independent(self) -> None:
        data = numbers(s=["f"] * 6 + ["m"] * 4, y=["n"] * 5 + ["y"] * 1 + ["y"] * 3 + ["n"])
        step = Reweigh()
        step.fit(data)
        after = step.apply(data)
        shares = {}
        for group in "fm":
            part = after.frame.filter(pl.col("s") == group)
            shares[group] = part.filter(pl.col("y") == "y")[WEIGHT].sum() / part[WEIGHT].sum()
        assert shares["f"] == pytest.approx(shares["m"]) == pytest.approx(0.4)
        assert after.frame[WEIGHT].sum() == pytest.approx(10)
        assert after.schema[WEIGHT].role == "weight"
        assert step.report()["effective_rows"] < 10

    def test_a_second_reweighing_multiplies(self) -> None:
        data = numbers(s=["f", "f", "m", "m"], y=["n", "n", "n", "y"])
        step = Reweigh()
        step.fit(data)
        twice = step.apply(step.apply(data))
        assert twice.frame[WEIGHT].to_list() == [0.5625, 0.5625, 2.25, 0.25]
        assert twice.schema.names.count(WEIGHT) == 1

    def test_numbers_are_cut_into_bins(self) -> None:
        frame = pl.DataFrame({"s": [*range(20, 59), None], "y": [float(i) for i in range(40)]})
        schema = Schema((Column("s", "number", "protected"), Column("y", "number", "target")))
        step = Reweigh(bins=2)
        step.fit(Dataset(frame, schema))
        assert len(step.state["edges"]["s"]) == 1
        assert set(step.state["weights"]) == {"bin 0", "bin 1", "null"}
        step.apply(Dataset(frame, schema))
        assert step.report()["column"] == "s"

    def test_it_needs_a_target_and_a_protected_column(self) -> None:
        with pytest.raises(SpecError) as caught:
            Reweigh("a").fit(numbers(a=[1, 2]))
        assert caught.value.key == "govern.no_target"
        with pytest.raises(SpecError) as caught:
            Reweigh().fit(numbers(a=[1, 2], y=["n", "y"]))
        assert caught.value.key == "govern.no_protected"
        with pytest.raises(SpecError, match="Near names: s"):
            Reweigh("ss").fit(numbers(s=["f", "m"], y=["n", "y"]))

    def test_unfitted_it_changes_nothing(self) -> None:
        data = numbers(s=["f", "m"], y=["n", "y"])
        step = Reweigh()
        assert step.apply(data) is data
        assert step.report()["changed"] == 0


def flipped(x: Any, y: Any, seed: int) -> tuple[Dataset, Any]:
    """Return a table with 5 % wrong labels, and which they are."""
    random = np.random.default_rng(seed)
    wrong = np.zeros(len(y), dtype=bool)
    wrong[random.choice(len(y), len(y) // 20, replace=False)] = True
    classes = int(y.max()) + 1
    given_labels = np.where(wrong, (y + random.integers(1, classes, len(y))) % classes, y)
    label = Column("y", "category", "target")
    labels = pl.Series("y", given_labels.astype(str))
    if x.ndim == 3:
        pictures = pl.Series("p", x.astype(np.uint8), dtype=pl.Array(pl.UInt8, x.shape[1:]))
        column = Column("p", "image", shape=x.shape[1:])
        return Dataset(pl.DataFrame([pictures, labels]), Schema((column, label))), wrong
    frame = pl.DataFrame({f"x{i}": x[:, i] for i in range(x.shape[1])}).with_columns(labels)
    columns = tuple(Column(f"x{i}", "number") for i in range(x.shape[1]))
    return Dataset(frame, Schema((*columns, label))), wrong


class TestFindLabelErrors:
    @pytest.mark.parametrize("seed", [0, 1])
    def test_flipped_digits_are_found(self, seed: int) -> None:
        x, y = load_digits(return_X_y=True)
        data, wrong = flipped(x.reshape(-1, 8, 8), y, seed)
        step = FindLabelErrors()
        step.fit(data)
        judged = step._judge(data)
        assert isinstance(judged, pl.DataFrame)
        assert average_precision_score(wrong, -judged["score"].to_numpy()) >= 0.98
        suspects = judged["suspect"].to_numpy()
        assert (suspects & wrong).sum() / wrong.sum() >= 0.95
        assert (suspects & wrong).sum() / suspects.sum() >= 0.80
        found = judged.filter(pl.Series(suspects & wrong))
        assert (found["suggested"] == pl.Series(y[suspects & wrong].astype(str))).mean() > 0.95

    def test_dropping_takes_the_worst_and_no_more(self) -> None:
        x, y = load_wine(return_X_y=True)
        data, wrong = flipped(x, y, 3)
        step = FindLabelErrors(drop=0.02)
        step.fit(data)
        after = step.apply(data)
        marked = ~after.frame[KEEP].to_numpy()
        assert marked.sum() == 3 == (marked & wrong).sum()
        report = step.report()
        assert report["changed"] == 3
        assert report["samples"][0]["row"] in np.flatnonzero(marked)
        assert report["suspects"] >= wrong.sum() * 0.8
        # Rows that others marked are judged no more.
        again = FindLabelErrors()
        again.apply(after)
        assert not {s["row"] for s in again.report()["samples"]} & set(
            np.flatnonzero(marked).tolist()
        )

    def test_every_kind_of_feature_is_read(self) -> None:
        rows = 60
        label = ["spam" if i % 2 else "mail" for i in range(rows)]
        frame = pl.DataFrame(
            {
                "text": ["win money now" if i % 2 else "see you at noon" for i in range(rows)],
                "word": ["a" if i % 2 else "b" for i in range(rows)],
                "flag": [bool(i % 2) for i in range(rows)],
                "when": pl.Series([i % 2 * 10**15 for i in range(rows)]).cast(pl.Datetime("us")),
                "void": pl.Series([None] * rows, dtype=pl.Float64),
                "wide": [[float(i % 2)] * 300 for i in range(rows)],
                "y": ["spam", *label[1:]],
            }
        )
        kinds: list[Any] = ["text", "category", "boolean", "datetime", "number", "vector"]
        columns = [Column(n, k) for n, k in zip(frame.columns[:-1], kinds, strict=True)]
        data = Dataset(frame, Schema((*columns, Column("y", "category", "target"))))
        step = FindLabelErrors()
        step.apply(data)
        assert [(s["row"], s["suggested"]) for s in step.report()["samples"]] == [(0, "mail")]

    @pytest.mark.parametrize(
        ("data", "why"),
        [
            (numbers(a=[1] * 30), "no target"),
            (
                Dataset(
                    pl.DataFrame({"a": range(30), "y": range(30)}),
                    Schema((Column("a", "number"), Column("y", "datetime", "target"))),
                ),
                "kind datetime",
            ),
            (numbers(a=[1, 2], y=["a", "b"]), "fewer than 20"),
            (numbers(a=list(range(30)), y=["a"] * 30), "1 classes"),
            (numbers(a=list(range(30)), y=[str(i) for i in range(30)]), "30 classes"),
            (numbers(y=["a", "b"] * 15), "no feature"),
        ],
    )
    def test_where_it_does_not_apply_it_says_so(self, data: Dataset, why: str) -> None:
        step = FindLabelErrors(drop=0.1)
        assert step.apply(data) is data
        report = step.report()
        assert report["applicable"] is False and why in report["why"]

    def test_a_share_above_half_is_refused(self) -> None:
        with pytest.raises(SpecError, match="drop"):
            FindLabelErrors(drop=0.6)

    def test_leaving_out_in_closed_form_is_leaving_out(self) -> None:
        random = np.random.default_rng(0)
        x, labels = random.normal(size=(30, 2)), random.integers(0, 2, 30)
        said = left_out(x, np.eye(2)[labels], 0, (1.0, 0.1))
        assert kernel_votes(x, labels, 0).sum(axis=1) == pytest.approx(np.ones(30))
        # Turning the label of one row must not move what is said of that row.
        labels[7] = 1 - labels[7]
        again = left_out(x, np.eye(2)[labels], 0, (1.0, 0.1))
        assert again[7] == pytest.approx(said[7], abs=1e-9)
        assert again[8] != pytest.approx(said[8], abs=1e-9)


class TestMarks:
    def test_the_first_reason_stays(self) -> None:
        frame = mark(pl.DataFrame({"a": [1, 2, 3]}), np.array([True, False, False]), "one: x")
        frame = mark(frame, np.array([True, True, False]), "two: y")
        assert frame[REASON].to_list() == ["one: x", "two: y", ""]
        data = Dataset(frame, Schema((Column("a", "number"),)), digest="d")
        assert kept(data).frame["a"].to_list() == [3]
        left, rows, removed = commit(data)
        assert left.frame.columns == ["a"] and rows == [2] and left.digest == ""
        assert removed == [{"row": 0, "reason": "one: x"}, {"row": 1, "reason": "two: y"}]

    def test_without_marks_nothing_leaves(self) -> None:
        data = Dataset(pl.DataFrame({"a": [1, 2]}), Schema((Column("a", "number"),)), digest="d")
        assert kept(data) is data
        assert commit(data) == (data, [0, 1], [])


class TestGovern:
    def test_rows_leave_train_once_and_test_never(self) -> None:
        train = numbers(a=[1.0, 1.0, None, 3.0, 5.0, 900.0], b=[1, 1, 2, 3, 4, 5], y=list("nnyyny"))
        test = numbers(a=[1.0, 1.0, None, 900.0], b=[1, 1, 9, 9], y=list("nnyy"))
        told: list[Any] = []
        steps = [Dedupe(), Outliers("mark", factor=1.5), Impute("mean")]
        done = govern(train, test, steps, ["dedupe", "far", "impute"], told.append)
        assert done.kept_rows == [0, 2, 3, 4]
        assert [(r["row"], r["operator"]) for r in done.removed] == [(1, "dedupe"), (5, "far")]
        assert done.train.frame.columns == ["a", "b", "y"]
        # The mean comes from rows that were still there: 1, 3 and 5.
        assert done.train.frame["a"].to_list() == [1, 3, 3, 5]
        assert done.test is not None
        assert done.test.frame["a"].to_list() == [1, 1, 3, 900]
        assert KEEP not in done.test.frame.columns
        assert [(r["rows_before"], r["rows_after"]) for r in done.reports] == [
            (6, 5),
            (5, 4),
            (4, 4),
        ]
        assert done.reports[2]["report"]["rows"] == 6
        begun, ended = told[::2], told[1::2]
        assert [row["name"] for row in ended] == ["dedupe", "far", "impute"]
        assert begun == [{"event": "operator", "name": row["name"]} for row in ended]
        assert all(row["seconds"] >= 0 for row in ended)

    def test_test_rows_teach_nothing(self) -> None:
        train = numbers(a=[1.0, 3.0], y=list("ny"))
        states = [
            save_state(govern(train, numbers(a=[far, None], y=list("ny")), [Impute()]).operators)
            for far in (5.0, 1e9)
        ]
        assert states[0] == states[1]

    def test_travelling_state_prepares_new_rows_alike(self) -> None:
        data = people()
        steps = [
            catalog.build("operators", name)
            for name in ("contract", "dedupe", "mask", "drop_constant", "drop_ids", "standardise",
                         "clean_categories", "impute", "find_label_errors")
        ]  # fmt: skip
        done = govern(data, data, steps)
        rows = save_state(done.operators)
        assert [row["name"] for row in rows] == [
            "mask", "drop_constant", "drop_ids", "standardise", "clean_categories", "impute",
        ]  # fmt: skip
        assert done.test is not None
        new = data
        for operator in restore(rows):
            new = operator.apply(new)
        assert new.frame.equals(done.test.frame)
        assert new.schema == done.test.schema == done.train.schema
        ignored = {c.name for c in done.train.schema if c.role == "ignored"}
        assert ignored >= {"row_id", "same", "phone"}

    def test_nothing_to_do_and_nothing_to_learn_from(self) -> None:
        data = numbers(a=[1, 2])
        assert govern(data, None, []).train is data
        with pytest.raises(DataError) as caught:
            govern(numbers(a=[]), None, [])
        assert caught.value.key == "govern.empty"

    def test_marking_every_row_is_refused(self) -> None:
        data = numbers(a=[500, 600])
        step = catalog.build(
            "operators",
            "contract",
            {"rules": [{"range": {"column": "a", "max": 1}}], "on_fail": "mark"},
        )
        with pytest.raises(DataError) as caught:
            govern(data, None, [step], ["mine"])
        assert (caught.value.key, caught.value.facts["operator"]) == ("govern.all_marked", "mine")


class TestDefaults:
    def test_only_what_the_data_need(self) -> None:
        data = numbers(a=[1.0, 2.0], b=[3, 4])
        assert [row[0] for row in defaults(data.schema, data.frame)] == [
            "contract", "dedupe", "drop_constant", "drop_ids", "outliers",
        ]  # fmt: skip

    def test_a_rich_table_gets_a_reason_for_each(self) -> None:
        data = people()
        chosen = defaults(data.schema, data.frame)
        assert [row[0] for row in chosen] == [
            "contract", "dedupe", "mask", "drop_constant", "drop_ids", "standardise",
            "clean_categories", "outliers", "impute", "find_label_errors",
        ]  # fmt: skip
        options = {name: given for name, given, _ in chosen}
        assert options["mask"] == {"columns": ["note", "phone"]}
        for _, _, reason in chosen:
            words = both(reason)
            assert words["en"] and words["zh"] and words["en"] != words["zh"]
        steps = [catalog.build("operators", name, given) for name, given, _ in chosen]
        done = govern(data, None, steps)
        assert len(done.train) == 60
        assert not done.train.schema["age"].nullable
        mask = next(step for step in steps if isinstance(step, Mask))
        assert mask.state["columns"]["note"]["by"] == "span"

    def test_pictures_alone(self) -> None:
        x, y = load_digits(return_X_y=True)
        data, _ = flipped(x[:50].reshape(-1, 8, 8), y[:50], 0)
        assert [row[0] for row in defaults(data.schema, data.frame)] == [
            "contract", "dedupe", "drop_constant", "clean_categories", "find_label_errors",
        ]  # fmt: skip

    def test_an_empty_frame_is_no_accident(self) -> None:
        data = people()
        names = [row[0] for row in defaults(data.schema, data.frame.clear())]
        assert "standardise" not in names and "mask" not in names
