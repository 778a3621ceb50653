"""From the chosen members to one model: intervals, quantiles, sums, and what was found, told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset
from lingqu.learn.account import in_words
from lingqu.learn.assemble import Choice
from lingqu.learn.forecast.backtest import Backtest
from lingqu.learn.forecast.intervals import Widths, widths
from lingqu.learn.forecast.reading import Reading
from lingqu.learn.forecast.reconcile import Coherence, Held, cohere
from lingqu.learn.forecast.unite import united
from lingqu.release.encode import targets
from lingqu.release.series.coherent import BOTTOM_UP
from lingqu.release.series.history import Floats, Ints
from lingqu.release.series.rows import series_codes
from lingqu.release.series.sums import Sums

METRIC = "mase"
Note = Mapping[Any, str]


@dataclass(frozen=True)
class Wishes:
    """What answers shall tell beside the value.

    Args:
        coverage: Share of values that an interval should hold.
        quantiles: Quantiles, rising.
        sums: The hierarchy of the series, or None.
    """

    coverage: float
    quantiles: tuple[float, ...] = ()
    sums: Sums | None = None


def units_of(train: Dataset, reading: Reading) -> Floats:
    """Return of each row the unit of its series: errors in it are those of MASE."""
    units = np.array([one.unit for _, one in reading.book])
    found: Floats = units[series_codes(train)]
    return found


def finished(
    choice: Choice,
    train: Dataset,
    reading: Reading,
    tested: Backtest,
    scale: Floats | None,
    wishes: Wishes,
) -> Choice:
    """Return the choice with one model that forecasts from the end of the rows, with intervals.

    Args:
        choice: Of the contest.
        train: The rows, with those of sums behind them.
        reading: The same rows as series.
        tested: The origins.
        scale: Of each row the unit in which the contest compared errors, or None.
        wishes: What answers shall tell.
    """
    units, rows = units_of(train, reading), choice.rows
    y = np.asarray(targets(train, "forecast")[0], dtype=np.float64)
    said = np.asarray(choice.predictions.labels, dtype=np.float64)
    if scale is not None:
        said = said * scale[rows]
    steps, origin = _places(tested, len(rows))
    ends: Widths | None = None
    notes = _notes(reading, tested)
    levels = wishes.quantiles
    if wishes.sums is None:
        ends = widths((y[rows] - said) / units[rows], steps, reading.horizon, wishes.coverage,
                      levels)  # fmt: skip
        model = united(choice.model.members, reading, ends, levels)
        notes.insert(1, _width_note(ends, wishes.coverage))
    else:
        held = _held(wishes.sums, reading, rows, origin, steps, said, y)
        found = cohere(wishes.sums, held, reading.horizon, wishes.coverage, levels, reading.floor)
        told = found.to_json(wishes.sums, reading.floor)
        model = united(choice.model.members, reading, None, levels, told)
        notes[1:1] = [_width_note(found.ends[-1], wishes.coverage), *_sum_notes(found)]
    changes: dict[str, Any] = {}
    if scale is not None:
        lines = tuple(replace(line, metric=METRIC) for line in choice.candidates)
        told = {**choice.account, "metric": METRIC}
        changes = {
            "metric": METRIC, "candidates": lines, "account": told, "why": tuple(in_words(told)),
        }  # fmt: skip
    return replace(
        choice,
        model=model,
        predictions=replace(choice.predictions, labels=said),
        notes=(*choice.notes, *notes),
        **changes,
    )


def _places(tested: Backtest, count: int) -> tuple[Ints, Ints]:
    """Return how many steps ahead each held-out row was, and its origin."""
    steps, origin = list[Ints](), list[Ints]()
    held = 0
    while held < count:
        ahead = tested.ahead[len(steps)]
        origin.append(np.full(len(ahead), len(steps), dtype=np.int64))
        steps.append(ahead)
        held += len(ahead)
    return np.concatenate(steps), np.concatenate(origin)


def _held(
    sums: Sums, reading: Reading, rows: Ints, origin: Ints, steps: Ints, said: Floats, y: Floats
) -> Held:
    """Return held-out values as a table of moments and nodes."""
    keys, places = reading.rows
    number = {key: index for index, key in enumerate(sums.keys)}
    node = np.array([number[keys[row]] for row in rows.tolist()], dtype=np.int64)
    pairs = np.stack([origin, places[rows]], axis=1)
    moments, at = np.unique(pairs, axis=0, return_inverse=True)
    shape = len(moments), len(sums.keys)
    table, truth = np.full(shape, np.nan), np.full(shape, np.nan)
    ahead = np.zeros(shape, dtype=np.int64)
    at = at.reshape(-1)
    table[at, node], truth[at, node], ahead[at, node] = said, y[rows], steps
    units = np.array([reading.book.series[key].unit for key in sums.keys])
    return Held(table, truth, ahead, moments[:, 0], units)


def _notes(reading: Reading, tested: Backtest) -> list[Note]:
    book = reading.book
    lacking = sum(int((~one.given).sum()) for _, one in book)
    notes: list[Note] = [
        both(
            "forecast.note_series", series=len(book.series), step=book.grid.named(),
            season=book.season, horizon=reading.horizon, end=book.grid.named_time(book.end),
        )
    ]  # fmt: skip
    if lacking:
        notes.append(both(f"forecast.note_{book.gaps}", count=lacking))
    if tested.span < reading.horizon:
        notes.append(both("forecast.note_span", span=tested.span, horizon=reading.horizon))
    return notes


def _width_note(ends: Widths, coverage: float) -> Note:
    return both(
        "forecast.note_interval", coverage=coverage, errors=ends.errors,
        near=float(ends.below[0] + ends.above[0]), far=float(ends.below[-1] + ends.above[-1]),
    )  # fmt: skip


def _sum_notes(found: Coherence) -> list[Note]:
    told = ", ".join(f"{name} {score:.3f}" for name, score in found.levels)
    notes: list[Note] = [both("forecast.note_levels", levels=told)]
    if len(found.scores) < 2:
        notes.append(both("forecast.note_bottom_up"))
        return notes
    tried = ", ".join(
        f"{name} {score:.4f}" for name, score in found.scores.items() if name != BOTTOM_UP
    )
    key = "forecast.note_kept" if found.method == BOTTOM_UP else "forecast.note_reconciled"
    notes.append(
        both(key, method=found.method, usual=found.scores[BOTTOM_UP], tried=tried,
             gain=found.gain[0], error=found.gain[1])
    )  # fmt: skip
    return notes
