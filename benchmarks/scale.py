"""Choosing on tables of every size: time, memory, and a model that beats the constant.

    python benchmarks/scale.py [--only NAME …] [--stretch 1]

All tables but the census are generated here from a seed. Each line is a process of its own, so that
its memory is its own; memory is that of the process and its workers together, pages that they
share counted once. `run` lines walk a three-line channel.yaml as a user would, with the
command line; the others call `choose()`. `--stretch` makes budgets so many times as long, for a
machine that is busy with other work. Prints one line per figure and exits 1 if one is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import psutil
from figures import PEERS, Figure, report
from peak import Peak

from lingqu.core.nouns import Model
from lingqu.core.schema import Schema

CENSUS = PEERS / "automl-data" / "census_all.csv"
LINGQU = Path(sys.executable).with_name("lingqu")
REPORT_MB = 4.0
"""What a browser opens at once."""
Random = np.random.Generator
Made = Callable[[Random], pl.DataFrame]


def numbers(rows: int, columns: int, useful: int = 5) -> Made:
    """Return what makes normal numbers, of which the first few say something of the target."""

    def make(random: Random) -> pl.DataFrame:
        x = random.normal(0, 1, (rows, columns)).astype(np.float32)
        signal = x[:, :useful].sum(axis=1) + random.normal(0, 0.5, rows)
        said = pl.Series("target", np.where(signal > 0, "yes", "no"))
        return pl.DataFrame(x, schema=[f"x{i}" for i in range(columns)]).with_columns(said)

    return make


def many_rows(rows: int) -> Made:
    """Return what makes orders: numbers, categories, a moment, gaps; what is owed at the end."""

    def make(random: Random) -> pl.DataFrame:
        age, amount = random.integers(18, 90, rows), np.exp(random.normal(3, 1, rows))
        town = random.integers(0, 300, rows)
        kind = random.integers(0, 4, rows)
        owed = 0.3 * amount + 5 * np.sin(town) + 4 * (kind == 1) + 0.1 * age
        day = np.datetime64("2024-01-01", "ms") + 1000 * random.integers(0, 63_000_000, rows)
        score = pl.Series("score", random.normal(0, 1, rows))
        return pl.DataFrame({
            "age": age, "amount": amount.round(2), "moment": day,
            "town": pl.Series(town).cast(pl.String).str.pad_start(4, "t"),
            "kind": pl.Series(np.array(["app", "web", "shop", "phone"])[kind]),
            "score": score.zip_with(pl.Series(random.random(rows) > 0.1), pl.Series([None] * rows)),
            "premium": random.random(rows) < 0.2,
            "a": random.normal(0, 1, rows).astype(np.float32), "b": random.poisson(3, rows),
            "c": random.random(rows).astype(np.float32),
            "target": (owed + random.normal(0, 3, rows)).round(3),
        })  # fmt: skip

    return make


@dataclass(frozen=True)
class Line:
    """A table and what is asked of it.

    Args:
        make: Makes its rows; None for the census.
        task: ``classify`` or ``regress``.
        budget: Wall seconds.
        held: Further rows of the same kind that nothing learns from, to score the model on.
        most_mb: Most memory; None where none was promised.
        run: Whether the command line walks it.
    """

    make: Made | None
    task: str
    budget: float
    held: int = 2000
    most_mb: float | None = 600.0
    run: bool = False


LINES = {
    "20 rows": Line(numbers(20 + 2000, 5), "classify", 10),
    "1 column": Line(numbers(1000 + 2000, 1, 1), "classify", 10),
    "2 s": Line(numbers(3000 + 2000, 20), "classify", 2),
    "10 000 columns": Line(numbers(2000 + 1000, 10_000), "classify", 60, 1000, None),
    "census": Line(None, "classify", 60, 60_000, 1500.0),
    "5M rows": Line(many_rows(5_000_000), "regress", 60, 100_000, None),
    "10 000 columns run": Line(numbers(2000, 10_000), "classify", 60, 0, None, True),
    "5M rows run": Line(many_rows(5_000_000), "regress", 60, 0, None, True),
}


def written(line: Line, folder: Path, seed: int) -> Path:
    """Write the rows of a line, those held out as well, where its process reads them."""
    frame = line.make(np.random.default_rng(seed)) if line.make else pl.read_csv(CENSUS)
    if line.make is None:
        frame = frame.sample(fraction=1.0, shuffle=True, seed=seed)
    path = folder / "rows.parquet"
    frame.slice(line.held).write_parquet(path)
    frame.head(line.held).write_parquet(folder / "held.parquet")
    return path


def fit(line: Line, folder: Path) -> dict[str, Any]:
    """Choose on the rows of a folder: a process of its own calls this."""
    from lingqu.data.infer import typed
    from lingqu.data.roles import ready
    from lingqu.engine.ready import wait_until_ready
    from lingqu.flow.workers import engine_of
    from lingqu.learn.choose import choose

    peak = Peak()
    peak.start()
    started = time.perf_counter()
    rows = ready(typed(pl.read_parquet(folder / "rows.parquet")), target="target", task=line.task)
    read_s = time.perf_counter() - started
    with engine_of(2) as engine:
        wait_until_ready(engine, ["sklearn"], line.budget / 2)
        left = line.budget - (0.0 if line.make else read_s)
        started = time.perf_counter()
        choice = choose(
            rows,
            line.task,
            budget_s=left,
            engine=engine,
            scratch=folder / "scratch",
            workers=2,
            memory_mb=2000,
        )
        spent = time.perf_counter() - started
    mb = peak.mb
    found = {
        "read_s": read_s, "seconds": spent, "budget": left, "peak_mb": mb,
        "validation": choice.score, "metric": choice.metric,
        "graph_mb": sum(len(member.graph) for member in choice.model.members) / 1e6,
        "notes": [note["en"] for note in choice.notes],
        "candidates": [[c.name, c.state, c.score, round(c.seconds, 1), c.weight, c.reason]
                       for c in choice.candidates],
    }  # fmt: skip
    return {**found, **beyond(choice.model, rows.schema, folder, line.task)}


def beyond(model: Model, schema: Schema, folder: Path, task: str) -> dict[str, float]:
    """Return the share of what the constant gets wrong that the model gets right, by new rows."""
    from lingqu.release.conform import conform
    from lingqu.release.runner import predict_model

    held = pl.read_parquet(folder / "held.parquet")
    said = predict_model(model, conform(held, Schema(schema.inputs), where="held"))
    if task == "regress":
        y = held["target"].to_numpy()
        return {"gain": float(1 - np.mean((said.labels - y) ** 2) / np.var(y))}
    y = held["target"].cast(pl.String).to_numpy()
    chances, classes = np.asarray(said.probabilities), list(model.classes)
    own = np.array([classes.index(value) for value in y])
    loss = -np.log(np.clip(chances[np.arange(len(y)), own], 1e-9, 1)).mean()
    shares = np.bincount(own, minlength=len(classes)) / len(y)
    constant = -(shares[shares > 0] * np.log(shares[shares > 0])).sum()
    return {"gain": float(1 - loss / constant)}


def walk(line: Line, folder: Path) -> dict[str, Any]:
    """Run a three-line channel on the rows of a folder with the command line."""
    train = f"{{task: {line.task}, target: target, budget: {line.budget:g} s}}"
    declared = f"channel: scale\ndata: rows.parquet\ntrain: {train}\n"
    (folder / "channel.yaml").write_text(declared)
    started = time.perf_counter()
    with (folder / "said.txt").open("w") as said:
        process = subprocess.Popen(
            [str(LINGQU), "run"], cwd=folder, stdout=said, stderr=subprocess.STDOUT
        )
        peak = Peak(psutil.Process(process.pid))
        peak.start()
        code = process.wait()
    seconds = time.perf_counter() - started
    lines = (folder / "said.txt").read_text().splitlines()
    reports = [path.stat().st_size / 1e6 for path in (folder / ".lingqu").rglob("*.html")]
    row = pl.read_parquet(folder / "rows.parquet").drop("target").head(1)
    row.write_parquet(folder / "next.parquet")
    started = time.perf_counter()
    asked = subprocess.run(
        [str(LINGQU), "call", "scale", "next.parquet"], cwd=folder, capture_output=True, text=True
    )
    return {
        "code": code, "seconds": seconds, "peak_mb": peak.mb, "lines": lines,
        "report_mb": max(reports, default=0.0), "call_s": time.perf_counter() - started,
        "call": asked.returncode, "answer": (asked.stdout + asked.stderr)[-400:],
    }  # fmt: skip


def figures_of(name: str, line: Line, found: dict[str, Any]) -> list[Figure]:
    """Return the figures of a line."""
    if "failed" in found:
        return [Figure(f"{name}: failed", 1, None, "0", False)]
    most = line.most_mb
    memory = Figure(
        f"{name}: peak memory, MB", found["peak_mb"], None, f"≤ {most:g}" if most else "shown",
        most is None or found["peak_mb"] <= most,
    )  # fmt: skip
    if line.run:
        code, size = found["code"], found["report_mb"]
        return [
            Figure(f"{name}: exit code", code, None, "0", code == 0),
            Figure(f"{name}: seconds in all", found["seconds"], None, "shown", True),
            memory,
            Figure(f"{name}: report, MB", size, None, f"≤ {REPORT_MB:g}", 0 < size <= REPORT_MB),
            Figure(f"{name}: exit code of a call", found["call"], None, "0", found["call"] == 0),
            Figure(f"{name}: seconds of a call", found["call_s"], None, "shown", True),
        ]
    over = found["seconds"] / found["budget"]
    gain = found["gain"]
    return [
        Figure(f"{name}: seconds / budget", over, None, "≤ 1.05", over <= 1.05),
        memory,
        Figure(f"{name}: gain over the constant, new rows", gain, None, "> 0", gain > 0),
        Figure(f"{name}: seconds to read and type the rows", found["read_s"], None, "shown", True),
    ]


def measured(name: str, seed: int, stretch: float) -> dict[str, Any]:
    """Return what a line gave, in a process of its own."""
    line = replace(LINES[name], budget=stretch * LINES[name].budget)
    with tempfile.TemporaryDirectory(prefix="lingqu-scale-") as place:
        folder = Path(place)
        code = [__file__, "--write", name, "--at", place, "--seed", str(seed)]
        subprocess.run([sys.executable, *code], check=True)
        if line.run:
            return walk(line, folder)
        code = [__file__, "--fit", name, "--at", place, "--stretch", str(stretch)]
        done = subprocess.run([sys.executable, *code], capture_output=True, text=True)
        if done.returncode:
            return {"failed": done.stderr.strip().rpartition("\n")[2]}
        return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=LINES, default=list(LINES))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stretch", type=float, default=1.0)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--write", choices=LINES, help=argparse.SUPPRESS)
    parser.add_argument("--fit", choices=LINES, help=argparse.SUPPRESS)
    parser.add_argument("--at", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        written(LINES[given.write], given.at, given.seed)
        return 0
    if given.fit:
        line = LINES[given.fit]
        line = replace(line, budget=given.stretch * line.budget)
        print(json.dumps(fit(line, given.at), default=str))
        sys.stdout.flush()
        os._exit(0)
    figures, notes = [], [f"rows are generated, seed {given.seed}; the census is real"]
    if given.stretch != 1:
        notes.append(f"budgets are {given.stretch:g} times as long as usual")
    for name in given.only:
        print(f"{name} …", file=sys.stderr, flush=True)
        found = measured(name, given.seed, given.stretch)
        figures += figures_of(name, LINES[name], found)
        said = found.get("lines") or found.get("notes") or [found.get("failed", "")]
        notes += [f"{name}: {text}" for text in said]
        if given.verbose:
            print(json.dumps(found, indent=1, ensure_ascii=False), file=sys.stderr)
    return report("tables of every size", figures, notes)


if __name__ == "__main__":
    sys.exit(main())
