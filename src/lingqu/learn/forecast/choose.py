"""From series and a budget to one forecasting model: backtest, compare, average, refit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.ports import Budget, Engine, Progress
from lingqu.learn.choose import Choice, choose
from lingqu.learn.contest import Contest
from lingqu.learn.costs import SECONDS
from lingqu.learn.forecast import USUAL
from lingqu.learn.forecast.backtest import backtest
from lingqu.learn.forecast.finish import METRIC, Wishes, finished, units_of
from lingqu.learn.forecast.reading import read
from lingqu.learn.forecast.seasonal_naive import SeasonalNaive
from lingqu.learn.forecast.steady import Steady
from lingqu.learn.portfolio import Entry, facts_of
from lingqu.release.series.history import Gaps
from lingqu.release.series.rows import grid_of, groups_of, series_codes
from lingqu.release.series.sums import Sums, refuse_unclear, starts_of, with_sums

COVERAGE = 0.9
"""Share of values that the interval of a forecast should hold, where the channel says nothing."""
_CLOSE = 4.0
"""One origin of one series says little: where there is time, all are judged on all of them."""


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
    quantiles: Sequence[float] = (),
    hierarchy: Sequence[str] = (),
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
        quantiles: Quantiles that each answer tells beside, rising.
        hierarchy: Columns of the series whose sums are forecast too, the largest part first.
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
    sums = None
    if hierarchy:
        refuse_unclear(train, groups_of(train))
        sums = Sums.of(train.frame, groups_of(train), hierarchy)
        train = with_sums(train, sums, starts_of(train, groups_of(train)))
    grid = grid_of(train).to_json()
    reading = read(train, horizon, season, gaps, grid)
    tested = backtest(train, reading, folds)
    shared = {"horizon": horizon, "season": reading.book.season, "gaps": gaps, "grid": grid}
    steady = Steady(series_codes(train))
    contest = Contest(
        _entries(train, algorithms, shared),
        tested.folds,
        (USUAL[0], lambda past, held: _naive(past, held, shared)),
        units=units_of(train, reading) if metric in ("", METRIC) else None,
        close=_CLOSE,
        settle=steady,
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
    wishes = Wishes(coverage or COVERAGE, tuple(quantiles), sums)
    return finished(steady.told(choice), train, reading, tested, contest.units, wishes)


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


__all__ = ["Choice", "choose_forecast"]
