"""What the path of an imported model does otherwise: it is brought, not chosen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lingqu.core import catalog
from lingqu.core.nouns import Dataset
from lingqu.core.spec import Channel

if TYPE_CHECKING:
    from lingqu.learn.assemble import Choice
    from lingqu.learn.imported.model_file import ModelFile

FOR_IMPORTED = frozenset({"contract", "dedupe", "mask", "outliers"})
"""Operators that leave the columns as they are: a model that was trained elsewhere expects them."""


def model_file(channel: Channel) -> ModelFile:
    """Return the model file that a channel declares, its options checked."""
    piece = channel.train.model
    assert piece is not None  # callers ask for it first
    where = channel.where("train", "model")
    file: ModelFile = catalog.build("formats", piece.name, piece.options, where)
    return file


def folder_of(channel: Channel) -> Path:
    """Return the folder of the channel file."""
    return channel.path.parent if channel.path is not None else Path()


def bring_in(channel: Channel, train: Dataset) -> Choice:
    """Return the imported model of a channel as a choice with one candidate."""
    from lingqu.learn.imported.bring import bring  # who trains starts without it

    section, file = channel.train, model_file(channel)
    return bring(
        file, train, section.task, folder=folder_of(channel), metric=section.metric or "",
        optimise=section.optimise,
    )  # fmt: skip
