"""Rules that tie columns to each other, or to the rows of another file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from lingqu.core.errors import gist
from lingqu.govern.contract.pair_rules import filled
from lingqu.govern.contract.row_rules import Builder, among, valued
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.table import Built, Table, UnevaluatedError, names


def other_file(table: Table, file: str, columns: Sequence[str]) -> pl.DataFrame:
    """Return columns of a Parquet or CSV file that a rule names.

    Raises:
        UnevaluatedError: It is not there, cannot be read, or lacks a column.
    """
    path = table.folder / file
    try:
        read = pl.read_parquet if path.suffix == ".parquet" else pl.read_csv
        return read(path, columns=list(columns))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise UnevaluatedError(
            "contract.no_file", file=Path(file).name, columns=", ".join(columns)
        ) from error


def _foreign(rule: Rule, table: Table) -> Built:
    values = rule.options.get("values")
    if values is None:
        key = rule.options.get("key", rule.columns[0])
        values = other_file(table, rule.options["file"], [key])[key].drop_nulls().unique().to_list()
    return valued(rule, ~among(rule.columns[0], values, table))


def _references(rule: Rule, table: Table) -> Built:
    """Several columns together must stand in a row of the other file."""
    keys = names(rule.options.get("keys")) or rule.columns
    if len(keys) != len(rule.columns):
        raise UnevaluatedError(
            "contract.uneven_keys", columns=", ".join(rule.columns), keys=", ".join(keys)
        )
    other = other_file(table, rule.options["file"], keys)
    try:
        known = other.select(
            pl.col(key).cast(table.dtype(name)).alias(name)
            for key, name in zip(keys, rule.columns, strict=True)
        )
    except pl.exceptions.PolarsError as error:
        raise UnevaluatedError("contract.engine", problem=gist(error)) from error
    there = pl.struct(rule.columns).is_in(
        known.select(pl.struct(rule.columns)).to_series().implode()
    )
    whole = pl.all_horizontal([pl.col(name).is_not_null() for name in rule.columns])
    return Built(filled(rule.columns), ~there & whole)


def _determines(rule: Rule, table: Table) -> Built:
    """Equal values on the left must come with one value on the right (a dependency)."""
    target = rule.options["target"]
    table.dtype(target)
    reads = (*rule.columns, target)
    first = pl.col(target).drop_nulls().first().over(rule.columns)
    there = pl.all_horizontal([pl.col(name).is_not_null() for name in reads])
    rows = (pl.col(target) != first) & there
    return Built(filled(reads), rows, whole=True, reads=reads, by_equality=True)


LINK_RULES: dict[str, Builder] = {
    "foreign": _foreign,
    "references": _references,
    "determines": _determines,
}
"""Kind of rule → its builder."""
