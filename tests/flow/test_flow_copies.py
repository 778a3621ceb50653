"""Copies of texts across a split: seen side by side, and kept on one side when asked."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

from lingqu.core.nouns import Finding
from lingqu.workspace import Workspace

pytestmark = pytest.mark.slow
GOOD = ("房间干净", "服务员热情", "早餐好吃", "位置方便", "价格公道", "隔音不错")
BAD = ("房间很脏", "服务员冷淡", "早餐难吃", "位置太偏", "价格太贵", "隔音很差")
PHONE = "13912345678"


def walk(folder: Path, split: str, govern: str) -> dict[str, Finding]:
    draw, rows = random.Random(1), []
    for number in range(150):
        liked = draw.random() < 0.5
        text = "，".join(draw.sample(GOOD if liked else BAD, 4)) + f"，第{number * 7919}位客人说的"
        label = "yes" if liked else "no"
        rows += [{"text": text, "liked": label}, {"text": text + "！", "liked": label}]
    rows[0]["text"] = rows[1]["text"] = f"请打{PHONE}，" + rows[0]["text"]
    pl.DataFrame(rows).write_csv(folder / "said.csv")
    (folder / "channel.yaml").write_text(
        f"channel: said\ndata: {{source: said.csv, split: {split}, kinds: {{text: text}}}}\n"
        f"govern: [{govern}{{text_features: {{unit: characters, max_features: 100}}}}]\n"
        "train: {task: classify, target: liked, algorithm: logistic, budget: 20 s, workers: 1}\n",
        encoding="utf-8",
    )
    with Workspace(folder / ".lingqu") as workspace:
        run = workspace.run(folder / "channel.yaml")
        return {found.subject: found for found in workspace.findings(run.id)}


def test_near_copies_are_shown_in_words_though_the_model_reads_vectors(tmp_path: Path) -> None:
    found = walk(tmp_path, "random", "")["leakage.near(text)"]
    assert found.verdict == "fail" and (found.value or 0) > 0.5
    pair = found.evidence["pairs"][0]
    assert pair["train"]["text"].rstrip("！") == pair["test"]["text"].rstrip("！")


def test_a_split_that_keeps_copies_together_has_none_across(tmp_path: Path) -> None:
    found = walk(tmp_path, "distinct", "")
    assert found["leakage.near(text)"].value == 0 and found["leakage.exact"].value == 0


def test_what_is_masked_is_masked_in_the_pairs_too(tmp_path: Path) -> None:
    found = walk(tmp_path, "random", "mask, ")
    near = found["leakage.near(text)"]
    assert near.verdict == "fail" and near.evidence["pairs"]
    assert PHONE not in str([finding.to_json() for finding in found.values()])
