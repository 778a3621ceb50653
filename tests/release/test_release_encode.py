from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.release.release_samples import digits, people

from lingqu.core.errors import DataError, GateError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.release.encode import Encoder, encode, encoder, fit_encoding, targets, weights


def dataset(columns: Sequence[Column], **values: object) -> Dataset:
    return Dataset(pl.DataFrame(values), Schema(tuple(columns)))


def linear(data: Dataset, frame: pl.DataFrame | None = None) -> np.ndarray:
    encoding = fit_encoding(data, "linear")
    return encode(data.frame if frame is None else frame, encoding)["x"]


def test_encodings_survive_json_and_give_the_same_tensor():
    data = people()
    for style in ("linear", "tree"):
        encoding = fit_encoding(data, style)
        again = json.loads(json.dumps(encoding))
        first, second = encode(data.frame, encoding)["x"], encode(data.frame, again)["x"]
        assert first.dtype == np.float32
        assert first.shape == (len(data), *encoding["shape"])
        np.testing.assert_array_equal(first, second)


def test_target_is_never_read():
    data = people()
    for style in ("linear", "tree"):
        columns = Encoder(fit_encoding(data, style)).columns
        assert set(columns) == {"age", "member", "town", "note", "joined"}


def test_rows_one_by_one_equal_the_batch():
    data = people()
    for style in ("linear", "tree"):
        compiled = Encoder(fit_encoding(data, style))
        whole = compiled.encode(data.frame)["x"]
        single = np.concatenate([compiled.encode(data.frame[i : i + 1])["x"] for i in range(20)])
        np.testing.assert_array_equal(whole[:20], single)


def test_numbers_are_filled_standardised_clipped_and_flagged():
    data = dataset([Column("a", "number")], a=[1.0, 3.0, None, 2.0])
    x = linear(data)
    assert x.shape == (4, 2)
    np.testing.assert_allclose(x[:, 0], np.array([-1, 1, 0, 0]) / np.sqrt(2 / 3), rtol=1e-6)
    assert x[:, 1].tolist() == [0, 0, 1, 0]
    far = linear(data, pl.DataFrame({"a": [1e300, -np.inf, np.nan]}))
    assert far.tolist() == [[8, 0], [-8, 0], [0, 1]]


def test_no_flag_where_nothing_was_missing_but_missing_is_still_answered():
    data = dataset([Column("a", "number")], a=[1.0, 3.0, 5.0])
    assert linear(data, pl.DataFrame({"a": [None, 3.0]}, schema={"a": pl.Float64})).tolist() == [
        [0],
        [0],
    ]


def test_constants_and_empty_columns_become_zeros():
    data = dataset(
        [Column("same", "number"), Column("none", "number"), Column("big", "number")],
        same=[0.1] * 5,
        none=pl.Series([None] * 5, dtype=pl.Float64),
        big=[1e308, -1e308, 1e308, -1e308, 1e308],
    )
    x = linear(data)
    assert np.isfinite(x).all()
    assert not x[:, :2].any()
    assert set(np.sign(x[:, 2])) == {-1, 1}


def test_unseen_level_is_zeros_and_missing_has_a_flag():
    data = dataset([Column("town", "category")], town=["a", "b", None, "a"])
    x = linear(data, pl.DataFrame({"town": ["a", "b", "z", None]}))
    assert x.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 1]]
    many = pl.DataFrame({"town": ["a", "b", "z", None] * 5})
    np.testing.assert_array_equal(linear(data, many), np.tile(x, (5, 1)))


def test_levels_of_the_schema_that_training_rows_lack_have_a_column():
    data = dataset([Column("town", "category", levels=("a", "b", "c"))], town=["b", "a", "b"])
    assert linear(data, pl.DataFrame({"town": ["c", "b"]})).tolist() == [[0, 0, 1], [1, 0, 0]]


def test_rare_levels_share_buckets_and_carry_their_frequency():
    names = [f"l{i:03d}" for i in range(50)]
    values = [name for i, name in enumerate(names) for _ in range(51 - i)]
    data = dataset([Column("c", "category")], c=values)
    x = linear(data, pl.DataFrame({"c": ["l000", "l049", "new"]}))
    assert x.shape[1] == 30 + 1 + 16
    assert x[0, 0] == 1 and x[0, :30].sum() == 1 and not x[0, 31:].any()
    assert not x[1, :30].any() and 0 < x[1, 30] < x[0, 30] and x[1, 31:].sum() == 1
    assert not x[2].any()


