"""What the check of made pictures measures, each beside the same of real pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.check.truth import unknown, why
from lingqu.core.metrics import wilson
from lingqu.core.nouns import Dataset, Finding, Json, Subject
from lingqu.core.predictions import Replies
from lingqu.core.schema import Column
from lingqu.release.made.eyes import FEWEST, Eyes, Pair, distance
from lingqu.release.made.levels import Levels, of_bytes, snapped
from lingqu.release.made.likeness import Score
from lingqu.release.made.png import pixels_of
from lingqu.release.media import pixels

CHECK = "generated"
MOST, AMONG = 2000, 5000
"""Pictures of a side, and training pictures that they are compared with, at most."""
_CLOSE, _POOR = 0.5, 0.5
"""Ratio of distances under which pictures are remembered, and of spreads under which alike."""
_RESAMPLES, _SHOWN = 200, 20
Pixels = NDArray[np.float32]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Side:
    """Pictures on the levels of the data (N, C, H, W), and the place of each label (N,)."""

    x: Pixels
    y: Places

    def first(self, count: int) -> Side:
        """Return the first of them, at most so many."""
        return Side(self.x[:count], self.y[:count])


def looked(subject: Subject, told: Replies) -> list[Finding]:
    """Return how like real pictures made ones are, of what use, and whether any is a copy.

    Args:
        subject: Training and test rows, and in its facts ``eyes``, a net that tells labels.
        told: Made pictures, one for each test row, of the same labels.

    The eyes are ``{"graph": bytes, "labels": words}``; without them ``fid`` is left out.
    """
    train, test = subject.train, subject.test
    assert train is not None and test is not None
    rows = min(len(test), len(told.said), MOST)
    if rows < FEWEST:
        return [unknown(CHECK, "fid", why("generate.few_judged", rows=rows), "", rows)]
    column = next(c for c in test.schema.features if c.kind == "image")
    target, eyes = test.schema.target, subject.facts.get("eyes")
    labels = list(eyes["labels"]) if eyes else _labels(train)
    seen = pixels(train.frame.get_column(column.name), column.shape)
    levels = Levels.of(seen, column)
    known = Side(snapped(levels.scaled(seen), levels.count), _places(train, labels))
    real = _side(test, column, levels, labels).first(rows)
    made_x = of_bytes(np.stack([pixels_of(str(one)) for one in told.said[:rows]]), levels.count)
    asked = told.beside.get(target.name) if target is not None else None
    made = Side(made_x, _numbered(asked or [None] * rows, labels)[:rows])
    pair = Pair(real.x, made.x, real.y, made.y, len(labels))
    found = [*_likeness(subject, pair, known, labels), *_copies(pair, known)]
    return [*found, _nearest(pair, known, subject.seed), _variety(pair)]


def _labels(train: Dataset) -> list[str]:
    """Return every label as a word, in order; one without a name where there is no target."""
    target = train.schema.target
    if target is None:
        return [""]
    words = train.frame.get_column(target.name).cast(pl.String).drop_nulls()
    return sorted(set(words.to_list()))


def _places(rows: Dataset, labels: Sequence[str]) -> Places:
    target = rows.schema.target
    if target is None:
        return np.zeros(len(rows), np.int64)
    return _numbered(rows.frame.get_column(target.name).cast(pl.String).to_list(), labels)


def _numbered(told: Sequence[Json], labels: Sequence[str]) -> Places:
    """Return the place of each label, −1 for none that is known."""
    place = {label: number for number, label in enumerate(labels)}
    words = [str(one).lower() if isinstance(one, bool) else str(one) for one in told]
    if list(labels) == [""]:
        return np.zeros(len(words), np.int64)
    return np.array([place.get(word, -1) for word in words], np.int64)


def _side(rows: Dataset, column: Column, levels: Levels, labels: Sequence[str]) -> Side:
    seen = levels.scaled(pixels(rows.frame.get_column(column.name), column.shape))
    return Side(snapped(seen, levels.count), _places(rows, labels))


def _likeness(subject: Subject, pair: Pair, known: Side, labels: Sequence[str]) -> list[Finding]:
    """Return what eyes and judges make of both sides."""
    found = []
    given = subject.facts.get("eyes")
    if given:
        eyes, some = Eyes(given["graph"]), known.first(AMONG)
        seen = [eyes.look(x) for x in (pair.real, pair.made, some.x)]
        beside = distance(seen[2][0], seen[0][0], subject.seed).value
        apart = distance(seen[0][0], seen[1][0], subject.seed)
        found.append(_scored("fid", apart, train_test=beside, numbers=seen[0][0].shape[1]))
        if len(labels) > 1:
            found += _fidelity(pair, seen[0][1], seen[1][1], labels)
    found.append(_scored("c2st", pair.apart(subject.seed)))
    if len(labels) > 1:
        few = np.random.default_rng(subject.seed).permutation(len(known.x))[: len(pair.made)]
        learned: dict[str, Json] = {"score": "accuracy", "learned_from": len(pair.made)}
        for name, x, y in (("tstr", pair.made, pair.made_of), ("trtr", known.x[few], known.y[few])):
            found.append(_scored(name, pair.taught((x, y), subject.seed), **learned))
    return found


def _scored(measure: str, found: Score, **evidence: Json) -> Finding:
    if not np.isfinite(found.value):
        return unknown(CHECK, measure, why("generate.few_judged", rows=found.n), "", found.n)
    return Finding(
        CHECK, measure, found.value, "", found.low, found.high, found.n, evidence=evidence
    )


def _fidelity(pair: Pair, real: Places, made: Places, labels: Sequence[str]) -> list[Finding]:
    """Return of each label the share of pictures asked for it that the eyes take for it."""
    found = []
    for place, label in enumerate(labels[:_SHOWN]):
        of_it = pair.made_of == place
        hits, n = int((made[of_it] == place).sum()), int(of_it.sum())
        if not n:
            continue
        low, high = wilson(hits, n)
        asked = pair.real_of == place
        beside = float((real[asked] == place).mean()) if asked.any() else None
        evidence = {"real": beside, "real_n": int(asked.sum())}
        found.append(Finding(CHECK, "fidelity", hits / n, label, low, high, n, evidence=evidence))
    return found


def _copies(pair: Pair, known: Side) -> list[Finding]:
    """Return the share of made pictures that are a training picture, pixel by pixel."""
    held = {row.tobytes() for row in known.x}
    hits = [sum(row.tobytes() in held for row in side) for side in (pair.made, pair.real)]
    n = [len(pair.made), len(pair.real)]
    low, high = wilson(hits[0], n[0])
    below, above = wilson(hits[1], n[1])
    made, real = hits[0] / n[0], hits[1] / n[1]
    beside: dict[str, Json] = {"real": real, "real_low": below, "real_high": above}
    half = float(np.hypot(high - low, above - below)) / 2
    more = low > above
    return [
        Finding(CHECK, "copies", made, "", low, high, n[0], "fail" if more else "pass",
                "warn" if more else "info", beside, "made.advice_copies" if more else ""),
        Finding(CHECK, "copies.excess", made - real, "", made - real - half, made - real + half,
                n[0], evidence=beside),
    ]  # fmt: skip


def _nearest(pair: Pair, known: Side, seed: int) -> Finding:
    """Return how near made pictures lie to training pictures, in units of how near real ones do.

    The distance is that of all pixels; half of that of fresh pictures, or less, is remembering.
    """
    among = known.first(AMONG).x.reshape(-1, pair.real[0].size).astype(np.float64)
    far = {"made": _to_nearest(pair.made, among), "real": _to_nearest(pair.real, among)}
    below = float(np.median(far["real"]))
    if below <= 0:
        return unknown(CHECK, "nearest.ratio", why("generate.no_near"), "", len(pair.made))
    random, found = np.random.default_rng(seed), []
    for _ in range(_RESAMPLES):
        one, two = (float(np.median(random.choice(far[name], len(far[name]))))
                    for name in ("made", "real"))  # fmt: skip
        found.append(one / two if two > 0 else np.inf)
    low, high = (float(end) for end in np.quantile(found, (0.025, 0.975)))
    close = high < _CLOSE
    evidence: dict[str, Json] = {
        "made": float(np.median(far["made"])), "real": below, "limit": _CLOSE, "by": "median",
    }  # fmt: skip
    return Finding(
        CHECK, "nearest.ratio", float(np.median(far["made"])) / below, "", low, high,
        len(pair.made), "fail" if close else "pass", "warn" if close else "info", evidence,
        "made.advice_copies" if close else "",
    )  # fmt: skip


def _to_nearest(side: Pixels, among: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distance of each picture to the nearest of others, (N,)."""
    rows = side.reshape(len(side), -1).astype(np.float64)
    squares = (rows**2).sum(1)[:, None] - 2 * rows @ among.T + (among**2).sum(1)[None]
    nearest: NDArray[np.float64] = np.sqrt(np.clip(squares.min(axis=1), 0, None))
    return nearest


def _variety(pair: Pair) -> Finding:
    """Return how much made pictures vary within their labels, beside real ones."""
    value = pair.varied()
    poor = value < _POOR
    return Finding(
        CHECK, "variety", value, "", None, None, len(pair.made), "fail" if poor else "pass",
        "warn" if poor else "info", {"limit": _POOR}, "made.advice_variety" if poor else "",
    )  # fmt: skip
