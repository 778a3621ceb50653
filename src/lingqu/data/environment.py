"""An environment as a source: the baseline policy walks it, and what it saw becomes rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import polars as pl

from lingqu.core import digest
from lingqu.core.catalog import require
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, Schema, because
from lingqu.environment.job import ask
from lingqu.environment.observed import ACTION, EPISODE, REWARD, STEP, Observed
from lingqu.environment.place import GYM, Place, digest_of_module
from lingqu.environment.rules import RANDOM, RULE

WALKED = 1_000_000
"""Where the seeds of the walk begin: neither training nor judging plays these episodes."""
LONGEST = 20_000
"""Rows of a walk that are kept, at most."""


@dataclass
class EnvironmentWalk:
    """Episodes of a baseline policy: one row for each step, with what was seen and done.

    The environment runs in a worker process, never in this one.

    Args:
        environment: ``gym:<id>`` of Gymnasium, or ``module:Class``.
        options: What its constructor is given.
        baseline: ``random``, ``rule`` (of the environment) or ``module:function``; the rule if
            there is one, when empty.
        episodes: How many are walked.
        seed: Of the walk.
        limit: Steps after which an episode is cut off; 0 for the environment's own limit.
        folder: Where modules are imported from.
        fallback: What is answered outside the range of training; carried along.

    Example:
        >>> walk = EnvironmentWalk("gym:CartPole-v1", episodes=4).read()
        >>> walk.schema.names
        ('observation.0', 'observation.1', 'observation.2', 'observation.3', 'action', 'reward', \
'episode', 'step')
    """

    main: ClassVar[str] = "environment"

    environment: str
    options: dict[str, Any] = field(default_factory=dict)
    baseline: str = ""
    episodes: int = 20
    seed: int = 0
    limit: int = 0
    folder: str = ""
    fallback: Any = None

    @property
    def place(self) -> Place:
        """The environment."""
        return Place(self.environment, self.options, self.folder, self.limit, self.fallback)

    def read(self) -> Dataset:
        """Walk the episodes.

        Raises:
            SpecError: There is no such environment, or no policy of columns can act in it.
            TrainError: It raised, never ended, or said what is no number.
        """
        require("gymnasium", self.environment)
        told = ask(
            {
                "place": self.place.to_json(), "policy": self.baseline, "keep": self.episodes,
                "seeds": list(range(WALKED + self.seed, WALKED + self.seed + self.episodes)),
                "seed": self.seed,
            }
        )  # fmt: skip
        observed, episodes = told["observed"], told["episodes"]
        frame = episodes.frame(observed)
        frame = frame[: max(LONGEST, int(episodes.lengths[:2].sum()))]
        facts: dict[str, Json] = {
            "source": self.environment,
            "environment": {**self.place.to_json(), "folder": ""},
            "baseline": {"name": told["policy"], **episodes.told()},
            "enough": told["enough"],
            "table": told["table"],
            "amount": observed.span,
        }
        return Dataset(frame, schema_of(frame, observed), self.environment, facts=facts)

    def fingerprint(self) -> str:
        """Return a digest of what was asked, and of the code or version of the environment."""
        if not self.environment.startswith(GYM) and ":" not in self.environment:
            raise SpecError("control.bad_name", name=self.environment)
        told = {**self.place.to_json(), "folder": ""}
        own = self.baseline and self.baseline not in (RANDOM, RULE)
        rule = digest_of_module(self.baseline, self.folder) if own else self.baseline
        asked = [self.episodes, self.seed, rule]
        return digest.of_json({"place": told, "code": self.place.fingerprint(), "asked": asked})


def schema_of(frame: pl.DataFrame, observed: Observed) -> Schema:
    """Return the typed columns of a walk.

    Args:
        frame: Its rows.
        observed: How observations are read.
    """
    columns = []
    for column in observed.columns:
        if column.kind == "number":
            values = frame.get_column(column.name)
            low, high = float(values.min()), float(values.max())  # type: ignore[arg-type]
            column = replace(column, low=low, high=high)
        columns.append(column)
    walk = because("control.reason_walk")
    said = because("control.reason_action")
    action = Column(ACTION, "category", levels=observed.actions, **said)
    if observed.span is not None:
        low, high = observed.span
        action = Column(ACTION, "number", low=low, high=high, **said)
    return Schema(
        (
            *columns,
            action,
            Column(REWARD, "number", "ignored", **walk),
            Column(EPISODE, "category", "group", **walk),
            Column(STEP, "number", "ignored", **walk),
        )
    )
