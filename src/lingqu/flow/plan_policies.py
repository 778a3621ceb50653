"""The lines of a plan that only policies have."""

from __future__ import annotations

from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.spec import Channel
from lingqu.flow.plan_settings import Setting, chosen, declared
from lingqu.learn.control import OF_AMOUNTS, OF_TABLES

_OWN = "environment"


def walk_settings(channel: Channel, dataset: Dataset) -> list[Setting]:
    """Return how the rows of a walk are set aside.

    Args:
        channel: The declaration.
        dataset: The rows.
    """
    policy = str(dataset.facts["baseline"]["name"])
    named = [declared("data", "options", dict(channel.data.options))]
    split = chosen("data", "split", "episodes", "control.why_split", policy=policy)
    return [*(named if channel.data.options else ()), split]


def policy_settings(channel: Channel, dataset: Dataset) -> list[Setting]:
    """Return what a policy must beat, how it is judged, and what it falls back on.

    Args:
        channel: The declaration.
        dataset: The rows of the walk.

    Raises:
        DataError: The baseline never took a step.
        SpecError: A method of tables is named where the environment states no transitions, or a
            learner that chooses one of a few actions where an action is an amount.
    """
    if not len(dataset):
        raise DataError("release.no_rows", where=f"`{channel.data.named}`")
    _refuse_strange(channel, dataset)
    train, walk = channel.train, dataset.facts["baseline"]
    value = sum(walk["returns"]) / max(1, len(walk["returns"]))
    facts: dict[str, Json] = {"episodes": len(walk["returns"]), "mean": value}
    settings = [chosen("train", "baseline", walk["name"], "control.why_baseline", **facts)]
    settings += [
        declared("train", name, getattr(train, name))
        if name in train.model_fields_set
        else chosen("train", name, getattr(train, name) or _OWN, f"control.why_{name}")
        for name in ("episodes", "steps_limit", "fallback")
    ]
    enough = dataset.facts.get("enough")
    if enough is not None:
        settings.append(chosen("train", "solved", enough, "control.why_enough"))
    return settings


def _refuse_strange(channel: Channel, dataset: Dataset) -> None:
    """Refuse methods of tables where is no table, and of a few actions where are more."""
    names = [name for name, _ in channel.train.algorithms]
    named = [name for name in names if name in OF_TABLES]
    if named and not dataset.facts.get("table"):
        raise SpecError("tables.no_process", algorithm=named[0], name=channel.data.named)
    few = [name for name in names if name not in OF_AMOUNTS]
    if few and (span := dataset.facts.get("amount")):
        raise SpecError("control.no_amounts", algorithm=few[0], name=channel.data.named,
                        low=span[0], high=span[1], expected=", ".join(OF_AMOUNTS))  # fmt: skip
