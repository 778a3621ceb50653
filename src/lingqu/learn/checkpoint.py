"""A training on disk: written whole or not at all, read without running any code of it.

Of several processes each keeps a file of its own, the later ones with their number behind the
name: they draw other random numbers and see other rows.
"""

from __future__ import annotations

import os
import pickle
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from lingqu.core.errors import TrainError
from lingqu.core.i18n import text
from lingqu.learn import device
from lingqu.learn.world import World

if TYPE_CHECKING:
    from lingqu.learn.run import Run

FREE = ("threads", "epochs")
"""What a plan may change when it goes on: neither alters what was learnt so far."""
PLACE = ("epoch", "index", "batches", "step", "end", "means", "curve", "best", "anchor")


def write(run: Run, path: Path | str) -> None:
    """Write a checkpoint; a reader sees the old file or the new one."""
    data = run.state()
    data |= {name: getattr(run, name) for name in PLACE}
    data |= {"plan": asdict(run.plan), "random": device.draws(device.place(run.task))}
    whole = _own(path)
    part = whole.with_name(f".{whole.name}.{os.getpid()}.part")
    try:
        torch.save(data, part)
        os.replace(part, whole)
    finally:
        part.unlink(missing_ok=True)


def read(run: Run, path: Path | str) -> None:
    """Set a run to where a checkpoint stood.

    Raises:
        TrainError: The file cannot be read, belongs to another plan or another net, or the
            processes do not stand at one step.
    """
    try:
        data: dict[str, Any] = torch.load(_own(path), map_location="cpu", weights_only=True)
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
    device.set_draws(data["random"], device.place(run.task))
    if not World.found().agree(run.step):
        why = text("deep.apart", step=run.step)
        raise TrainError("deep.bad_checkpoint", path=str(path), why=why)


def _own(path: Path | str) -> Path:
    whole, rank = Path(path), World.found().rank
    return whole.with_name(f"{whole.name}.{rank}") if rank else whole


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
