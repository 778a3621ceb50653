"""What a release costs in use: one row, 10,000 rows, megabytes, the import of who only predicts.

    python benchmarks/release.py [TABLE …] [--budget 20] [--seed 0]

Trains briefly on each table (`benchmarks/automl.py` makes them), at `size: accurate` and at the
default, `balanced`; prints one line per figure (name, ours, peer, target, reached) and exits 1 if
a target is missed. Every figure of a release is taken in a process of its own, which only
predicts. What `balanced` costs in score is told by a fifth of the rows that no choice looks at.
Both sizes have the same seed and budget, and the second takes over the fits of the first;
what a busy machine lets it fit besides is in the figure as well, so measure on a quiet one. Peers'
figures are those that `benchmarks/automl.py` printed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from figures import PEERS, Figure, report

TABLES = {"credit_data": "classify", "diamonds": "regress", "breast_cancer": "classify",
          "digits": "classify"}  # fmt: skip
PEER = "12-85 ms AutoGluon, 10-28 ms FLAML"
ROW_MS, MANY_S, MB, LOSS, IMPORT_S = 1.0, 0.5, 50.0, 0.002, 1.0
HEAVY = ("torch", "sklearn", "lightgbm", "onnx", "pandas", "sqlalchemy")
CALLS = 300
CHILD = r"""
import json, statistics, sys, time
begun = time.perf_counter()
import lingqu
release = lingqu.Release.open(sys.argv[1])
rows = [row["input"] for row in release.golden["rows"]]
first = release.predict(rows[:1])
ready = time.perf_counter() - begun
heavy = [name for name in sys.argv[3].split(",") if name in sys.modules]

def p50(call, calls):
    for _ in range(10):
        call()
    took = []
    for _ in range(calls):
        begun = time.perf_counter()
        call()
        took.append(time.perf_counter() - begun)
    return statistics.median(took)

import pandas
import polars
calls = int(sys.argv[2])
one, table = rows[:1], pandas.DataFrame(rows[:1])
many = polars.DataFrame([rows[i % len(rows)] for i in range(10_000)], infer_schema_length=None)
runner = release.predictor.runner
prepared = release.predictor.prepared(polars.DataFrame(one))
print(json.dumps({
    "ready_s": ready, "heavy": heavy,
    "dict_ms": 1e3 * p50(lambda: release.predict(one), calls),
    "pandas_ms": 1e3 * p50(lambda: release.predict(table), calls),
    "runner_ms": 1e3 * p50(lambda: runner.predict(prepared), calls),
    "many_s": p50(lambda: release.predict(many), 3),
}))
"""


def train(folder: Path, table: str, size: str, budget: float, seed: int) -> Path:
    """Walk a channel and return the folder of its release."""
    folder.mkdir(parents=True)
    source = PEERS / "automl-data" / f"{table}.csv"
    if not source.is_file():
        raise SystemExit(f"{source} is missing: run `python benchmarks/automl.py` first")
    (folder / "channel.yaml").write_text(
        f"channel: {table.replace('_', '-')}\ndata: {source}\n"
        f"train: {{task: {TABLES[table]}, target: target, budget: {budget:g} s, size: {size}, "
        f"seed: {seed}}}\n"
    )
    command = [str(Path(sys.executable).with_name("lingqu")), "run"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    found = [f for f in (folder / ".lingqu" / "blobs" / "releases").iterdir() if f.is_dir()]
    return found[0]


def measured(release: Path) -> dict[str, Any]:
    """Return the figures of a release, from a process that only predicts."""
    command = [sys.executable, "-c", CHILD, str(release), str(CALLS), ",".join(HEAVY)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    found["mb"] = sum(file.stat().st_size for file in release.rglob("*") if file.is_file()) / 1e6
    return found


def import_s() -> float:
    """Return the median seconds of `import lingqu` with all that predicting needs."""
    code = "import lingqu; lingqu.Release; import onnxruntime, lingqu.release.predictor"
    took = []
    for _ in range(5):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


def score_of_sizes(table: str, budget: float, seed: int) -> tuple[float, float, str]:
    """Return the scores of an accurate and a balanced model on rows never looked at."""
    code = r"""
