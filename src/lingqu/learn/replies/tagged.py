"""What learners of tags read: the tokens of each row, and as many tags."""

from __future__ import annotations

from dataclasses import dataclass

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.core.reply_metrics import truth_of
from lingqu.release.replies.tags import tokens_of


@dataclass(frozen=True)
class Tagged:
    """Rows as tokens and tags.

    Args:
        column: The feature that holds the tokens.
        left_out: The other features.
        tokens: Of each row, those of rows without tags left out.
        tags: Of each row as many.
    """

    column: str
    left_out: tuple[str, ...]
    tokens: list[list[str]]
    tags: list[list[str]]


def read_tagged(dataset: Dataset) -> Tagged:
    """Return the rows of a dataset as tokens and tags.

    Raises:
        DataError: No feature is a text, no row has tags, or a row has more or fewer tags than
            tokens; it names the row.

    Example:
        >>> import polars as pl
        >>> from lingqu.core.schema import Column, Schema
        >>> schema = Schema((Column("said", "text"), Column("y", "text", "target")))
        >>> frame = pl.DataFrame({"said": ["the canal"], "y": ["DET NOUN"]})
        >>> read_tagged(Dataset(frame, schema)).tags
        [['DET', 'NOUN']]
    """
    features, target = dataset.schema.features, dataset.schema.target
    texts = [column.name for column in features if column.kind == "text"]
    if not texts or target is None:
        kinds = ", ".join(sorted({column.kind for column in features})) or "—"
        raise DataError("replies.no_text", received=kinds)
    tokens: list[list[str]] = []
    tags: list[list[str]] = []
    cells = zip(dataset.frame[texts[0]].to_list(), dataset.frame[target.name].to_list(),
                strict=True)  # fmt: skip
    for row, (cell, wanted) in enumerate(cells, start=1):
        if wanted is None:
            continue
        tokens.append(tokens_of(cell))
        tags.append(truth_of(wanted, "tag"))
        if len(tokens[-1]) != len(tags[-1]):
            raise DataError(
                "replies.unequal", row=row, column=texts[0], target=target.name,
                tokens=len(tokens[-1]), tags=len(tags[-1]),
            )  # fmt: skip
    if not any(tags):
        raise DataError("replies.no_wanted", target=target.name, rows=len(dataset))
    others = tuple(column.name for column in features if column.name != texts[0])
    return Tagged(texts[0], others, tokens, tags)
