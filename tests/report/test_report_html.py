"""The page: whole, well formed, in both languages, offline, and never fooled by what data say."""

import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from tests.report.report_documents import DIGEST, document, samples

import lingqu.report
from lingqu.core.i18n import text
from lingqu.core.messages.report import MESSAGES
from lingqu.report.html import SECTIONS, SOME, render
from lingqu.report.markup import both, pair, say, tag
from lingqu.report.sections.scores import distinct
from lingqu.report.tables import code

HOSTILE = "<script>alert(1)</script><img src=x onerror=y>\"'&`{0}"
VOID = {"br", "img", "input", "meta", "wbr"}
FAMILIES = (
    "section", "lead", "headline", "state", "stage", "split", "fact", "quality", "kind", "role",
    "severity", "tried", "verdict", "check", "acted", "made", "measure",
)  # fmt: skip


class Page(HTMLParser):
    """What a page is made of; an element that is not closed, or closed twice, is refused."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.within: dict[str, list[str]] = {}
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len({name for name, _ in attrs}), (tag, attrs)
        self.elements.append((tag, dict(attrs)))
        if self.stack:
            self.within.setdefault(self.stack[-1], []).append(tag)
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.stack):
            self.words.append(data)

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]

    @property
    def said(self) -> str:
        return " ".join("".join(self.words).split())


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINGQU_LANGUAGE", "en")


def hostile(value: Any, key: str = "") -> Any:
    """Return the document with a hostile text at the end of every text and key of the data."""
    if isinstance(value, dict):
        free = key in ("values", "top", "filled", "machine", "facts", "detail", "parts")
        return {k + HOSTILE if free else k: hostile(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [hostile(part, key) for part in value]
    return value + HOSTILE if isinstance(value, str) and key != "verdict" else value


@pytest.mark.parametrize("task", ["classify", "regress"])
@pytest.mark.parametrize("state", ["approved", "candidate", "blocked"])
def test_page_is_well_formed_and_accessible(state: str, task: str) -> None:
    page = Page(render(document(state, task)))
    names = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(names) == len(set(names))
    assert all(image.get("alt") is not None for image in page.all("img"))
    assert len(page.all("table")) == len(page.all("caption")) > 8
    assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))
    assert all(
        drawing.get("aria-label") or drawing.get("aria-hidden") for drawing in page.all("svg")
    )
    assert [len(page.all(name)) for name in ("main", "h1", "nav", "title")] == [1, 1, 1, 1]
    for link in page.all("a"):
        assert str(link["href"])[1:] in names


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_section_stands_in_both_languages(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINGQU_LANGUAGE", language)
    markup = render(document())
    page = Page(markup)
    assert page.all("html")[0]["data-language"] == language
    sections = [section["id"] for section in page.all("section")]
    assert sections == [name for name, _ in SECTIONS if name not in SOME]
    for name in sections:
        words = pair(f"report.section_{name}")
        assert words["en"] != words["zh"]
        assert tag("h2", both(words)) in markup
        assert both(pair(f"report.lead_{name}")).count("lang=") == 2
        assert say(f"report.lead_{name}") in markup


def test_page_opens_in_the_language_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    english = Page(render(document())).all("title")[0]
    monkeypatch.setenv("LINGQU_LANGUAGE", "zh")
    markup = render(document())
    assert '<html lang="zh-CN" data-language="zh">' in markup
    assert english == Page(markup).all("title")[0]  # both languages travel either way
    assert 'aria-label="章节"' in markup


def test_page_needs_nothing_from_outside() -> None:
    markup = render(document())
    page = Page(markup)
    for element, attributes in page.elements:
        for name in ("src", "href", "srcset", "action", "poster", "data"):
            if name in attributes:
                assert str(attributes[name]).startswith(("#", "data:image/png;base64,")), element
    assert not page.all("link") and not page.all("iframe")
    kept = [files("lingqu.report").joinpath(name).read_text() for name in ("page.css", "page.js")]
    assert not re.search(r"url\(|@import|https?:|//[a-z]", kept[0])
    assert not re.search(r"fetch|XMLHttp|import|WebSocket|https?:|localStorage|eval", kept[1])
    policy = next(m for m in page.all("meta") if m.get("http-equiv"))["content"]
    assert str(policy).startswith("default-src 'none'; script-src 'sha256-")
    assert "https://example.org/pets.csv" in page.said  # an address in the data is only text


def test_what_data_say_is_text() -> None:
    page = Page(render(hostile(document("blocked"))))
    assert len(page.all("script")) == 1
    assert all(str(image["src"]).startswith("data:image/png") for image in page.all("img"))
    for _, attributes in page.elements:
        assert not any(name.startswith("on") for name in attributes)
    assert "cat<script>alert(1)</script>" in page.said
    assert "age<script>alert(1)</script>" in page.said


def test_page_stays_small() -> None:
    content = document()
    content["samples"] = samples() * 5
    assert len(render(content).encode()) < 200_000


def test_absent_facts_leave_a_page() -> None:
    page = Page(render({"run": {"channel": "bare"}}))
    shown = [name for name, _ in SECTIONS if name not in SOME]
    assert [section["id"] for section in page.all("section")] == shown
    for key in ("no_samples", "no_findings", "no_actions", "no_metrics", "no_operators"):
        assert text(f"report.{key}", "en") in page.said


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("approved", ["Approved for use", "lingqu deploy pets"]),
        ("candidate", ["Waits for a person", f"lingqu approve {DIGEST[:12]} --by NAME"]),
        (
            "blocked",
            ["Refused by the gate", "accuracy >= 0.97", "leakage.exact blocks the release"],
        ),
    ],
)
def test_head_gives_verdict_number_and_next_command(state: str, said: list[str]) -> None:
    page = Page(render(document(state)))
    for words in [*said, "0.9556", "[0.89 – 0.98]", "Checks that failed: 2"]:
        assert words in page.said


def test_path_tells_times_and_what_was_reused() -> None:
    markup = render(document())
    assert markup.count('class="gate reused"') == 2  # drawn along the page and down it
    said = Page(markup).said
    assert "500 ms in 2 passes" in said and "4 operators, 2 removed" in said
    assert "not walked" in said  # the release stage is not in this document


def test_governance_shows_reasons_suspects_and_pairs() -> None:
    markup = render(document())
    said = Page(markup).said
    assert "copy of an earlier row" in said and "与前面某行相同" in said and "1 more" in said
    assert "Contract: 20 of 21 rules hold" in said and "20 rules that hold" in said
    assert "cat → dog" in said
    assert "<mark>绍兴 ≠ 杭州</mark>" in markup
    assert "Not applicable:" in said and "no protected column" in said
    assert "Training row 4 beside test row 6" in said and "训练数据第 4 行与测试数据第 6 行" in said
    assert ">8</th>" in markup  # the removed row, kept as 7
    assert "Training rows and test rows are counted from 1" in said


def test_leaderboard_shows_the_failed_with_its_reason() -> None:
    said = Page(render(document())).said
    assert "out of memory" in said and "killed at 900 MB" in said and "在 900 MB 处终止" in said
    assert "70%" in said
    assert "cnn loss损失" in said and "mlp#2 loss损失" not in said  # one epoch makes no curve


def test_errors_of_a_regression_are_positive() -> None:
    content = document(task="regress")
    content["candidates"][0]["score"] = -54.7
    page = Page(render(content))
    assert "54.7" in page.said and "−54.7" not in page.said
    assert "Predicted and true" in page.said and "Residuals" in page.said
    assert "lower is better" in page.said


def test_confusion_tells_right_from_wrong() -> None:
    cells = [c for c in Page(render(document())).all("td") if "→" in str(c.get("title"))]
    kinds = [str(cell["class"]).split()[1:] for cell in cells]
    assert kinds == [["right", "strong"], ["wrong", "weak"], ["wrong", "weak"], ["right", "strong"]]
    assert cells[1]["title"] == "cat → dog: 3 (7.0%)"


def test_samples_are_marked_by_sign_and_not_by_colour_alone() -> None:
    page = Page(render(document()))
    tiles = [b for b in page.all("button") if "tile" in str(b.get("class"))]
    wrong = [tile for tile in tiles if tile["class"] == "tile wrong"]
    assert (len(tiles), len(wrong)) == (20, 2)
    assert wrong[0]["aria-label"] == "Wrong: true dog, predicted cat, confidence 91.0%"
    assert wrong[0]["data-zh"] == "错误：真实为 dog，预测为 cat，置信度 91.0%"
    assert page.said.count("cat✗true: dog实为 dog") == 2


def test_samples_without_pictures_are_rows() -> None:
    content = document()
    content["samples"] = samples(pictures=False)
    page = Page(render(content))
    assert "The first 20 test rows." in page.said and "✗ cat" in page.said
    assert ">381</th>" in render(content)  # the last of them is kept as row 380
    numbers = Page(render(document(task="regress")))
    assert "12.5" in numbers.said and "2.5" in numbers.said


def test_findings_come_worst_first_with_advice() -> None:
    markup = render(document())
    order = re.findall(r'data-verdict="(\w+)"', markup)
    assert order == sorted(order, key=["fail", "unknown", "note", "pass"].index)
    # The summary of a measure repeats its worst part.
    assert len(order) == len(document()["findings"]) - 1
    assert markup.count(str(code("robustness.drop(shift_1px)"))) == 1
    assert str(code("robustness.drop")) not in markup
    assert "Small errors cost <code>too</code> much." in markup
    assert "没有含日期的列。" in markup


def test_palette_has_contrast_in_both_lights() -> None:
    css = files("lingqu.report").joinpath("page.css").read_text()
    blocks = re.findall(r"--paper:[^}]*", css)
    light, dark, preferred = (dict(re.findall(r"--([a-z-]+): (#\w{6})", b)) for b in blocks)
    assert dark == preferred
    pairs = [
        (front, back)
        for back in ("paper", "sheet")
        for front in ("ink", "quiet", "accent", "wrong", "doubt")
    ]
    pairs += [
        ("on-accent", "accent"), ("ink", "accent-soft"), ("wrong", "wrong-soft"),
        ("ink", "wrong-soft"), ("paper", "wrong"),
    ]  # fmt: skip
    for palette in (light, dark):
        for front, back in pairs:
            assert contrast(palette[front], palette[back]) >= 4.5, (front, back, palette["paper"])


def contrast(front: str, back: str) -> float:
    """Return the contrast of two colours (WCAG 2.2, relative luminance)."""
    high, low = sorted((luminance(front), luminance(back)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_word_of_the_page_is_in_the_catalogue_and_none_is_idle() -> None:
    folder = Path(lingqu.report.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    used = {key for key in re.findall(r'"(report\.[a-z0-9_]+)"', source)}
    assert used <= set(MESSAGES)
    built = ("report.train_loss", "report.valid_loss", "report.robustness", "report.fairness")
    idle = [
        key
        for key in MESSAGES
        if key not in used
        and not key.startswith(built)
        and key.partition(".")[2].split("_")[0] not in FAMILIES
    ]
    assert idle == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"image": None, "values": {"age": 7.0}}, ["Doubtful labels: 1 of 90", "0.7 ", "age: 7"]),
        ({"image": None}, ["Doubtful labels: 1 of 90", "dog 0.7"]),
        (None, ["Doubtful labels: 0 of 90", "No label is doubted"]),
    ],
)
def test_suspects_without_pictures_are_rows(
    changes: dict[str, Any] | None, said: list[str]
) -> None:
    content = document()
    report = content["governance"]["operators"][3]["report"]
    report["samples"] = [] if changes is None else [report["samples"][0] | changes]
    report["suspects"] = len(report["samples"])
    words = " ".join(Page(render(content)).words)
    for expected in said:
        assert expected in " ".join(words.split())
    assert "cat → dog ?" not in words


def test_many_columns_curves_and_leaks_are_folded() -> None:
    content = document()
    column = content["data"]["columns"][0]
    content["data"]["columns"] = [column | {"name": f"c{i}"} for i in range(50)]
    leak = content["data"]["leakage"][0] | {"argument": "c1"}
    content["data"]["leakage"] = [leak | {"value": i / 20} for i in range(20)]
    content["candidates"] = [content["candidates"][0] | {"name": f"net#{i}"} for i in range(5)]
    page = Page(render(content))
    assert "Columns: 50" in page.said and "10 more" in page.said  # columns beyond 40
    assert "8 more" in page.said  # leaks beyond 12
    assert "5 more" in page.said  # charts beyond 6: one stair and two for each of five
    assert len(page.all("details")) == len(page.all("summary")) == 6


def test_a_page_of_very_many_columns_stays_small_and_says_what_it_leaves_out() -> None:
    content = document()
    column = content["data"]["columns"][0]
    content["data"]["columns"] = [column | {"name": f"c{i}"} for i in range(3000)]
    leak = content["data"]["leakage"][0] | {"evidence": {}}
    content["data"]["leakage"] = [leak | {"argument": f"c{i}", "value": i} for i in range(3000)]
    contract = next(
        o for o in content["governance"]["operators"] if o["operator"] == "contract"
    )["report"]  # fmt: skip
    rule = contract["rules"][0]
    contract["rules"] = [rule | {"rule": f"r{i}", "verdict": "fail"} for i in range(3000)]
    importance = next(f for f in content["findings"] if f["check"] == "importance")
    importance["evidence"] = {**importance["evidence"], "of": 3000, "judged": 40}
    one = content["findings"][0] | {"measure": "leakage.target", "check": "leakage"}
    known = content["findings"]
    many = [one | {"argument": f"c{i}", "verdict": "pass"} for i in range(3000)]
    content["findings"] = [*many, *known]
    text = render(content)
    page = Page(text)
    said = " ".join(page.said.split())
    assert f"{len(distinct(content['findings'])) - 1000:,} more are not listed" in said
    assert said.rindex("log_loss") < said.rindex("leakage.target(c0)")
    assert "2,660 more are not listed" in said  # columns: 40 in sight, 300 folded away
    assert "2,688 more are not listed" in said  # leaks: 12 in sight
    assert "2,600 more are not listed" in said  # rules that failed: 100 in sight
    assert "Of 3000 columns, groups were shuffled first; the 40 columns" in said
    assert len(text) < 2_000_000


def test_the_gate_says_why_something_is_unknown() -> None:
    content = document()
    reason = {"en": "Nobody judged the labels.", "zh": "没有评判过标签。"}
    unknown = {"text": "data.label_errors <= 0.02", "verdict": "unknown", "missing": [],
               "seen": ["data.label_errors = unknown"], "reasons": [reason]}  # fmt: skip
    content["gate"] = {"passed": False, "requirements": [unknown], "blocking": []}
    said = Page(render(content)).said
    assert reason["en"] in said and reason["zh"] in said


def test_two_attempts_are_both_told_with_what_that_costs() -> None:
    content = document()
    once = Page(render(content)).said
    assert "never used for fitting or choosing" in once and "unseen rows" in once
    assert "choose between two attempts" not in once and "attempt" not in once
    missed = {"text": "accuracy >= 0.99", "verdict": "fail", "seen": ["accuracy = 0.9"],
              "missing": []}  # fmt: skip
    content["other_attempt"] = {
        "passed": False, "requirements": [missed], "blocking": ["leakage.near"]
    }  # fmt: skip
    page = Page(render(content))
    for words in (
        "the test rows were used to choose between two attempts, so this figure is slightly",
        "测试数据被用来在两次尝试之间做选择，因此这一数值略偏乐观",
        "accuracy >= 0.97", "accuracy >= 0.99", "leakage.near",
        "The gate stayed shut for this attempt.", "90 test rows that also chose",
    ):  # fmt: skip
        assert words in page.said
    assert "never used" not in page.said and "从未用于训练或选择" not in page.said
    content["other_attempt"] = {"passed": True, "requirements": [], "blocking": []}
    assert "would have opened for this attempt too" in Page(render(content)).said


def test_missing_values_are_told_with_their_share_as_they_were_read() -> None:
    said = Page(render(document())).said
    assert "1 (1.1%)" in said  # 1 of 90 in the finding of the column
    assert "Version of the source" in said and "数据源的版本" in said


def test_cells_carry_the_name_of_their_column_in_both_languages() -> None:
    page = Page(render(document()))
    labels = {(cell.get("data-label"), cell.get("data-label-zh")) for cell in page.all("td")}
    assert {("Cost", "开销"), ("Verdict", "结论"), ("95 % interval", "95 % 区间")} <= labels
    assert ("F1", "F1 值") in labels
    boxes = [str(box.get("class")) for box in page.all("div")]
    assert not any("matrix" in kind and "cards" in kind for kind in boxes)
    assert sum("cards" in kind.split() for kind in boxes) > 8


def test_a_forecast_is_drawn_with_its_past_its_interval_and_the_truth() -> None:
    ahead = [
        {"step": step, "truth": 5.0 + step, "value": 5.5 + step, "low": 4.0, "high": 9.0}
        for step in (1, 2, 3)
    ]
    series = {
        "series": "oak", "target": "sales", "origin": "2026-03-01", "mase": 0.4321,
        "history": [[-1, 4.0], [0, 5.0]], "ahead": ahead,
    }  # fmt: skip
    bare = {**series, "series": "", "ahead": [{**p, "low": None, "truth": None} for p in ahead]}
    steps = {"by_step": [{"step": 1, "n": 2, "mae": 1.5, "mase": None, "coverage": 0.5}]}
    coverage = {"check": "metrics", "measure": "coverage", "value": 0.5, "evidence": steps}
    markup = render(document() | {"forecast": [series, bare], "metrics": [coverage]})
    assert "forecast" in SOME and 'id="forecast"' not in render(document())
    drawn = markup.split('id="forecast"')[1].split("</section>")[0]
    assert drawn.count("<svg") == 2 and drawn.count('opacity="0.15"') == 1
    assert "steps after 2026-03-01" in drawn and "0.4321" in drawn and "50%" in drawn