def test_an_encoding_of_many_levels_stays_small():
    data = dataset([Column("c", "category")], c=[f"level {i}" for i in range(20_000)])
    assert len(json.dumps(fit_encoding(data, "linear"))) < 60_000


def test_integer_categories_are_matched_by_their_text():
    data = dataset([Column("c", "category")], c=[3, 3, 4])
    assert linear(data, pl.DataFrame({"c": ["4", "3"]})).tolist() == [[0, 1], [1, 0]]


def test_dates_become_parts():
    stamps = pl.Series(["2024-03-04T06:00", "2025-09-07T18:00", None]).str.to_datetime()
    data = dataset([Column("t", "datetime")], t=stamps)
    x = linear(data)
    np.testing.assert_allclose(
        x[0, 1:6], [0.75**0.5, 0.5, 0, 1, -0.5], atol=1e-6
    )  # March, Monday, 6 h
    assert x[0, 0] < x[1, 0]
    assert x[2].tolist() == [0, 0, 0, 0, 0, 0, 1]
    tree = encode(data.frame, fit_encoding(data, "tree"))["x"]
    assert tree[1, :5].tolist() == [2025, 9 - 1, 6, 6, 18]
    assert np.isnan(tree[2]).all()
    text = pl.DataFrame({"t": ["2024-03-04T06:00:00", "x", None]})
    np.testing.assert_array_equal(encode(text, fit_encoding(data, "linear"))["x"][0], x[0])


def test_text_tells_chinese_words_apart_and_has_length_one():
    data = dataset([Column("t", "text")], t=["商品很好", "商品不好", "Slow reply", "", None])
    x = linear(data)
    assert x.shape == (5, 1024)
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), [1, 1, 1, 0, 0], atol=1e-6)
    like = x @ x.T
    assert 0.2 < like[0, 1] < 0.95 and like[0, 2] < 0.1
    np.testing.assert_array_equal(linear(data, pl.DataFrame({"t": ["SLOW REPLY"]}))[0], x[2])


def test_a_cell_of_a_million_characters_is_read_in_part():
    data = dataset([Column("t", "text")], t=["a", "x" * 1_000_000])
    assert np.isfinite(linear(data)).all()


def test_pixels_in_one_image_column_share_one_mean():
    data = digits()
    x = linear(data)
    pixels = data.frame["image"].to_numpy().reshape(60, 64)
    np.testing.assert_allclose(x, (pixels - pixels.mean()) / pixels.std(), atol=1e-5)
    image = encode(data.frame, fit_encoding(data, "image"))["image"]
    assert image.shape == (60, 1, 8, 8)
    np.testing.assert_array_equal(image.reshape(60, 64), x)
    tree = encode(data.frame, fit_encoding(data, "tree"))["x"]
    np.testing.assert_array_equal(tree, pixels)


def test_pixels_in_numeric_columns_share_one_mean_but_age_does_not():
    random = np.random.default_rng(0)
    values = {f"p{i}": random.integers(0, 17, 50).astype(float) for i in range(20)}
    values["p0"] = np.zeros(50)
    values["age"] = random.normal(40, 9, 50)
    data = dataset([Column(name, "number") for name in values], **values)
    x = linear(data)
    together = np.stack([values[f"p{i}"] for i in range(20)], axis=1)
    np.testing.assert_allclose(x[:, 1:], (together - together.mean()) / together.std(), atol=1e-5)
    assert abs(x[:, 0].std() - 1) < 1e-5


@pytest.mark.parametrize("kind", ["flags", "few", "spread"])
def test_columns_that_are_no_picture_keep_their_own_scale(kind: str):
    random = np.random.default_rng(1)
    count = 12 if kind == "few" else 20
    high = {"flags": [2] * 20, "few": [9] * 20, "spread": [3**i + 2 for i in range(20)]}[kind]
    values = {f"c{i}": random.integers(0, high[i], 200).astype(float) for i in range(count)}
    encoding = fit_encoding(
        dataset([Column(name, "number") for name in values], **values), "linear"
    )
    assert [len(block["columns"]) for block in encoding["blocks"]] == [count]
    assert isinstance(encoding["blocks"][0]["mean"], list)


def test_large_colour_images_are_reduced_in_grey_when_flattened():
    images = np.zeros((3, 32, 48, 3), dtype=np.uint8)
    images[1] = 255
    images[2, :16] = 200
    frame = pl.DataFrame({"i": pl.Series(images, dtype=pl.Array(pl.UInt8, (32, 48, 3)))})
    data = Dataset(frame, Schema((Column("i", "image", shape=(32, 48, 3)),)))
    tree = encode(frame, fit_encoding(data, "tree"))["x"].reshape(3, 16, 16)
    np.testing.assert_allclose(tree[1], 255, atol=1e-3)
    np.testing.assert_allclose(tree[2, :8], 200, atol=1e-3)
    assert not tree[2, 8:].any()
    image = encode(frame, fit_encoding(data, "image"))["image"]
    assert image.shape == (3, 3, 32, 48)
    assert image[2, 1, 0, 0] > image[2, 1, 31, 0]


