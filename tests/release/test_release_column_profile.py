"""Profiles of columns: parts merge to the whole within the stated error, in any order."""

from __future__ import annotations

import base64
import json
from datetime import date, datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lingqu.core.schema import Column, Kind, Schema
from lingqu.release.column_profile.column import profile_of
from lingqu.release.column_profile.distinct import Distinct
from lingqu.release.column_profile.levels import Levels
from lingqu.release.column_profile.quantiles import Quantiles
from lingqu.release.column_profile.sample import RowSample
from lingqu.release.column_profile.scripts import languages, letters
from lingqu.release.column_profile.summary import Summary
from lingqu.release.column_profile.table import TableProfile

NUMBERS = st.lists(
    st.one_of(st.floats(-1e6, 1e6, width=32), st.sampled_from([0.0, 1.0, -2.5])), max_size=200
)
QUICK = settings(max_examples=60, deadline=None)


def profile(kind: Kind, *batches: Any, dtype: Any = None, **options: Any) -> dict[str, Any]:
    """Profile batches one after the other; what comes out must be JSON."""
    made = profile_of(Column("c", kind, **options))
    for batch in batches:
        made.add(batch if isinstance(batch, pl.Series) else pl.Series("c", batch, dtype=dtype))
    return checked(made.to_json())


def checked(found: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(found, allow_nan=False))


def merged(kind: Kind, *batches: Any, dtype: Any = None) -> dict[str, Any]:
    """Profile each batch by itself and merge."""
    parts = [profile_of(Column("c", kind)) for _ in batches]
    for part, batch in zip(parts, batches, strict=True):
        part.add(batch if isinstance(batch, pl.Series) else pl.Series("c", batch, dtype=dtype))
    for part in parts[1:]:
        parts[0].merge(part)
    return checked(parts[0].to_json())


def alike(first: Any, second: Any) -> None:
    """Compare two profiles; sums of floats depend a little on the order."""
    if isinstance(first, dict):
        assert first.keys() == second.keys()
        for key in first:
            alike(first[key], second[key])
    elif isinstance(first, list):
        assert len(first) == len(second)
        for one, two in zip(first, second, strict=True):
            alike(one, two)
    elif isinstance(first, float):
        assert first == pytest.approx(second, rel=1e-6, abs=1e-6)
    else:
        assert first == second


# Sketches


@QUICK
@given(values=NUMBERS, cut=st.integers(0, 200), seed=st.integers(0, 9))
def test_ranks_are_never_more_wrong_than_they_say(values: list[float], cut: int, seed: int) -> None:
    parts = [Quantiles(exact=16, buffer=8, seed=seed), Quantiles(exact=16, buffer=8, seed=seed + 1)]
    for part, batch in zip(parts, (values[:cut], values[cut:]), strict=True):
        for start in range(0, len(batch), 30):
            part.add(np.array(batch[start : start + 30]))
    whole = parts[0]
    whole.merge(parts[1])
    every = np.sort(np.array(values))
    assert whole.count == len(values) and whole.ordered()[1].sum() == len(values)
    if not len(every):
        return
    for share in (0.0, 0.1, 0.5, 0.9, 1.0):
        value = whole.at([share])[0]
        low = np.searchsorted(every, value, "left") - whole.error
        high = np.searchsorted(every, value, "right") + whole.error
        assert low <= share * len(every) + 1 and high >= share * (len(every) - 1)
    edges = np.linspace(every[0], every[-1] + 1, 5)
    truth = np.histogram(every, edges)[0]
    assert (np.abs(whole.counts(edges) - truth) <= 2 * whole.error).all()


def test_the_stated_error_stays_small_on_a_long_stream() -> None:
    random = np.random.default_rng(3)
    ranks = Quantiles(exact=10_000)
    values = random.exponential(size=600_000)
    for start in range(0, len(values), 50_000):
        ranks.add(values[start : start + 50_000])
    assert not ranks.exact and 0 < ranks.error / ranks.count < 0.002
    exact = np.quantile(values, [0.05, 0.5, 0.95])
    assert ranks.at([0.05, 0.5, 0.95]) == pytest.approx(exact, rel=0.02)


