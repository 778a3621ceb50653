"""Which options of `train` go with which task, and which go with each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from lingqu.core.fields import refusal
from lingqu.core.floors import floor_of
from lingqu.core.nouns import Task
from lingqu.core.phrases import Phrase
from lingqu.core.ranking_names import parse

if TYPE_CHECKING:
    from lingqu.core.train_section import TrainSection

WORKING: tuple[Task, ...] = get_args(Task)
FEWEST_EPISODES = 4
_ALL = frozenset(WORKING)
_TABULAR: frozenset[Task] = frozenset({"classify", "regress"})
_UNASKED: frozenset[Task] = frozenset({"flag", "generate", "control"})
"""Tasks that may do without a target."""


@dataclass(frozen=True)
class Kept:
    """Options that mean something for some tasks only.

    Args:
        options: Their names.
        tasks: For which tasks.
        refused: Key of the message for the others.
        why: Key of the reason that the message tells, if it tells one.
    """

    options: tuple[str, ...]
    tasks: frozenset[Task]
    refused: str
    why: str = ""


_TABLES = ("limits", "monotone", "size", "refit")
KEPT: tuple[Kept, ...] = (
    Kept(("rate",), frozenset({"flag"}), "core.only_flag"),
    Kept(("optimise", "metric"), _ALL - {"flag"}, "core.not_flag"),
    Kept(("top",), frozenset({"recommend"}), "recommend.only"),
    Kept(("reward", "propensity"), frozenset({"control"}), "tables.only_logged"),
    Kept(
        ("horizon", "season", "gaps", "quantiles", "hierarchy"),
        frozenset({"forecast"}),
        "core.only_forecast",
    ),
    Kept(
        ("baseline", "episodes", "steps_limit", "fallback"), frozenset({"control"}), "control.only"
    ),
    Kept(("optimise", "metric", "folds"), _ALL - {"control"}, "control.not_with",
         "control.why_choice"),
    Kept(("coverage",), _TABULAR | {"forecast"}, "regions.task"),
    Kept(("coverage_by",), frozenset({"classify"}), "regions.only_classify"),
    Kept(_TABLES, _TABULAR, "choice.only_tables"),
    Kept(("optimise",), _ALL - {"forecast", "recommend"}, "choice.only_tables"),
)  # fmt: skip
"""What is looked at in this order: the first that does not fit is told."""
FITTING = (
    "algorithm", "budget", *_TABLES, "coverage", "coverage_by", "folds", "workers", "memory"
)  # fmt: skip
"""What says how a model is found or fitted: it means nothing for one that was trained elsewhere."""


def check(train: TrainSection) -> None:
    """Refuse options that do not go with the task, or not with each other.

    Raises:
        PydanticCustomError: What is refused, with its place; see `refusal`.
    """
    if not train.target and train.task not in _UNASKED:
        raise refusal("core.no_target", ("target",), task=train.task)
    _of_the_task(train)
    _of_forecasts(train)
    _of_lists(train)
    _of_policies(train)
    if "coverage_by" in train.model_fields_set and train.coverage is None:
        raise refusal("regions.no_coverage", ("coverage_by",))
    _brought(train)
    _wishes(train)


def _of_the_task(train: TrainSection) -> None:
    given = {name for name in train.model_fields_set if getattr(train, name) not in (None, ())}
    if train.reward is not None and train.task == "control":
        given -= {"metric"}  # decisions that were logged are chosen by an estimate
    for kept in KEPT:
        if train.task in kept.tasks:
            continue
        for option in kept.options:
            if option in given:
                why = {"why": Phrase(kept.why)} if kept.why else {}
                raise refusal(kept.refused, (option,), option=option, task=train.task, **why)


def _of_forecasts(train: TrainSection) -> None:
    if train.task == "forecast" and train.horizon is None:
        raise refusal("core.no_horizon", ("horizon",))


def _of_lists(train: TrainSection) -> None:
    ranked = parse(train.metric or "")
    if ranked is not None and train.task == "recommend" and ranked[1] > train.top:
        wanted = f"{ranked[0]}@{train.top}"
        raise refusal("recommend.metric_longer", ("metric",), metric=train.metric,
                      top=train.top, expected=wanted)  # fmt: skip


def _of_policies(train: TrainSection) -> None:
    columns = ("reward", "propensity")
    given = [name for name in columns if getattr(train, name) is not None]
    if given and (missing := [n for n in ("target", *columns) if not getattr(train, n)]):
        raise refusal("tables.log_columns", (given[0],), missing=", ".join(missing))
    if train.episodes < FEWEST_EPISODES:
        raise refusal("control.few_episodes", ("episodes",), received=train.episodes)


def _brought(train: TrainSection) -> None:
    if train.model is None:
        return
    if train.task not in _TABULAR:
        raise refusal("imported.task", ("task",), task=train.task)
    given = [name for name in FITTING if name in train.model_fields_set]
    if given:
        raise refusal("imported.not_with", (given[0],), option=given[0])
    if any(wish.startswith("compress") for wish in train.optimise):
        raise refusal("imported.not_with", ("optimise",), option="optimise: compress")


def _wishes(train: TrainSection) -> None:
    cuts = [wish for wish in train.optimise if wish.startswith("threshold")]
    if len(cuts) > 1:
        raise refusal("choice.two_thresholds", ("optimise",), received=", ".join(cuts))
    if train.task != "classify" and floor_of(cuts) is not None:
        raise refusal("choice.floor_task", ("optimise",), received=cuts[0], task=train.task)
    smaller = [wish for wish in train.optimise if wish.startswith("compress")]
    if len(smaller) > 1:
        raise refusal("compress.twice", ("optimise",), received=", ".join(smaller))
