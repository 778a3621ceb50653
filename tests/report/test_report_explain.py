"""Parts that explain a choice: what is known is drawn, what is not is said or left out."""

import re
from typing import Any

import pytest
from tests.report.report_documents import document

from lingqu.core.nouns import Finding
from lingqu.report.html import render

NUMBER = {
    "kind": "number", "grid": [1.0, 2.0, 5.0], "mean": [0.2, 0.4, 0.9], "of": "dog", "rows": 90,
    "lines": [[0.1, 0.3, 0.8], [0.3, 0.5, 1.0]], "edges": [0.0, 5.0, 10.0], "counts": [80, 10],
    "missing": 0.35,
}  # fmt: skip
LEVELS = {
    "kind": "level", "grid": ["<b>", "big"], "mean": [0.2, 0.4], "of": "", "rows": 90,
    "lines": [[0.1, 0.3], [0.3, 0.5]], "edges": [], "counts": [1080, 10], "missing": None,
}  # fmt: skip
SLICE = {"slice": ["age > 40", "town = x"], "loss": 0.4, "rest": 0.1, "p": 1e-6}
FACTS = {"looked": 427, "support": 20, "unit": "share", "loss": 0.13, "found": 1}
GROWTH = {
    "metric": "accuracy", "name": "cnn", "rows": 100, "folds": 2, "sizes": [10, 40, 80],
    "scores": [0.6, 0.8, 0.9], "errors": [0.05, 0.03, 0.02],
    "curve": [
        {"size": float(s), "score": 1 - 2 / s, "low": 0.9 - 2 / s, "high": 1.0}
        for s in (10, 100, 400)
    ],
    "words": {"en": "With twice the rows …", "zh": "数据增至两倍……"},
}  # fmt: skip


def page(findings: list[Finding], **choice: Any) -> str:
    content = document()
    content["findings"] += [finding.to_json() for finding in findings]
    content["choice"] |= choice
    return render(content)


def test_an_effect_is_drawn_over_the_rows_it_rests_on() -> None:
    found = [
        Finding("importance", "importance", 0.2, "age", 0.1, 0.3, 90, evidence={"effect": NUMBER}),
        Finding("importance", "importance", 0.1, "size", 0, 0.2, 90, evidence={"effect": LEVELS}),
    ]
    shown = page(found)
    assert shown.count('class="foot"') == 1 and shown.count('class="curve faint"') == 1
    assert "chance of “dog”" in shown and "判为“dog”的概率" in shown
    assert "Where it is missing: 0.35 on average." in shown
    assert "&lt;b&gt;" in shown and "<b>" not in shown
    assert "1,080" in shown
    foot = re.search(r'd="([^"]+)" class="foot"', shown)
    assert foot is not None and foot[1].count("z") == 2
    assert 'class="foot"' not in page([])


CURVES = {
    "of": "Yes", "fits": 3, "left": 2,
    "curves": [
        {"column": "age", "weight": 0.4, "side": {"from": [None, 30.0, 99.0]},
         "adds": [-0.5, 0.25, 9.0], "spread": [0.1, 0.2, 0.1], "missing": -1.5,
         "edges": [20.0, 40.0, 60.0], "counts": [5, 3]},
        {"column": "town", "weight": 0.2, "side": {"levels": ["<b>", "y"]}, "adds": [1.0, -1.0],
         "spread": None, "missing": None, "edges": [], "counts": [1200, 3]},
    ],
    "tables": [
        {"columns": ["age", "town"], "weight": 0.01, "adds": [[0.5, 0.0], [-1.0, 0.25]],
         "sides": [{"from": [None, 30.0]}, {"levels": ["x", "y"]}]},
    ],
}  # fmt: skip


def test_the_curves_of_a_sum_are_drawn_as_they_are() -> None:
    content = document()
    content["curves"] = CURVES
    shown = render(content)
    assert "What each column adds" in shown and "每一列的贡献" in shown
    assert "log-odds of “Yes”" in shown and "“Yes”的对数几率" in shown
    assert "mean over the 3 fits" in shown and "2 terms that add less" in shown
    assert "Where it is missing: −1.5." in shown and "Darkest: −1." in shown
    assert "&lt;b&gt;" in shown and "1,200" in shown
    # What lies beyond the rows that there are is not drawn: the step to +9.
    assert ">10<" not in shown.replace(" ", "")
    assert shown.count('class="missed"') == 1  # the one block below 0; 0 itself is not drawn
    content["curves"] = {}
    assert "What each column adds" not in render(content)


