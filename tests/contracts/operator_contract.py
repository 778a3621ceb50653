"""What every operator must keep. Subclasses give `make` (a fresh operator) and `data`."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from lingqu.core import catalog
from lingqu.core.errors import DataError, LingquError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import KEEP, REASON, Operator, Settled
from lingqu.core.surroundings import Surroundings
from lingqu.release.prepare import options


def fitted(operator: Operator, data: Dataset) -> Operator:
    operator.fit(data)
    return operator


def prepared(name: str, options: Any, data: Dataset) -> Dataset:
    """Return what an operator of the catalogue makes of the rows it was fitted on."""
    operator: Operator = catalog.build("operators", name, options)
    return fitted(operator, data).apply(data)


class OperatorContract:
    """Run unchanged on every operator of the catalogue."""

    def make(self) -> Operator:
        raise NotImplementedError

    def data(self) -> Dataset:
        raise NotImplementedError

    def test_it_fills_the_port(self) -> None:
        operator = self.make()
        assert isinstance(operator, Operator)
        assert operator.state == {}
        assert operator.kinds
        if operator.main:
            assert operator.main in options(operator)

    def test_where_it_works_is_no_option(self) -> None:
        told, untold = self.make(), self.make()
        if isinstance(told, Settled):
            told.settle(Surroundings("2026-01-02T00:00:00+00:00"))
        assert options(told) == options(untold)
        assert fitted(told, self.data()).state == fitted(untold, self.data()).state

    def test_same_input_gives_the_same_result(self) -> None:
        first, second = (fitted(self.make(), self.data()) for _ in range(2))
        one, two = first.apply(self.data()), second.apply(self.data())
        assert first.state == second.state
        assert one.schema == two.schema
        assert_frame_equal(one.frame, two.frame)
        assert_frame_equal(first.apply(self.data()).frame, one.frame)
        assert first.report() == first.report()

    def test_state_is_json_and_restores_the_operator(self) -> None:
        operator = fitted(self.make(), self.data())
        again = self.make()
        again.state = json.loads(json.dumps(operator.state, allow_nan=False))
        one, two = operator.apply(self.data()), again.apply(self.data())
        assert one.schema == two.schema
        assert_frame_equal(one.frame, two.frame)

    def test_report_is_json_and_bounded(self) -> None:
        operator = self.make()
        assert operator.report() == {}
        operator.fit(self.data())
        operator.apply(self.data())
        report = operator.report()
        assert report["operator"] == operator.name
        assert len(json.dumps(report, allow_nan=False)) < 40_000

    def test_apply_leaves_its_input_alone(self) -> None:
        operator, data = fitted(self.make(), self.data()), self.data()
        operator.apply(data)
        assert data.schema == self.data().schema
        assert_frame_equal(data.frame, self.data().frame)

    def test_schema_comes_first_in_the_frame(self) -> None:
        data = self.data()
        data = dataclasses.replace(data, frame=data.frame.with_columns(pl.lit(1).alias("extra")))
        after = fitted(self.make(), self.data()).apply(data)
        assert tuple(after.frame.columns[: len(after.schema.names)]) == after.schema.names
        assert "extra" in after.frame.columns

    def test_rows_are_marked_never_deleted(self) -> None:
        operator = fitted(self.make(), self.data())
        after, before = operator.apply(self.data()), self.data().frame
        if getattr(operator, "augments", False):  # it may add rows, behind those that were there
            assert not operator.travels and after.frame.height >= before.height
            target = self.data().schema.target
            names = [c.name for c in self.data().schema if c.kind not in ("image", "audio")]
            assert target is not None and target.name in names
            own = after.frame.select(names).head(before.height)
            assert_frame_equal(own, before.select(names), check_dtypes=False)
        else:
            assert after.frame.height == before.height
        if KEEP in after.frame.columns:
            marked = after.frame.filter(~pl.col(KEEP))
            assert marked.get_column(REASON).str.len_chars().min() > 0

    def test_no_rows_are_refused(self) -> None:
        data = self.data()
        with pytest.raises(DataError) as caught:
            self.make().fit(dataclasses.replace(data, frame=data.frame.clear()))
        assert caught.value.key == "govern.empty"

    @pytest.mark.parametrize("rows", [0, 1])
    def test_no_rows_and_one_row_survive_apply(self, rows: int) -> None:
        operator = fitted(self.make(), self.data())
        whole, data = operator.apply(self.data()), self.data()
        after = operator.apply(dataclasses.replace(data, frame=data.frame.head(rows)))
        assert operator.report()["rows"] == rows
        if getattr(operator, "augments", False):
            # So few rows may hold nothing that can be mixed, weighed or copied.
            assert after.schema in (whole.schema, data.schema)
            return
        assert after.schema == whole.schema
        names = after.schema.names
        assert after.frame.height == rows
        assert after.frame.select(names).schema == whole.frame.select(names).schema

    def test_a_frame_without_a_column_of_its_schema_is_refused(self) -> None:
        data = self.data()
        name = data.schema.features[0].name
        short = dataclasses.replace(data, frame=data.frame.drop(name))
        with pytest.raises(LingquError) as caught:
            self.make().fit(short)
        assert caught.value.facts["column"] == name

    def test_travelling_needs_no_target_and_keeps_one_row_one_answer(self) -> None:
        operator = self.make()
        if not operator.travels:
            # What stays in training must at least say so on the class, for plans and docs.
            assert type(operator).travels is False
            return
        data = self.data()
        operator.fit(data)
        target = data.schema.target
        assert target is not None
        asked = data.schema.without([target.name])
        for rows in (1, 3, data.frame.height):
            sent = Dataset(data.frame.drop(target.name).head(rows), asked)
            after = operator.apply(sent)
            assert after.frame.height == rows
            whole = operator.apply(data).frame.head(rows)
            names = [c.name for c in after.schema.features]
            assert_frame_equal(after.frame.select(names), whole.select(names))

    def test_docstring_names_source_and_example(self) -> None:
        text = type(self.make()).__doc__ or ""
        assert "Source:" in text
        assert ">>>" in text


class CatalogueContract(OperatorContract):
    """The same on entries of the catalogue; a subclass is parametrised by `name` and `given`."""

    @pytest.fixture(autouse=True)
    def _case(self, name: str, given: Any) -> None:
        self.name, self.given = name, given

    def make(self) -> Operator:
        operator: Operator = catalog.build("operators", self.name, self.given)
        return operator