@QUICK
@given(values=NUMBERS, seed=st.integers(0, 9))
def test_exact_quantiles_are_those_of_numpy(values: list[float], seed: int) -> None:
    ranks = Quantiles()
    shuffled = np.random.default_rng(seed).permutation(np.array(values))
    ranks.add(shuffled[:50])
    ranks.add(shuffled[50:])
    assert ranks.exact and ranks.error == 0
    if values:
        assert ranks.at([0.25, 0.5]) == pytest.approx(np.quantile(values, [0.25, 0.5]))


@QUICK
@given(
    values=st.lists(st.integers(0, 500), max_size=400),
    cut=st.integers(0, 400),
    kept=st.integers(3, 600),
)
def test_different_values_do_not_depend_on_parts_or_order(
    values: list[int], cut: int, kept: int
) -> None:
    whole, first, second = Distinct(kept), Distinct(kept), Distinct(kept)
    whole.add(pl.Series(values[::-1], dtype=pl.Int64))
    first.add(pl.Series(values[:cut], dtype=pl.Int64))
    second.add(pl.Series(values[cut:], dtype=pl.Int64))
    second.merge(first)
    assert second.estimate() == whole.estimate() and second.exact == whole.exact
    if whole.exact:
        assert whole.estimate() == len(set(values)) and whole.error == 0


@pytest.mark.parametrize("make", [lambda i: i, lambda i: f"user{i}@example.com", lambda i: i / 7])
def test_many_values_are_estimated_within_the_error(make: Any) -> None:
    count = Distinct(4096)
    values = pl.Series([make(i) for i in range(100_000)])
    for _ in range(2):
        count.add(values)
    assert not count.exact
    # Twice the 95 % half width: all three kinds of values must fit at once.
    assert abs(count.estimate() / 100_000 - 1) < 2 * count.error


@QUICK
@given(
    words=st.lists(st.sampled_from("abcdefghijklmnop"), max_size=300),
    cut=st.integers(0, 300),
    bound=st.integers(1, 20),
)
def test_counts_of_levels_lack_no_more_than_they_say(
    words: list[str], cut: int, bound: int
) -> None:
    first, second = Levels(bound), Levels(bound)
    for part, batch in ((first, words[:cut]), (second, words[cut:])):
        for start in range(0, len(batch), 40):
            part.add(pl.Series(batch[start : start + 40], dtype=pl.String))
    first.merge(second)
    found = dict(first.counts().iter_rows())
    assert len(found) <= bound
    for word in set(words):
        assert words.count(word) - first.missed <= found.get(word, 0) <= words.count(word)
    if len(set(words)) <= bound:
        assert first.missed == 0
    assert first.missed * (bound + 1) <= max(len(words), 1) * 2
    assert all(words.count(word) > first.missed for word in first.top(5))


def test_a_row_sample_is_even_and_the_same_whatever_the_batches() -> None:
    frame = pl.DataFrame({"row": range(20_000)})
    whole, cut = RowSample(2000), RowSample(2000)
    whole.add(frame)
    for start in range(0, 20_000, 777):
        cut.add(frame[start : start + 777])
    assert whole.rows.equals(cut.rows) and whole.seen == cut.seen == 20_000
    tenths = np.histogram(whole.rows["row"], 10, (0, 20_000))[0]
    assert tenths.min() > 140 and tenths.max() < 260
    other = RowSample(2000, seed=1)
    other.add(frame.with_columns(pl.col("row") + 20_000))
    whole.merge(other)
    late = (whole.rows["row"] >= 20_000).mean()
    assert whole.seen == 40_000 and whole.rows.height == 2000 and 0.45 < late < 0.55
    assert RowSample(5).rows.height == 0


# Numbers


@QUICK
@given(values=NUMBERS, cuts=st.lists(st.integers(0, 200), max_size=3))
def test_merged_numbers_are_those_of_the_whole(values: list[float], cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(values)]
    batches = [values[a:b] for a, b in pairwise(places)]
    whole = profile("number", values, dtype=pl.Float64)
    alike(merged("number", *batches, dtype=pl.Float64), whole)
    alike(profile("number", *batches, dtype=pl.Float64), whole)
    if values:
        assert whole["mean"] == pytest.approx(np.mean(values), rel=1e-6, abs=1e-6)
        assert whole["std"] == pytest.approx(np.std(values), rel=1e-6, abs=1e-6)
        assert sum(whole["histogram"]["counts"]) == len(values)


