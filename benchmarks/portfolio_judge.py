"""Whether new gains order candidates better than old ones, on tables that made neither.

Nothing is fitted: the answers that `portfolio.py --keep` left are replayed. Each table is judged
with gains that were measured on all others; candidates are taken by gain per expected second, as
`learn.portfolio.usual` does, while what they really took fits into the budget. A loss of 0 is the
best that is known there, 1 the constant's.

    python benchmarks/portfolio_judge.py KEPT OLD.yaml [--fresh KEPT2]

FRESH: tables of which no gain was made; the new gains are then those of all tables in KEPT.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from portfolio import candidates, gains
from portfolio_table import Table

from lingqu.core import yaml
from lingqu.learn.portfolio import gain_of

FOLDS = 5
"""One table is one fold here; a choice fits about so many."""
BUDGETS = (5.0, 10.0, 30.0)

Items = Sequence[Mapping[str, Any]]


def taken(table: Table, items: Items, budget: float) -> list[str]:
    """Return the candidates that a budget of CPU seconds suffices for, in their order."""
    ranks = {
        item["name"]: gain_of(item, table.where) / (0.05 + table.expected[item["name"]])
        for item in items
        if item["name"] in table.said
    }
    order = sorted(ranks, key=lambda name: (name != table.linear, -ranks[name]))
    left, found = budget / FOLDS, []
    for name in order:
        if not found or table.seconds[name] <= left:
            found.append(name)
            left -= table.seconds[name]
    return found


def judged(table: Table, items: Mapping[str, Items]) -> dict[tuple[str, float], float]:
    """Return the normalised loss of each portfolio under each budget."""
    found = {
        (name, budget): table.lost(taken(table, each, budget))
        for name, each in items.items()
        for budget in BUDGETS
    }
    best = min(table.best, *found.values())
    return {key: (each - best) / (table.worst - best) for key, each in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kept", type=Path)
    parser.add_argument("old", type=Path)
    parser.add_argument("--fresh", type=Path)
    given = parser.parse_args()
    tables = [Table.load(path) for path in sorted(given.kept.glob("*.npz"))]
    seen = {table.name: (table.where, gains(table)) for table in tables}
    tables = [table for table in tables if seen[table.name][1]]
    fresh = [Table.load(path) for path in sorted(given.fresh.glob("*.npz"))] if given.fresh else []
    old = yaml.load(given.old.read_text(encoding="utf-8"), given.old.name).data["candidates"]
    found = []
    for table in fresh or tables:
        others = [each for name, each in seen.items() if name != table.name and each[1]]
        found.append(judged(table, {"old": old, "new": candidates(others)}))
        shown = "  ".join(f"{name} {b:g} s {loss:.4f}" for (name, b), loss in found[-1].items())
        print(f"{table.name}: {shown}", flush=True)
    for budget in BUDGETS:
        pairs = np.array([(each["old", budget], each["new", budget]) for each in found])
        better = int((pairs[:, 1] < pairs[:, 0] - 1e-9).sum())
        worse = int((pairs[:, 1] > pairs[:, 0] + 1e-9).sum())
        old_mean, new_mean = pairs.mean(0)
        print(f"{budget:g} s: old {old_mean:.4f}, new {new_mean:.4f}; better on {better}, "
              f"worse on {worse} of {len(pairs)}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
