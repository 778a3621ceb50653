"""From series and a budget to one forecasting model: backtest, compare, average, refit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.ports import Budget, Engine, Progress
from lingqu.learn.choose import Choice, choose
from lingqu.learn.contest import Contest
from lingqu.learn.costs import SECONDS
from lingqu.learn.forecast import USUAL
from lingqu.learn.forecast.backtest import Backtest, backtest
from lingqu.learn.forecast.intervals import Widths, widths
from lingqu.learn.forecast.reading import Reading, read
from lingqu.learn.forecast.seasonal_naive import SeasonalNaive
from lingqu.learn.forecast.unite import united
from lingqu.learn.portfolio import Entry, facts_of
from lingqu.release.encode import targets
from lingqu.release.series.history import Gaps
from lingqu.release.series.rows import grid_of, series_codes

COVERAGE = 0.9
"""Share of values that the interval of a forecast should hold, where the channel says nothing."""
METRIC = "mase"
_CLOSE = 0.75
"""One origin of one series says little: all but the worst are judged on further ones."""


def choose_forecast(
    train: Dataset,
    *,
    horizon: int,
    budget_s: float,
    engine: Engine,
    scratch: Path,
    season: int = 0,
    gaps: Gaps = "fill",
    coverage: float | None = None,
    seed: int = 0,
    metric: str = "",
    algorithms: Sequence[tuple[str, Mapping[str, Json]]] | None = None,
    folds: int | None = None,
    memory_mb: float | None = None,
    workers: int = 2,
    recall: Callable[[str], bytes | None] | None = None,
    remember: Callable[[str, bytes], None] | None = None,
    progress: Progress | None = None,
    clock: Callable[[], float] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Choice:
    """Find the best forecasts that a budget allows.

    The folds are rolling origins: a candidate is fitted on the rows up to an origin and answers
    those behind it exactly as the release will. The test rows play no part.

    Args:
        train: Rows with a column of role ``time``, one of role ``group`` where there are several
            series, and the values as target. Features are taken as known in advance.
        horizon: Steps ahead.
        budget_s: Wall seconds for everything.
        engine: Runs the fits.
        scratch: An empty folder that the workers can read.
        season: Steps of a season; 0 finds it.
        gaps: What is done about a step without a value: ``fill``, ``zero`` or ``refuse``.
        coverage: Share of values that the interval should hold; 0.9 when omitted.
        seed: Seed of every draw.
        metric: Score that decides; ``mase`` when empty.
        algorithms: Names and options to try instead of the usual ones.
        folds: Origins; at most 5 when omitted.
        memory_mb: Limit of each fit.
        workers: Fits side by side.
        recall: As `lingqu.learn.choose.choose`.
        remember: As there.
        progress: As there.
        clock: As there.
        stop: As there.

    Raises:
        TrainError: No series is long enough, or nothing could be fitted.
        SpecError: Unknown algorithm or metric, no horizon, no budget.
        DataError: Times that are no grid, two values for one time, too many gaps.
    """
    begun = (clock or time.monotonic)()
    grid = grid_of(train).to_json()
    reading = read(train, horizon, season, gaps, grid)
    tested = backtest(train, reading, folds)
    shared = {"horizon": horizon, "season": reading.book.season, "gaps": gaps, "grid": grid}
    contest = Contest(
        _entries(train, algorithms, shared),
        tested.folds,
        (USUAL[0], lambda past, held: _naive(past, held, shared)),
        units=_units(train, reading) if metric in ("", METRIC) else None,
        close=_CLOSE,
    )
    listen: dict[str, Any] = {
        name: given
        for name, given in (("progress", progress), ("clock", clock), ("stop", stop))
        if given
    }
    spent = (clock or time.monotonic)() - begun
    choice = choose(
        train, "forecast", budget_s=max(budget_s - spent, budget_s / 2), engine=engine,
        scratch=scratch, seed=seed,
        metric="mae" if contest.units is not None else metric, memory_mb=memory_mb,
        workers=workers, recall=recall, remember=remember, contest=contest, refit=True, **listen,
    )  # fmt: skip
    return _finished(choice, train, reading, tested, contest, coverage or COVERAGE)


def _naive(past: Dataset, held: Dataset, shared: Mapping[str, Json]) -> Model:
    return SeasonalNaive(**shared).fit(past, held, Budget(1.0), lambda row: None)


def _entries(
    train: Dataset,
    algorithms: Sequence[tuple[str, Mapping[str, Json]]] | None,
    shared: Mapping[str, Json],
) -> tuple[Entry, ...]:
    """Return the candidates; the seasonal naive forecast is always the first."""
    wishes = [(name, dict(options or {})) for name, options in algorithms or ()]
    if algorithms is None:
        wishes = [(name, {}) for name in USUAL]
    if not any(name == USUAL[0] for name, _ in wishes):
        wishes.insert(0, (USUAL[0], {}))
    entries, seen = [], dict[str, int]()
    for algorithm, options in wishes:
        seen[algorithm] = seen.get(algorithm, 0) + 1
        name = algorithm if seen[algorithm] == 1 else f"{algorithm}#{seen[algorithm]}"
        facts = facts_of(algorithm)
        if "forecast" not in facts.tasks:
            raise SpecError(
                "learn.wrong_task", name=algorithm, task="forecast", expected=", ".join(USUAL)
            )
        tag = "" if facts.engine == "numpy" else facts.engine
        size = (len(train), len(train.schema.names), 0)
        # Of our own the cost is known without importing what they learn with.
        known = SECONDS.get(algorithm)
        cost = known(*size) if known else catalog.load("algorithms", algorithm).cost(*size)
        entries.append(Entry(name, algorithm, {**shared, **options}, tag, cost))
    return tuple(entries)


def _units(train: Dataset, reading: Reading) -> np.ndarray[Any, Any]:
    """Return of each row the unit of its series: errors in it are those of MASE."""
    units = np.array([one.unit for _, one in reading.book])
    found: np.ndarray[Any, Any] = units[series_codes(train)]
    return found


def _finished(
    choice: Choice,
    train: Dataset,
    reading: Reading,
    tested: Backtest,
    contest: Contest,
    coverage: float,
) -> Choice:
    """Return the choice with one model that forecasts from the end of the rows, with intervals."""
    units, rows = _units(train, reading), choice.rows
    y = np.asarray(targets(train, "forecast")[0], dtype=np.float64)
    said = np.asarray(choice.predictions.labels, dtype=np.float64)
    if contest.units is not None:
        said = said * units[rows]
    used, held = 0, 0
    while held < len(rows):
        held += len(tested.ahead[used])
        used += 1
    steps = np.concatenate(tested.ahead[:used])
    ends = widths((y[rows] - said) / units[rows], steps, reading.horizon, coverage)
    model = united(choice.model.members, reading, ends)
    changes: dict[str, Any] = {}
    if contest.units is not None:
        lines = tuple(replace(line, metric=METRIC) for line in choice.candidates)
        changes = {"metric": METRIC, "candidates": lines}
    return replace(
        choice,
        model=model,
        predictions=replace(choice.predictions, labels=said),
        notes=(*choice.notes, *_notes(reading, tested, ends, coverage)),
        **changes,
    )


def _notes(
    reading: Reading, tested: Backtest, ends: Widths, coverage: float
) -> list[Mapping[Any, str]]:
    book = reading.book
    lacking = sum(int((~one.given).sum()) for _, one in book)
    notes = [
        both(
            "forecast.note_series", series=len(book.series), step=book.grid.named(),
            season=book.season, horizon=reading.horizon, end=book.grid.named_time(book.end),
        ),
        both(
            "forecast.note_interval", coverage=coverage, errors=ends.errors,
            near=float(ends.below[0] + ends.above[0]), far=float(ends.below[-1] + ends.above[-1]),
        ),
    ]  # fmt: skip
    if lacking:
        notes.append(both(f"forecast.note_{book.gaps}", count=lacking))
    if tested.span < reading.horizon:
        notes.append(both("forecast.note_span", span=tested.span, horizon=reading.horizon))
    return list(notes)


__all__ = ["Choice", "choose_forecast"]
