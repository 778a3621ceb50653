"""Ten contract rules on a million rows, pandera beside us.

Run ``python benchmarks/contract.py``; add ``--peer-python PATH`` to name a Python in which
pandera and polars are installed. Prints one line per figure (name, ours, peer, target, reached)
and exits 1 when a target is missed.

The ten rules are those of a plain order table; 0.2 % of the values and 17 % of the date pairs
fail, which is hard on whoever collects every failing row.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from lingqu.govern.contract.evaluate import evaluate
from lingqu.govern.contract.rules import parse

EMAIL = r"^[^@\s]+@[^@\s]+\.[a-z]+$"
STATUS = ["new", "paid", "shipped", "done", "cancelled"]
RULES = [
    {"unique": "order_id"},
    {"range": {"column": "age", "min": 0, "max": 120}},
    {"positive": {"column": "amount", "zero": True}},
    {"positive": {"column": "qty", "zero": True}},
    {"levels": {"column": "status", "allowed": STATUS}},
    {"levels": {"column": "channel", "allowed": ["app", "web", "store"]}},
    {"regex": {"column": "email", "pattern": EMAIL}},
    {"compare": "created <= updated"},
    {"positive": "income"},
    {"range": {"column": "score", "min": 0, "max": 1}},
]
MEMORY = '''
def resident(name):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def fresh_peak():
    """Forget the peak so far (Linux); return the resident memory now, MB."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    return resident("VmRSS")
'''
"""How memory is measured, in our process and in the peer's: the same lines run in both."""
PEER = f"""
import json, resource, sys, warnings
warnings.filterwarnings("ignore")
import pandera, pandera.polars as pa, polars as pl
frame = pl.read_parquet(sys.argv[1])
c = lambda *checks, **more: pa.Column(None, *checks, **more)
schema = pa.DataFrameSchema({{
    "order_id": c(unique=True), "age": c(pa.Check.in_range(0, 120), nullable=True),
    "amount": c(pa.Check.ge(0)), "qty": c(pa.Check.ge(0)), "status": c(pa.Check.isin({STATUS!r})),
    "channel": c(pa.Check.isin(["app", "web", "store"])),
    "email": c(pa.Check.str_matches(r"{EMAIL}")), "income": c(pa.Check.gt(0), nullable=True),
    "score": c(pa.Check.in_range(0, 1))}},
    checks=[pa.Check(lambda d: d.lazyframe.select(pl.col("created") <= pl.col("updated")))])
{MEMORY}
use = lambda: resource.getrusage(resource.RUSAGE_SELF)
before, start = fresh_peak(), use()
try:
    schema.validate(frame, lazy=True)
    raise SystemExit("the peer found no failure")
except pa.errors.SchemaErrors:
    end, peak = use(), resident("VmHWM")
print(json.dumps({{
    "version": "pandera " + pandera.__version__ + ", polars " + pl.__version__,
    "cpu_s": end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime,
    "extra_mb": peak - before}}))
"""


def table(rows: int, seed: int) -> pl.DataFrame:
    """Return an order table with planted failures."""
    random = np.random.default_rng(seed)

    def gaps(values: np.ndarray, share: float) -> pl.Series:
        series = pl.Series(values)
        return series.zip_with(pl.Series(random.random(rows) >= share), pl.Series([None] * rows))

    age = random.integers(0, 100, rows)
    age[random.integers(0, rows, 50)] = 430
    day = 86_400_000
    created = np.datetime64("2025-01-01", "ms") + random.integers(0, 365 * day, rows)
    updated = np.datetime64("2025-06-01", "ms") + random.integers(0, 365 * day, rows)
    numbers = random.integers(0, 400_000, rows)
    status = [0.2, 0.3, 0.2, 0.2, 0.0999, 0.0001]
    return pl.DataFrame(
        {
            "order_id": np.arange(rows),
            "age": gaps(age, 0.02),
            "income": gaps(np.exp(random.normal(10, 1, rows)), 0.05),
            "amount": np.round(np.exp(random.normal(3, 1.2, rows)), 2),
            "qty": random.poisson(2, rows),
            "score": random.random(rows),
            "status": random.choice([*STATUS, "??"], rows, p=status),
            "channel": random.choice(["app", "web", "store"], rows),
            "created": created,
            "updated": updated,
            "email": [f"user{i}@ex{i % 37}.com" if i % 500 else "bad-mail" for i in numbers],
            **{f"x{i}": random.normal(size=rows) for i in range(9)},
        }
    )


def ours(path: Path) -> dict[str, float]:
    """Return CPU seconds and extra peak memory of judging the table once."""
    frame = pl.read_parquet(path)
    rules = parse(RULES)
    evaluate(frame.head(100), rules)
    memory: dict[str, Any] = {}
    exec(MEMORY, memory)
    before = memory["fresh_peak"]()
    start = resource.getrusage(resource.RUSAGE_SELF)
    results = evaluate(frame, rules)
    end = resource.getrusage(resource.RUSAGE_SELF)
    peak = memory["resident"]("VmHWM")
    return {
        "cpu_s": end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime,
        "extra_mb": peak - before,
        "failures": sum(result.failures for result in results),
        "samples": sum(len(result.samples) for result in results),
    }


def fastest(python: str, code: list[str]) -> dict[str, Any] | None:
    """Measure in three fresh processes and return the fastest; None when they cannot run."""
    results = []
    for _ in range(3 if python else 0):
        done = subprocess.run([python, *code], capture_output=True, text=True, check=False)
        if done.returncode:
            sys.stderr.write(done.stderr[-600:])
            return None
        results.append(json.loads(done.stdout.strip().splitlines()[-1]))
    return min(results, key=lambda run: run["cpu_s"], default=None)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--peer-python", default="", help="a Python that has pandera and polars")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(ours(options.measure)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        table(options.rows, options.seed).write_parquet(path)
        best = fastest(sys.executable, [__file__, "--measure", str(path)])
        peer = fastest(options.peer_python, ["-c", PEER, str(path)])
    if best is None:
        return 1
    print(
        f"{options.rows:,} rows, 10 rules, seed {options.seed}; polars {pl.__version__}, Python "
        f"{platform.python_version()}, {platform.machine()}; best of 3 fresh processes; "
        f"{best['failures']:,.0f} failures counted, {best['samples']:.0f} sample rows kept; "
        f"peer: {peer['version'] if peer else 'not installed'}"
    )
    print(f"{'figure':34} {'ours':>10} {'peer':>20} {'target':>10} reached")
    reached = True
    for name, key, target in (("CPU seconds", "cpu_s", 0.5), ("extra memory MB", "extra_mb", 600)):
        good = best[key] <= target
        reached &= good
        beside = f"{peer[key]:.2f}" if peer else "peer not installed"
        print(
            f"{'contract rules on 1M: ' + name:34} {best[key]:10.2f} {beside:>20} "
            f"{'≤ ' + str(target):>10} {'yes' if good else 'NO'}"
        )
    return 0 if reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
