"""Near copies of rows: what is reported, what is marked and why; contradictory labels."""

from __future__ import annotations

import json
import random
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import EVIDENCE, KEEP, REASON
from lingqu.core.schema import Column, Schema
from lingqu.core.shingles import jaccard
from lingqu.govern.conflicts import Conflicts
from lingqu.govern.dedupe import Dedupe
from lingqu.govern.marks import commit, mark
from lingqu.govern.near import PAIRS, SHOWN, partners, without_texts

EN = (
    "The hotel lies five minutes from the station and the rooms are quiet and clean, but the "
    "breakfast is poor and the staff at the desk could not help us with our booking at all."
)
ZH = (
    "酒店离火车站只有五分钟的路程，房间安静整洁，可是早餐很一般，"
    "前台的工作人员也没能帮我们解决预订的问题。"
)
OTHER = (
    "A completely different opinion about a small restaurant near the harbour, where fish is fresh "
    "and prices are fair, and where one has to wait for a table on most evenings of the week."
)


def table(kinds: dict[str, Any] | None = None, **columns: Any) -> Dataset:
    """Return a data set; ``t`` is text, ``y`` the label, ``p`` pictures, the rest numbers."""
    frame = pl.DataFrame(columns)
    known: dict[str, Any] = {
        "t": ("text", "feature"), "s": ("text", "feature"), "y": ("category", "target"),
        "g": ("category", "feature"), "k": ("number", "id"),
    }  # fmt: skip
    known |= kinds or {}
    return Dataset(
        frame,
        Schema(tuple(Column(n, *known.get(n, ("number", "feature"))) for n in frame.columns)),
    )


def walked(step: Any, data: Dataset) -> tuple[dict[int, dict[str, Any]], dict[str, Any]]:
    """Return the marked rows with reason and evidence, and the report."""
    step.fit(data)
    after = step.apply(data)
    json.dumps(step.report(), allow_nan=False)
    marked = {}
    if KEEP in after.frame.columns:
        gone = after.frame.with_row_index("row").filter(~pl.col(KEEP))
        for row, why, proof in gone.select("row", REASON, EVIDENCE).iter_rows():
            marked[row] = {"reason": why, **json.loads(proof or "{}")}
    return marked, dict(step.report())


class TestReport:
    def test_near_copies_are_shown_side_by_side_and_stay(self) -> None:
        data = table(t=[EN, OTHER, EN.replace("poor", "bad"), ZH], x=[1, 2, 3, 4], y=list("abab"))
        marked, report = walked(Dedupe(), data)
        assert marked == {}
        near = report["near"]
        assert (near["columns"], near["groups"], near["rows"], near["marked"]) == (
            ["t"],
            1,
            2,
            False,
        )
        assert near["compared"] == 4
        assert near["left_out"] == near["equal_elsewhere"] == near["conflicting_labels"] == 0
        (pair,) = near["pairs"]
        assert pair["rows"] == [0, 2]
        assert pair["texts"] == [EN[:SHOWN], EN.replace("poor", "bad")[:SHOWN]]
        assert pair["similarity"] == round(float(jaccard([EN], [EN.replace("poor", "bad")])[0]), 4)
        assert near["samples"] == [[0, 2]]

    def test_labels_that_differ_stand_first(self) -> None:
        texts = [EN, EN + "!", OTHER, OTHER + "!", ZH * 3, ZH * 3 + "。"]
        data = table(t=texts, y=["a", "a", "a", "b", "b", "b"])
        near = walked(Dedupe(), data)[1]["near"]
        assert near["conflicting_labels"] == 2
        assert near["pairs"][0]["rows"] == [2, 3]
        assert near["pairs"][0]["labels"] == ["a", "b"]
        assert all("labels" not in pair for pair in near["pairs"][1:])
        assert near["equal_elsewhere"] == 2

    def test_short_codes_are_no_free_text_and_off_is_off(self) -> None:
        codes = table(t=["A-1001", "A-1002", "A-1003"])
        assert walked(Dedupe(), codes)[1]["near"] == {}
        long = table(t=[EN, EN + "!"])
        assert walked(Dedupe(), long)[1]["near"]["rows"] == 2
        for off in ("off", 0, False):
            assert walked(Dedupe(near=off), long)[1]["near"] == {}

    def test_many_pairs_are_bounded_and_texts_cut(self) -> None:
        draw = random.Random(0)
        texts = []
        for _ in range(60):
            text = " ".join(str(draw.randrange(10**6)) for _ in range(80))
            texts += [text, text + " 7"]
        near = walked(Dedupe(), table(t=texts))[1]["near"]
        assert near["groups"] == 60
        assert len(near["pairs"]) == PAIRS
        assert max(len(text) for pair in near["pairs"] for text in pair["texts"]) == SHOWN
        assert len({pair["rows"][0] for pair in near["pairs"]}) == PAIRS

    def test_texts_of_hidden_columns_are_not_shown(self) -> None:
        report = walked(Dedupe(), table(t=[EN, EN + "!"]))[1]
        assert without_texts(report, ["x"]) == report
        bare = without_texts(report, ["t"])
        assert "hotel" not in json.dumps(bare)
        assert bare["near"]["pairs"][0]["rows"] == [0, 1]
        assert without_texts({"copies": 0}, ["t"]) == {"copies": 0}