def test_numbers_say_what_is_odd_about_them() -> None:
    values = [0.0] * 40 + [1.0] * 30 + [float(i) for i in range(2, 400)] + [-3.0, 1e9]
    found = profile("number", [*values, None, float("nan"), float("inf")])
    assert (found["missing"], found["infinite"], found["zeros"], found["negative"]) == (2, 1, 40, 1)
    assert found["frequent"] == [[0.0, 40], [1.0, 30]] and found["whole"]
    assert found["max"] == 1e9 and found["core"]["edges"][-1] < 400
    assert found["skew"] > 10 and found["rows"] == len(values) + 3
    assert found["distinct"] == 403  # infinity is a value too
    assert not profile("number", [0.5])["whole"]
    assert profile("number", [None], dtype=pl.Float64)["distinct"] == 0
    assert profile("number", [float("inf")]) | {"infinite": 1, "distinct": 1} == profile(
        "number", [float("inf")]
    )


def test_numbers_beyond_all_measure_stay_json() -> None:
    found = profile("number", [1.7e308, -1.7e308, 1e-308])
    assert found["max"] == 1.7e308 and found["std"] is None and found["quantiles"]["50"] == 1e-308
    assert sum(found["histogram"]["counts"]) == 3
    assert profile("number", [7.0, 7.0])["histogram"] == {"edges": [6.5, 7.5], "counts": [2]}


def test_long_streams_say_their_error() -> None:
    made = profile_of(Column("c", "number"), exact=1000)
    random = np.random.default_rng(0)
    values = random.normal(size=100_000)
    for start in range(0, 100_000, 9999):
        made.add(pl.Series("c", values[start : start + 9999]))
    found = checked(made.to_json())
    assert 0 < found["rank_error"] < 0.005 and found["distinct_error"] < 0.01
    assert abs((values < found["quantiles"]["75"]).mean() - 0.75) <= found["rank_error"] + 1e-5
    assert abs(found["distinct"] / 100_000 - 1) < 2 * found["distinct_error"]
    assert found["mean"] == pytest.approx(values.mean()) and found["min"] == values.min()


def test_text_in_a_column_of_numbers_is_read_as_numbers() -> None:
    found = profile("number", ["1", "2", "x"])
    assert found["missing"] == 1 and found["max"] == 2.0


# Categories


def test_categories_count_levels_and_spellings() -> None:
    values = ["New York"] * 5 + ["new york", "NEW-YORK", "Rome", "ＲＯＭＥ", "北京", None]
    found = profile("category", values)
    assert found["distinct"] == 6 and found["missing"] == 1 and found["single"] == 5
    assert next(iter(found["top"].items())) == ("New York", 5) and found["other"] == 0
    groups = found["variants"]
    assert [group["rows"] for group in groups] == [7, 2]
    assert groups[1]["spellings"] == {"Rome": 1, "ＲＯＭＥ": 1}
    alike(merged("category", values[:4], values[4:]), found)
    many = profile("category", [f"level {i % 30:02}" for i in range(60)])
    assert len(many["top"]) == 12 and many["other"] == 36
    assert profile("category", [3, 3, 4])["top"] == {"3": 2, "4": 1}


def test_truth_values_have_shares() -> None:
    found = profile("boolean", [True, True, False, None])
    assert found["top"] == {"true": 2, "false": 1} and found["true_share"] == pytest.approx(2 / 3)
    assert "true_share" not in profile("boolean", ["yes", "no"])
    alike(merged("boolean", [True], [True, False, None]), found)


# Dates


def test_dates_show_range_gaps_weekdays_and_hours() -> None:
    days = [datetime(2024, 1, 1, 9), datetime(2024, 1, 2, 9), datetime(2024, 1, 12, 17), None]
    found = profile("datetime", days)
    assert found["min"] == "2024-01-01 09:00:00" and found["missing"] == 1 and found["days"] == 3
    assert found["gaps"] == [{"from": "2024-01-03", "to": "2024-01-11", "days": 9}]
    assert found["weekdays"] == [1, 1, 0, 0, 1, 0, 0] and found["hours"][9] == 2
    assert found["quantiles"]["50"] == "2024-01-02 09:00:00"
    alike(merged("datetime", days[2:], days[:2]), found)
    assert "hours" not in profile("datetime", [date(1950, 1, 1)])
    text = profile("datetime", ["2024-01-01", "soon"])
    assert text["missing"] == 1 and text["max"] == "2024-01-01"
    assert profile("datetime", [1, 2])["missing"] == 2
    zoned = pl.Series("c", [datetime(2024, 1, 1)]).dt.replace_time_zone("Asia/Shanghai")
    assert profile("datetime", zoned)["min"] == "2023-12-31 16:00:00"
    empty = merged("datetime", [None], [None], dtype=pl.Datetime("us"))
    assert empty["min"] is None and empty["distinct"] == 0


