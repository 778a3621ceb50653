"""A small channel on generated rows, and one finished walk of it that tests copy.

One candidate beside the baseline and a budget that is not used up: what comes out does not
depend on how busy the machine is.
"""

from __future__ import annotations

import atexit
import random
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from lingqu.core.spec import Channel
from lingqu.flow.retention import prune
from lingqu.store.prune import PruneReport
from lingqu.workspace import Workspace

CHANNEL = """\
channel: churn
data: {source: people.csv, protected: [sex]}
train: {task: classify, target: churned, algorithm: logistic, budget: 40 s, workers: 1}
"""


def people(rows: int = 160, seed: int = 0) -> pl.DataFrame:
    """Customers who leave when they are young and pay much, with some chance."""
    draw = random.Random(seed)
    table: list[dict[str, Any]] = []
    for number in range(rows):
        age, paid = draw.randint(18, 80), round(draw.uniform(5, 120), 2)
        leaves = (paid - age) / 20 + draw.gauss(0, 1) > 0.5
        table.append(
            {
                "person": f"P{number:04}",
                "age": age,
                "paid": paid,
                "city": draw.choice(["桂林", "Lyon", "成都"]),
                "sex": draw.choice(["f", "m"]),
                "churned": "yes" if leaves else "no",
            }
        )
    return pl.DataFrame(table)


def write_channel(folder: Path, text: str = CHANNEL, frame: pl.DataFrame | None = None) -> Path:
    """Write the channel file and its rows; return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    (people() if frame is None else frame).write_csv(folder / "people.csv")
    path = folder / "channel.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="lq-walked-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = write_channel(folder)
    with Workspace(folder / ".lingqu") as workspace:
        workspace.run(path)
    return folder


def walked(folder: Path) -> Path:
    """Fill a folder with `channel.yaml`, `people.csv` and a workspace that walked it once."""
    shutil.copytree(_template(), folder, dirs_exist_ok=True)
    return folder


def states(run: Any) -> Mapping[str, str]:
    """Return stage → state of a run."""
    return {stage.name: stage.state for stage in run.stages}


def channel(**changes: Any) -> Channel:
    """Return the channel of these tests with some sections changed."""
    return Channel.parse(CHANNEL).updated(**changes) if changes else Channel.parse(CHANNEL)


def prune_in_a_year(workspace: Workspace, dry_run: bool = False) -> PruneReport:
    """Prune as if a year had passed: ages are counted in whole seconds."""
    later = replace(workspace.home, clock=lambda: "2099-01-01T00:00:00.000000+00:00")
    return prune(later, keep_days=30, keep_last=0, dry_run=dry_run)