class TestMarking:
    def test_reason_and_evidence_in_both_languages(self) -> None:
        data = table(t=[EN, EN, OTHER, ZH, ZH.replace("五", "六"), None, None], k=list(range(7)))
        marked, report = walked(Dedupe(near="auto"), data)
        # Equal empty cells are equal rows, as they are for exact copies.
        assert sorted(marked) == [1, 4, 6]
        assert marked[1] == {
            "copy_of": 0,
            "similarity": 1.0,
            "reason": "dedupe: copy of an earlier row",
            "reason_zh": "dedupe：与前面某行完全相同",
        }
        assert marked[4]["reason"] == "dedupe: near copy of an earlier row"
        assert marked[4]["reason_zh"] == "dedupe：与前面某行近似重复"
        assert marked[4]["copy_of"] == 3
        assert marked[4]["similarity"] == round(
            float(jaccard([ZH], [ZH.replace("五", "六")])[0]), 4
        )
        assert report["changed"] == 3
        assert report["near"]["marked"] is True

    def test_the_removed_list_carries_the_evidence(self) -> None:
        step, data = Dedupe(near=0.9), table(t=[EN, EN + "!", OTHER])
        step.fit(data)
        left, numbers, removed = commit(step.apply(data))
        assert numbers == [0, 2]
        assert left.frame.height == 2
        assert removed[0]["row"] == 1
        assert removed[0]["copy_of"] == 0
        assert removed[0]["similarity"] > 0.9
        assert removed[0]["reason_zh"]

    def test_the_rest_of_the_row_must_be_equal(self) -> None:
        data = table(
            t=[EN, EN + "!", EN + "!!", EN + "?"], x=[1, 2, 1, None], g=["u", "u", "u", "u"]
        )
        assert sorted(walked(Dedupe(near="auto"), data)[0]) == [2]
        assert sorted(walked(Dedupe(("t",), near="auto"), data)[0]) == [1, 2, 3]
        gaps = table(t=[EN, EN + "!"], x=[None, None], g=["u", "u"])
        assert sorted(walked(Dedupe(near="auto"), gaps)[0]) == [1]

    def test_a_number_is_the_threshold(self) -> None:
        changed = EN.replace("poor", "rich").replace("clean", "large").replace("quiet", "noisy")
        data = table(t=[EN, changed])
        score = float(jaccard([EN], [changed])[0])
        assert 0.6 < score < 0.85
        assert sorted(walked(Dedupe(near=round(score - 0.05, 2)), data)[0]) == [1]
        assert walked(Dedupe(near=round(score + 0.05, 2)), data)[0] == {}

    def test_another_label_is_told_and_stays_unless_dropped(self) -> None:
        data = table(t=[EN, EN + "!", OTHER, OTHER + "!", ZH], y=["a", "b", "a", "a", None])
        marked, report = walked(Dedupe(near="auto"), data)
        assert sorted(marked) == [3]
        assert report["near"]["conflicting_labels"] == 2
        assert sorted(walked(Dedupe(near="auto", conflicting="drop"), data)[0]) == [1, 3]
        # The label is asked even where it was not named as a deciding column.
        assert sorted(walked(Dedupe(("t",), near="auto"), data)[0]) == [3]

    def test_every_marked_row_has_a_near_row_that_stays(self) -> None:
        draw = random.Random(2)
        words = OTHER.split()
        texts = []
        for step in range(40):
            if step:
                words = [*words]
                words[draw.randrange(len(words))] = f"w{step}"
            texts.append(" ".join(words))
        marked, _ = walked(Dedupe(near="auto"), table(t=texts))
        assert 0 < len(marked) < 39
        for row, why in marked.items():
            assert why["copy_of"] not in marked
            assert why["copy_of"] < row
            assert jaccard([texts[row]], [texts[why["copy_of"]]])[0] >= 0.8 - 0.06

    def test_rows_marked_before_are_not_looked_at(self) -> None:
        data = table(t=[EN, EN + "!", OTHER])
        gone = np.array([True, False, False])
        data = Dataset(mark(data.frame, gone, "other: gone"), data.schema)
        marked, report = walked(Dedupe(near="auto"), data)
        assert sorted(marked) == [0]
        assert marked[0]["reason"] == "other: gone"
        assert report["near"]["groups"] == 0

    def test_several_texts_count_as_one_and_short_ones_must_be_equal(self) -> None:
        kinds = {"c": ("text", "feature")}
        data = table(
            kinds, t=[EN, EN + "!", EN + "."], s=[OTHER, OTHER + "!", ZH * 3], c=["1", "1", "1"]
        )
        assert sorted(walked(Dedupe(near="auto"), data)[0]) == [1]
        other = table(kinds, t=[EN, EN + "!"], c=["1,200 元", "1,300 元"])
        assert walked(Dedupe(near="auto"), other)[0] == {}

    def test_the_longest_text_is_taken_where_near_was_declared(self) -> None:
        data = table(t=["good  quality", "Good quality", "bad quality"], s=["a", "a", "a"])
        assert sorted(walked(Dedupe(near="auto"), data)[0]) == [1]
        assert walked(Dedupe(), data)[1]["near"] == {}

    @given(
        st.lists(
            st.tuples(
                st.sampled_from([EN, EN + "!", ZH, ZH + "！", "😀" * 30, "", None]),
                st.sampled_from(["a", "b", None]),
            ),
            min_size=1,
            max_size=10,
        )
    )
    @settings(max_examples=40, deadline=None)
    def test_any_table_survives_and_equal_rows_leave_one(self, rows: list[Any]) -> None:
        data = table(
            t=pl.Series([text for text, _ in rows], dtype=pl.String),
            y=pl.Series([label for _, label in rows], dtype=pl.String),
        )
        step = Dedupe(near="auto", coarse="drop")
        marked, report = walked(step, data)
        left = [row for number, row in enumerate(rows) if number not in marked]
        assert len(set(left)) == len(left)
        assert set(left) <= set(rows)
        assert report["changed"] == len(marked)
        assert walked(Dedupe(near="auto", coarse="drop"), data)[0] == marked

    @pytest.mark.parametrize("near", [0.2, 1.5, -1.0, "on"])
    def test_an_option_out_of_range_is_refused(self, near: Any) -> None:
        for name in ("dedupe", "conflicts"):
            with pytest.raises(SpecError) as caught:
                catalog.build("operators", name, {"near": near})
            assert caught.value.key in ("duplicates.near", "core.bad_option")

    def test_partners_are_the_likest(self) -> None:
        copied, score = partners(np.array([[0, 2], [1, 2], [2, 3]]), np.array([0.8, 0.9, 1.0]), 4)
        assert copied.tolist() == [-1, -1, 1, -1]
        assert score.tolist() == [0, 0, 0.9, 0]


