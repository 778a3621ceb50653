"""Make columns coarser until every row stands in a group of at least k."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import polars as pl

from lingqu.core.errors import DataError, SpecError
from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Json
from lingqu.core.quasi import quasi_identifiers
from lingqu.core.schema import Column, Kind, Schema, because
from lingqu.core.sensitive import parts, ranked
from lingqu.govern.marks import keeping, mark
from lingqu.govern.privacy.hierarchy import Rung, climbed, ladder
from lingqu.govern.privacy.mondrian import Demand, grow, place
from lingqu.govern.step import Step, bad_option, chosen, swap

COUNT = "lingqu.count"


@dataclass
class Generalise(Step):
    """Generalise columns that may tell people apart to a target k; travels, the same everywhere.

    Why: age, sex and postcode name nobody, and together they name most people. Each column climbs
    a ladder of ever coarser forms: always the one whose next rung hides most rows for the least
    loss, then down again wherever k still holds. Training rows that remain in smaller groups, at
    most the declared share, are marked to be left out. At prediction the same rungs are taken.

    ``method: mondrian`` cuts the rows at medians into boxes of at least k instead: less is lost,
    nobody is left out, and each box may be asked for `l` different values of the target, and for
    a distribution of it no farther than `t` from that of all rows.

    Args:
        columns: Quasi-identifiers; protected columns and those named like age, sex or postcode
            when empty.
        k: Fewest rows that are equal in all of `columns`.
        suppress: Largest share of training rows that may be left out to get there.
        method: ``ladder``, the same forms in all rows, or ``mondrian``, a form for each box.
        l: Fewest different values of the target in a box; mondrian only.
        t: Largest distance of a box's values of the target from those of all rows, 0 to 1;
            mondrian only.

    Example:
        >>> frame = pl.DataFrame({"age": [21.0, 24.0, 22.0, 61.0, 67.0, 64.0]})
        >>> step = Generalise(columns=("age",), k=3)
        >>> data = Dataset(frame, Schema((Column("age", "number"),)))
        >>> step.fit(data)
        >>> step.apply(data).frame["age"].to_list()
        [22.5, 22.5, 22.5, 62.5, 62.5, 62.5]

    Source: Sweeney, 2002, doi:10.1142/S021848850200165X (full-domain generalisation with
        suppression, as in Datafly); LeFevre, DeWitt, Ramakrishnan, "Incognito", 2005,
        doi:10.1145/1066157.1066164. Loss: normalised certainty penalty, Xu et al., 2006,
        doi:10.1145/1150402.1150504. Own: the greedy order, and the way down again. Boxes: LeFevre,
        DeWitt, Ramakrishnan, "Mondrian", 2006, doi:10.1109/ICDE.2006.101.
    """

    name: ClassVar[str] = "generalise"
    main: ClassVar[str] = "columns"
    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset(
        {"number", "category", "boolean", "datetime", "text"}
    )

    columns: tuple[str, ...] = ()
    k: int = 5
    suppress: float = 0.01
    method: Literal["ladder", "mondrian"] = "ladder"
    l: int = 1  # noqa: E741 - the letter of the literature
    t: float = 1.0

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        columns = self._chosen(dataset.schema)
        frame = dataset.frame.select(column.name for column in columns)
        target = dataset.schema.target
        held = {"rows": frame.height, "target": target.name if target else ""}
        if self.method == "mondrian":
            return self._boxes(columns, dataset, target) | held
        ladders = {c.name: ladder(c, frame.get_column(c.name)) for c in columns}
        lattice = _Lattice(frame, ladders, self.k)
        allowed = int(self.suppress * frame.height)
        levels = lattice.climb(allowed)
        below = lattice.below(levels)
        if below > allowed:
            raise DataError(
                "privacy.not_reached",
                columns=", ".join(ladders),
                k=self.k,
                allowed=allowed,
                count=below,
            )
        return {
            "columns": {name: dict(ladders[name][level]) for name, level in levels.items()},
            "rungs": {name: [level, len(ladders[name]) - 1] for name, level in levels.items()},
            "loss": round(lattice.loss(levels), 6),
            "below": below,
            **held,
        }

    def _boxes(
        self, columns: Sequence[Column], dataset: Dataset, target: Column | None
    ) -> dict[str, Json]:
        """Return the boxes of the training rows, or refuse what not even one box fulfils."""
        demand = Demand(self.k)
        if self.l > 1 or self.t < 1:
            if target is None:
                option = "l" if self.l > 1 else "t"
                raise bad_option(self, option, "1, or a target", getattr(self, option))
            ordered = target.kind in ("number", "datetime")
            codes, count = ranked(dataset.frame.get_column(target.name), ordered)
            values = parts(codes, count) if ordered else codes
            demand = Demand(self.k, self.l, self.t, values, ordered)
        if not demand.met(np.arange(dataset.frame.height)):
            raise DataError(
                "privacy.not_reached",
                columns=", ".join(column.name for column in columns),
                k=self.k,
                allowed=0,
                count=dataset.frame.height,
            )
        return grow(dataset.frame, columns, demand)

    def _chosen(self, schema: Schema) -> list[Column]:
        boxes = self.method == "mondrian"
        for option, good, expected in (
            ("k", self.k >= 2, "at least 2"),
            ("suppress", 0 <= self.suppress < 1, "a share from 0 to below 1"),
            ("method", self.method in ("ladder", "mondrian"), "ladder, mondrian"),
            ("l", self.l == 1 or (self.l > 1 and boxes), "1, more with method: mondrian"),
            ("t", self.t == 1 or (0 <= self.t < 1 and boxes), "1, less with method: mondrian"),
        ):
            if not good:
                raise bad_option(self, option, expected, getattr(self, option))
        target = schema.target
        if target is not None and target.name in self.columns:
            raise SpecError("govern.mask_target", column=target.name)
        columns = (
            chosen(self.name, schema, self.columns, self.kinds)
            if self.columns
            else list(quasi_identifiers(schema))
        )
        if not columns:
            raise SpecError("privacy.no_quasi", operator=self.name)
        return columns

    def prepare(self, schema: Schema) -> Schema:
        held = self.state.get("columns", {})
        return Schema(tuple(_climbed(c, held[c.name]) if c.name in held else c for c in schema))

    def transform(self, dataset: Dataset) -> Dataset:
        held: Mapping[str, Rung] = self.state.get("columns", {})
        frame = dataset.frame
        names = [name for name in held if name in frame.columns]
        if "nodes" in self.state:
            frame = swap(frame, place(frame, self.state))
        else:
            moved = [name for name in names if len(held[name]) > 1]
            frame = swap(frame, [climbed(frame.get_column(name), held[name]) for name in moved])
        # Who asks for a prediction sends no target, and is never left out.
        asked = self.state.get("target") and self.state["target"] not in frame.columns
        if self.state.get("below") and not asked:
            frame = self._marked(frame, names)
        schema = self.plan(dataset.schema)
        return Dataset(frame, schema, dataset.name, "", dataset.facts)

    def _marked(self, frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
        """Mark the rows of a group that is still too small, counted among rows that stay."""
        stays = pl.Series("lingqu.stays", keeping(frame))
        sizes = frame.select(names).with_columns(stays).select(
            pl.col("lingqu.stays").sum().over(names)
        )  # fmt: skip
        few = sizes.to_series().to_numpy() < self.k
        if not few.any():
            return frame
        why = both("privacy.suppressed")
        return mark(frame, few, why["en"], why["zh"], {})

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        held = self.state.get("columns", {})
        stays = after.frame.filter(pl.Series(keeping(after.frame)))
        names = [name for name in held if name in stays.columns]
        sizes: list[int] = stays.group_by(names).len()["len"].to_list() if names else []
        return {
            "k": self.k,
            "method": self.method,
            "reached": min(sizes, default=0),
            "groups": len(sizes),
            "loss": self.state.get("loss", 0.0),
            "suppressed": int(keeping(before.frame).sum() - keeping(after.frame).sum()),
            "changed": sum(_changed(before.frame[name], after.frame[name]) for name in names),
            "columns": {name: self._told(name, held[name]) for name in held},
        }

    def _told(self, name: str, how: Mapping[str, Json]) -> dict[str, Json]:
        if "rungs" not in self.state:
            return {"loss": how["loss"], "form": f"{self.state['boxes']} × […]"}
        rung, last = self.state["rungs"][name]
        return {"rung": rung, "of": last, "form": spoken(how)}


def _changed(before: pl.Series, after: pl.Series) -> int:
    """Return how many cells are not what they were."""
    dtype: Any = pl.Float64 if before.dtype.is_numeric() else pl.String
    if before.dtype == after.dtype:
        return int(before.ne_missing(after).sum())
    return int(before.cast(dtype).ne_missing(after.cast(dtype, strict=False)).sum())


class _Lattice:
    """All combinations of rungs, looked at one step at a time on distinct rows with counts."""

    def __init__(self, frame: pl.DataFrame, ladders: Mapping[str, list[Rung]], k: int) -> None:
        self._names = list(ladders)
        self._ladders = ladders
        self._k = k
        self._rows = frame.height
        self._distinct = frame.group_by(self._names, maintain_order=True).agg(pl.len().alias(COUNT))
        self._known: dict[tuple[str, int], pl.Series] = {}
        self._counted: dict[tuple[int, ...], int] = {}

    def _column(self, name: str, level: int) -> pl.Series:
        if (name, level) not in self._known:
            rung = self._ladders[name][level]
            self._known[name, level] = climbed(self._distinct.get_column(name), rung)
        return self._known[name, level]

    def below(self, levels: Mapping[str, int]) -> int:
        """Return how many rows stand in groups smaller than k."""
        key = tuple(levels[name] for name in self._names)
        if key not in self._counted:
            frame = pl.DataFrame([self._column(name, levels[name]) for name in self._names])
            frame = frame.with_columns(self._distinct.get_column(COUNT))
            sizes = frame.group_by(self._names).agg(pl.col(COUNT).sum())[COUNT]
            self._counted[key] = int(sizes.filter(sizes < self._k).sum())
        return self._counted[key]

    def loss(self, levels: Mapping[str, int]) -> float:
        """Return the mean loss of the columns, 0 (as it was) to 1 (nothing is left)."""
        return float(np.mean([self._ladders[n][level]["loss"] for n, level in levels.items()]))

    def climb(self, allowed: int) -> dict[str, int]:
        """Return a rung for each column such that at most `allowed` rows are in small groups."""
        levels = dict.fromkeys(self._names, 0)
        while self.below(levels) > allowed:
            steps = [
                {**levels, name: level}
                for name in self._names
                for level in range(levels[name] + 1, len(self._ladders[name]))
            ]
            if not steps:
                return levels
            levels = max(steps, key=lambda step: self._gain(levels, step))
        return self._down(levels, allowed)

    def _gain(self, levels: Mapping[str, int], step: Mapping[str, int]) -> float:
        hidden = self.below(levels) - self.below(step)
        cost = self.loss(step) - self.loss(levels)
        return hidden / (cost + 1e-9) if hidden > 0 else -cost

    def _down(self, levels: dict[str, int], allowed: int) -> dict[str, int]:
        """Take each column down again as far as k still holds, the greatest loss first."""
        order: list[Any] = sorted(self._names, key=lambda n: -self._ladders[n][levels[n]]["loss"])
        for name in order:
            for level in range(levels[name]):
                if self.below({**levels, name: level}) <= allowed:
                    levels = {**levels, name: level}
                    break
        return levels


def spoken(rung: Rung) -> str:
    """Return a rung in a few words that both languages read.

    Example:
        >>> spoken({"step": 10.0, "loss": 0.1}), spoken({"loss": 0.0})
        ('± 5', '=')
    """
    if "step" in rung:
        return f"± {rung['step'] / 2:g}"
    if "every" in rung:
        return str(rung["every"])
    if "keep" in rung:
        return "x" * int(rung["keep"]) + "*"
    if "levels" in rung:
        return ", ".join([*map(str, rung["levels"][:8]), "*"])
    return "*" if "all" in rung else "="


def _climbed(column: Column, rung: Rung) -> Column:
    if "called" in rung:
        column = replace(column, low=None, high=None, **because("privacy.reason_boxes"))
        if column.kind == "category":
            column = replace(column, levels=tuple(rung["called"]))
        return replace(column, nullable=True) if column.kind == "boolean" else column
    if len(rung) == 1:
        return column
    column = replace(column, **because("privacy.reason_generalise", step=spoken(rung)))
    if column.kind == "category":
        kept = tuple(map(str, rung.get("levels", ())))
        # Cut codes are not known before they are seen.
        return replace(column, levels=() if "keep" in rung else tuple(sorted({*kept, "*"})))
    if column.kind == "number":
        return replace(column, low=None, high=None)
    return replace(column, nullable=True) if column.kind in ("boolean", "datetime") else column
