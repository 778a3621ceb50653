"""Rows that say the same and are labelled differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import SpecError
from lingqu.core.i18n import both
from lingqu.core.minhash import clusters
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import KINDS, Column, Kind
from lingqu.govern.chance import CHANCE, explained
from lingqu.govern.dedupe import ROW, equal_pairs, equal_rows, row_keys
from lingqu.govern.marks import keeping, mark
from lingqu.govern.near import Near, Wanted, clashes, marks_near, near_rows, refuse_near, shown
from lingqu.govern.step import SAMPLES, Step, chosen

LABELS: frozenset[Kind] = frozenset({"category", "boolean", "text"})
"""Kinds of targets whose values can contradict one another."""


@dataclass(frozen=True)
class _Group:
    rows: list[int]
    labels: Counter[str]

    @property
    def majority(self) -> str:
        """The label that most rows have, ``""`` where none is ahead."""
        first, *rest = self.labels.most_common(2)
        return first[0] if not rest or first[1] > rest[0][1] else ""


@dataclass
class Conflicts(Step):
    """Find rows with equal features and different labels; report them, or mark them.

    Why: at most one of the labels is right, and a model cannot tell which: such rows only blur
    the border between the classes. In a table of a few coarse columns equal rows are different
    things and their labels need not agree; where chance explains the equal rows they are only
    reported.

    Args:
        action: ``report``; ``drop`` every row of a conflict; ``majority`` keeps the rows with the
            label that most of them have, and none where no label is ahead.
        subset: Columns that must be equal; features, protected, time and group when empty.
        near: Also take near copies of free text or pictures for equal: ``off``, ``auto``, or a
            similarity from 0.5 to 1, as in `dedupe`.
        coarse: What to do when chance explains a twentieth or more of the equal pairs:
            ``report`` them, or ``act`` all the same.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"x": [5, 5, 5, 8], "y": ["a", "a", "b", "b"]})
        >>> schema = Schema((Column("x", "number"), Column("y", "category", "target")))
        >>> step, data = Conflicts("majority", coarse="act"), Dataset(frame, schema)
        >>> step.fit(data)
        >>> step.apply(data).frame["lingqu.keep"].to_list()
        [True, True, False, True]

    Source: Own: equality and counting. Contradictory examples: Brodley & Friedl, Identifying
        Mislabeled Training Data, JAIR 11 (1999), doi:10.1613/jair.606.
    """

    name: ClassVar[str] = "conflicts"
    main: ClassVar[str] = "action"
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)

    action: Literal["report", "drop", "majority"] = "report"
    subset: tuple[str, ...] = ()
    near: Wanted = "off"
    coarse: Literal["report", "act"] = "report"

    def __post_init__(self) -> None:
        refuse_near(self.name, self.near)

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        target = dataset.schema.target
        if target is None:
            raise SpecError("govern.no_target", operator=self.name)
        roles: Any = ("feature", "protected", "time", "group")
        columns = chosen(self.name, dataset.schema, self.subset, self.kinds, roles)
        return {"columns": [c.name for c in columns if c.name != target.name]}

    def transform(self, dataset: Dataset) -> Dataset:
        if self.action == "report":
            return dataset
        groups, _, acts = self._groups(dataset)
        if not groups or not acts:
            return dataset
        labels = _labels(dataset)
        wrong: dict[str, list[int]] = {}
        proofs: dict[int, dict[str, Json]] = {}
        for group in groups:
            kept = group.majority if self.action == "majority" else ""
            key = "conflict" if self.action == "drop" else "minority" if kept else "tied"
            proof = {
                "rows": group.rows[:SAMPLES],
                "labels": dict(group.labels.most_common(SAMPLES)),
            }
            for row in group.rows:
                if labels[row] != kept or not kept:
                    wrong.setdefault(key, []).append(row)
                    proofs[row] = {**proof, "kept": kept} if kept else proof
        frame = dataset.frame
        for key, rows in wrong.items():
            gone = np.zeros(frame.height, dtype=bool)
            gone[rows] = True
            why = _REASONS[key](self.name)
            frame = mark(frame, gone, why["en"], why["zh"], proofs)
        return replace(dataset, frame=frame)

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        target = before.schema.target
        if target is None or target.kind not in LABELS or target.name not in before.frame.columns:
            why = (
                both("govern.unjudged_target")
                if target is None or target.name not in before.frame.columns
                else both("govern.unjudged_kind", kind=target.kind)
            )
            return {"applicable": False, "why": why["en"], "why_zh": why["zh"], "changed": 0}
        groups, near, acts = self._groups(before)
        samples = [
            {
                "rows": group.rows[:SAMPLES],
                "labels": dict(group.labels.most_common(SAMPLES)),
                "majority": group.majority,
            }
            for group in groups[:SAMPLES]
        ]
        return {
            "applicable": True,
            "columns": list(self.state.get("columns", [])),
            "groups": len(groups),
            "conflicting_labels": sum(len(group.rows) for group in groups),
            "only_reported": bool(groups) and not acts,
            "samples": samples,
            "near": self._told(before, near),
            "changed": int(keeping(before.frame).sum() - keeping(after.frame).sum()),
        }

    def _told(self, dataset: Dataset, near: Near) -> dict[str, Json]:
        if not near.columns:
            return {}
        target = dataset.schema.target
        label = target.name if target is not None else ""
        clash = np.flatnonzero(clashes(dataset.frame, label, near.pairs))
        return {
            "columns": list(near.columns),
            "compared": near.compared,
            "pairs": shown(dataset, near, label, clash),
        }

    def _groups(self, dataset: Dataset) -> tuple[list[_Group], Near, bool]:
        """Return the conflicts, the near pairs among them, and whether to act on them."""
        target, frame = dataset.schema.target, dataset.frame
        known = frozenset(frame.columns)
        names = [name for name in self.state.get("columns", []) if name in known]
        if target is None or target.kind not in LABELS or target.name not in frame.columns:
            return [], Near(), False
        if not names:
            return [], Near(), False
        keys = row_keys(dataset, [*names, target.name])
        held = frame.get_column(target.name).is_not_null()
        keys = keys.filter(held[keys.get_column(ROW)])
        alike, near = _alike(dataset, keys, names, self.near)
        groups = _conflicting(alike, _labels(dataset))
        by_chance = not near.columns and bool(groups) and explained(keys.drop(ROW)) >= CHANCE
        return groups, near, self.coarse == "act" or not by_chance


_REASONS = {
    "conflict": lambda name: both("duplicates.conflict", operator=name),
    "minority": lambda name: both("duplicates.minority", operator=name),
    "tied": lambda name: both("duplicates.tied", operator=name),
}


def _labels(dataset: Dataset) -> list[str | None]:
    target: Column | None = dataset.schema.target
    if target is None or target.name not in dataset.frame.columns:
        return [None] * dataset.frame.height
    labels: list[str | None] = dataset.frame.get_column(target.name).cast(pl.String).to_list()
    return labels


def _alike(
    dataset: Dataset, keys: pl.DataFrame, names: list[str], wanted: Wanted
) -> tuple[list[list[int]], Near]:
    """Return groups of rows that are equal, or near copies and equal in every other column."""
    equal: list[list[int]] = equal_rows(keys, names).to_list()
    if not marks_near(wanted):
        return equal, Near()
    rows = keys.get_column(ROW).to_numpy().astype(np.int64)
    near = near_rows(dataset, rows, names, wanted)
    rest = [name for name in names if name not in near.columns]
    same = equal_pairs(keys, rest, near.pairs)
    near = replace(near, pairs=near.pairs[same], similarity=near.similarity[same])
    stars = [[group[0], row] for group in equal for row in group[1:]]
    pairs = np.concatenate([np.array(stars, dtype=np.int64).reshape(-1, 2), near.pairs])
    return _split(clusters(pairs, dataset.frame.height), np.unique(pairs)), near


def _split(roots: NDArray[np.int64], members: NDArray[np.int64]) -> list[list[int]]:
    groups: dict[int, list[int]] = {}
    for row, root in zip(members.tolist(), roots[members].tolist(), strict=True):
        groups.setdefault(root, []).append(row)
    return list(groups.values())


def _conflicting(groups: Sequence[list[int]], labels: list[str | None]) -> list[_Group]:
    counted = [_Group(rows, Counter(str(labels[row]) for row in rows)) for rows in groups]
    return [group for group in counted if len(group.labels) > 1]
