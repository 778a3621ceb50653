"""Give the columns of a table of any size their roles: only those that are named are held."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from lingqu.core.nouns import Dataset
from lingqu.core.schema import Schema, present
from lingqu.data.lazy import LazyTable
from lingqu.data.roles import refuse_empty
from lingqu.flow.commit_large import stage_large
from lingqu.flow.data_given import Given


def with_roles(given: Given, table: LazyTable, folder: Path) -> LazyTable:
    """Return a table with the roles that a declaration gives, as `Given.with_roles` does.

    Args:
        given: What was named.
        table: Its rows, in a file.
        folder: Where to write them again if a role changes the values of a column.

    Raises:
        DataError: A column that was named is absent or cannot have its role, or one is empty.
    """
    if not given.labelled:
        told = given.with_roles(_dataset(table, pl.DataFrame(schema=dict(table.types))))
        return replace(table, schema=told.schema, facts=told.facts, name=told.name)
    named = _named(given)
    if absent := named - set(table.schema.names):
        named -= absent
        given.with_roles(
            _dataset(table, next(iter(table.batches())))
        )  # says which, and what is near
    others = [c for c in table.schema if c.name not in named]
    _refuse_empty(table, [c.name for c in others])
    # Beside the columns that are named it takes one to learn from, as a declaration is checked.
    spare = [c.name for c in others if c.role == "feature"][:1]
    names = [name for name in table.schema.names if name in named or name in spare]
    held = pl.concat(list(table.batches(names)))
    done = given.with_roles(_dataset(table, held))
    after = {column.name: column for column in done.schema}
    columns = [after.get(column.name, column) for column in table.schema]
    moved = [name for name in names if done.frame.schema[name] != held.schema[name]]
    types = {**table.types, **done.frame.schema}
    found = replace(
        table, schema=Schema(tuple(columns)), facts=done.facts, name=done.name, types=types
    )
    if not moved:
        return found
    first = 0

    def through(batch: pl.DataFrame) -> pl.DataFrame:
        nonlocal first
        start, first = first, first + batch.height
        return batch.with_columns(done.frame.select(moved).slice(start, batch.height))

    return stage_large(found, folder, through)


def _dataset(table: LazyTable, frame: pl.DataFrame) -> Dataset:
    schema = Schema(tuple(present(table.schema, frame)))
    return Dataset(frame, schema, table.name, "", table.facts)


def _named(given: Given) -> set[str]:
    if given.channel is None or not given.trains:
        return {given.target}
    data = given.channel.data
    single = (given.channel.train.target, data.time, *data.groups, data.weight, data.id)
    return {name for name in (*single, *data.protected, *data.drop, *data.kinds) if name}


def _refuse_empty(table: LazyTable, names: list[str]) -> None:
    if not names:
        return
    counts = table.frame().select(pl.col(names).null_count()).collect(engine="streaming")
    empty = [name for name, count in counts.row(0, named=True).items() if count == table.rows]
    refuse_empty(empty, table.rows or 0)
