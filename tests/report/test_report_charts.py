"""Charts and marks: numbers end up where they belong."""

import io
import re
from base64 import b64decode

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lingqu.report import svg
from lingqu.report.axes import HEIGHT, WIDTH, Axes, ticks, words
from lingqu.report.markup import figure, interval, join, pair, seconds, spoken, tag
from lingqu.report.picture import data_uri, stretched
from lingqu.report.sections.samples import is_right
from lingqu.report.tables import code, copyable, named, plain

WORDS = {"en": "one", "zh": "一"}
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


def numbers(markup: str, name: str) -> list[float]:
    return [float(found) for found in re.findall(rf' {name}="([-\d.]+)"', markup)]


def pixels(uri: str) -> np.ndarray:
    picture = Image.open(io.BytesIO(b64decode(uri.partition(",")[2])))
    return np.asarray(picture)


@given(st.integers(1, 6), st.integers(1, 6), st.data())
@settings(max_examples=20, deadline=None)
def test_picture_keeps_every_grey_pixel(height: int, width: int, data: st.DataObject) -> None:
    row = st.lists(st.integers(0, 255), min_size=width, max_size=width)
    rows = data.draw(st.lists(row, min_size=height, max_size=height))
    assert pixels(data_uri(rows)).tolist() == rows


def test_picture_keeps_colour_and_clips() -> None:
    rows = [[[300, -5, 7], [1, 2, 3]]]
    assert pixels(data_uri(rows)).tolist() == [[[255, 0, 7], [1, 2, 3]]]
    assert pixels(data_uri([[[9], [8]]])).tolist() == [[9, 8]]  # one channel is grey


def test_picture_is_stretched_to_its_own_range() -> None:
    assert stretched([[[0, 16, 8]]]) == [[[0.0, 255.0, 127.5]]]
    assert stretched([[5, 5]]) == [[0.0, 0.0]]


@given(NUMBERS, st.floats(1e-6, 1e6))
@settings(max_examples=50, deadline=None)
def test_ticks_are_few_and_inside(low: float, width: float) -> None:
    high = low + width
    if high <= low:
        return
    found = ticks(low, high)
    assert 1 <= len(found) <= 7
    assert found == sorted(found)
    slack = width * 1e-6 + abs(low) * 1e-9 + 1e-9
    assert low - slack <= found[0] and found[-1] <= high + slack


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_axes_hold_every_point(points: list[tuple[float, float]]) -> None:
    axes = Axes.around(points)
    for point in points:
        x, y = axes.at(point)
        assert 0 <= x <= WIDTH and 0 <= y <= HEIGHT


def test_axes_leave_no_room_where_no_number_goes() -> None:
    axes = Axes.around([(0.0, 0.0), (1.0, 1.0)])
    assert (axes.bottom, axes.top) == (0.0, 1.0)
    lower = Axes.around([(0.0, -1.0), (1.0, 5.0)])
    assert lower.bottom < -1.0 and lower.top > 5.0


def test_bar_is_as_long_as_its_value() -> None:
    assert numbers(svg.bar(0.25, None, None, WORDS), "width") == [150.0, 37.5]
    assert numbers(svg.bar(7.0, None, None, WORDS), "width") == [150.0, 150.0]
    assert 'class="whisker"' in svg.bar(0.5, 0.4, 0.6, WORDS)


def test_dot_lies_between_the_ends_of_its_scale() -> None:
    left, middle, right = (
        numbers(svg.dot(v, None, None, (10.0, 20.0), WORDS), "cx")[0] for v in (10.0, 15.0, 20.0)
    )
    assert left < middle < right and middle - left == pytest.approx(right - middle)
    assert 'class="whisker"' in svg.dot(15.0, 12.0, 18.0, (10.0, 20.0), WORDS)


def test_rare_bin_is_still_seen() -> None:
    drawn = svg.histogram([1000, 1, 0], WORDS)
    assert re.findall(r"v(-?[\d.]+)h", drawn) == ["-30.0", "-1.0"]


def test_stair_rises_only_where_a_better_one_came() -> None:
    drawn = svg.steps([(0.0, 0.5), (1.0, 0.5), (2.0, 0.9)], WORDS, WORDS)
    path = re.search(r'd="(M[^"]*)" class="curve solid"', drawn)
    assert path is not None
    corners = [tuple(map(float, c.split())) for c in path[1][1:].split("L")]
    assert len(corners) == 5
    assert corners[3][0] == corners[4][0] and corners[3][1] > corners[4][1]