# Texts


def test_texts_show_lengths_languages_words_and_shares() -> None:
    texts = [
        "The river of the north is long and the water is clear.",
        "the water is cold, see https://a.example/x",
        "这条河的水很清，河水向北流",
        "這條河的水說來很清",
        "この川の水はきれいです",
        "Der Fluss ist lang und das Wasser ist klar",
        "<p>the water</p> &nbsp;",
        "ask me@example.com",
        "   ",
        None,
    ]
    found = profile("text", texts)
    assert found["missing"] == 1 and found["blank"] == pytest.approx(1 / 9)
    assert found["parts"]["length"]["max"] == 54.0 and found["sampled"] == 9
    shares = {name: round(share * 9) for name, share in found["languages"].items()}
    assert shares == {"en": 3, "zh": 1, "zh-Hant": 1, "ja": 1, "de": 1, "und": 2}
    assert found["scripts"]["Latin"] > found["scripts"]["Han"] > found["scripts"]["Kana"] > 0
    hits = {name: round(share * 9) for name, share in found["shares"].items() if name != "digits"}
    assert hits == {"url": 1, "html": 1, "email": 1}
    assert ["water", 3] in found["words"]["frequent"]
    # What stands in one or two texts only may be a person's own words.
    assert all(count >= 3 for _, count in found["words"]["frequent"])
    assert found["words"]["vocabulary"] >= found["words"]["different"] > 20
    alike(merged("text", texts[:3], texts[3:]), found)


def test_chinese_words_are_counted_by_pairs() -> None:
    words = dict(profile("text", ["河水很清", "看河水", "河水"])["words"]["frequent"])
    assert words == {"河水": 3}


@pytest.mark.parametrize(
    ("text", "language"),
    [("вода в реке", "ru"), ("강물은 맑다", "ko"), ("l'eau est dans les rivières", "fr"),
     ("el agua del río es muy clara", "es"), ("non è una cosa della vita", "it"),
     ("het water is niet van mij", "nl"), ("1234", "und")],
)  # fmt: skip
def test_languages_are_guessed(text: str, language: str) -> None:
    texts = pl.Series([text])
    assert languages(texts, letters(texts)).to_list() == [language]


def test_empty_texts_and_lists_of_words() -> None:
    assert profile("text", [None], dtype=pl.String)["distinct"] == 0
    found = profile("text", [""])
    assert found["blank"] == 1.0 and found["scripts"] == {} and found["shares"]["digits"] == 0.0
    assert profile("text", [["a", "b"], ["c"]])["parts"]["length"]["max"] == 3.0


# Pictures and recordings


def picture(mode: str = "RGB", size: tuple[int, int] = (8, 6), colour: Any = 7) -> bytes:
    file = BytesIO()
    Image.new(mode, size, colour).save(file, "PNG")
    return file.getvalue()


def test_pictures_show_sizes_modes_light_and_what_is_broken(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture("L", (8, 6), 200))
    uri = "data:image/png;base64," + base64.b64encode(picture("L", (4, 4), 100)).decode()
    cells = [str(tmp_path / "a.png"), uri, str(tmp_path / "none.png"), None]
    found = profile("image", cells)
    assert found["sizes"] == {"4×4": 1, "8×6": 1} and found["modes"] == {"L": 2}
    assert found["corrupt"] == 1 and "none.png" in found["corrupt_samples"][0]["picture"]
    assert found["parts"]["mean"]["mean"] == 150.0 and found["missing"] == 1
    coloured = profile("image", [picture(), picture(size=(600, 300)), b"no picture"])
    assert coloured["modes"] == {"RGB": 2} and coloured["corrupt"] == 1
    assert coloured["parts"]["bytes"]["max"] > 10
    alike(merged("image", [picture()], [picture(size=(600, 300)), b"no picture"]), coloured)
    deep = BytesIO()
    Image.fromarray(np.full((4, 4), 65_535, dtype=np.uint16)).save(deep, "PNG")
    assert profile("image", [deep.getvalue()])["parts"]["mean"]["max"] == 255.0


