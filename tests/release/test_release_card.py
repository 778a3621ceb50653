from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from lingqu.core.messages.card import MESSAGES
from lingqu.core.nouns import Finding
from lingqu.core.schema import Column, Schema
from lingqu.release.card import Card, pipeline_tag, render

SCHEMA = Schema(
    (
        Column("age", "number", low=18, high=90),
        Column("town|x", "category", levels=("桂林", "Lyon")),
        Column("face", "image", shape=(8, 8)),
        Column("free", "text"),
        Column("left", "category", "target", levels=("no", "yes")),
    )
)


def card(**changes: object) -> Card:
    fields = {
        "name": "churn",
        "task": "classify",
        "digest": "ab" * 32,
        "created": "2026-03-01T08:00:00Z",
        "channel": "c" * 64,
        "data": "d" * 64,
        "schema": SCHEMA,
        "classes": ("no", "yes"),
        "members": [{"name": "rbf", "algorithm": "rbf_svm", "weight": 0.625}],
        "metrics": {"accuracy": 0.9},
    }
    return Card(**{**fields, **changes})


def metadata(text: str) -> dict:
    _, front, _ = text.split("---\n", 2)
    return YAML(typ="safe").load(front)


def halves(text: str) -> tuple[str, str]:
    english, chinese = text.split("# churn（中文）")
    return english, chinese


def test_the_yaml_block_is_what_the_hub_reads():
    found = metadata(render(card(facts={"model_license": "MIT", "name": "Churn: 2026"})))
    assert found["language"] == ["en", "zh"] and found["license"] == "mit"
    assert found["library_name"] == "lingqu" and found["tags"] == ["lingqu", "onnx", "classify"]
    (entry,) = found["model-index"]
    assert entry["name"] == "churn"
    assert entry["results"][0]["dataset"] == {"name": "Churn: 2026", "type": "churn"}
    assert entry["results"][0]["metrics"] == [
        {"type": "accuracy", "name": "accuracy", "value": 0.9}
    ]


def test_names_cannot_break_out_of_the_yaml_block_or_a_table():
    found = metadata(render(card(name='x"\nlicense: "stolen', facts={"model_license": "a: b\n"})))
    assert found["license"] == "other" and found["license_name"] == "a: b\n"
    assert "| town\\|x | category | 桂林, Lyon |" in render(card())


def test_what_nobody_recorded_is_a_gap_in_both_languages():
    bare = Card("churn", "regress", "", "", "", "", Schema(()))
    english, chinese = halves(render(bare))
    assert "- Licence of the data: *not recorded*" in english
    assert "- 数据许可: *未记录*" in chinese
    assert "No evaluation was recorded." in english and "没有记录任何评估。" in chinese
    assert "No check failed" not in english and "版本 *未记录* 和数据 *未记录* 生成" in chinese
    assert "model-index" not in english and metadata(render(bare))["license"] == "unknown"
    assert "*not recorded*" in render(card())  # the free text column has no known values


def test_findings_are_told_with_interval_and_verdict():
    findings = [
        Finding("metrics", "accuracy", 0.91234, low=0.88, high=0.94, n=360, verdict="pass"),
        Finding("fairness", "fairness.gap", 0.2, "sex", verdict="fail", severity="block"),
        Finding("drift", "drift.psi", None, verdict="unknown", evidence={"why": "12 rows"}),
    ]
    english, chinese = halves(render(card(findings=findings)))
    assert "| accuracy | 0.9123 | 0.88 … 0.94 | 360 | pass |" in english
    assert "| accuracy | 0.9123 | 0.88 … 0.94 | 360 | 通过 |" in chinese
    assert "- `fairness.gap(sex)` (0.2): fail" in english
    assert "- `drift.psi`: 无法测量: 12 rows" in chinese
    assert "No check failed" in render(card(findings=findings[:1]))


def test_facts_members_and_inputs_are_told():
    english, chinese = halves(render(card(facts={"owner": "阿梅"}, preparation=["impute"])))
    for half in (english, chinese):
        assert "| rbf | rbf_svm | 0.625 |" in half
        assert "| age | number | 18 … 90 |" in half and "| face | image | 8 × 8 |" in half
        assert "阿梅" in half and "impute" in half and "`" + "ab" * 32 + "`" in half


def test_long_lists_are_cut():
    classes = tuple(str(i) for i in range(100))
    findings = [Finding("metrics", f"recall{i}", 0.5) for i in range(60)]
    text = render(card(classes=classes, findings=findings))
    assert "… (100)" in text and "recall39" in text and "recall40" not in text
    assert "Findings left out here: 20." in text and "此处未列出的发现：20 项。" in text


