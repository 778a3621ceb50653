"""What is drafted of several columns together: keys, orders, sums, products, dependencies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, permutations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.govern.contract.draft_columns import ENOUGH, Seen, proposed

MOST = 12
"""Most columns of a kind that are compared with each other."""
ROWS = 400
"""Rows that sums and products are looked for on; all rows are judged before one is drafted."""
_SUPPORT = 10
"""Rows per value that a dependency needs, so that it is no accident."""
_CHANCE = 0.02
"""An order is drafted only if as many rows would break it were the two columns unrelated."""
_PLAIN = re.compile(r"[^\W\d]\w*(?:\.\w+)*")
_WORDS = frozenset({"and", "or", "not", "is", "in", "null", "true", "false"})


def pair_rules(
    columns: Sequence[Column], frame: pl.DataFrame, seen: Mapping[str, Seen]
) -> list[Json]:
    """Return what is drafted of several columns together."""
    if frame.height < ENOUGH:
        return []
    usable = [column for column in columns if seen[column.name].get("distinct", 0) > 1]
    numbers = [
        c.name for c in usable if c.kind == "number" and c.role != "id"
        and frame.schema[c.name].is_numeric()
    ][:MOST]  # fmt: skip
    dates = [c.name for c in usable if frame.schema[c.name] in (pl.Date, pl.Datetime)][:MOST]
    sums = list(_arithmetic(numbers, frame))
    told = [{*row["sum_of"]["columns"], row["sum_of"]["equals"]} for row in sums if "sum_of" in row]
    return [
        *_keys(usable, frame, seen),
        *_orders(dates, frame, True, told),
        *_orders(numbers, frame, False, told),
        *sums,
        *_dependencies(usable, frame, seen),
    ]


def _keys(
    columns: Sequence[Column], frame: pl.DataFrame, seen: Mapping[str, Seen]
) -> Iterator[Json]:
    """Yield the first pair of columns that names every row, where no single one does."""
    rows = frame.height
    if any(seen[c.name]["distinct"] == rows for c in columns if not _measured(c, frame)):
        return
    able = [c.name for c in columns if not _measured(c, frame) and c.role != "target"]
    for one, other in combinations(able[:8], 2):
        if frame.select(pl.struct(one, other).n_unique()).item() == rows:
            yield proposed({"key": [one, other]}, "warn", "contract.why_key", one=one, other=other)
            return


def _measured(column: Column, frame: pl.DataFrame) -> bool:
    """Say whether a column holds measurements, which are distinct by nature and name nothing."""
    return frame.schema[column.name].is_float() or column.kind == "text"


def _orders(
    names: Sequence[str], frame: pl.DataFrame, certain: bool, told: Sequence[set[str]]
) -> Iterator[Json]:
    """Yield orders that hold in all rows, and would not if the two columns were unrelated."""
    for one, other in combinations(names, 2):
        if any({one, other} <= columns for columns in told):
            continue  # the sum says it
        both = frame.select(pl.col(one), pl.col(other)).drop_nulls()
        if both.height < ENOUGH or both.dtypes[0] != both.dtypes[1]:
            continue
        first, second = both[one], both[other]
        equal = bool((first == second).all())
        signs = ("==",) if equal else ("<=", ">=")
        for sign in signs:
            holds = first <= second if sign == "<=" else first >= second
            if not (equal or holds.all()):
                continue
            # Rows shifted against each other are unrelated: do they break the order?
            moved = second.gather((np.arange(len(second)) + len(second) // 2) % len(second))
            broken = (first > moved) if sign == "<=" else (first < moved)
            if equal or certain or broken.sum() >= max(_CHANCE * len(moved), 10):
                rule = {"compare": f"{one} {sign} {other}"}
                yield proposed(rule, "warn", "contract.why_order", rows=both.height)


def _arithmetic(names: Sequence[str], frame: pl.DataFrame) -> Iterator[Json]:
    """Yield sums and products of columns that another column is."""
    part = frame.select(names).drop_nulls().head(ROWS) if len(names) > 2 else frame.clear()
    if part.height < ENOUGH:
        return
    values = {name: part[name].cast(pl.Float64).to_numpy() for name in names}
    moving = [name for name in names if np.isfinite(values[name]).all() and np.ptp(values[name])]
    for whole in moving:
        rest = [name for name in moving if name != whole]
        parts = next(_summing(whole, rest, values), None)
        if parts is not None:
            body = {"columns": parts, "equals": whole, "tolerance": _slack(frame[whole])}
            yield proposed({"sum_of": body}, "warn", "contract.why_sum", whole=whole)
            continue
        for one, other in combinations(rest, 2):
            if _equal(values[one] * values[other], values[whole]):
                said = [_quoted(name) for name in (whole, one, other)]
                slack = f"{max(_slack(frame[whole]), 1e-9):.10f}".rstrip("0")
                that = f"abs({said[0]} - {said[1]} * {said[2]}) <= {slack}"
                yield proposed({"expression": that}, "warn", "contract.why_product", whole=whole)
                break


def _summing(
    whole: str, rest: Sequence[str], values: Mapping[str, NDArray[np.float64]]
) -> Iterator[list[str]]:
    for one, other in combinations(rest, 2):
        if _equal(values[one] + values[other], values[whole]):
            yield [one, other]
    for length in range(3, len(rest) + 1):
        for start in range(len(rest) - length + 1):
            run = list(rest[start : start + length])
            if _equal(np.sum([values[name] for name in run], axis=0), values[whole]):
                yield run


def _equal(found: NDArray[np.float64], wanted: NDArray[np.float64]) -> bool:
    return bool(np.allclose(found, wanted, rtol=1e-6, atol=5e-3 if _cents(wanted) else 1e-9))


def _cents(values: NDArray[np.float64]) -> bool:
    """Say whether numbers are rounded to two digits, as money is, and not all whole."""
    hundred = values * 100
    return bool(np.allclose(hundred, np.round(hundred), atol=1e-6)) and bool(
        (values != np.round(values)).any()
    )


def _slack(series: pl.Series) -> float:
    values = series.drop_nulls().cast(pl.Float64).to_numpy()
    if _cents(values[:ROWS]):
        return 0.01
    return 0.0 if series.dtype.is_integer() else float(1e-6 * np.abs(values).max())


def _quoted(name: str) -> str:
    plain = _PLAIN.fullmatch(name) and name.lower() not in _WORDS
    return name if plain else f"`{name}`"


def _dependencies(
    columns: Sequence[Column], frame: pl.DataFrame, seen: Mapping[str, Seen]
) -> Iterator[Json]:
    """Yield pairs of categories where one value always comes with the same other value."""
    names = [c.name for c in columns if c.kind == "category" and c.role != "target"][:MOST]
    for one, other in permutations(names, 2):
        left, right = seen[one]["distinct"], seen[other]["distinct"]
        if not (left >= 3 and 1 < right < left and frame.height >= _SUPPORT * left):
            continue
        pairs = frame.select(pl.struct(one, other).filter(
            pl.col(one).is_not_null() & pl.col(other).is_not_null()
        ).n_unique()).item()  # fmt: skip
        if pairs == left:
            body = {"columns": [one], "target": other}
            yield proposed(
                {"determines": body}, "warn", "contract.why_depends", one=one, other=other
            )
