"""Mark rows that are copies of an earlier row, or nearly so."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import KINDS, Kind
from lingqu.govern.chance import CHANCE, explained
from lingqu.govern.marks import keeping, mark
from lingqu.govern.media import MEDIA, content_keys
from lingqu.govern.near import (
    Near,
    Wanted,
    clashes,
    described,
    marks_near,
    near_rows,
    partners,
    refuse_near,
)
from lingqu.govern.step import SAMPLES, Step, chosen

ROW = "lingqu.row"
"""Column of row numbers beside the keys."""


@dataclass(frozen=True)
class _Exact:
    """The keys of rows not marked so far, and which of them are equal."""

    keys: pl.DataFrame
    label: str
    groups: pl.Series
    copies: NDArray[np.bool_]

    @cached_property
    def by_chance(self) -> float:
        return explained(self.keys.drop(ROW)) if self.groups.len() else 0.0


@dataclass
class Dedupe(Step):
    """Mark later copies of a row, over every column that says something; media by content.

    Why: a row that stands twice counts twice, and a copy on the other side of a split lets a
    model answer by memory. Rows with equal features and *different* labels are not copies: they
    are reported apart, because one of them is wrong. In a table of coarse columns, or of columns
    that depend on each other, two people are often equal by chance; dropping one of them would
    bend the data, so such copies are only reported. Near copies (free text with small edits,
    pictures resized or saved again) are marked only where that is declared: the rest of the row
    must be equal, and each marked row has a row that stays and is as similar as asked for.

    Args:
        subset: Columns that decide; features, target, protected, time and group when empty.
        coarse: What to do when chance explains a twentieth or more of the equal pairs:
            ``report`` them, or ``drop`` them all the same.
        near: Near copies: ``off``; ``report`` some, side by side; ``auto`` marks them (texts from
            0.8 on, pictures from 0.99); a number from 0.5 to 1 marks them from that similarity on.
        conflicting: Near copies with different labels: ``report``, or ``drop`` the later one.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"x": [1, 2, 1]})
        >>> step, data = Dedupe(), Dataset(frame, Schema((Column("x", "number"),)))
        >>> step.fit(data)
        >>> step.apply(data).frame["lingqu.keep"].to_list()
        [True, True, False]

    Source: Own: exact equality needs no threshold. Chance: `govern/chance.py` (Chao 1989,
        doi:10.2307/2531487). Near copies: `core/minhash.py` and `core/image_hash.py`. Why it
        matters: Lee et al., Deduplicating Training Data, ACL 2022, arXiv:2107.06499.
    """

    name: ClassVar[str] = "dedupe"
    main: ClassVar[str] = "subset"
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)

    subset: tuple[str, ...] = ()
    coarse: Literal["report", "drop"] = "report"
    near: Wanted = "report"
    conflicting: Literal["report", "drop"] = "report"
    _found: Any = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        refuse_near(self.name, self.near)

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        roles: Any = ("feature", "target", "protected", "time", "group")
        columns = chosen(self.name, dataset.schema, self.subset, self.kinds, roles)
        return {"columns": [column.name for column in columns]}

    def transform(self, dataset: Dataset) -> Dataset:
        exact = self._exact(dataset)
        frame = dataset.frame
        if exact.copies.any() and not self._only_reported(exact):
            why = both("duplicates.exact", operator=self.name)
            copied = {
                row: {"copy_of": rows[0], "similarity": 1.0}
                for rows in exact.groups.to_list()
                for row in rows[1:]
            }
            frame = mark(frame, exact.copies, why["en"], why["zh"], copied)
        if marks_near(self.near):
            frame = self._mark_near(dataset, frame, exact)
        return dataset if frame is dataset.frame else replace(dataset, frame=frame)

    def _mark_near(self, dataset: Dataset, frame: pl.DataFrame, exact: _Exact) -> pl.DataFrame:
        found, equal = self._near(dataset, exact)
        clash = clashes(dataset.frame, _target(dataset), found.pairs)
        wanted = equal if self.conflicting == "drop" else equal & ~clash
        copied, score = partners(found.pairs[wanted], found.similarity[wanted], frame.height)
        if not (copied >= 0).any():
            return frame
        why = both("duplicates.nearly", operator=self.name)
        proofs: dict[int, dict[str, Json]] = {
            row: {"copy_of": int(copied[row]), "similarity": round(float(score[row]), 4)}
            for row in np.flatnonzero(copied >= 0).tolist()
        }
        return mark(frame, copied >= 0, why["en"], why["zh"], proofs)

    def _only_reported(self, exact: _Exact) -> bool:
        return self.coarse == "report" and exact.by_chance >= CHANCE

    def _exact(self, dataset: Dataset) -> _Exact:
        known = frozenset(dataset.frame.columns)
        names = [name for name in self.state.get("columns", []) if name in known]
        keys = row_keys(dataset, names)
        target = _target(dataset)
        groups = equal_rows(keys, names)
        copies = np.zeros(dataset.frame.height, dtype=bool)
        if groups.len():
            copies[groups.list.slice(1).explode().to_numpy()] = True
        return _Exact(keys, target if target in names else "", groups, copies)

    def _near(self, dataset: Dataset, exact: _Exact) -> tuple[Near, NDArray[np.bool_]]:
        """Return the near pairs among rows that are no copies, and which are equal elsewhere.

        Remembered from `transform` to `describe`, which looks at the same frame.
        """
        if self._found is None or self._found[0] is not dataset.frame:
            rows = exact.keys.get_column(ROW).to_numpy().astype(np.int64)
            names = [n for n in exact.keys.columns if n not in (ROW, exact.label)]
            asked = rows[~exact.copies[rows]]
            found = near_rows(dataset, asked, names, self.near, self.around.memory)
            rest = [name for name in names if name not in found.columns]
            self._found = (dataset.frame, found, equal_pairs(exact.keys, rest, found.pairs))
        return self._found[1], self._found[2]

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        exact = self._exact(before)
        names = [name for name in exact.keys.columns if name != ROW]
        features = [name for name in names if name != exact.label]
        conflicts: list[list[int]] = []
        if exact.label and features:
            conflicts = conflicting_rows(exact.keys, features, exact.label).to_list()
        told: dict[str, Json] = {}
        if self.near not in ("off", 0):
            found, equal = self._near(before, exact)
            if found.columns:
                told = described(before, found, _target(before), equal, marks_near(self.near))
        self._found = None
        only_reported = bool(exact.copies.any()) and self._only_reported(exact)
        return {
            "columns": names,
            "by_chance": round(min(exact.by_chance, 1.0), 4),
            "only_reported": only_reported,
            "copies": int(exact.copies.sum()),
            "groups": exact.groups.len(),
            "samples": [rows[:SAMPLES] for rows in exact.groups.head(SAMPLES).to_list()],
            "conflicting_labels": sum(len(rows) for rows in conflicts),
            "conflict_samples": [rows[:SAMPLES] for rows in conflicts[:SAMPLES]],
            "near": told,
            "changed": int(keeping(before.frame).sum() - keeping(after.frame).sum()),
        }


def _target(dataset: Dataset) -> str:
    target = dataset.schema.target
    return target.name if target is not None and target.name in dataset.frame.columns else ""


def equal_rows(keys: pl.DataFrame, names: list[str]) -> pl.Series:
    """Return the groups of rows that are equal in these columns, two rows at least."""
    if not names:
        return pl.Series(ROW, [], dtype=pl.List(pl.UInt32))
    groups = keys.group_by(names, maintain_order=True).agg(pl.col(ROW))
    return groups.filter(pl.col(ROW).list.len() > 1).get_column(ROW)


def conflicting_rows(keys: pl.DataFrame, features: list[str], label: str) -> pl.Series:
    """Return the groups of rows with equal features and different labels."""
    labels = pl.col(label).n_unique().alias("lingqu.labels")
    groups = keys.group_by(features, maintain_order=True).agg(pl.col(ROW), labels)
    return groups.filter(pl.col("lingqu.labels") > 1).get_column(ROW)


def equal_pairs(keys: pl.DataFrame, names: list[str], pairs: NDArray[np.int64]) -> Any:
    """Return which pairs of rows are equal in these columns, bool, shape (P,)."""
    equal = np.ones(len(pairs), dtype=bool)
    places = np.searchsorted(keys.get_column(ROW).to_numpy(), pairs)
    for name in names if len(pairs) else ():
        series = keys.get_column(name)
        one, two = series[places[:, 0]], series[places[:, 1]]
        equal &= one.eq_missing(two).to_numpy()
    return equal


def row_keys(dataset: Dataset, names: list[str]) -> pl.DataFrame:
    """Return the comparable columns of the rows that are not marked yet, with their numbers."""
    frame = dataset.frame.select(names).with_columns(
        pl.Series(ROW, np.arange(dataset.frame.height, dtype=np.uint32))
    )
    frame = frame.filter(pl.Series(keeping(dataset.frame)))
    swapped = []
    for name in names:
        series = frame.get_column(name)
        kind = dataset.schema[name].kind if name in dataset.schema else "text"
        if kind in MEDIA or series.dtype.is_nested():
            swapped.append(content_keys(series))
    return frame.with_columns(swapped)
