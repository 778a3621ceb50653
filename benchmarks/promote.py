"""Promotion under peeking: how often a worse release is promoted, and how soon a better one is.

Run: ``python benchmarks/promote.py [--runs N]``. Every run draws two arms and looks at them after
every 100 rows, as an impatient person would. The peer is the fixed z-test at the same level,
looked at as often. Prints one line per figure and exits 1 if one is not reached.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, median

import numpy as np
from figures import Figure, report

from lingqu.core.sequential import Sample, mixture, paired, pooled
from lingqu.outlets.routing.rails import Arm, breach

SEED = 0
ALPHA = 0.05
LOOK, ROWS = 100, 20_000
LEVEL = math.log(1 / ALPHA)
CRITICAL = NormalDist().inv_cdf(1 - ALPHA)


@dataclass(frozen=True)
class Race:
    """Two arms of so many answers each.

    Args:
        champion: Part of its answers that are right.
        challenger: The same of the other.
        margin: Loss that is forgiven.
        effect: What the test is tuned for.
    """

    champion: float
    challenger: float
    margin: float
    effect: float


@dataclass(frozen=True)
class Outcome:
    """How many runs promoted, and after how many rows an arm."""

    runs: int
    rows: Sequence[int]

    @property
    def part(self) -> float:
        return len(self.rows) / self.runs

    @property
    def median(self) -> float:
        return median(self.rows) if len(self.rows) * 2 > self.runs else math.inf


def arms(race: Race, runs: int) -> tuple[np.ndarray, np.ndarray]:
    """Return right answers so far at every look, of both arms: shape (runs, looks)."""
    rng = np.random.default_rng(SEED)
    looks = ROWS // LOOK
    first = rng.binomial(LOOK, race.champion, (runs, looks)).cumsum(axis=1)
    second = rng.binomial(LOOK, race.challenger, (runs, looks)).cumsum(axis=1)
    return first, second


def ours(race: Race, runs: int) -> Outcome:
    """Promote as soon as the evidence is enough."""

    def enough(rows: int, first: int, second: int) -> bool:
        a, b = (_sample(rows, right) for right in (first, second))
        value, variance = pooled([(a, b)], -race.margin)
        return mixture(value, variance, race.effect, -race.margin) >= LEVEL

    return _run(race, runs, enough)


def peeked(race: Race, runs: int) -> Outcome:
    """Promote as soon as a z-test made for one look says so."""

    def enough(rows: int, first: int, second: int) -> bool:
        a, b = first / rows, second / rows
        variance = (a * (1 - a) + b * (1 - b)) / rows
        return variance > 0 and (b - a + race.margin) / math.sqrt(variance) >= CRITICAL

    return _run(race, runs, enough)


def _run(race: Race, runs: int, enough: Callable[[int, int, int], bool]) -> Outcome:
    first, second = arms(race, runs)
    found = []
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        for look, (a, b) in enumerate(zip(one, other, strict=True), start=1):
            if enough(look * LOOK, a, b):
                found.append(look * LOOK)
                break
    return Outcome(runs, found)


def _sample(rows: int, right: int) -> Sample:
    mean = right / rows
    return Sample(rows, mean, mean * (1 - mean) / rows)


def shadow(wins: float, losses: float, runs: int, margin: float = 0.0) -> Outcome:
    """Promote a shadow on pairs: parts of them that only it, and only the champion, has right."""
    rng = np.random.default_rng(SEED)
    looks = ROWS // LOOK
    drawn = rng.multinomial(LOOK, [wins, losses, 1 - wins - losses], (runs, looks)).cumsum(axis=1)
    found = []
    for run in drawn.tolist():
        for look, (won, lost, tied) in enumerate(run, start=1):
            if paired(won, tied, lost, -margin) >= LEVEL:
                found.append(look * LOOK)
                break
    return Outcome(runs, found)


def rails(errors: float, runs: int, requests: int) -> Outcome:
    """Send a canary back that fails so often, beside a champion that fails once in a hundred."""
    rng = np.random.default_rng(SEED)
    champion = Arm(20_000, 200)
    found = []
    for run in (rng.random((runs, requests)) < errors).cumsum(axis=1).tolist():
        for seen in range(5, requests + 1, 5):
            if breach(champion, Arm(seen, run[seen - 1])) is not None:
                found.append(seen)
                break
    return Outcome(runs, found)


def figures(runs: int) -> list[Figure]:
    told = []
    for name, race in (
        ("90%, worse by the margin of 1 point", Race(0.90, 0.89, 0.01, 0.01)),
        ("90%, worse by the margin of 5 points", Race(0.90, 0.85, 0.05, 0.05)),
        ("99%, worse by the margin of 1 point", Race(0.99, 0.98, 0.01, 0.01)),
        ("90%, equal, must be better", Race(0.90, 0.90, 0.0, 0.02)),
    ):
        mine, theirs = ours(race, runs), peeked(race, runs)
        good = mine.part <= ALPHA
        told.append(Figure(f"wrong promotions: {name}", mine.part, theirs.part, "<= 0.05", good))
    for points, target in ((1, math.inf), (2, 4000), (5, 1500)):
        race = Race(0.90, 0.90 + points / 100, 0.0, 0.02)
        mine, theirs = ours(race, runs), peeked(race, runs)
        name = f"better by {points} point{'s' if points > 1 else ''}"
        told.append(Figure(f"promoted: {name}", mine.part, theirs.part, "-", True))
        wanted = "-" if target == math.inf else f"<= {target}"
        good = mine.median <= target
        told.append(
            Figure(f"rows an arm, median: {name}", mine.median, theirs.median, wanted, good)
        )
    race = Race(0.90, 0.90, 0.05, 0.05)
    mine, theirs = ours(race, runs), peeked(race, runs)
    told.append(Figure("promoted: equal, margin 5 points", mine.part, theirs.part, "-", True))
    told.append(Figure("rows an arm, median: the same", mine.median, theirs.median, "-", True))
    return [*told, *_shadows(runs), *_rails(runs)]


def _shadows(runs: int) -> list[Figure]:
    equal = shadow(0.025, 0.025, runs)
    worse = shadow(0.02, 0.03, runs, 0.01)
    better = shadow(0.03, 0.02, runs)
    return [
        Figure("wrong promotions: shadow, equal", equal.part, None, "<= 0.05", equal.part <= ALPHA),
        Figure("wrong promotions: shadow, worse by the margin of 1 point", worse.part, None,
               "<= 0.05", worse.part <= ALPHA),
        Figure("promoted: shadow, better by 1 point", better.part, None, "-", True),
        Figure("pairs, median: shadow, better by 1 point", better.median, None, "<= 4000",
               better.median <= 4000),
    ]  # fmt: skip


def _rails(runs: int) -> list[Figure]:
    good = rails(0.01, runs, 2000)
    bad = rails(0.05, runs, 2000)
    return [
        Figure("good canaries sent back", good.part, None, "<= 0.01", good.part <= 0.01),
        Figure("requests until 5% of errors are sent back, median", bad.median, None, "<= 300",
               bad.median <= 300),
    ]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    runs = parser.parse_args().runs
    title = (
        f"Promotion under peeking: {runs} runs, a look every {LOOK} rows to {ROWS:,}; seed {SEED}"
    )
    notes = ["peer: the z-test at the same level, peeked at as often"]
    return report(title, figures(runs), notes)


if __name__ == "__main__":
    sys.exit(main())
