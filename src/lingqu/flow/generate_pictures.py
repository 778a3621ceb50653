"""What the path of made pictures needs more: eyes that compare, and grids for the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Json, Task
from lingqu.core.predictions import Predictions
from lingqu.core.schema import SEED
from lingqu.learn.generate import is_pictures
from lingqu.release.made.levels import Levels, snapped, to_bytes
from lingqu.release.made.png import pixels_of
from lingqu.release.media import pixels
from lingqu.release.predictor import Predictor
from lingqu.release.replies.made_picture import MadePicture

ACROSS, DOWN = 10, 3
"""Tiles of a line, and lines of a grid without labels."""
_WAYS, _ENDS = 3, 12
"""Interpolations that are shown, and seeds among which their ends are chosen."""


def picture_eyes(train: Dataset, task: Task, seed: int) -> dict[str, Json]:
    """Return the fact ``eyes`` by which made pictures are judged; nothing for all else.

    Args:
        train: Rows that were learned from: the eyes learn from them, too.
        task: Of the channel.
        seed: Of the channel.
    """
    if task != "generate" or not is_pictures(train.schema):
        return {}
    # Only who judges pictures waits for torch.
    from lingqu.learn.generate.eyes import eyes
    from lingqu.learn.generate.pictures import pictures

    rows = pictures(train)
    labels = list(rows.labels) if rows.target else [""]
    return {"eyes": {"graph": eyes(rows, seed), "labels": labels}}


def shown_pictures(test: Dataset, said: Predictions, predictor: Predictor) -> dict[str, Json]:
    """Return grids of real and made pictures, and of what lies between made ones.

    Args:
        test: Real rows.
        said: A made picture for each, of the same label.
        predictor: The release that made them.
    """
    replier, told = predictor.runner.replier, said.replies
    assert isinstance(replier, MadePicture) and told is not None
    column = next(c for c in test.schema.features if c.kind == "image")
    target = test.schema.target
    labels = [None] * len(test) if target is None else test.frame[target.name].to_list()
    rows = chosen(labels)
    seen = pixels(test.frame[column.name], column.shape)
    levels = Levels.of(seen, column)
    real = snapped(levels.scaled(seen[rows]), levels.count)
    grids = {
        "real": [tile(to_bytes(each, levels.count), labels[row])
                 for row, each in zip(rows, real, strict=True)],
        "made": [tile(pixels_of(str(told.said[row])), labels[row]) for row in rows],
        "between": _between(replier, predictor),
    }  # fmt: skip
    return {"pictures": [{"name": name, "tiles": tiles} for name, tiles in grids.items()]}


def chosen(labels: Sequence[Any]) -> list[int]:
    """Return the rows that are shown: as many of each label, label by label in columns.

    Example:
        >>> chosen(["b", "a", "b", "a", "a"])
        [1, 0, 3, 2]
    """
    known = sorted({one for one in labels if one is not None}, key=str)[:ACROSS]
    if not known:
        return list(range(min(len(labels), ACROSS * DOWN)))
    of = {label: [row for row, one in enumerate(labels) if one == label] for label in known}
    down = min(DOWN, *(len(rows) for rows in of.values()))
    return [of[label][line] for line in range(down) for label in known]


def _between(replier: MadePicture, predictor: Predictor) -> list[dict[str, Json]]:
    """Return lines of pictures on the way from one to another of the same label."""
    found = []
    labels, run = replier.labels, predictor.runner.ask
    for place in np.linspace(0, len(labels) - 1, min(_WAYS, len(labels))).astype(int).tolist():
        ends = _unlike(replier, labels[place], predictor)
        made = replier.between(ends, place, ACROSS, run)
        found += [tile(each, labels[place]) for each in made]
    return found


def _unlike(replier: MadePicture, label: Any, predictor: Predictor) -> tuple[int, int]:
    """Return the two of some seeds whose pictures of a label differ most."""
    asked = pl.DataFrame({SEED: np.arange(_ENDS, dtype=np.float64)})
    if label is not None:
        name = next(column for column in replier.columns if column != SEED)
        asked = asked.with_columns(pl.lit(label).alias(name))
    said = replier.reply(asked, predictor.runner.ask).said
    flat = np.stack([pixels_of(str(one)) for one in said]).reshape(_ENDS, -1).astype(np.float64)
    apart = ((flat[:, None] - flat[None]) ** 2).sum(axis=2)
    one, two = np.unravel_index(int(apart.argmax()), apart.shape)
    return (int(one), int(two)) if one != two else (0, 1)


def tile(picture: NDArray[np.uint8], label: Any) -> dict[str, Json]:
    """Return a picture as the report draws it."""
    return {"image": picture.tolist(), "label": None if label is None else str(label)}
