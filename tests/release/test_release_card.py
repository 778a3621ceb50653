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
    assert "… (100)" in text and "… (60)" in text and "recall45" not in text


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