def test_curves_differ_by_dash() -> None:
    points = [(1.0, 2.0), (2.0, 1.0)]
    drawn = svg.lines([("dashed", points), ("solid", points)], WORDS, WORDS)
    assert 'class="curve dashed"' in drawn and 'class="curve solid"' in drawn


def test_reliability_draws_a_point_per_bin() -> None:
    rows = [{"confidence": 0.3, "accuracy": 0.2}, {"confidence": 0.9, "accuracy": 1.0, "low": 0.8,
             "high": 1.0}]  # fmt: skip
    drawn = svg.reliability(rows, WORDS, WORDS)
    assert drawn.count("<circle") == 2 and drawn.count('class="whisker"') == 1


def test_scatter_has_its_ideal_line() -> None:
    points = [(1.0, 2.0), (3.0, -1.0)]
    for line in ("equal", "zero"):
        drawn = svg.scatter(points, WORDS, WORDS, line)
        assert drawn.count("h0") == 2 and "curve ideal" in drawn


def test_heat_is_darkest_where_most_is_lost() -> None:
    assert numbers(svg.heat([[0.0, 2.0], [1.0, -1.0]], WORDS), "opacity") == [1.0, 0.5]
    assert "<svg" in svg.heat([[0.0]], WORDS)


def test_every_chart_says_what_it_is_in_both_languages() -> None:
    drawn = svg.heat([[1.0]], WORDS)
    assert 'role="img"' in drawn and 'data-en="one"' in drawn and 'data-zh="一"' in drawn
    assert words({"en": "7", "zh": "7"}) == "7"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.99998, "0.99998"), (0.9999999999, "1"), (1.0, "1"), (0.05, "0.05"), (-0.0041, "−0.0041"),
        (-0.005, "−0.005"), (2.5e7, "25,000,000"), (2.51e-5, "2.51e-05"), (1234.5, "1,234"),
        (float("nan"), "nan"), (True, "true"), ("text", "text"), (12, "12"), (2500000.5, "2.5e+06"),
    ],
)  # fmt: skip
def test_numbers_are_written_for_readers(value: object, written: str) -> None:
    assert figure(value) == written


def test_times_and_intervals() -> None:
    assert [seconds(s) for s in (0.9999, 59.94, 61.0)] == ["1.0 s", "59.9 s", "1 min 1 s"]
    assert interval(None, 1.0) == "" and interval(0.25, 0.5) == "0.25 – 0.5"


def test_only_markup_passes_as_markup() -> None:
    assert join(["<b>", tag("i", "x & y"), None]) == "&lt;b&gt;<i>x &amp; y</i>"
    assert tag("input", disabled=False, value=None) == "<input>"
    assert tag("b", tag("i") + "<s>") == "<b>&lt;i&gt;&lt;/i&gt;&lt;s&gt;</b>"  # fails safe


def test_facts_of_a_message_may_be_in_two_languages() -> None:
    said = pair("report.best", metric=named("measure", "accuracy"))
    assert said == {"en": "Accuracy, best so far", "zh": "准确率，目前最佳"}
    assert spoken("aria-label", said)["data_zh"] == said["zh"]
    assert named("measure", "unheard.of") == {"en": "unheard.of", "zh": "unheard.of"}


def test_plain_data_have_no_braces() -> None:
    drawn = plain({"a": {"b": {"c": 1.5}}, "d": list(range(12)), "e": []})
    assert "{" not in drawn and "c: 1.5" in drawn and "2 more" in drawn and "–" in drawn


def test_code_breaks_where_a_reader_would() -> None:
    assert code("a.b(c_d)<") == "<code>a.<wbr>b(<wbr>c_<wbr>d)&lt;</code>"


def test_digest_is_short_but_copied_whole() -> None:
    drawn = copyable("f" * 64)
    assert f'data-copy="{"f" * 64}"' in drawn and f"<code>{'f' * 12}</code>" in drawn
    assert copyable("") == "–"


@pytest.mark.parametrize(
    ("truth", "said", "right"),
    [(7, "7", True), (True, "true", True), ("a", "b", False), (1.5, 1.5, None), (None, "a", None)],
)
def test_answer_is_compared_as_the_name_of_a_class(
    truth: object, said: object, right: bool | None
) -> None:
    assert is_right({"truth": truth, "prediction": said}) is right
