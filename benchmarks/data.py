"""Data preparation and governance: every figure that the documentation quotes, peers beside us.

One line per figure: name, ours, peer, target, reached. CPU seconds are those of processes started
for one thing each; the fastest of three counts, for the peers too (datasketch, Presidio, jieba
and cleanlab: one). Exit code 1 if a target is not reached or a figure cannot be measured.

    python benchmarks/data.py --peers                 # once: the peers' environment and the texts
    python benchmarks/data.py [--only near,rules] [--quick] [--large] [--to figures.jsonl]
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import data_child
import data_figures_labels as labelled
import data_figures_personal as privacy
import data_figures_tables as tables
import data_figures_texts as texts
from data_child import ChildError
from data_lines import DataFigure, Run, not_measured, save
from figures import machine, report

FIGURES: dict[str, Callable[[Run], list[DataFigure]]] = {
    "rules": tables.rules,
    "profile": tables.profile,
    "near": texts.near,
    "leakage": texts.leakage,
    "personal": privacy.personal,
    "labels": labelled.labels,
    "words": texts.words,
    "commit": tables.commit,
    "latency": texts.latency,
    "large": tables.large,
}


def chosen(names: str, large: bool) -> list[str]:
    """Return the names of the figures to measure, in our order."""
    asked = [name for name in names.split(",") if name]
    unknown = sorted(set(asked) - set(FIGURES))
    if unknown:
        raise SystemExit(f"--only knows {', '.join(FIGURES)}; received {', '.join(unknown)}")
    if asked:
        return [name for name in FIGURES if name in asked]
    return [name for name in FIGURES if name != "large" or large]


def measured(run: Run, names: Sequence[str]) -> list[DataFigure]:
    """Measure figures one after the other; one that fails is a line of its own."""
    figures: list[DataFigure] = []
    for name in names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        started = time.perf_counter()
        try:
            figures += FIGURES[name](run)
        except (ChildError, OSError) as error:
            figures.append(not_measured(name, error))
        run.took[name] = time.perf_counter() - started
    return figures


def facts() -> dict[str, Any]:
    """Return the machine and the versions that matter."""
    packages = ("lingqu", "numpy", "polars", "scikit-learn", "rjieba")
    return {"machine": machine(), "versions": {name: version(name) for name in packages}}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", action="store_true", help="build the peers' environment first")
    parser.add_argument("--only", default="", help=f"some of {','.join(FIGURES)}")
    parser.add_argument("--quick", action="store_true", help="small sizes; judges nothing")
    parser.add_argument("--large", action="store_true", help="20 million rows too: minutes more")
    parser.add_argument("--to", type=Path, help="write the figures there as JSON lines")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    names = chosen(options.only, options.large)
    if options.peers:
        data_child.make_peers()
    scratch = Path(tempfile.mkdtemp(prefix="lingqu-data-"))
    run = Run(scratch, options.seed, options.quick)
    about = facts()
    try:
        figures = measured(run, names)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    spent = ", ".join(f"{name} {seconds:.0f}" for name, seconds in run.took.items())
    notes = [f"{versions}; seed {run.seed}", *run.notes, f"wall s by figure: {spent}"]
    if not data_child.has_peers():
        notes.append(data_child.ABSENT)
    title = "data preparation and governance"
    code = report(f"{title}, QUICK: small sizes, no target claimed" if run.quick else title,
                  figures, notes)  # fmt: skip
    if options.to:
        save(options.to, figures, run, about)
    return code


if __name__ == "__main__":
    sys.exit(main())
