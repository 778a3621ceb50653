"""Playing as a job of a worker process: the code of an environment never runs in ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any, cast

import numpy as np

from lingqu.core.errors import LingquError, TrainError
from lingqu.core.nouns import Json, Model
from lingqu.core.ports import Engine, Job, Progress, Resources
from lingqu.engine.local import LocalEngine
from lingqu.environment.episodes import Episodes, Policy, play
from lingqu.environment.mdp import is_stated
from lingqu.environment.observed import Floats, Observed, Taken
from lingqu.environment.parts import held_out
from lingqu.environment.picture import film_of
from lingqu.environment.place import Place
from lingqu.environment.rules import RANDOM, RULE, rule_of
from lingqu.environment.watched import Watched
from lingqu.release.model import from_bytes, to_bytes
from lingqu.release.runner import Runner

PLAY = "lingqu.environment.job:played"
PATIENCE_S = 300.0
"""Seconds after which a walk that has not ended is given up."""
_TOLD_S = 0.5


def policy_of(model: Model, observed: Observed) -> Policy:
    """Return the policy of a model: the very encoding and graph that a release answers with."""
    runner = Runner.of(model, threads=1)

    def act(rows: Floats, observations: Sequence[Any]) -> Taken:
        said = runner.predict(observed.frame(rows)).labels
        return said if observed.span is not None else said.astype(np.int64)

    return act


def played(payload: Mapping[str, Json], progress: Progress) -> dict[str, Any]:
    """Play episodes in a worker.

    Args:
        payload: ``place``, ``seeds``, ``keep``, ``seed``, and ``policy``: the name of a rule, or
            the bytes of a model. ``held_out``: whether what is set aside for judging is played.
            ``film``: whether a moving picture of the first episode is wanted.
        progress: Gets ``{"steps"}`` now and then.

    Returns:
        ``episodes``, ``observed``, ``policy`` (the rule's name), ``enough``, ``film`` (GIF bytes,
        or None), ``table`` (whether the environment states all its transitions); or ``error``.
    """
    place = Place.of(payload["place"])
    last = [time.monotonic()]

    def heard(steps: int) -> None:
        if time.monotonic() - last[0] > _TOLD_S:
            last[0] = time.monotonic()
            progress({"steps": steps})

    try:
        place = held_out(place) if payload.get("held_out") else place
        opened = Watched(place)
        given, name = payload["policy"], ""
        if isinstance(given, bytes):
            policy = policy_of(from_bytes(given), opened.observed)
        else:
            own = callable(getattr(opened.inner, "rule", None))
            name = given or (RULE if own else RANDOM)
            policy = rule_of(name, place, payload["seed"])
        told = play(place, policy, payload["seeds"], payload["keep"], heard)
        film = film_of(place, policy, payload["seeds"][0]) if payload.get("film") else None
    except LingquError as error:
        return {"error": error}
    return {
        "episodes": told, "observed": opened.observed, "policy": name, "enough": opened.enough,
        "film": film, "table": is_stated(opened.inner),
    }  # fmt: skip


def ask(
    payload: Mapping[str, Json],
    engine: Callable[[], Engine] | None = None,
    timeout_s: float = PATIENCE_S,
) -> dict[str, Any]:
    """Let a worker play; start one for it where there is no engine.

    Args:
        payload: As `played` takes it, a model in place of its bytes if one plays.
        engine: Gives the workers of a run.
        timeout_s: After which the worker is stopped.

    Raises:
        LingquError: What the environment, or the rule, was refused for.
        TrainError: The worker died, or did not come to an end.
    """
    given = dict(payload)
    if isinstance(given["policy"], Model):
        given["policy"] = to_bytes(given["policy"])
    if engine is not None:
        return _answer(engine(), given, timeout_s)
    with LocalEngine(Resources(workers=1)) as own:
        return _answer(own, given, timeout_s)


def _answer(engine: Engine, payload: Mapping[str, Json], timeout_s: float) -> dict[str, Any]:
    place, steps = Place.of(payload["place"]), [0]

    def heard(index: int, row: Json) -> None:
        steps[0] = int(row["steps"])

    jobs = iter([Job(payload, "", timeout_s)])
    with closing(cast(Any, engine.map(PLAY, jobs, heard))) as outcomes:
        outcome = next(iter(outcomes))
    if outcome.state == "timeout":
        raise TrainError("control.never_ends", name=place.name, steps=steps[0], seconds=timeout_s)
    if outcome.state != "done":
        raise TrainError("control.died", name=place.name, why=str(outcome.reason))
    told: dict[str, Any] = outcome.value
    if "error" in told:
        raise told["error"]
    return told


__all__ = ["PLAY", "Episodes", "ask", "played", "policy_of"]