def test_pixels_are_measured_as_they_lie() -> None:
    step = np.zeros((3, 2, 2), dtype=np.uint8)
    step[:, :, 1] = 16
    found = profile("image", pl.Series("c", step))
    assert found["parts"]["sharpness"]["mean"] == 16.0 and found["sizes"] == {"2×2": 3}
    assert profile("image", [None], dtype=pl.String) | {"missing": 1} == profile(
        "image", [None], dtype=pl.String
    )
    alike(merged("image", pl.Series("c", step[:1]), pl.Series("c", step[1:])), found)
    nothing = pl.Series("c", [None], dtype=pl.Array(pl.UInt8, (2, 2)))
    alike(merged("image", nothing, pl.Series("c", step)), found | {"rows": 4, "missing": 1})


def sound(values: Any, rate: int = 8000) -> bytes:
    file = BytesIO()
    soundfile.write(
        file, np.asarray(values, dtype=np.float32), rate, format="WAV", subtype="PCM_16"
    )
    return file.getvalue()


def test_recordings_show_rate_length_loudness_clipping_and_silence(tmp_path: Path) -> None:
    wave = np.sin(np.arange(8000) / 5)
    (tmp_path / "half.wav").write_bytes(sound(np.r_[wave * 0.5, np.zeros(8000)]))
    half = profile("audio", [str(tmp_path / "half.wav")])
    parts = half["parts"]
    assert half["rates"] == {"8000": 1} and half["channels"] == {"1": 1}
    assert parts["seconds"]["max"] == 2.0 and parts["silent"]["max"] == 0.5
    assert parts["loudness_db"]["max"] == pytest.approx(-12.04, abs=0.1)
    assert parts["clipped"]["max"] == 0.0 and parts["peak"]["max"] == pytest.approx(0.5, abs=1e-3)
    loud = sound(np.clip(wave * 3, -1, 1))
    found = profile("audio", [loud, b"no sound", None])
    assert found["parts"]["clipped"]["max"] > 0.5 and found["corrupt"] == 1
    assert found["missing"] == 1 and found["sampled"] == 2
    alike(merged("audio", [loud], [b"no sound", None]), found)
    assert profile("audio", [sound(np.zeros(0))])["parts"]["silent"]["max"] == 1.0
    assert "parts" not in profile("audio", [None], dtype=pl.String)


# The rest, and whole tables


def test_vectors_and_boxes_are_measured() -> None:
    vectors = pl.Series("c", [[3.0, 4.0], [0.0, 1.0], None], dtype=pl.Array(pl.Float32, 2))
    found = profile("vector", vectors)
    assert found["parts"]["norm"]["max"] == 5.0 and found["missing"] == 1
    alike(merged("vector", vectors[:1], vectors[1:]), found)
    boxes = pl.Series("c", [[[0.0, 0.0, 1.0, 1.0]], []])
    assert profile("boxes", boxes)["parts"]["boxes"]["mean"] == 0.5
    alike(merged("boxes", boxes[:1], boxes[1:]), profile("boxes", boxes))
    assert "parts" not in profile("boxes", ["text"])


def test_a_table_is_profiled_in_one_pass_and_in_parts() -> None:
    random = np.random.default_rng(0)
    frame = pl.DataFrame({"a": random.normal(size=500), "b": random.choice(["x", "y"], 500)})
    schema = Schema((Column("a", "number"), Column("b", "category")))
    whole, first, second = TableProfile(schema), TableProfile(schema), TableProfile(schema, seed=1)
    whole.add(frame)
    first.add(frame[:123])
    second.add(frame[123:])
    first.merge(second)
    alike(checked(first.to_json()), checked(whole.to_json()))
    assert first.rows == 500 and first.sample.rows.sort("a").equals(frame.sort("a"))


def test_an_empty_summary_says_nothing() -> None:
    numbers = Summary()
    numbers.add(np.empty(0))
    numbers.merge(Summary())
    assert numbers.to_json() == {} and numbers.distinct() == 0 and numbers.frequent() == []