def test_images_above_64_pixels_are_reduced_for_convolutions():
    images = np.random.default_rng(0).integers(0, 256, (2, 100, 70), dtype=np.uint8)
    frame = pl.DataFrame({"i": pl.Series(images, dtype=pl.Array(pl.UInt8, (100, 70)))})
    data = Dataset(frame, Schema((Column("i", "image", shape=(100, 70)),)))
    encoding = fit_encoding(data, "image")
    assert encoding["shape"] == [1, 64, 64]
    assert abs(encode(frame, encoding)["image"].mean()) < 0.01


def test_images_in_files_and_missing_images(tmp_path: Path):
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    frame = pl.DataFrame({"i": [str(tmp_path / "a.png"), None]})
    data = Dataset(frame, Schema((Column("i", "image", shape=(8, 8)),)))
    tree = encode(frame, fit_encoding(data, "tree"))["x"]
    np.testing.assert_array_equal(tree[0], pixels.reshape(-1))
    assert np.isnan(tree[1]).all()
    x = linear(data)
    assert not x[1].any() and x[0].std() > 0.9


def test_vectors_share_one_scale_and_wrong_lengths_are_refused():
    data = dataset([Column("v", "vector", shape=(2,))], v=[[1.0, 3.0], [3.0, 1.0], None])
    assert linear(data).tolist() == [[-1, 1], [1, -1], [0, 0]]
    tree = encode(data.frame, fit_encoding(data, "tree"))["x"]
    assert tree[:2].tolist() == [[1, 3], [3, 1]] and np.isnan(tree[2]).all()
    with pytest.raises(DataError) as refused:
        encode(pl.DataFrame({"v": [[1.0]]}), fit_encoding(data, "linear"))
    assert refused.value.key == "release.vector_length"


def test_tree_form_keeps_gaps_and_codes():
    data = people()
    encoding = fit_encoding(data, "tree")
    x = encode(data.frame, encoding)["x"]
    assert np.isnan(x[data.frame["age"].is_null().to_numpy(), 0]).all()
    levels = encoding["blocks"][1]["levels"]
    assert [levels[int(code)] for code in x[:, 2]] == data.frame["town"].to_list()
    unseen = data.frame[:1].with_columns(town=pl.lit("Atlantis"))
    assert np.isnan(encode(unseen, encoding)["x"][0, 2])


def test_missing_column_is_named():
    data = people()
    with pytest.raises(DataError) as refused:
        encode(data.frame.drop("town"), fit_encoding(data, "linear"))
    assert refused.value.facts["column"] == "town"


def test_nothing_to_read_is_refused():
    data = people()
    with pytest.raises(DataError, match="image"):
        fit_encoding(data, "image")
    with pytest.raises(DataError) as refused:
        fit_encoding(Dataset(data.frame.clear(), data.schema), "linear")
    assert refused.value.key == "release.no_rows"
    only_target = Schema((Column("left", "category", "target"),))
    with pytest.raises(DataError):
        fit_encoding(Dataset(data.frame, only_target), "tree")


def test_left_out_columns_are_said():
    data = dataset([Column("a", "number"), Column("s", "audio")], a=[1.0, 2.0], s=["x", "y"])
    assert fit_encoding(data, "linear")["left_out"] == ["s"]


def test_unknown_encoding_is_refused():
    encoding = fit_encoding(people(), "linear")
    with pytest.raises(GateError):
        Encoder({**encoding, "version": 99})
    with pytest.raises(GateError):
        Encoder({**encoding, "blocks": [{"type": "spell", "column": "a"}]})


def test_compiled_encodings_are_kept_per_object():
    encodings = [fit_encoding(people(), "linear") for _ in range(20)]
    assert encoder(encodings[0]) is encoder(encodings[0])
    made = [encoder(encoding) for encoding in encodings]
    assert len({id(one) for one in made}) == 20


def test_targets_follow_the_levels():
    data = people()
    codes, classes = targets(data, "classify")
    assert classes == ("no", "yes") and codes.dtype == np.int64
    assert [classes[code] for code in codes] == data.frame["left"].to_list()
    truth = dataset([Column("y", "boolean", "target", levels=("bad", "good"))], y=[True, False])
    assert targets(truth, "classify")[0].tolist() == [1, 0]
    assert targets(truth, "classify")[1] == ("bad", "good")


