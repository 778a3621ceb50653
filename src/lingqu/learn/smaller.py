"""Not enough memory for a batch: half of it is tried once, and that is said."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import torch

from lingqu.core.errors import TrainError
from lingqu.core.i18n import text
from lingqu.learn.plan import Plan

_log = logging.getLogger("lingqu.learn")
_SAID = ("out of memory", "can't allocate memory", "not enough memory")
T = TypeVar("T")


def lacks_memory(error: BaseException) -> bool:
    """Say whether memory ran out: on a GPU, in torch's own allocator, or in Python's."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(said in str(error) for said in _SAID)


def with_room(attempt: Callable[[Plan], T], plan: Plan) -> tuple[T, str]:
    """Train by a plan; if memory runs out, once more from the start with half the batch.

    Two half batches then make one step, so that the step is the same and only the memory is
    less. A net that normalises by its batch sees half of it.

    Args:
        attempt: Makes and trains a net by the plan it is given.
        plan: How.

    Returns:
        What the attempt returned, and what is to be said: ``""`` if it had room at once.

    Raises:
        TrainError: Memory ran out again, or a batch is one row already.
    """
    try:
        return attempt(plan), ""
    except (MemoryError, RuntimeError) as error:
        if not lacks_memory(error):
            raise
        if plan.batch == 1:
            raise TrainError("deep.no_memory", batch=1) from error
    half = replace(plan, batch=(plan.batch + 1) // 2, accumulate=2 * plan.accumulate)
    said = text("deep.smaller_batch", batch=plan.batch, smaller=half.batch)
    _log.warning(said)
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    try:
        return attempt(half), said
    except (MemoryError, RuntimeError) as error:
        if not lacks_memory(error):
            raise
        raise TrainError("deep.no_memory", batch=half.batch) from error
