"""Importance: which columns, and which parts of a picture, do the answers rest on?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.check.effects import KINDS, effect
from lingqu.check.truth import Labelled, labelled, right, unknown, why
from lingqu.core import metrics
from lingqu.core.nouns import Finding, Json, Subject
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, present
from lingqu.release.media import pixels

Floats = NDArray[np.float64]
_GRID = 8
_MASKED_ROWS = 100
_GROUPS = 40
"""Groups of columns that are shuffled in a round."""


@dataclass
class Importance:
    """Shuffle one column at a time over the test rows and measure what is lost.

    Lost is the probability given to the true class (without probabilities, the accuracy); for a
    regression, mean squared error over the variance of the target, which is R². A column that
    repeats another can look unimportant, since the other still tells. Of a picture, blocks are
    replaced by the mean picture one by one, which gives a map of where the model looks.

    Of very many columns, groups of neighbours are shuffled together first; the half that loses most
    is cut in two and shuffled again, down to single columns.

    Of the most important columns it is also shown how the answer changes with them, see
    `lingqu.check.effects`; not of series, whose answers rest on rows before.

    Args:
        rows: Test rows used, at most.
        top: Columns reported, most important first.
        repeats: Shuffles per column; one where there are more than 50 columns.
        effects: Columns whose effect is shown.
        columns: Columns that are shuffled one by one, at most; of more, groups are.

    Example:
        >>> edges(8, 3)
        [(0, 2), (2, 5), (5, 8)]

    Source: Breiman, "Random Forests", 2001, doi:10.1023/A:1010933404324 (permutation); Zeiler and
    Fergus, "Visualizing and Understanding Convolutional Networks", 2014, arXiv:1311.2901
    (occlusion).
    """

    name: ClassVar[str] = "importance"
    stages: ClassVar[frozenset[str]] = frozenset({"gate"})

    rows: int = 500
    top: int = 20
    repeats: int = 3
    effects: int = 6
    columns: int = 300

    def look(self, subject: Subject) -> list[Finding]:
        rows = labelled(subject)
        if not isinstance(rows, Labelled):
            return [unknown(self.name, "importance", rows)]
        if subject.predict is None:
            return [unknown(self.name, "importance", why("check.no_model"), n=len(rows.y))]
        if len(rows.y) < 10:
            reason = why("check.too_few", rows=len(rows.y), least=10)
            return [unknown(self.name, "importance", reason, n=len(rows.y))]
        rows = rows.taken(self.rows, subject.seed)
        features = present(subject.schema.features, rows.frame)
        repeats = self.repeats if len(features) <= 50 else 1
        places: Sequence[int] = range(len(features))
        if len(features) > self.columns:
            places = self._leading(rows, features, subject)
        found = [self._column(rows, features[i], subject, i, repeats) for i in places]
        if len(found) < len(features):
            told = {"judged": len(found), "of": len(features)}
            found = [replace(finding, evidence={**finding.evidence, **told}) for finding in found]
        found.sort(key=lambda finding: -(finding.value or 0.0))
        return self._with_effects(found[: self.top], rows, subject)

    def _leading(
        self, rows: Labelled, features: Sequence[Column], subject: Subject
    ) -> Sequence[int]:
        """Return the places of few columns without which most is lost."""
        before = _goodness(rows.y, rows.said).mean()
        groups = np.array_split(np.arange(len(features)), _GROUPS)
        while max(map(len, groups)) > 1:
            lost = []
            for turn, group in enumerate(groups):
                order = np.random.default_rng([subject.seed, turn]).permutation(len(rows.y))
                shuffled = rows.frame.select(features[i].name for i in group)[order]
                said = subject.predict(rows.frame.with_columns(shuffled.get_columns()))
                lost.append(before - _goodness(rows.y, said).mean())
            kept = np.sort(np.argsort(lost, kind="stable")[::-1][: _GROUPS // 2])
            groups = [half for i in kept for half in np.array_split(groups[i], 2) if len(half)]
        return sorted(int(group[0]) for group in groups)

    def _with_effects(
        self, found: list[Finding], rows: Labelled, subject: Subject
    ) -> list[Finding]:
        """Say of the most important columns how the answer changes with them."""
        if subject.task == "forecast":
            return found
        told, left = [], self.effects
        for finding in found:
            column = subject.schema[finding.argument]
            if left and column.kind in KINDS:
                shown = effect(rows.frame, column, subject.predict, subject.seed)
                if shown:
                    left -= 1
                    finding = replace(finding, evidence={**finding.evidence, "effect": shown})
            told.append(finding)
        return told

    def _column(
        self, rows: Labelled, column: Column, subject: Subject, index: int, repeats: int
    ) -> Finding:
        random = np.random.default_rng([subject.seed, index])
        before = _goodness(rows.y, rows.said)
        lost = np.zeros(len(rows.y))
        for _ in range(repeats):
            shuffled = rows.frame[column.name].gather(random.permutation(len(rows.y)))
            said = subject.predict(rows.frame.with_columns(shuffled))
            lost += (before - _goodness(rows.y, said)) / repeats
        low, high = metrics.bootstrap(lost, seed=subject.seed)
        evidence: dict[str, Json] = {"repeats": repeats}
        if column.kind == "image":
            others = [c for c in subject.schema.features if c.kind == "image" and c != column]
            evidence["map"] = occlusion(
                rows.taken(_MASKED_ROWS, subject.seed), column, subject.predict, others
            )
        return Finding(
            self.name, "importance", float(lost.mean()), column.name, low, high, len(lost),
            evidence=evidence,
        )  # fmt: skip


def _goodness(y: NDArray[Any], said: Predictions) -> Floats:
    if said.probabilities is not None:
        chance: Floats = said.probabilities[np.arange(len(y)), y]
        return chance
    if said.classes:
        return right(y, said)
    error: Floats = (y - said.labels.astype(np.float64)) ** 2 / (float(np.var(y)) or 1.0)
    return -error


def occlusion(
    rows: Labelled,
    column: Column,
    predict: Callable[[pl.DataFrame], Predictions],
    others: Sequence[Column] = (),
) -> list[list[float]]:
    """Return what is lost when each block of the picture is hidden, at most 8 × 8 blocks.

    Args:
        rows: Labelled rows with what was said of them.
        column: The pictures in which blocks are hidden.
        predict: Answers rows.
        others: Further columns of pictures: decoded once, not again for each block.
    """
    images = pixels(rows.frame[column.name], column.shape)
    decoded = [pl.Series(c.name, pixels(rows.frame[c.name], c.shape)) for c in others]
    frame = rows.frame.with_columns(decoded)
    plain = images.mean(axis=0)
    before = _goodness(rows.y, rows.said)
    grid = []
    for top, bottom in edges(images.shape[1], _GRID):
        line = []
        for start, end in edges(images.shape[2], _GRID):
            hidden = images.copy()
            hidden[:, top:bottom, start:end] = plain[top:bottom, start:end]
            said = predict(frame.with_columns(pl.Series(column.name, hidden)))
            line.append(round(float((before - _goodness(rows.y, said)).mean()), 5))
        grid.append(line)
    return grid


def edges(length: int, blocks: int) -> Sequence[tuple[int, int]]:
    """Return where each of at most `blocks` equal blocks starts and ends."""
    count = min(length, blocks)
    cuts = [length * i // count for i in range(count + 1)]
    return list(pairwise(cuts))
