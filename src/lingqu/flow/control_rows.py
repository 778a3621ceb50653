"""What an environment makes of a channel: its source, and the roles of the columns of a walk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lingqu.core.nouns import Dataset
from lingqu.core.ports import Source
from lingqu.core.spec import Channel
from lingqu.data.environment import EnvironmentWalk
from lingqu.environment.observed import ACTION
from lingqu.environment.place import Place


def acts(channel: Channel) -> bool:
    """Say whether a channel learns by acting in an environment."""
    return channel.data.environment is not None


def walk_of(channel: Channel) -> Source:
    """Return the source that lets the baseline policy of a channel walk."""
    data, train = channel.data, channel.train
    folder = channel.path.parent if channel.path is not None else Path()
    return EnvironmentWalk(
        str(data.environment), dict(data.options), train.baseline or "", train.episodes,
        data.seed, train.steps_limit or 0, str(folder.absolute()), train.fallback,
    )  # fmt: skip


def place_of(channel: Channel) -> Place:
    """Return the environment of a channel."""
    source = walk_of(channel)
    assert isinstance(source, EnvironmentWalk)  # the only one that `walk_of` makes
    return source.place


def with_roles(dataset: Dataset) -> Dataset:
    """Return the rows of a walk, with the action as what is answered; episodes stay together."""
    return replace(dataset, schema=dataset.schema.updated(ACTION, role="target"), digest="")
