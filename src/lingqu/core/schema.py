"""Typed columns: what every source, operator, check and algorithm talks about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypedDict, get_args

from lingqu.core.i18n import text

if TYPE_CHECKING:
    from polars import DataFrame

Kind = Literal[
    "number", "category", "boolean", "text", "datetime", "image", "audio", "vector", "boxes"
]
Role = Literal[
    "feature", "target", "protected", "time", "group", "weight", "id", "ignored",
    "reward", "propensity",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
ROLES: tuple[Role, ...] = get_args(Role)
SEED = "seed"
"""Name of the column from which a generator makes a row."""


@dataclass(frozen=True)
class Column:
    """One typed column.

    Args:
        name: Name in the frame.
        kind: What the values mean.
        role: What the column is used for.
        nullable: Whether missing values were seen.
        levels: For a category or a boolean target: the known values, as text, in fixed order.
        shape: For an image ``(height, width)`` or ``(height, width, channels)``; for a vector
            ``(length,)``; else empty.
        low: Smallest value seen (numbers, pixels), else None.
        high: Largest value seen, else None.
        reason: Why this kind and role were chosen, in English (shown by `lingqu plan`).
        reason_zh: The same in Chinese.
        format: For a datetime that was read from text: its `strptime` format, so that a single
            row at prediction time is read as the training rows were.
        seen: For a protected column: whether the model may read it too. For the columns of time,
            group and target: whether a caller sends them, as for a forecast. For the features
            of a recommender: whether they are of the user, so that a caller may send them. For
            the one number that a generator of rows is asked by: that it is one (`Schema.seed`).
    """

    name: str
    kind: Kind
    role: Role = "feature"
    nullable: bool = False
    levels: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    low: float | None = None
    high: float | None = None
    reason: str = ""
    format: str = ""
    reason_zh: str = ""
    seen: bool = False

    def noted(self, key: str, **facts: Any) -> Column:
        """Return the column with one more reason behind those it has, in both languages.

        Example:
            >>> Column("age", "number").noted("data.reason_numbers").reason
            'numbers'
        """
        more = because(key, **facts)
        english = [self.reason, more["reason"]]
        chinese = [self.reason_zh or self.reason, more["reason_zh"]]
        return replace(
            self,
            reason="; ".join(filter(None, english)),
            reason_zh="；".join(filter(None, chinese)),
        )


class Reason(TypedDict):
    """A reason in both languages, as the fields that hold it."""

    reason: str
    reason_zh: str


def because(key: str, **facts: Any) -> Reason:
    """Return a reason from the message catalogue, to be given to a `Column` with ``**``.

    Example:
        >>> Column("age", "number", **because("data.reason_numbers")).reason_zh
        '数字'
    """
    return {"reason": text(key, "en", **facts), "reason_zh": text(key, "zh", **facts)}


def _readable(column: Column) -> bool:
    """Say whether a model may read a column."""
    return column.role == "feature" or (column.role == "protected" and column.seen)


@dataclass(frozen=True)
class Schema:
    """The typed columns of a frame, in order.

    Example:
        >>> schema = Schema((Column("age", "number"), Column("churned", "category", "target")))
        >>> schema.target.name, [c.name for c in schema.features]
        ('churned', ['age'])
    """

    columns: tuple[Column, ...]

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    @cached_property
    def _places(self) -> dict[str, Column]:
        return {column.name: column for column in reversed(self.columns)}

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def __getitem__(self, name: str) -> Column:
        return self._places[name]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def having(self, role: Role) -> tuple[Column, ...]:
        """Return the columns of one role, in order."""
        return tuple(column for column in self.columns if column.role == role)

    @property
    def features(self) -> tuple[Column, ...]:
        """Columns that a model may read: the features, and protected columns it may see."""
        return tuple(column for column in self.columns if _readable(column))

    @property
    def inputs(self) -> tuple[Column, ...]:
        """Columns a caller sends: the features, and what forecasts and lists are asked by."""
        if self.basket is not None:  # what is known of items is in the model
            return tuple(c for c in self.columns if c.seen and c.role in ("group", "feature"))
        return tuple(
            column
            for column in self.columns
            if _readable(column) or (column.seen and column.role in ("time", "group"))
        )

    @property
    def history(self) -> Column | None:
        """The target where a caller may send it: newer values that a forecast starts from."""
        target = self.target
        asked = target is not None and target.seen and target.kind != "category"
        return target if asked else None

    @property
    def basket(self) -> Column | None:
        """The target where a caller may list some of it: items that somebody took."""
        target = self.target
        asked = target is not None and target.seen and target.kind == "category"
        return target if asked else None

    @property
    def seed(self) -> Column | None:
        """The number from which a generator makes a row, where rows are made; callers may omit it.

        Example:
            >>> Schema((Column("seed", "number", seen=True),)).seed.name
            'seed'
        """
        if self.target is not None or self.having("group"):
            return None
        asked = (c for c in self.columns if c.seen and c.name == SEED and c.role == "feature")
        return next(asked, None)

    @property
    def target(self) -> Column | None:
        """The column to predict, or None where there is none."""
        return next(iter(self.having("target")), None)

    def without(self, names: Iterable[str]) -> Schema:
        """Return a schema that lacks these columns."""
        gone = set(names)
        return Schema(tuple(column for column in self.columns if column.name not in gone))

    def updated(self, name: str, **changes: Any) -> Schema:
        """Return a schema in which one column has changed."""
        return Schema(tuple(replace(c, **changes) if c.name == name else c for c in self.columns))

    def to_json(self) -> list[dict[str, Any]]:
        """Return plain data, for a manifest or a digest."""
        names = [field.name for field in fields(Column)]
        return [
            {
                name: list(value) if isinstance(value, tuple) else value
                for name in names
                for value in (getattr(column, name),)
            }
            for column in self.columns
        ]

    @classmethod
    def from_json(cls, rows: Iterable[Mapping[str, Any]]) -> Schema:
        """Build a schema from what `to_json` returned."""
        return cls(
            tuple(
                Column(**{**row, "levels": tuple(row["levels"]), "shape": tuple(row["shape"])})
                for row in rows
            )
        )


def present(columns: Iterable[Column], frame: DataFrame) -> list[Column]:
    """Return those of the columns that a frame has.

    A frame makes the list of its names anew each time it is asked for it: asked once for each of
    ten thousand columns, that takes longer than most of the work.

    Example:
        >>> import polars as pl
        >>> [c.name for c in present([Column("a", "number")], pl.DataFrame({"b": [1]}))]
        []
    """
    names = frozenset(frame.columns)
    return [column for column in columns if column.name in names]