def shown(half: str) -> list[str]:
    """Return the measures of the findings' table."""
    rows = half.split("| --- | --- | --- | --- | --- |\n")[-1].split("\n\n")[0]
    return [row.split(" | ")[0].removeprefix("| ") for row in rows.splitlines()]


def test_the_metrics_come_first_and_the_contract_is_one_line():
    rules = [
        Finding("contract", "contract.failures", 0.0, f"not_null(c{i})", verdict="pass")
        for i in range(60)
    ]
    broken = Finding("contract", "contract.failures", 3.0, "unique(id)", verdict="fail")
    columns = [Finding("quality", "quality.column", 0.9, f"c{i}") for i in range(50)]
    leaks = [Finding("leakage", "leakage.target", i / 10, f"c{i}") for i in range(9)]
    drop = Finding("robustness", "robustness.drop", 0.3, "noise_5%", verdict="fail")
    summary = Finding(
        "robustness", "robustness.drop", 0.3, verdict="fail", evidence={"worst": "noise_5%"}
    )
    rest = [
        Finding(check, f"{check}.x", 0.1)
        for check in ("own", "quality", "privacy", "efficiency", "fairness", "calibration")
    ]
    metrics = [Finding("metrics", "recall", 0.9, "b"), Finding("metrics", "accuracy", 0.8)]
    findings = [*rules, broken, *columns, *leaks, summary, drop, *rest, *metrics]
    english, chinese = halves(render(card(findings=findings)))
    for half in (english, chinese):
        assert shown(half) == [
            "recall(b)", "accuracy", "calibration.x", "fairness.x", "robustness.drop(noise_5%)",
            "efficiency.x", "leakage.target(c8)", "leakage.target(c7)", "leakage.target(c6)",
            "leakage.target(c5)", "leakage.target(c4)", "leakage.target(c3)", "privacy.x",
            "quality.x", "own.x",
        ]  # fmt: skip
    assert "Data contract: 60 of 61 rules hold." in english
    assert "数据契约：61 条规则中 60 条成立。" in chinese
    assert "Findings left out here: 53." in english  # 50 columns and 3 that leak least
    limits = english.split("## Known limits")[1].split("##")[0]
    assert limits.split("- ")[1:][0].startswith("`robustness.drop(noise_5%)` (0.3): fail")
    assert limits.count("- `") == 2 and "`contract.failures(unique(id))` (3): fail" in limits


def test_reasons_are_told_in_the_language_of_the_half():
    evidence = {"why": "No column holds dates.", "why_zh": "没有含日期的列。"}
    timeless = Finding("quality", "quality.timeliness", None, verdict="unknown", evidence=evidence)
    english, chinese = halves(render(card(findings=[timeless])))
    assert "could not be measured: No column holds dates." in english
    assert "无法测量: 没有含日期的列。" in chinese and "No column" not in chinese


def test_many_limits_tell_how_many_are_left_out():
    failed = [Finding("metrics", f"recall{i}", 0.1, verdict="fail") for i in range(47)]
    limits = render(card(findings=failed)).split("## Known limits")[1].split("##")[0]
    assert limits.count("- `") == 40 and "Findings left out here: 7." in limits


@pytest.mark.parametrize("place", ["lineage", "facts"])
def test_a_second_attempt_is_told(place: str):
    english, chinese = halves(render(card(**{place: {"other_attempt": {"passed": False}}})))
    assert "the test rows were used twice" in english and "测试数据被使用了两次" in chinese
    assert "used twice" not in render(card(**{place: {"other_attempt": None}}))


@pytest.mark.parametrize(
    ("kinds", "task", "tag"),
    [
        (["image"], "classify", "image-classification"),
        (["text"], "classify", "text-classification"),
        (["text", "number"], "classify", "tabular-classification"),
        (["number"], "regress", "tabular-regression"),
        ([], "classify", "tabular-classification"),
    ],
)
def test_pipeline_tag_follows_the_columns(kinds: list, task: str, tag: str):
    schema = Schema(tuple(Column(f"c{i}", kind) for i, kind in enumerate(kinds)))
    assert pipeline_tag(schema, task) == tag


def test_every_word_has_two_languages():
    same = {key for key, (english, chinese) in MESSAGES.items() if english == chinese}
    assert same == {"card.note"}
