"""Rows of a forecast before anything is learned."""

from __future__ import annotations

import pytest
from tests.learn.forecast_series import one

from lingqu.core.errors import DataError
from lingqu.flow.forecast_rows import with_values


def test_a_table_of_one_row_is_refused_for_its_rows_not_for_its_columns() -> None:
    with pytest.raises(DataError, match="There are 1 rows"):
        with_values(one([3.0]), "sales")


def test_rows_without_a_value_are_gaps() -> None:
    found = with_values(one([1.0, float("nan"), *range(10)]), "sales")
    assert len(found) == 11 and found.frame["sales"].is_finite().all()
