"""A training on disk: written whole or not at all, read without running any code of it."""

from __future__ import annotations

import os
import pickle
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from lingqu.core.errors import TrainError

if TYPE_CHECKING:
    from lingqu.learn.loop import Run

FREE = ("threads", "epochs")
"""What a plan may change when it goes on: neither alters what was learnt so far."""
PLACE = ("epoch", "index", "batches", "step", "end", "means", "curve", "best", "anchor")


def write(run: Run, path: Path | str) -> None:
    """Write a checkpoint; a reader sees the old file or the new one."""
    data = run.state()
    data |= {name: getattr(run, name) for name in PLACE}
    data |= {"plan": asdict(run.plan), "random": torch.get_rng_state()}
    whole = Path(path)
    part = whole.with_name(f".{whole.name}.{os.getpid()}.part")
    try:
        torch.save(data, part)
        os.replace(part, whole)
    finally:
        part.unlink(missing_ok=True)


def read(run: Run, path: Path | str) -> None:
    """Set a run to where a checkpoint stood.

    Raises:
        TrainError: The file cannot be read, or belongs to another plan or another net.
    """
    try:
        data: dict[str, Any] = torch.load(path, weights_only=True)
        plan = data["plan"]
        _same_plan(run, plan, path)
        run.restore(data)
    except (OSError, RuntimeError, pickle.UnpicklingError, EOFError, KeyError) as error:
        why = " ".join(str(error).split())[:200]
        raise TrainError("deep.bad_checkpoint", path=str(path), why=why) from error
    for name in PLACE:
        setattr(run, name, data[name])
    if run.plan.epochs != plan["epochs"]:
        run.replan(float(run.plan.epochs))
    torch.set_rng_state(data["random"])


def _same_plan(run: Run, plan: dict[str, Any], path: Path | str) -> None:
    for option, expected in asdict(run.plan).items():
        if option not in FREE and plan.get(option) != expected:
            raise TrainError(
                "deep.other_plan",
                path=str(path),
                option=option,
                expected=expected,
                received=plan.get(option),
            )
