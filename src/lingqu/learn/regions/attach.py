"""Around the chosen model: how far it reaches, by what it said of rows that it did not learn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import SpecError
from lingqu.core.i18n import Language, Message, both, text
from lingqu.core.nouns import VALUES, Dataset, Model, Region, Task
from lingqu.core.ports import Engine
from lingqu.learn.assemble import Choice
from lingqu.learn.folds import Folds, together
from lingqu.learn.regions.intervals import Found, interval_region
from lingqu.learn.regions.learned import by_row, learnable, seconds_for
from lingqu.learn.regions.quantile import least_units, place_of, refuse_few
from lingqu.learn.regions.sets import set_region
from lingqu.learn.regions.sizes import PARTS, Ints, Sizes, by_value, even
from lingqu.release.region import sets_of

By = Literal["rows", "class"]
Note = Mapping[Language, str]
_SHORT = 5.0
"""Seconds of a budget below which no sizes of errors are learned."""
_SHARE = 0.15
"""Share of the budget that learning them may take."""


@dataclass(frozen=True)
class Regions:
    """A wish for intervals or sets, on the rows of one choice.

    Args:
        coverage: Share of the truth that they shall hold.
        by: ``rows``, or ``class``: of classes each by itself.
        train: The rows that are learned from.
        y: Their truth.
        task: What is learned.
        units: Group of each row, where rows resemble each other; None where they do not.
    """

    coverage: float
    by: By
    train: Dataset
    y: NDArray[Any]
    task: Task
    units: Ints | None

    @classmethod
    def wanted(
        cls,
        coverage: float | None,
        by: By,
        train: Dataset,
        y: NDArray[Any],
        task: Task,
        folds: Folds,
        families: Ints | None,
    ) -> Regions | None:
        """Return the wish, or None where there is none.

        Raises:
            SpecError: The task has no such regions, or the held-out rows are too few for them.
        """
        if coverage is None:
            return None
        if task not in ("classify", "regress"):
            raise SpecError("regions.task", task=task)
        units = together(train, families)
        held = np.unique(np.concatenate([valid for _, valid in folds.pairs[: folds.whole]]))
        refuse_few(coverage, len(held) if units is None else len(np.unique(units[held])), by)
        return cls(coverage, by, train, y, task, units)

    def reserve(self, budget_s: float, workers: int) -> float:
        """Return the seconds of a budget to keep for it."""
        if self.task not in VALUES or budget_s < _SHORT or not learnable(self.train, len(self.y)):
            return 0.0
        features = len(self.train.schema.features)
        return min(_SHARE * budget_s, seconds_for(len(self.y), features, workers))

    def around(
        self,
        choice: Choice,
        engine: Engine,
        scratch: Path,
        seconds: float,
        seed: int,
        within: Callable[[Model], tuple[Message, str]] | None = None,
    ) -> Choice:
        """Return the choice with its model's intervals or sets, and what was found of them.

        Args:
            choice: Held-out answers, by rows of `train`.
            engine: Runs fits.
            scratch: A folder that the workers can read.
            seconds: Left for it; 0 learns nothing more.
            seed: Seed of every draw.
            within: Says of a model which limit it breaks.
        """
        rows = choice.rows
        units = None if self.units is None else self.units[rows]
        if self.task not in VALUES:
            region = set_region(self.y[rows], choice.predictions, self.coverage, self.by, units)
            model = replace(choice.model, region=region)
            notes = _set_notes(model, region, choice, self.y[rows])
            return replace(choice, model=model, notes=(*choice.notes, *notes))
        errors = self.y[rows] - np.asarray(choice.predictions.labels, dtype=np.float64)
        parts = _parts(len(rows), units, seed)
        forms = [even(errors)]
        told = by_value(np.asarray(choice.predictions.labels, dtype=np.float64), errors, parts)
        forms += [told] if told is not None else []
        held = replace(self.train, frame=self.train.frame[rows], digest="")
        if seconds > 0 and learnable(held, len(rows)):
            given = (held, errors, parts, self.coverage, engine, scratch, seconds, seed)
            forms += _allowed(by_row(*given), choice.model, within)
        found = interval_region(errors, forms, self.coverage, parts, units)
        model = replace(choice.model, region=found.region)
        return replace(choice, model=model, notes=(*choice.notes, *_notes(found, units)))


def _parts(count: int, units: Ints | None, seed: int) -> Ints:
    """Divide held-out rows into parts of about the same size; groups stay whole."""
    random = np.random.default_rng(seed)
    if units is None:
        return random.permutation(np.arange(count) % PARTS)
    codes, inverse = np.unique(units, return_inverse=True)
    return random.permutation(np.arange(len(codes)) % PARTS)[inverse]


def _allowed(
    learned: Sizes | None, model: Model, within: Callable[[Model], tuple[Message, str]] | None
) -> list[Sizes]:
    """Return learned sizes, unless the model would break a limit with them."""
    if learned is None or learned.scale is None:
        return []
    tried = Region(0.5, 1, below=1.0, above=1.0, scale=learned.scale, floor=learned.floor)
    if within is not None and within(replace(model, region=tried))[0]:
        return []
    return [learned]


def _notes(found: Found, units: Ints | None) -> list[Note]:
    """Say what the intervals are like, and why in this form."""
    region, told = found.region, dict[Language, str]()
    languages: tuple[Language, ...] = ("en", "zh")
    for to in languages:
        scores = "; ".join(f"{_form(name, to)} {lost:.4g}" for name, lost in found.scores.items())
        told[to] = text(
            "regions.note_interval", to, coverage=region.coverage, rows=region.rows,
            width=found.width, form=_form(found.form, to), scores=scores,
        )  # fmt: skip
    count = None if units is None else len(np.unique(units))
    return [told, *_short(region.coverage, region.rows, count)]


def _form(name: str, to: Language) -> str:
    """Return a form of intervals in words."""
    form, _, sides = name.partition(", ")
    return text(f"regions.form_{form}", to) + (text("regions.sides", to) if sides else "")


def _short(coverage: float, rows: int, units: int | None) -> list[Note]:
    if place_of(rows, coverage, units) <= rows:
        return []
    promised = (units or rows) / ((units or rows) + 1)
    return [both("regions.note_short", coverage=coverage, rows=rows, promised=promised)]


def _set_notes(model: Model, region: Region, choice: Choice, y: NDArray[Any]) -> list[Note]:
    """Say what the sets are like."""
    chances = choice.predictions.probabilities
    assert chances is not None  # classes were chosen by them
    size = float(sets_of(model, region, chances).sum(1).mean())
    least = sorted({round(least, 4) for least in region.least})
    key = "regions.note_sets_by_class" if region.by == "class" else "regions.note_sets"
    notes: list[Note] = [
        both(key, coverage=region.coverage, rows=region.rows, size=size, low=least[0],
             high=least[-1])
    ]  # fmt: skip
    if region.by == "class":
        few = [n for n, t in zip(model.classes, region.least, strict=True) if t == 0.0]
        needed = least_units(region.coverage)
        names = ", ".join(few[:10])
        return notes + ([both("regions.note_few", names=names, least=needed)] if few else [])
    return notes + (_short(region.coverage, len(y), None) if least[0] == 0.0 else [])
