"""What the path of the task recommend does otherwise: its chooser, its release, its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from lingqu.core.list_metrics import places
from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.predictions import Predictions
from lingqu.core.train_section import TrainSection
from lingqu.flow.data_stage import Parts
from lingqu.learn.assemble import Choice
from lingqu.release.baskets.block import carried
from lingqu.release.baskets.rows import taken

CHECKS = ("metrics", "efficiency")
"""What judges lists; the other checks are of single answers."""
_NOT_OURS = frozenset({"optimise", "augment", "workers", "families"})
USERS = 20_000
"""Users whose lists are judged, at most: more would only take longer."""
SHOWN = 8
"""Users that the report shows."""
_PAST = 8
"""Items of their past that it shows, the newest first."""


def choose_lists(section: TrainSection) -> Any:
    """Return the chooser of this task with the arguments of that of tables."""
    from lingqu.learn.recommend.choose import choose_recommend  # other tasks start without it

    def chosen(train: Dataset, task: str, **given: Any) -> Choice:
        ours = {name: value for name, value in given.items() if name not in _NOT_OURS}
        return choose_recommend(train, top=section.top, **ours)

    return chosen


def some_users(parts: Sequence[Dataset], user: str, seed: int, most: int = USERS) -> list[Dataset]:
    """Return the same test rows in several forms, of at most so many users; theirs are all kept.

    Args:
        parts: Test rows, row for row the same users; the first one names them.
        user: The column with their names.
        seed: Seed of the draw.
        most: Users that stay.
    """
    names = parts[0].frame.get_column(user)
    known = names.unique(maintain_order=True)
    if len(known) <= most:
        return list(parts)
    drawn = np.random.default_rng(seed).choice(len(known), most, replace=False)
    stay = names.is_in(known[drawn].implode())
    return [replace(part, frame=part.frame.filter(stay)) for part in parts]


def up_to_now(model: Model, test: Dataset) -> Model:
    """Return a judged model whose lists start from the histories of all rows.

    Nothing that was fitted changes: what users took last goes behind what they took before.
    """
    encoding = model.members[0].encoding
    fresh = {**encoding, "blocks": [carried(encoding["blocks"][0], taken(test))]}
    return replace(model, members=tuple(replace(m, encoding=fresh) for m in model.members))


def shown_users(rows: Parts, said: Predictions) -> list[dict[str, Json]]:
    """Return some users with what they took, what they are recommended and what they took next.

    Spread over the test rows as they come, right and wrong alike. Nothing for a task that lists
    nothing.
    """
    if said.lists is None:
        return []
    schema, test = rows.test.schema, rows.test.frame
    target = schema.target
    assert target is not None
    user = schema.having("group")[0].name
    times = schema.having("time")
    place = {name: code for code, name in enumerate(said.classes)}
    wanted = np.array([place.get(str(item), -1) for item in test.get_column(target.name)])
    where = places(said.lists.items, wanted)
    shown: list[dict[str, Json]] = []
    for row in np.unique(np.linspace(0, test.height - 1, SHOWN).astype(int)).tolist():
        name = test.get_column(user)[row]
        past = rows.train.frame.filter(pl.col(user) == name)
        if times:
            past = past.sort(times[0].name, descending=True)
        items = past.get_column(target.name).unique(maintain_order=True)
        shown.append(
            {
                "user": str(name),
                "count": len(items),
                "past": [str(item) for item in items[:_PAST]],
                "listed": [said.classes[c] for c in said.lists.items[row].tolist() if c >= 0],
                "next": str(test.get_column(target.name)[row]),
                "place": int(where[row]) + 1,
            }
        )
    return shown
