"""Rows and columns of tasks whose answers are texts or tags, before anything is learned."""

from __future__ import annotations

import polars as pl

from lingqu.core.data_section import DataSection
from lingqu.core.errors import DataError
from lingqu.core.nouns import TEXTS, Dataset, Task
from lingqu.core.reply_metrics import truth_of
from lingqu.core.schema import Kind
from lingqu.release.replies.tags import tokens_of

FOR_REPLIES = frozenset({"contract", "mask"})
"""Operators that these tasks get where none is named: what else is made of a text would have to be
made of the answer too."""
FOR_TAGS = frozenset({"contract"})
"""The same of tags: a mask may make one token of several, and no tag would stand by its token."""
_READS = TEXTS | {"tag"}


def kinds_of(data: DataSection, dataset: Dataset, task: Task, target: str) -> dict[str, Kind]:
    """Return the declared kinds, with words as texts where no column looks like one.

    Short texts of few rows look like names or levels.
    """
    features = [one for one in dataset.schema if one.name != target]
    if task not in _READS or any(one.kind == "text" for one in features):
        return dict(data.kinds)
    set_aside = {target, *data.drop, *data.groups, *data.protected, data.id, data.time, data.weight}
    words: dict[str, Kind] = {
        column.name: "text"
        for column in features
        if column.name not in set_aside and column.kind == "category"
        and dataset.frame[column.name].dtype == pl.String
    }  # fmt: skip
    return {**words, **data.kinds}


def refuse_unequal(rows: Dataset) -> None:
    """Refuse rows of which the tags are not as many as the tokens.

    Raises:
        DataError: There is one; it names the first.
    """
    target = rows.schema.target
    texts = [column.name for column in rows.schema.features if column.kind == "text"]
    if target is None or not texts:
        return
    cells = zip(rows.frame[texts[0]].to_list(), rows.frame[target.name].to_list(), strict=True)
    for row, (cell, wanted) in enumerate(cells, start=1):
        if wanted is not None and len(tokens_of(cell)) != len(truth_of(wanted, "tag")):
            raise DataError(
                "replies.unequal", row=row, column=texts[0], target=target.name,
                tokens=len(tokens_of(cell)), tags=len(truth_of(wanted, "tag")),
            )  # fmt: skip
