"""What every operator of this room shares: fit refuses, apply is pure, report is worked out late.

`apply` runs on the path of every prediction, so it does no counting: it keeps its last input and
output until `report` is asked for, and the plan it made for a schema until another one comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from lingqu.core.catalog import near
from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.phrases import Phrase
from lingqu.core.schema import Column, Kind, Role, Schema
from lingqu.core.surroundings import Surroundings

SAMPLES = 20
"""Most sample rows that a report or a finding carries."""
SMALL = 512
"""Up to this many rows, Python on a list of values is faster than planning an expression."""


@dataclass
class Step:
    """The shared half of an operator; a subclass says what it learns, changes and describes."""

    name: ClassVar[str]
    main: ClassVar[str] = ""
    travels: ClassVar[bool] = False
    augments: ClassVar[bool] = False
    kinds: ClassVar[frozenset[Kind]]

    state: dict[str, Any] = field(default_factory=dict, init=False, repr=False)
    _around: Any = field(default=Surroundings(), init=False, repr=False, compare=False)
    _memo: Any = field(default=None, init=False, repr=False, compare=False)
    _last: Any = field(default=None, init=False, repr=False, compare=False)
    _report: Any = field(default=None, init=False, repr=False, compare=False)

    def settle(self, surroundings: Surroundings) -> None:
        """Take note of the time, the folder, the keys and the memory to work with."""
        self._around = surroundings

    @property
    def around(self) -> Surroundings:
        """The surroundings it was told, those of nowhere before."""
        found: Surroundings = self._around
        return found

    def fit(self, dataset: Dataset) -> None:
        """Learn `state` from training rows.

        Raises:
            DataError: There are no rows, or the frame lacks a column of its schema.
            SpecError: An option names a column that does not exist or is of the wrong kind.
        """
        refuse(self.name, dataset)
        self.state = self.learn(dataset)

    def apply(self, dataset: Dataset) -> Dataset:
        """Return the changed dataset; the input is not modified."""
        try:
            after = self.transform(dataset)
        except pl.exceptions.ColumnNotFoundError as error:
            raise DataError(
                "govern.absent_column",
                operator=self.name,
                column=str(error).split('"')[1] if '"' in str(error) else str(error),
                columns=", ".join(dataset.frame.columns[:12]),
            ) from error
        self._last = (dataset, after)
        return after

    def report(self) -> Mapping[str, Json]:
        """Return what the last `apply` changed; empty before the first one."""
        if self._last is not None:
            before, after = self._last
            self._report = {
                "operator": self.name,
                "rows": before.frame.height,
                **self.describe(before, after),
            }
            self._last = None
        return self._report or {}

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        """Return the state, JSON."""
        return {}

    def transform(self, dataset: Dataset) -> Dataset:
        """Return the changed dataset."""
        raise NotImplementedError

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        """Return the report of one `apply`."""
        return {}

    def plan(self, schema: Schema) -> Any:
        """Return what `prepare` made for this schema; made again only for another schema."""
        memo = self._memo
        if memo is None or memo[0] is not schema or memo[1] is not self.state:
            memo = (schema, self.state, self.prepare(schema))
            self._memo = memo
        return memo[2]

    def prepare(self, schema: Schema) -> Any:
        """Work out, once per schema, what `transform` needs."""
        return None


class Remembered:
    """A function of short texts that remembers what it was asked, within bounds.

    Categories repeat from request to request; a stranger's long or ever-new texts are worked out
    each time, so they cannot fill the memory of a server.
    """

    def __init__(self, function: Callable[[str], Any]) -> None:
        self.function = function
        self.known: dict[str, Any] = {}

    def __call__(self, text: str) -> Any:
        known = self.known
        if text in known:
            return known[text]
        value = self.function(text)
        if len(text) <= 64 and len(known) < 4096:
            known[text] = value
        return value


def refuse(operator: str, dataset: Dataset) -> None:
    """Refuse a dataset that nothing can be learnt from."""
    if dataset.frame.height == 0:
        raise DataError("govern.empty", operator=operator)
    there = set(dataset.frame.columns)
    for name in dataset.schema.names:
        if name not in there:
            raise DataError(
                "govern.absent_column",
                operator=operator,
                column=name,
                columns=", ".join(dataset.frame.columns[:12]),
            )


def chosen(
    operator: str,
    schema: Schema,
    columns: Sequence[str],
    kinds: Iterable[Kind],
    roles: Iterable[Role] = ("feature",),
) -> list[Column]:
    """Return the columns an operator works on: those named, else all of these kinds and roles.

    Raises:
        SpecError: A named column does not exist, or is of a kind the operator cannot read.
    """
    wanted = frozenset(kinds)
    if not columns:
        held = frozenset(roles)
        return [column for column in schema if column.kind in wanted and column.role in held]
    for name in columns:
        if name not in schema:
            raise SpecError(
                "govern.unknown_column",
                operator=operator,
                column=name,
                near=near(name, schema.names),
            )
        if schema[name].kind not in wanted:
            raise SpecError(
                "govern.wrong_kind",
                operator=operator,
                column=name,
                kind=schema[name].kind,
                expected=", ".join(sorted(wanted)),
            )
    return [schema[name] for name in columns]


def within(operator: Step, **limits: tuple[float, float]) -> None:
    """Refuse options that lie outside their limits, both of which are allowed.

    Raises:
        SpecError: Names the operator, the option, what it may be and what it is.
    """
    for option, (low, high) in limits.items():
        given = getattr(operator, option)
        if not low <= given <= high:
            raise bad_option(operator, option, f"{low:g} … {high:g}", given)


def bad_option(operator: Step, option: str, expected: Phrase | str, received: object) -> SpecError:
    """Return the error of an option that has a value it may not have."""
    return SpecError(
        "govern.bad_limit",
        operator=operator.name,
        option=option,
        expected=expected,
        received=received,
    )


def swap(frame: pl.DataFrame, changed: Sequence[pl.Series]) -> pl.DataFrame:
    """Return the frame with some of its columns replaced (by name) or added at the end.

    Copies no data: cheaper than an expression on frames of a few rows.
    """
    if not changed:
        return frame
    frame = frame.clone()
    fresh, known = [], frozenset(frame.columns)
    for series in changed:
        if series.name in known:
            frame.replace_column(frame.get_column_index(series.name), series)
        else:
            fresh.append(series)
    return frame.hstack(fresh) if fresh else frame


def arrange(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Return the frame with the columns of the schema first, in its order."""
    names, all_names = schema.names, frame.columns
    if tuple(all_names[: len(names)]) == names:
        return frame
    extra = [name for name in all_names if name not in schema]
    return frame.select(*names, *extra)
