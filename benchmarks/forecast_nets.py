"""Nets that forecast, beside trees on lags and the season before: hourly power, weekly demand.

Each learner is fitted once, on the rows before the first origin. At every later origin it is sent
what has come since, and answers the next steps, as a release does. The last steps of the data, by
which a channel is judged, are not read. One line per figure, as in `figures.py`: ours is a net's
mean MASE, the peer's that of `lag_trees`, and the target is to beat the season before.

    python benchmarks/forecast_nets.py [--sets power,demand] [--seeds 1]
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from figures import Figure, report
from numpy.typing import NDArray

from lingqu.core import catalog
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.data.assets import AssetData
from lingqu.release.runner import Runner

NETS = ("gru", "transformer")
BESIDE = ("seasonal_naive", "lag_linear", "lag_trees")
BUDGET_S = 120.0
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Task:
    """Series, and from where they are forecast.

    Args:
        frame: Columns ``time``, ``series`` and ``y``, by series and time.
        horizon: Steps ahead.
        season: Steps of a season.
        origins: How often they are forecast.
        apart: Steps between two origins.
    """

    frame: pl.DataFrame
    horizon: int
    season: int
    origins: int
    apart: int

    @property
    def past(self) -> int:
        """Steps of each series before the first origin, counted from its end."""
        return self.horizon + self.horizon + (self.origins - 1) * self.apart


def power() -> Task:
    """A region's electricity by the hour; a day ahead, on 28 days."""
    frame = AssetData("hourly-electricity").read().frame
    named = frame.select(pl.col("ts").cast(pl.Datetime("us")).alias("time"), pl.col("y"))
    tidy = named.unique("time").sort("time").with_columns(series=pl.lit("region"))
    return Task(tidy, 24, 24, 28, 24)


def demand() -> Task:
    """What 40 articles sold by the week; eight weeks ahead, from three origins."""
    lines = AssetData("online-retail").read().frame
    sold = lines.unique(maintain_order=True).filter(
        pl.col("Quantity") > 0, pl.col("Price") > 0, ~pl.col("Invoice").str.starts_with("C")
    )
    weeks = sold.with_columns(time=pl.col("InvoiceDate").dt.truncate("1w").cast(pl.Datetime("us")))
    weeks = weeks.filter(pl.col("time") > weeks["time"].min(), pl.col("time") < weeks["time"].max())
    kept = weeks.group_by("StockCode").agg(pl.col("Quantity").sum(), pl.col("time").n_unique())
    kept = kept.filter(pl.col("time") >= 90).top_k(40, by=["Quantity", "StockCode"])
    chosen = weeks.filter(pl.col("StockCode").is_in(kept["StockCode"].implode()))
    totals = chosen.group_by(pl.col("StockCode").alias("series"), "time").agg(
        y=pl.col("Quantity").clip(upper_bound=1000).sum().cast(pl.Float64)
    )
    every = totals.select("series").unique().join(totals.select("time").unique(), how="cross")
    whole = every.join(totals, on=["series", "time"], how="left").with_columns(
        pl.col("y").fill_null(0.0)
    )
    return Task(whole.sort("series", "time"), 8, 1, 3, 4)


SETS = {"power": power, "demand": demand}


def table(frame: pl.DataFrame) -> Dataset:
    """Return rows as a dataset."""
    columns = (
        Column("time", "datetime", "time", seen=True),
        Column("series", "category", "group", seen=True),
        Column("y", "number", "target", seen=True),
    )
    return Dataset(frame.select("time", "series", "y"), Schema(columns), "series")


def fitted(name: str, task: Task, seed: int) -> tuple[Model, float]:
    """Return a model of the rows before the first origin, and its CPU seconds."""
    long = len(task.frame.filter(pl.col("series") == task.frame["series"][0]))
    past = task.frame.group_by("series", maintain_order=True).head(long - task.past)
    learner = catalog.build("algorithms", name, {"horizon": task.horizon})
    begun, data = time.process_time(), table(past)
    none = Dataset(data.frame.head(0), data.schema)
    model: Model = learner.fit(data, none, Budget(BUDGET_S, seed=seed), lambda row: None)
    return model, time.process_time() - begun


def errors(model: Model, task: Task) -> Floats:
    """Return the MASE of each series and origin."""
    runner = Runner.of(model)
    runner.unread = ""  # what has come since is sent along
    found = []
    for _, one in task.frame.group_by("series", maintain_order=True):
        values = one["y"].to_numpy()
        first = len(values) - task.past
        scale = np.abs(values[task.season : first] - values[: first - task.season]).mean() or 1.0
        for origin in range(task.origins):
            cut = first + origin * task.apart
            asked: dict[str, Any] = {"y": pl.Series([*values[first:cut], *[None] * task.horizon])}
            rows = one[first : cut + task.horizon].with_columns(**asked)
            said = runner.predict(rows).labels[cut - first :].astype(np.float64)
            found.append(np.abs(said - values[cut : cut + task.horizon]).mean() / scale)
    return np.array(found)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    logging.disable(logging.INFO)
    figures, notes = [], []
    for name in given.sets.split(","):
        task = SETS[name]()
        scores: dict[str, float] = {}
        for learner in (*BESIDE, *NETS):
            runs = [fitted(learner, task, seed) for seed in range(given.seeds)]
            each = np.mean([errors(model, task) for model, _ in runs], axis=0)
            scores[learner] = float(each.mean())
            spent = float(np.mean([seconds for _, seconds in runs]))
            told = {k: runs[0][0].members[0].notes.get(k) for k in ("epochs", "examples", "past")}
            more = ", ".join(f"{k} {v}" for k, v in told.items() if v is not None)
            notes.append(f"{name}, {learner}: MASE {each.mean():.4f} over {len(each)} forecasts, "
                         f"fitted in {spent:.1f} CPU s{'; ' + more if more else ''}")  # fmt: skip
        naive = scores["seasonal_naive"]
        figures += [
            Figure(f"{name}: mase of {net} beside lag_trees", scores[net], scores["lag_trees"],
                   f"< {naive:.4g} (season before)", scores[net] < naive)
            for net in NETS
        ]  # fmt: skip
    return report("Forecasts by nets", figures, notes)


if __name__ == "__main__":
    sys.exit(main())
