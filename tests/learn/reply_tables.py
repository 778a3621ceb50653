"""Small tables of tasks whose answers are texts, tags, vectors or boxes."""

from __future__ import annotations

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset, Task
from lingqu.core.schema import Column, Schema

_PARTS = {
    "open": "打开", "close": "关闭", "save": "保存", "delete": "删除", "copy": "复制",
    "the file": "文件", "the page": "页面", "the picture": "图片", "the list": "列表",
    "all rows": "所有行",
}  # fmt: skip


def phrases(rows: int = 60, seed: int = 0) -> Dataset:
    """Commands of a made-up interface in English with the same in Chinese; ``y`` is wanted."""
    verbs, things = list(_PARTS)[:5], list(_PARTS)[5:]
    random = np.random.default_rng(seed)
    picked = [(verbs[random.integers(5)], things[random.integers(5)]) for _ in range(rows)]
    frame = pl.DataFrame(
        {
            "text": [f"{verb} {thing}" for verb, thing in picked],
            "y": [_PARTS[verb] + _PARTS[thing] for verb, thing in picked],
        }
    )
    return Dataset(frame, Schema((Column("text", "text"), Column("y", "text", "target"))))


def tagged(rows: int = 80, seed: int = 0) -> Dataset:
    """Made-up sentences whose words have tags; ``y`` are the tags."""
    random = np.random.default_rng(seed)
    words = {"D": ["the", "a"], "N": ["canal", "boat", "gate"], "V": ["holds", "opens"]}
    texts, tags = [], []
    for _ in range(rows):
        pattern = "DNVDN" if random.random() < 0.5 else "NVDN"
        texts.append(" ".join(words[tag][random.integers(len(words[tag]))] for tag in pattern))
        tags.append(" ".join(pattern))
    schema = Schema((Column("text", "text"), Column("y", "text", "target")))
    return Dataset(pl.DataFrame({"text": texts, "y": tags}), schema)


def logs(rows: int = 80, seed: int = 0) -> Dataset:
    """Made-up logs of a canal with a question about each; ``y`` stands in the log."""
    random = np.random.default_rng(seed)
    boats, goods = ["Heron", "Otter", "Carp"], ["rice", "salt", "tea"]
    asked = []
    for _ in range(rows):
        one, two = random.choice(3, 2, replace=False)
        loads = [goods[random.integers(3)] for _ in range(2)]
        log = f"The {boats[one]} had {loads[0]}. The {boats[two]} had {loads[1]}."
        place = int(random.integers(2))
        asked.append((log, f"What had the {boats[(one, two)[place]]}?", loads[place]))
    columns = (Column("text", "text"), Column("asked", "text"), Column("y", "text", "target"))
    frame = pl.DataFrame(asked, schema=["text", "asked", "y"], orient="row")
    return Dataset(frame, Schema(columns))


def table_of(task: Task, name: str = "") -> Dataset:
    """Return rows of a task, such as a learner of it reads."""
    if name == "reader":
        return logs()
    return tagged() if task == "tag" else phrases()


def sides(dataset: Dataset, train: int = 48) -> tuple[Dataset, Dataset]:
    """Return the first rows to learn from and the rest."""
    return (
        Dataset(dataset.frame[:train], dataset.schema),
        Dataset(dataset.frame[train:], dataset.schema),
    )
