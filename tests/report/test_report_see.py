"""The section that shows a model at work: the numbers of the document end up where they belong."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.release.seen_release import seen
from tests.report.report_documents import document

from lingqu.report.boxes import overlay
from lingqu.report.html import render
from lingqu.report.map_chart import HUES, coloured, scatter
from lingqu.report.overlay import patches
from lingqu.report.sections import see

SHOWN = {"uri": "data:image/png;base64,AA==", "width": 40, "height": 20}
WORDS = {"en": "one", "zh": "一"}


def page(**changes: Any) -> str:
    return render(document() | {"seen": seen() | changes})


def section(markup: str, name: str = "seen") -> str:
    return markup.split(f'<section id="{name}">')[1].split("</section>")[0]


def test_the_section_stands_only_where_something_was_looked_at() -> None:
    assert 'id="seen"' in page()
    assert 'id="seen"' not in render(document() | {"seen": {}})
    assert 'id="seen"' not in render(document())


def test_each_row_of_the_map_is_a_dot_and_each_mistake_a_cross() -> None:
    drawn = section(page())
    assert drawn.count("<circle") == 28
    assert drawn.count('class="cross"') == 2
    assert "(2 of 28)" in drawn and "（28 行中 2 行）" in drawn
    assert drawn.count('class="hue0"') == drawn.count('class="hue1"') == 14


def test_what_people_wrote_stays_text() -> None:
    evil = seen()
    evil["words"][0]["parts"] = [["<script>alert(1)</script> ", 0.4], ["b", 0.0]]
    evil["rows"]["1"] |= {"said": "<i>", "text": "<b>"}
    drawn = section(page(**evil))
    assert "<script>" not in drawn and "<i>" not in drawn and "&lt;script&gt;" in drawn


def test_words_are_shaded_by_what_they_cost() -> None:
    drawn = section(page())
    shaded = re.findall(r'<mark class="([^"]*)" title="([^"]*)">([^<]*)</mark>', drawn)
    assert shaded == [("for s4", "−0.400", "Lingqu"), ("against s3", "+0.200", "canal")]
    assert "up to 40.0% of the chance" in drawn


def test_nothing_is_made_to_look_like_much() -> None:
    faint = seen()
    faint["words"][0]["parts"] = [["a ", 0.001], ["b", 0.0015]]
    faint["patches"][0]["grid"] = [[0.001, -0.001], [0.0, 0.002]]
    drawn = section(page(**faint))
    assert "<mark" not in drawn
    assert 'class="for"' not in drawn and 'class="against"' not in drawn


def test_confused_classes_stand_beside_their_matrix() -> None:
    drawn = section(page(), "judgement")
    assert "dog taken for cat" in drawn and "4 times" in drawn and "4 次" in drawn
    assert drawn.count('class="shot wrong"') == 2
    assert drawn.index("matrix") < drawn.index("taken for")


@pytest.mark.parametrize("right, said", [(True, "least sure"), (False, "surest and wrong")])
def test_the_heading_says_what_is_shown(right: bool, said: str) -> None:
    told = seen()
    told["rows"] = {row: one | {"right": right} for row, one in told["rows"].items()}
    assert said in section(page(**told))


def test_values_have_errors_and_no_mistakes() -> None:
    drawn = section(render(document(task="regress") | {"seen": seen(values=True)}))
    assert "Where it missed most" in drawn and "0 to 27" in drawn
    assert "%" not in drawn.split("missed most")[1].split("</figure>")[0]


def test_a_part_that_is_absent_is_left_out() -> None:
    assert see.draw({"seen": {"map": {}, "classes": []}}) == ""
    assert see.confused({}) == ""


def test_rarer_classes_are_grey_and_are_counted() -> None:
    points = [[at * 1.0, 0.0, f"c{at % 14}", f"c{at % 14}"] for at in range(40)]
    assert len(coloured(points)) == HUES - 1
    told = {"points": points, "shares": [1.0, 0.0], "of": "", "width": 2}
    drawn = scatter(told, [f"c{at}" for at in range(14)], WORDS)
    assert drawn.count('class="rest"') == sum(int(p[2][1:]) >= 9 for p in points)
    assert "Grey: 5 rarer classes." in see.draw({"seen": {"map": told, "classes": ["c"] * 14}})


def test_names_on_a_map_do_not_lie_on_each_other() -> None:
    points = [[0.0, 0.0, name, name] for name in ("positive", "negative", "neither")]
    points += [[9.0, 9.0, "far", "far"]]
    drawn = scatter({"points": points, "shares": [1.0, 0.0]}, ["a"], WORDS)
    heights = [
        float(y) for y in re.findall(r' y="([\d.]+)" text-anchor="middle" class="sign"', drawn)
    ]
    assert len(heights) == 4
    assert min(b - a for a, b in zip(sorted(heights), sorted(heights)[1:], strict=False)) >= 16


def test_patches_lie_where_their_blocks_are() -> None:
    drawn = patches(SHOWN, [[0.0, 0.5], [-0.25, 0.0]], WORDS)
    found = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" '
                       r'class="(\w+)" opacity="([\d.]+)"', drawn)  # fmt: skip
    assert found == [
        ("20.0", "0.0", "20.0", "10.0", "for", "1.0"),
        ("0.0", "10.0", "20.0", "10.0", "against", "0.5"),
    ]


def test_boxes_lie_where_they_are_said_and_the_truth_is_dashed() -> None:
    said = [{"box": [1.0, 2.0, 11.0, 8.0], "label": "7 <", "sure": 0.913}]
    truth = [{"box": [2, 2, 11, 9], "label": "7"}, {"box": [0, 0, 4, 4], "label": "1"}]
    drawn = overlay(SHOWN, said, truth)
    assert drawn.count('class="box true"') == 2
    assert '<rect x="1.0" y="2.0" width="10.0" height="6.0" class="box said"></rect>' in drawn
    assert "7 &lt; 91%" in drawn
    assert "1 boxes that were said, 2 that are true" in drawn
    assert overlay(SHOWN, []).count("<rect") == 0
