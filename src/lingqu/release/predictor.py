"""Raw rows → answers: the one path that candidates, checks and outlets share.

A predictor brings raw rows into the schema's types, applies the preparation that travels, and lets
a `Runner` answer them.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from lingqu.core.errors import DataError
from lingqu.core.nouns import Model, Task
from lingqu.core.ports import Operator
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, Schema
from lingqu.release.blocks import REQUEST
from lingqu.release.conform import as_kind, read
from lingqu.release.few_rows import Rows, frame_of
from lingqu.release.media import encoded, pixels
from lingqu.release.prepare import apply_frame, originals
from lingqu.release.replies.writing import Writing
from lingqu.release.runner import Runner


class Predictor:
    """Raw rows → answers: types, travelling operators, tensors, graph.

    Args:
        schema: Columns as callers send them, before preparation; the features are read.
        operators: Fitted operators that travel, in order.
        runner: The opened graph.
        paths: Whether text in an image column may name a file. An outlet that strangers reach
            passes False.

    Attributes:
        originals: Image columns whose pictures are read as they were sent, in their own size.
    """

    def __init__(
        self, schema: Schema, operators: Sequence[Operator], runner: Runner, *, paths: bool = True
    ) -> None:
        self.schema = Schema(schema.inputs)
        self._history = None if runner.unread else schema.history
        self._basket = schema.basket is not None
        self._makes = runner.task == "generate"
        self.operators = tuple(operators)
        self.runner = runner
        self._strange = [] if paths else [c for c in self.schema if c.kind in ("image", "audio")]
        whole: frozenset[str] = getattr(runner.replier, "originals", frozenset())
        self.originals = originals(self.operators) | whole

    @classmethod
    def of(cls, model: Model, schema: Schema, operators: Sequence[Operator] = ()) -> Predictor:
        """Open a model that has not been released yet."""
        return cls(schema, operators, Runner.of(model))

    @property
    def classes(self) -> tuple[str, ...]:
        return self.runner.classes

    @property
    def task(self) -> Task:
        return self.runner.task

    def predict(
        self, frame: pl.DataFrame, *, where: str = "", writing: Writing | None = None
    ) -> Predictions:
        """Answer raw rows.

        Args:
            frame: Rows in any types that can be read as the schema's kinds.
            where: Name of the rows, for errors.
            writing: How answers shall be written, otherwise than the release has it.

        Raises:
            DataError: No rows, a missing column, or a cell that cannot be read as its kind.
        """
        return self.runner.predict(self._rows(frame, where), writing)

    def prepared(self, frame: pl.DataFrame, *, where: str = "") -> pl.DataFrame:
        """Return the rows as the model sees them: types and travelling preparation applied."""
        return frame_of(self._rows(frame, where))

    def governed(self, rows: Rows) -> Rows:
        """Return what `prepared` does, but few rows and pixels without a frame.

        Args:
            rows: Raw rows; `FewRows` are of canonical types already.
        """
        if isinstance(rows, pl.DataFrame):
            return self._rows(rows, "")
        if not self.operators:
            return rows
        return apply_frame(rows.frame, self.schema, self.operators)

    def _rows(self, frame: pl.DataFrame, where: str) -> Rows:
        if not frame.height:
            raise DataError("release.no_rows", where=where or "`predict`")
        newer = self._newer(frame, where)
        if self._basket:
            frame, newer = self._baskets(frame)
        if self._makes:
            frame = self._wished(frame)
        rows = read(frame, self.schema, where=where)
        if newer:
            rows = frame_of(rows).hstack(newer)
        for column in self._strange:
            series = frame_of(rows).get_column(column.name)
            if series.dtype == pl.String:
                rows = frame_of(rows).with_columns(self._read(series, column))
        if not self.operators:
            return rows
        return apply_frame(frame_of(rows), self.schema, self.operators)

    def _newer(self, frame: pl.DataFrame, where: str) -> list[pl.Series]:
        """Return the columns of newer values that came along for a forecast to start from."""
        if self._history is None or self._history.name not in frame.columns:
            return []
        values = as_kind(frame.get_column(self._history.name), self._history, where)
        calls = [frame.get_column(REQUEST)] if REQUEST in frame.columns else []
        return [values, *calls]

    def _wished(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return rows with the seeds that callers left out, and gaps where nothing was asked."""
        # Only a generator pays for the import.
        from lingqu.release.made.conditions import wished

        return wished(frame, self.schema)

    def _baskets(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.Series]]:
        """Return rows with what a caller may leave out, and what else they say.

        A row is asked for by a user, by items, or by what is known of the user.
        """
        from lingqu.release.baskets.block import HISTORY, columns_aside

        lacking = [name for name in self.schema.names if name not in frame.columns]
        if HISTORY in frame.columns or len(lacking) < len(self.schema.names):
            nobody = [pl.lit(None, dtype=pl.String).alias(name) for name in lacking]
            return frame.with_columns(nobody), columns_aside(frame)
        return frame, columns_aside(frame)

    def _read(self, series: pl.Series, column: Column) -> pl.Series:
        """Return what a stranger sent as text, without ever opening a file that it names."""
        if column.kind == "audio" or column.name in self.originals:
            return encoded(series)
        decoded = pixels(series, column.shape, paths=False)
        return pl.Series(column.name, decoded, dtype=pl.Array(pl.Float32, column.shape))
