"""Augmentation of pictures and texts: what new rows hold, and that old ones stay as they were."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.operator_contract import OperatorContract

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Operator
from lingqu.core.schema import Column, Schema
from lingqu.govern.augment.text import AugmentText

AUGMENTING = ["mixup", "cutmix", "augment_image", "augment_text"]


def media(rows: int = 12, channels: int = 0) -> Dataset:
    """Return pictures, texts, numbers and two classes."""
    random = np.random.default_rng(1)
    shape = (8, 6, channels) if channels else (8, 6)
    pictures = random.integers(0, 256, (rows, *shape), dtype=np.uint8)
    frame = pl.DataFrame(
        {
            "p": pl.Series(pictures, dtype=pl.Array(pl.UInt8, shape)),
            "t": [f"这 部 电影 very good number {i}！" for i in range(rows - 1)] + [None],
            "x": [float(i) for i in range(rows - 1)] + [None],
            "y": ["no", "yes"] * (rows // 2),
        }
    )
    schema = Schema(
        (
            Column("p", "image", shape=shape, low=0, high=255),
            Column("t", "text", nullable=True),
            Column("x", "number", nullable=True),
            Column("y", "category", "target", levels=("no", "yes")),
        )
    )
    return Dataset(frame, schema, "media", "m1")


@pytest.mark.parametrize("name", AUGMENTING)
class TestEveryAugmentation(OperatorContract):
    @pytest.fixture(autouse=True)
    def _case(self, name: str) -> None:
        self.name = name

    def make(self) -> Operator:
        operator: Operator = catalog.build("operators", self.name, {"seed": 4})
        return operator

    def data(self) -> Dataset:
        return media()

    def test_one_row_and_another_seed(self) -> None:
        operator = self.make()
        operator.fit(self.data())
        assert operator.apply(media(2)).frame.height >= 2
        single = Dataset(media().frame.head(1), media().schema)
        assert operator.apply(single).frame.height >= 1
        other: Any = catalog.build("operators", self.name, {"seed": 5})
        other.fit(self.data())
        assert not other.apply(self.data()).frame.equals(operator.apply(self.data()).frame)


def grown(name: str, options: dict[str, Any], data: Dataset) -> pl.DataFrame:
    operator: Any = catalog.build("operators", name, options)
    operator.fit(data)
    frame: pl.DataFrame = operator.apply(data).frame
    return frame


@pytest.mark.parametrize("channels", [0, 3])
def test_pictures_stay_in_range_and_keep_their_labels(channels: int) -> None:
    data = media(channels=channels)
    frame = grown("augment_image", {"share": 3, "noise": 0.1, "flip": "both"}, data)
    assert frame.height == 4 * len(data)
    values = frame["p"].to_numpy()
    assert values.min() >= 0 and values.max() <= 255
    assert frame["y"].value_counts().sort("y")["count"].to_list() == [24, 24]
    assert (values[:12] == data.frame["p"].to_numpy()).all()


def test_without_any_change_a_copy_is_the_picture_itself() -> None:
    still = dict.fromkeys(("shift", "rotate", "scale", "brightness", "contrast"), 0)
    frame = grown("augment_image", {"share": 1, **still}, media())
    assert np.allclose(frame["p"][12:].to_numpy(), media().frame["p"].to_numpy(), atol=1e-3)


def test_a_move_to_the_right_is_a_move_to_the_right() -> None:
    picture = np.zeros((1, 9, 9), dtype=np.float32)
    picture[0, 4, 4] = 1
    schema = Schema((Column("p", "image", shape=(9, 9), low=0, high=1),))
    frame = pl.DataFrame([pl.Series("p", picture, dtype=pl.Array(pl.Float32, (9, 9)))])
    still = dict.fromkeys(("rotate", "scale", "brightness", "contrast"), 0)
    options = {"share": 200, "shift": 0.25, **still}
    moved = grown("augment_image", {"share": 50, **{k: options[k] for k in ("shift", *still)}},
                  Dataset(frame, schema))["p"][1:].to_numpy()  # fmt: skip
    centres = np.einsum("nhw,hw->n", moved, np.arange(9)[None, :].repeat(9, 0)) / moved.sum((1, 2))
    assert np.abs(centres - 4).max() <= 2.26 and centres.std() > 0.5


def test_a_pasted_picture_weighs_one_row_and_shows_both_parents() -> None:
    frame = grown("cutmix", {"share": 1.0}, media())
    assert frame.height == 36
    assert frame["lingqu.weight"][:12].to_list() == [1.0] * 12
    both = frame["lingqu.weight"][12:24] + frame["lingqu.weight"][24:]
    assert both.to_numpy() == pytest.approx(np.ones(12))
    assert (frame["p"][12:24].to_numpy() == frame["p"][24:].to_numpy()).all()


def test_texts_are_changed_only_as_declared() -> None:
    data = media()
    same = grown("augment_text", {"swap": 0, "delete": 0}, data)
    assert same["t"][12:].to_list() == data.frame["t"].to_list()
    fewer = grown("augment_text", {"swap": 0, "delete": 0.9}, data)["t"][12:].drop_nulls()
    assert (fewer.str.len_chars() < data.frame["t"].drop_nulls().str.len_chars()).all()
    mistyped = grown("augment_text", {"swap": 0, "delete": 0, "typo": 1}, data)["t"][12]
    assert sorted(mistyped) == sorted(data.frame["t"][0]) and mistyped != data.frame["t"][0]
    drawn = grown("augment_text", {"swap": 0, "delete": 0, "blank": 1}, data)["t"][12]
    assert set(drawn.split()) & {"very", "good", "number"}


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(st.none() | st.text(max_size=30), min_size=1, max_size=4))
def test_any_text_survives(texts: list[str | None]) -> None:
    safe = [None if t is None else t.encode("utf-8", "ignore").decode() for t in texts]
    frame = pl.DataFrame({"t": pl.Series(safe, dtype=pl.String)})
    step = AugmentText(swap=0.5, delete=0.3, blank=0.2, typo=0.5)
    data = Dataset(frame, Schema((Column("t", "text", nullable=True),)))
    step.fit(data)
    after = step.apply(data).frame["t"]
    assert after[: len(safe)].to_list() == safe
    assert [t is None for t in after[len(safe) :]] == [t is None for t in safe]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("augment_image", {"shift": 0.9}),
        ("cutmix", {"alpha": 0}),
        ("augment_text", {"delete": 1.0}),
        ("augment_text", {"synonyms": {"好": []}}),
        ("augment_image", {"flip": "sideways"}),
    ],
)
def test_impossible_options_are_refused_before_work(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(SpecError):
        catalog.build("operators", name, options)
