"""Odd tables, 368 of them: each must give a model or a one-line reason, within its budget.

Odd are the rows (`fuzz_tables.py`), what somebody brings them in (`fuzz_brought.py`), and what the
model is asked then (`fuzz_asked.py`): its training rows again, one row, words in a column of
numbers, levels that nobody saw, a column too few. Each question must be answered in finite numbers
or refused in one line. A learner that goes wrong counts as a failure although another leads.

    python benchmarks/fuzz.py [--count 368] [--first 0] [--budget 1] [--verbose]

Workers are real. Prints one line per figure and exits 1 if a table or a learner crashed, hung, or
gave answers that are not finite.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from figures import Figure, report
from fuzz_asked import not_one_line, question
from fuzz_brought import BROUGHT
from fuzz_tables import ODD, plain

from lingqu.core.errors import LingquError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Engine
from lingqu.data.frame import InMemory
from lingqu.data.roles import ready
from lingqu.engine.ready import wait_until_ready
from lingqu.flow.workers import engine_of
from lingqu.learn.assemble import Choice
from lingqu.learn.choose import choose

ROLES = {"group": "firm", "weight": "heavy", "time": "when"}
"""Columns that have a role where a table has them."""
SLACK_S = 1.0
"""What a busy machine may add to a second of budget before it counts as overrun."""
EXOTIC = ("roc_auc", "average_precision", "log_loss", "brier", "f1", "mcc", "cohen_kappa",
          "balanced_accuracy", "top_k_accuracy(2)", "recall", "precision", "ece")  # fmt: skip
"""Metrics that cannot be told of a fold with one class, or of two answers, and others."""


def table(number: int) -> tuple[str, Any, str]:
    """Return the name, frame and task of an odd table; the same number gives the same one."""
    random = np.random.default_rng(number)
    names = [*ODD, *BROUGHT]
    steps = [names[number % len(names)]]
    if number >= len(names):
        # What is done to rows comes first: a door takes any frame, but may return what is none.
        steps = sorted([*steps, str(random.choice(list(ODD)))], key=lambda name: name in BROUGHT)
    classes = int(random.choice([0, 2, 2, 3, 5]))
    frame: Any = plain(random, classes)
    done = []
    for step in steps:
        try:
            frame = (ODD.get(step) or BROUGHT[step])(frame, random)
        except (pl.exceptions.PolarsError, KeyError, TypeError, ValueError, IndexError):
            continue  # the two cannot be had together
        done.append(step)
    y = frame["target"] if isinstance(frame, pl.DataFrame) else None
    if y is not None and y.dtype == pl.String:
        classes = 2
    elif y is not None and y.dtype.is_numeric() and y.n_unique() > 3:
        classes = 0
    task = "classify" if classes else "regress"
    return " + ".join(done), frame, task


def chosen(
    number: int, name: str, frame: Any, task: str, engine: Engine, budget: float
) -> tuple[Choice, Dataset, float]:
    """Choose for a table; return also its rows, and the seconds that the choice took."""
    rows = InMemory(frame).read()
    metric = ""
    if "an exotic metric" in name and task == "classify":
        metric = EXOTIC[number % len(EXOTIC)]
    roles = {role: name for role, name in ROLES.items() if name in rows.schema.names}
    rows = ready(rows, target="target", task=task, **roles)
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        choice = choose(
            rows, task, budget_s=budget, engine=engine, scratch=Path(folder), seed=number,
            metric=metric,
        )  # fmt: skip
        spent = time.monotonic() - begun
    return choice, rows, spent


def outcome(number: int, engine: Engine, budget: float) -> tuple[str, str, float]:
    """Return how a table ended: ``model``, ``reason`` or ``CRASH``, a line, and the seconds."""
    name, frame, task = table(number)
    begun = time.monotonic()
    try:
        choice, rows, spent = chosen(number, name, frame, task, engine, budget)
        wrong = [f"{c.name}: {c.reason}" for c in choice.candidates if c.state == "failed"]
        if wrong:
            return "CRASH", f"{name}: a learner went wrong: {'; '.join(wrong)}", spent
        told = question(choice.model, rows)
        first = max(choice.candidates, key=lambda line: line.weight)
        line = f"{name}: {first.name} {choice.metric} {choice.score:.3f}; {told}"
        return "model", line, spent
    except LingquError as error:
        spent = time.monotonic() - begun
        if problem := not_one_line(error):
            return "CRASH", f"{name}: {problem}", spent
        return "reason", f"{name}: {str(error)[:140]}", spent
    except Exception:
        last = traceback.format_exc().strip().splitlines()
        return "CRASH", f"{name}: {last[-1]} {last[-3].strip()}", time.monotonic() - begun


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=368)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--budget", type=float, default=1.0)
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    ends: dict[str, int] = {"model": 0, "reason": 0, "CRASH": 0}
    late = 0
    with engine_of(2) as engine:
        wait_until_ready(engine, ["sklearn"])
        for number in range(given.first, given.first + given.count):
            state, line, spent = outcome(number, engine, given.budget)
            ends[state] += 1
            late += spent > 1.05 * given.budget + SLACK_S
            if given.verbose or state == "CRASH":
                print(f"{number:4} {state:6} {spent:5.2f} s  {line}", flush=True)
    failed, answered = ends["CRASH"], ends["model"]
    return report(
        f"{given.count} odd tables, {given.budget:g} s each",
        [
            Figure("odd tables that failed, a learner included", failed, None, "0", not failed),
            Figure("odd tables with a model", answered, None, "the others: a line", True),
            Figure("odd tables over their budget", late, None, "0", not late),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
