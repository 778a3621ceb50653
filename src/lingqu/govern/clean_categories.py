"""One spelling per category: blanks, full-width forms, case, "N/A", rare levels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import polars as pl

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, Kind, Schema
from lingqu.govern.spelling import folded, says_missing, says_nothing, tidy
from lingqu.govern.step import SAMPLES, SMALL, Remembered, Step, chosen, swap

OTHER = "other"
"""The level that rare levels become."""


@dataclass
class CleanCategories(Step):
    """Merge spellings of one category value; the map learnt from training rows travels.

    Why: ``"Beijing "``, ``"BEIJING"`` and ``"Ｂeijing"`` are three columns to an encoder and one
    city to everybody else. The most frequent spelling of the training rows wins. Case is merged
    only for values longer than two characters; "not known" becomes null in features (never in
    the target), and spellings of "none" (无, 没有, none) become one level.

    Args:
        rare: Levels with a smaller share than this become ``other``; 0 leaves them alone.
        missing: Further spellings that mean "not known".
        columns: Only these columns; every category feature and target when empty.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"city": ["Beijing", "Beijing", "BEIJING ", "N/A"]})
        >>> step, data = CleanCategories(), Dataset(frame, Schema((Column("city", "category"),)))
        >>> step.fit(data)
        >>> step.apply(data).frame["city"].to_list()
        ['Beijing', 'Beijing', 'Beijing', None]

    Source: Own: Unicode TR15 (NFKC) and default case folding, with the most frequent spelling
        as the winner, because a map is easy to read, to check and to carry.
    """

    name: ClassVar[str] = "clean_categories"
    main: ClassVar[str] = "rare"
    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"category"})

    rare: float = 0.0
    missing: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        roles = ("feature", "target", "protected")
        found = chosen(self.name, dataset.schema, self.columns, self.kinds, roles)  # type: ignore[arg-type]
        return {
            "columns": {
                column.name: self._learn(column, _text(dataset.frame.get_column(column.name)))
                for column in found
                if _is_text(dataset.frame.get_column(column.name))
            }
        }

    def _learn(self, column: Column, series: pl.Series) -> dict[str, Json]:
        counts: Counter[str] = Counter()
        for value, count in series.drop_nulls().value_counts().iter_rows():
            counts[value] = count
        target = column.role == "target"
        fold = _winners(counts)
        cleaner = Cleaner({"fold": fold, "target": target}, self.missing)
        totals: Counter[str] = Counter()
        for value, count in counts.items():
            clean = cleaner.clean(value)
            if clean is not None:
                totals[clean] += count
        least = self.rare * sum(totals.values())
        rare = sorted(value for value, count in totals.items() if count < least)
        if target or len(rare) < 2:
            rare = []
        levels = [value for value in totals if value not in set(rare)]
        return {"fold": fold, "target": target, "rare": rare, "levels": sorted(levels)}

    def prepare(self, schema: Schema) -> tuple[list[tuple[str, Cleaner]], Schema]:
        plan = []
        for name, state in self.state.get("columns", {}).items():
            if name not in schema:
                continue
            cleaner = Cleaner(state, self.missing)
            plan.append((name, cleaner))
            levels = [cleaner.clean(level) for level in schema[name].levels]
            known = tuple(dict.fromkeys(level for level in levels if level is not None))
            schema = Schema(
                tuple(replace(c, levels=known) if c.name == name else c for c in schema)
            )
        return plan, schema

    def transform(self, dataset: Dataset) -> Dataset:
        plan, schema = self.plan(dataset.schema)
        changed = []
        for name, cleaner in plan:
            before = dataset.frame.get_column(name)
            after = cleaner.series(_text(before))
            if after is not before:
                changed.append(after)
        return Dataset(swap(dataset.frame, changed), schema, dataset.name, "", dataset.facts)

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        changed: dict[str, int] = {}
        merged: dict[str, Json] = {}
        for name, _ in self.plan(before.schema)[0]:
            pair = pl.DataFrame(
                {
                    "old": _text(before.frame.get_column(name)),
                    "new": _text(after.frame.get_column(name)),
                }
            ).filter(pl.col("old").ne_missing(pl.col("new")))
            if pair.height:
                changed[name] = pair.height
                top = pair.group_by("old", "new").len().sort("len", "old", descending=[True, False])
                merged[name] = [
                    {"from": old, "to": new, "rows": rows}
                    for old, new, rows in top.head(SAMPLES).iter_rows()
                ]
        return {"merged": merged, "values": changed, "changed": sum(changed.values())}


class Cleaner:
    """The learnt map of one column, for values that were seen and those that were not."""

    def __init__(self, state: dict[str, Any], missing: tuple[str, ...]) -> None:
        self.fold: dict[str, str] = state["fold"]
        self.target: bool = state["target"]
        self.rare = frozenset(state.get("rare", ()))
        self.levels = frozenset(state.get("levels", ()))
        self.missing = frozenset(tidy(value).casefold() for value in missing)
        self.clean: Callable[[str], str | None] = Remembered(self._clean)

    def _clean(self, value: str) -> str | None:
        if not self.target and (says_missing(value) or tidy(value).casefold() in self.missing):
            return None
        clean = self.fold.get(_key(value)) or tidy(value)
        if self.rare and clean not in self.levels:
            return OTHER
        return clean

    def series(self, series: pl.Series) -> pl.Series:
        """Return the cleaned series; the series itself when nothing changes."""
        if series.len() <= SMALL:
            values = series.to_list()
            clean = [None if value is None else self.clean(value) for value in values]
            return series if clean == values else pl.Series(series.name, clean, dtype=pl.String)
        found = {value: self.clean(value) for value in series.unique().drop_nulls().to_list()}
        changed = {old: new for old, new in found.items() if old != new}
        if not changed:
            return series
        return series.replace(list(changed), pl.Series(list(changed.values()), dtype=pl.String))


def _key(value: str) -> str:
    return "无" if says_nothing(value) else folded(value)


def _winners(counts: Counter[str]) -> dict[str, str]:
    """Return, per key, the most frequent tidy spelling; ties go to the first in text order."""
    spellings: dict[str, Counter[str]] = {}
    for value, count in counts.items():
        spellings.setdefault(_key(value), Counter())[tidy(value)] += count
    return {
        key: min(variants, key=lambda text: (-variants[text], text))
        for key, variants in spellings.items()
    }


def _is_text(series: pl.Series) -> bool:
    return series.dtype == pl.String or series.dtype in (pl.Categorical, pl.Enum)


def _text(series: pl.Series) -> pl.Series:
    """Return categoricals as text: their set of levels may change."""
    return series if series.dtype == pl.String else series.cast(pl.String)