@pytest.mark.parametrize(("value", "row"), [("maybe", 2), (None, 2)])
def test_unknown_labels_are_refused_with_their_row(value: str | None, row: int):
    levels = ("no", "yes")
    data = dataset([Column("y", "category", "target", levels=levels)], y=["no", value])
    with pytest.raises(DataError) as refused:
        targets(data, "classify")
    assert refused.value.facts["row"] == row


def test_values_to_predict_must_be_finite():
    column = Column("y", "number", "target")
    values, names = targets(dataset([column], y=[1, 2]), "regress")
    assert values.tolist() == [1.0, 2.0] and names == ()
    for bad in (None, np.nan, np.inf):
        with pytest.raises(DataError) as refused:
            targets(dataset([column], y=[1.0, bad]), "regress")
        assert refused.value.facts["row"] == 2


def test_a_dataset_without_target_is_refused():
    with pytest.raises(DataError):
        targets(dataset([Column("a", "number")], a=[1]), "regress")


def test_weights_are_checked():
    column = Column("w", "number", "weight")
    assert weights(people()) is None
    found = weights(dataset([column], w=[0, 2]))
    assert found is not None and found.tolist() == [0.0, 2.0]
    for bad in ([1.0, -1.0], [1.0, None], [0.0, 0.0]):
        with pytest.raises(DataError):
            weights(dataset([column], w=bad))


ROW = st.fixed_dictionaries(
    {
        "n": st.none() | st.floats(allow_nan=True, allow_infinity=True),
        "b": st.none() | st.booleans(),
        "c": st.none() | st.text(max_size=3),
        "t": st.none() | st.text(max_size=30),
        "d": st.none() | st.datetimes(),
        "v": st.none() | st.lists(st.floats(width=32), min_size=3, max_size=3),
    }
)
KINDS = {
    "n": pl.Float64,
    "b": pl.Boolean,
    "c": pl.String,
    "t": pl.String,
    "d": pl.Datetime("us"),
    "v": pl.Array(pl.Float32, 3),
}


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=12), st.lists(ROW, min_size=1, max_size=12))
def test_nothing_but_bounded_numbers_leaves_the_linear_form(train: list, live: list):
    schema = Schema(
        (
            Column("n", "number"),
            Column("b", "boolean"),
            Column("c", "category"),
            Column("t", "text"),
            Column("d", "datetime"),
            Column("v", "vector", shape=(3,)),
        )
    )
    frame = pl.DataFrame(train, schema=KINDS, orient="row")
    data = Dataset(frame, schema)
    encoding = fit_encoding(data, "linear")
    for rows in (train, live):
        x = encode(pl.DataFrame(rows, schema=KINDS, orient="row"), encoding)["x"]
        assert np.isfinite(x).all()
        assert np.abs(x).max() <= 8
    json.dumps(encoding, allow_nan=False)
    tree = encode(frame, json.loads(json.dumps(fit_encoding(data, "tree"), allow_nan=False)))["x"]
    assert not np.isinf(tree).any()


def test_columns_without_any_value_are_answered():
    schema = Schema(
        tuple(
            Column(name, kind)
            for name, kind in zip(
                "nbctd", ("number", "boolean", "category", "text", "datetime"), strict=True
            )
        )
    )
    frame = pl.DataFrame(
        {name: [None] * 4 for name in "nbctd"}, schema={name: KINDS[name] for name in "nbctd"}
    )
    x = linear(Dataset(frame, schema))
    assert np.isfinite(x).all()


def test_chinese_texts_are_told_apart_by_single_characters_and_pairs():
    """Runs of four characters, which serve English, hardly ever come twice in Chinese."""
    texts = ["房间很干净，服务好", "服务很好，下次再来", "电池太差，卖家不理", "屏幕坏了，太差"]
    data = dataset([Column("t", "text")], t=texts)
    encoding = fit_encoding(data, "linear")
    assert encoding["shape"] == [2048] and encoding["blocks"][0]["grams"] == [1, 2]
    like = linear(data) @ linear(data).T
    assert min(like[0, 1], like[2, 3]) > 2 * max(like[0, 2], like[0, 3], like[1, 2], like[1, 3])
    english = fit_encoding(dataset([Column("t", "text")], t=["slow reply"] * 4), "linear")
    assert english["shape"] == [1024] and english["blocks"][0]["grams"] == [2, 4]
