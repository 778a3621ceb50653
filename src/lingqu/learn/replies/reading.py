"""What learners of texts read: the features as one text a row, and the text that is wanted."""

from __future__ import annotations

from dataclasses import dataclass

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.release.replies import joined


@dataclass(frozen=True)
class Reading:
    """Rows as pairs of texts.

    Args:
        columns: The features that are texts, in order.
        left_out: The other features.
        texts: Of each row its features, joined.
        wanted: Of each row the text that is wanted; rows without one are left out.
    """

    columns: tuple[str, ...]
    left_out: tuple[str, ...]
    texts: list[str]
    wanted: list[str]


def read(dataset: Dataset) -> Reading:
    """Return the rows of a dataset as pairs of texts.

    Raises:
        DataError: No feature is a text, or no row has a target.
    """
    features, target = dataset.schema.features, dataset.schema.target
    columns = tuple(column.name for column in features if column.kind == "text")
    if not columns or target is None:
        kinds = ", ".join(sorted({column.kind for column in features})) or "—"
        raise DataError("replies.no_text", received=kinds)
    texts = joined(dataset.frame, columns)
    wanted = dataset.frame.get_column(target.name)
    held = wanted.is_not_null()
    if not held.any():
        raise DataError("replies.no_wanted", target=target.name, rows=len(dataset))
    others = tuple(column.name for column in features if column.kind != "text")
    return Reading(columns, others, texts.filter(held).to_list(),
                   [str(text).strip() for text in wanted.filter(held).to_list()])  # fmt: skip
