"""Shall a net that reads words be tried where nobody names a learner? Scores and CPU seconds.

Three corpora of texts, and of each the training side alone: rows to learn from and rows held out
of them. The rows that a channel would keep for its test are not read. What is tried unasked is
fitted beside nets of several lengths; a blend has the mean of both probabilities, as a race could
take it. A race fits each candidate once a fold, so a fit must take a fraction of a budget.

    python benchmarks/deep_unasked.py            # all of it
    python benchmarks/deep_unasked.py sms 1000   # one corpus, so many rows
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import polars as pl
from deep_pretrained import DATA, packages
from numpy.typing import NDArray

from lingqu.core import catalog
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.release.encode import targets
from lingqu.release.runner import predict_model

TEST, HELD, ROWS = 0.2, 1000, (1000, 3000)
"""Share that is never read, rows that are held out, rows to learn from."""
DENSE = {"unit": "characters", "ngrams": [1, 2], "max_features": 10_000, "dimensions": 200}
"""What Chinese texts become where nobody names an operator."""
LEARNERS: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("logistic", "logistic", {}),
    ("lightgbm", "lightgbm", {}),
    ("mlp", "mlp", {}),
    ("net, 2 passes", "net", {"context": 128, "epochs": 2}),
    ("net, 6 passes", "net", {"context": 128, "epochs": 6}),
    ("net lstm, 6 passes", "net", {"context": 128, "epochs": 6, "text": "lstm"}),
    ("net, as it chooses", "net", {"context": 128}),
)


def told(name: str, rows: int, seed: int = 0) -> tuple[Dataset, Dataset]:
    """Return rows to learn from and held-out rows, both of the training side of a corpus."""
    read, _, _ = DATA[name]
    texts, labels = read(packages())
    order = np.random.default_rng(seed).permutation(len(texts))
    order = order[int(TEST * len(texts)) :][: rows + HELD]
    frame = pl.DataFrame({"text": [texts[at] for at in order], "y": [labels[at] for at in order]})
    target = Column("y", "category", "target", levels=tuple(sorted(set(labels))))
    schema = Schema((Column("text", "text"), target))
    return Dataset(frame[:rows], schema), Dataset(frame[rows:], schema)


def score(answers: NDArray[Any], truth: NDArray[Any]) -> tuple[float, float]:
    """Return accuracy and log loss."""
    sure = np.clip(answers[np.arange(len(truth)), truth], 1e-7, 1.0)
    return float((answers.argmax(1) == truth).mean()), float(-np.log(sure).mean())


def measured(name: str, rows: int) -> Iterator[tuple[str, float, float, float]]:
    """Yield learner, CPU seconds, accuracy and log loss; then the best of the usual with a net."""
    train, held = told(name, rows)
    plain = train, held
    if name == "reviews":
        step = catalog.build("operators", "text_features", DENSE)
        step.fit(train)
        train, held = step.apply(train), step.apply(held)
    truth = targets(held, "classify")[0]
    answers: dict[str, NDArray[Any]] = {}
    for label, algorithm, options in LEARNERS:
        fitted, shown = plain if algorithm == "net" else (train, held)
        inner = round(0.8 * rows)
        frames = fitted.frame[:inner], fitted.frame[inner:]
        parts = [Dataset(frame, fitted.schema) for frame in frames]
        begun = time.process_time()
        learner = catalog.build("algorithms", algorithm, options)
        model = learner.fit(*parts, Budget(3600.0, seed=0), lambda row: None)
        cpu_s = time.process_time() - begun
        found = predict_model(model, shown.frame).probabilities
        assert found is not None
        answers[label] = found
        yield label, cpu_s, *score(found, truth)
    usual = [label for label, algorithm, _ in LEARNERS if algorithm != "net"]
    best = min(usual, key=lambda label: score(answers[label], truth)[1])
    for label in (label for label, algorithm, _ in LEARNERS if algorithm == "net"):
        yield f"{best} + {label}", 0.0, *score((answers[best] + answers[label]) / 2, truth)


def main(arguments: list[str]) -> None:
    """Print a table for each corpus and number of rows."""
    names = arguments[:1] or ["sms", "films", "reviews"]
    for rows in [int(arguments[1])] if len(arguments) > 1 else ROWS:
        for name in names:
            print(f"\n{name}, {rows} rows, {HELD} held out of the training side")
            for label, cpu_s, accuracy, loss in measured(name, rows):
                spent = f"{cpu_s:7.1f}" if cpu_s else "      –"
                print(f"  {label:34} {spent} CPU s  accuracy {accuracy:.3f}  log loss {loss:.4f}",
                      flush=True)  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