import json, sys, tempfile
from dataclasses import replace
from pathlib import Path
import polars as pl
from lingqu.core.metrics import score
from lingqu.data.infer import typed
from lingqu.data.roles import ready
from lingqu.engine.ready import wait_until_ready
from lingqu.flow.workers import engine_of
from lingqu.learn.choose import choose
from lingqu.learn.question import with_levels
from lingqu.release.encode import targets
from lingqu.release.runner import predict_model

def main():
    source, task, budget, seed = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
    table = pl.read_csv(source, infer_schema_length=None)
    table = table.sample(fraction=1, seed=seed, shuffle=True)
    data = with_levels(ready(typed(table), target="target", task=task), task)
    cut = len(data) * 4 // 5
    train = replace(data, frame=data.frame[:cut], digest="")
    held = replace(data, frame=data.frame[cut:], digest="")
    stored, found = {}, {}
    for size in ("accurate", "balanced"):
        with engine_of(2) as engine, tempfile.TemporaryDirectory() as scratch:
            wait_until_ready(engine, ["sklearn"], 10)
            choice = choose(train, task, budget_s=budget, engine=engine, scratch=Path(scratch),
                            seed=seed, workers=2, size=size, recall=stored.get,
                            remember=stored.__setitem__)
        y, _ = targets(held, task)
        said = predict_model(choice.model, held.frame)
        found[size] = score(choice.metric, y, said)
        found["metric"] = choice.metric
    print(json.dumps(found))

if __name__ == "__main__":
    main()
"""
    with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
        file.write(code)
        file.flush()
        source = PEERS / "automl-data" / f"{table}.csv"
        command = [sys.executable, file.name, str(source), TABLES[table], str(budget), str(seed)]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return found["accurate"], found["balanced"], found["metric"]


def figures_of(table: str, budget: float, seed: int, scores: bool) -> tuple[list[Figure], str]:
    """Return the figures of one table, and a note."""
    with tempfile.TemporaryDirectory(prefix="lingqu-release-") as name:
        seen = measured(train(Path(name) / table, table, "balanced", budget, seed))
    lines = [
        Figure(f"{table}: {what}, ms p50", seen[key], None, f"<= {ROW_MS:g}", seen[key] <= ROW_MS)
        for what, key in (
            ("one row, dict", "dict_ms"),
            ("one row, pandas", "pandas_ms"),
            ("one row, prepared", "runner_ms"),
        )
    ]
    lines.append(Figure(f"{table}: 10,000 rows, s", seen["many_s"], None, f"<= {MANY_S:g}",
                        seen["many_s"] <= MANY_S))  # fmt: skip
    lines.append(Figure(f"{table}: release, MB", seen["mb"], None, f"<= {MB:g}", seen["mb"] <= MB))
    heavy = len(seen["heavy"])
    lines.append(Figure(f"{table}: heavy packages to predict", heavy, None, "0", not heavy))
    note = f"{table}: import, open and first answer {seen['ready_s']:.2f} s"
    if scores:
        full, lean, metric = score_of_sizes(table, budget, seed)
        lost = (full - lean if metric != "rmse" else lean - full) / abs(full)
        title = f"{table}: {metric} lost at balanced, share"
        lines.append(Figure(title, lost, None, f"<= {LOSS:g}", lost <= LOSS))
        note += f"; {metric} on rows never looked at: accurate {full:.4f}, balanced {lean:.4f}"
    return lines, note


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", choices=[*TABLES, []], metavar="TABLE")
    parser.add_argument("--budget", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-scores", action="store_true", help="leave out the cost in score")
    given = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    took = import_s()
    figures = [Figure("import to predict, s", took, None, f"<= {IMPORT_S:g}", took <= IMPORT_S)]
    notes = [f"peers, one row: {PEER} (60 s budgets)", f"heavy: {', '.join(HEAVY)}"]
    for table in given.tables or TABLES:
        lines, note = figures_of(table, given.budget, given.seed, not given.no_scores)
        figures += lines
        notes.append(note)
    return report("releases in use", figures, notes)


if __name__ == "__main__":
    sys.exit(main())