def test_lines_and_the_curves_of_several_classes_are_drawn_each_with_its_class() -> None:
    line = {
        "column": "age", "weight": 0.4, "side": {"at": [0.0, 10.0]}, "adds": [-1.0, 1.0],
        "spread": None, "missing": None, "edges": [4.0, 6.0, 12.0], "counts": [5, 3],
    }  # fmt: skip
    content = document()
    told = {"of": "", "fits": 1, "left": 0, "tables": []}
    content["curves"] = told | {"curves": [{**line, "of": name} for name in ("low", "top")]}
    shown = render(content)
    assert "log chance of “low”" in shown and "“top”的对数概率" in shown
    assert "doubles the chance of the one against the other" in shown
    assert "In log-odds" not in shown and shown.count('class="curve solid"') >= 2
    # From −0.2 at 4 straight to 1 at 10, and level from there to 12.
    (drawn,) = {
        path
        for path in re.findall(r'd="(M[^"]+)" class="curve solid"', shown)
        if path.count("L") == 2
    }
    (x0, y0), (x1, y1), (x2, y2) = [
        tuple(map(float, point.split())) for point in re.split("[ML]", drawn)[1:]
    ]
    assert x0 < x1 < x2 and y1 == y2 < y0
    assert (x1 - x0) / (x2 - x0) == pytest.approx(6 / 8, abs=0.01)


@pytest.mark.parametrize(("unit", "said"), [("share", "30.0%"), ("deviations", "0.3")])
def test_slices_are_told_with_their_loss_and_that_of_the_rest(unit: str, said: str) -> None:
    facts = FACTS | {"unit": unit}
    found = [
        Finding("slices", "slices.worst", 0.3, "", 0.2, 0.4, 30,
                evidence=facts | {"worst": "age > 40 & town = x"}),
        Finding("slices", "slices.gap", 0.3, "age > 40 & town = x", 0.2, 0.4, 30, evidence=SLICE),
    ]  # fmt: skip
    shown = page(found)
    assert "Where it fails" in shown and "哪里容易出错" in shown
    assert "age &gt; 40 &amp; town = x" in shown and said in shown


def test_no_slice_is_said_with_how_many_were_looked_at() -> None:
    shown = page([Finding("slices", "slices.worst", 0.0, n=90, evidence=FACTS)])
    assert "427 were looked at" in shown.replace("\n", " ")
    assert "Where it fails" not in page([])


def test_why_and_growth_stand_beside_the_leaderboard() -> None:
    why = [{"en": "A won.", "zh": "A 入选。"}, {"en": "B lost.", "zh": "B 落选。"}]
    shown = page([], why=why, growth=GROWTH)
    assert "A won. B lost." in shown and "A 入选。B 落选。" in shown
    assert shown.count('class="band"') == 1 and "With twice the rows …" in shown
    reason = page([], growth={"words": {"en": "Not estimated.", "zh": "未估计。"}})
    assert "Not estimated." in reason and 'class="band"' not in reason


def test_a_candidate_stands_beside_the_chosen_one() -> None:
    content = document()
    first, second = content["candidates"][:2]
    first |= {"error": 0.0123, "gap": 0.0, "gap_error": 0.0, "size_mb": 0.02, "row_ms": 0.123}
    second |= {"error": 0.02, "gap": -0.0123, "gap_error": 0.004, "weight": 0.0}
    shown = render(content)
    assert "± 0.012" in shown and "20.0 kB" in shown and "0.12 ms" in shown
    assert "chosen, 70%" in shown and "入选，70%" in shown
    assert re.search(r"−<span[^>]*>0\.012<span[^>]*> ± 0\.004", shown)
    content["choice"]["metric"] = "rmse"  # a smaller error is the better one
    assert re.search(r"\+<span[^>]*>0\.012<span[^>]*> ± 0\.004", render(content))
