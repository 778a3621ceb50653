"""What learners of vectors read: rows, and what belongs to each, a partner or a class."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema


@dataclass(frozen=True)
class Belonging:
    """Rows that are to lie near what belongs to them.

    Args:
        rows: Of pairs the one feature that is of the partner's kind, of classes all features.
        wanted: The partner or the class of each row; rows without one are left out.
        paired: Whether it is a partner.
        left_out: Features that are not read.
    """

    rows: Dataset
    wanted: pl.Series
    paired: bool
    left_out: tuple[str, ...]

    @property
    def partners(self) -> pl.DataFrame:
        """What belongs to each row, as a frame of the same column."""
        return self.wanted.alias(self.rows.schema.names[0]).to_frame()


def belonging(dataset: Dataset) -> Belonging:
    """Return the rows of a dataset with what belongs to each.

    Raises:
        DataError: No feature is of the kind of the partners, or no row has a target.

    Example:
        >>> schema = Schema((Column("a", "text"), Column("b", "text", "target")))
        >>> rows = Dataset(pl.DataFrame({"a": ["canal"], "b": ["运河"]}), schema)
        >>> belonging(rows).paired
        True
    """
    target = dataset.schema.target
    if target is None:
        raise DataError("replies.no_partner", kind="—", target="—", received="—")
    paired = target.kind != "category"
    features = dataset.schema.features
    used = [column for column in features if not paired or column.kind == target.kind]
    if not used:
        raise DataError(
            "replies.no_partner", kind=target.kind, target=target.name,
            received=", ".join(sorted({column.kind for column in features})) or "—",
        )  # fmt: skip
    read: list[Column] = used[:1] if paired else used
    frame = dataset.frame.filter(pl.col(target.name).is_not_null())
    if not frame.height:
        raise DataError("replies.no_wanted", target=target.name, rows=len(dataset))
    names = [column.name for column in read]
    rows = Dataset(frame.select(names), Schema(tuple(read)), dataset.name)
    others = tuple(column.name for column in features if column.name not in names)
    return Belonging(rows, frame.get_column(target.name), paired, others)