def scene(seed: int) -> Any:
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3)).astype(np.uint8)
    return Image.fromarray(coarse).resize((40, 32), Image.Resampling.BICUBIC)


def png(image: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


class TestPictures:
    def data(self, cells: list[Any], **more: Any) -> Dataset:
        frame = pl.DataFrame({"p": cells, **more})
        columns = [Column("p", "image", shape=(32, 40, 3))]
        columns += [Column(n, "text" if n == "t" else "number") for n in more]
        return Dataset(frame, Schema(tuple(columns)))

    def test_a_resized_and_darker_copy_is_found(self, tmp_path: Path) -> None:
        small = scene(1).resize((30, 24)).point(lambda v: int(v * 0.7))
        images = [scene(0), scene(1), scene(2), small]
        marked, report = walked(Dedupe(near="auto"), self.data([png(image) for image in images]))
        assert sorted(marked) == [3]
        assert marked[3]["copy_of"] == 1
        assert marked[3]["similarity"] > 0.99
        assert report["near"]["columns"] == ["p"]
        assert "texts" not in report["near"]["pairs"][0]
        paths = []
        for number, image in enumerate(images):
            paths.append(str(tmp_path / f"{number}.png"))
            image.save(paths[-1])
        reported = walked(Dedupe(), self.data(paths))[1]["near"]
        assert reported["samples"] == [[1, 3]]
        assert walked(Dedupe(), self.data(paths))[0] == {}

    def test_missing_pictures_and_pixel_arrays(self) -> None:
        cells = [png(scene(0)), None, png(scene(0).resize((80, 64))), None, png(scene(3))]
        marked, _ = walked(Dedupe(near="auto", coarse="drop"), self.data(cells))
        assert sorted(marked) == [2, 3]
        block = np.stack([np.asarray(scene(n)) for n in (0, 1)] + [np.asarray(scene(0)) // 2])
        arrays = pl.Series("p", block, dtype=pl.Array(pl.UInt8, block.shape[1:]))
        assert sorted(walked(Dedupe(near=0.98), self.data(arrays))[0]) == [2]

    def test_text_and_picture_must_both_be_near(self) -> None:
        cells = [png(scene(0)), png(scene(0).resize((80, 64))), png(scene(5)), None]
        data = self.data(cells, t=[EN, EN + "!", EN + "?", EN + "."])
        assert sorted(walked(Dedupe(near="auto"), data)[0]) == [1]


class TestConflicts:
    def test_majority_tie_and_evidence(self) -> None:
        data = table(
            x=[1.5, 1.5, 1.5, 2.5, 2.5, 3.5, 3.5, 4.5], y=["a", "a", "b", "a", "b", "c", "c", None]
        )
        step = Conflicts("majority", coarse="act")
        marked, report = walked(step, data)
        assert sorted(marked) == [2, 3, 4]
        assert marked[2] == {
            "rows": [0, 1, 2],
            "labels": {"a": 2, "b": 1},
            "kept": "a",
            "reason": "conflicts: equal features, and most of these rows have another label",
            "reason_zh": "conflicts：特征相同，而多数行是另一个标签",
        }
        assert "kept" not in marked[3]
        assert marked[3]["reason_zh"] == "conflicts：特征相同，且没有占多数的标签"
        assert (report["groups"], report["conflicting_labels"], report["changed"]) == (2, 5, 3)
        assert report["samples"][0] == {
            "rows": [0, 1, 2],
            "labels": {"a": 2, "b": 1},
            "majority": "a",
        }

    def test_drop_and_report(self) -> None:
        data = table(x=[1.5, 1.5, 1.5, 2.5], y=["a", "a", "b", "b"])
        marked, _ = walked(Conflicts("drop", coarse="act"), data)
        assert sorted(marked) == [0, 1, 2]
        assert marked[0]["reason"] == "conflicts: equal features, another label"
        marked, report = walked(Conflicts(), data)
        assert marked == {}
        assert (report["groups"], report["changed"]) == (1, 0)

    def test_coarse_tables_are_only_reported(self) -> None:
        random_ = np.random.default_rng(0)
        data = table(x=random_.integers(0, 3, 300).tolist(), y=["a", "b"] * 150)
        marked, report = walked(Conflicts("drop"), data)
        assert marked == {}
        assert report["only_reported"] is True
        fine = random_.normal(size=200)
        data = table(x=[*fine, *fine[:10]], y=["a", "b"] * 100 + ["b", "a"] * 5)
        marked, report = walked(Conflicts("drop"), data)
        assert sorted(marked) == [*range(10), *range(200, 210)]
        assert report["only_reported"] is False

    def test_near_copies_count_where_declared(self) -> None:
        data = table(
            t=[EN, EN + "!", EN + "!!", OTHER, ZH, ZH], x=[1, 1, 2, 1, 5, 5], y=list("ababba")
        )
        assert sorted(walked(Conflicts("drop"), data)[0]) == [4, 5]
        marked, report = walked(Conflicts("drop", near="auto"), data)
        assert sorted(marked) == [0, 1, 4, 5]
        pairs = report["near"]["pairs"]
        assert {tuple(pair["rows"]) for pair in pairs} == {(0, 1), (4, 5)}
        assert sorted(pairs[0]["labels"]) == ["a", "b"]
        assert "hotel" in pairs[0]["texts"][0]

    def test_columns_that_decide_may_be_named(self) -> None:
        data = table(x=[1, 1], z=[1, 2], y=["a", "b"])
        assert walked(Conflicts("drop", coarse="act"), data)[0] == {}
        assert sorted(walked(Conflicts("drop", ("x",), coarse="act"), data)[0]) == [0, 1]
        # The target itself never decides.
        assert sorted(walked(Conflicts("drop", ("x", "y"), coarse="act"), data)[0]) == [0, 1]

    def test_what_has_no_labels_is_told_or_refused(self) -> None:
        values = table({"y": ("number", "target")}, x=[1, 1], y=[1.0, 2.0])
        marked, report = walked(Conflicts("drop"), values)
        assert marked == {}
        assert report["applicable"] is False
        assert report["why"] and report["why_zh"]
        with pytest.raises(SpecError) as caught:
            Conflicts().fit(table(x=[1, 2]))
        assert caught.value.key == "govern.no_target"

    def test_only_a_target_leaves_nothing_to_compare(self) -> None:
        marked, report = walked(Conflicts("drop"), table(y=["a", "b"]))
        assert marked == {}
        assert report["groups"] == 0

    @given(
        st.lists(
            st.tuples(st.integers(0, 2), st.sampled_from(["a", "b", None])), min_size=1, max_size=20
        )
    )
    @settings(max_examples=40, deadline=None)
    def test_after_majority_no_conflict_is_left(self, rows: list[tuple[int, str | None]]) -> None:
        data = table(x=[x for x, _ in rows], y=pl.Series([y for _, y in rows], dtype=pl.String))
        marked, _ = walked(Conflicts("majority", coarse="act"), data)
        left: dict[int, set[str]] = {}
        for number, (x, y) in enumerate(rows):
            if number not in marked and y is not None:
                left.setdefault(x, set()).add(y)
            assert not (number in marked and y is None)
        assert all(len(labels) == 1 for labels in left.values())
        for x in {x for x, _ in rows}:
            votes = [y for value, y in rows if value == x and y is not None]
            ahead = {y for y in votes if votes.count(y) * 2 > len(votes)}
            assert left.get(x, set()) == ahead
