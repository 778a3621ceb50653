"""Naive Bayes: every column speaks for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.learn.tabular.graph import TOLERANCE, Step, difference, graph, verify
from lingqu.learn.tabular.options import Tabular
from lingqu.learn.tabular.rows import Rows, rows
from lingqu.release.encode import layout

Floats = NDArray[np.float64]

_NEVER = -1e4
_FAR = 6.0
"""Deviations from the mean of all rows beyond which a number says no more."""
_HEATS = tuple(float(f"{heat:.3g}") for heat in np.logspace(-1.5, 0.3, 19))


@dataclass
class NaiveBayes(Tabular):
    """Multiply what each column says of a class: counts of levels, bell curves of numbers.

    It needs one pass, bears missing values and very few rows, and errs unlike any other. As it
    takes columns for independent it is too sure; one factor, fitted on validation rows, cools it.

    Args:
        smoothing: Rows that are added to every level of every class, > 0.
        shrinkage: Rows of the whole that are added to a class when its spread is measured, ≥ 0.
        sharpness: Factor of the summed log-odds, > 0; 0 fits it on validation rows.

    Example:
        >>> NaiveBayes(smoothing=0.5).smoothing, sorted(NaiveBayes.tasks)
        (0.5, ['classify'])

    Source: Maron, "Automatic indexing", 1961, doi:10.1145/321075.321084; Hand and Yu, "Idiot's
        Bayes", 2001, doi:10.1111/j.1751-5823.2001.tb00465.x. The one factor is our own.
    """

    name: ClassVar[str] = "naive_bayes"
    tasks: ClassVar[frozenset[str]] = frozenset({"classify"})
    engine: ClassVar[str] = "numpy"

    smoothing: float = 1.0
    shrinkage: float = 5.0
    sharpness: float = 0.0

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Count on `train`; fit the one factor on `valid`."""
        fold = rows(train, valid, "tree", "classify")
        said = _Said.of(fold, self.smoothing, self.shrinkage)
        sharpness = self.sharpness or _sharpness(said, fold)
        expected = said.chances(fold.sample, sharpness)
        data = _graph(said, fold, sharpness, False)
        if not difference(data, fold.sample, expected, 1.0, budget.threads) <= TOLERANCE:
            data = _graph(said, fold, sharpness, True)
            verify(self.name, data, fold.sample, expected, threads=budget.threads)
        settled = {"sharpness": sharpness}
        return fold.model(self.name, data, {**settled, "refit": settled, "settled": settled})


@dataclass
class _Said:
    """What columns say of classes, as sums of logarithms.

    Args:
        numbers: Positions of numbers, (D,).
        middle: Mean of each over all rows, (D,); spread: its deviation.
        square: Factor of the squared standard number, (D, K).
        line: Factor of the standard number, (D, K).
        known: What is said where a number is known, (D, K).
        gone: What is said where it is missing, (D, K).
        codes: Positions of codes of categories, (C,).
        starts: Where the table of each begins; its last row is of unseen and missing, (C,).
        ends: Where that last row is, (C,).
        table: What each level says, (levels, K).
        prior: What is said beforehand, (K,).
    """

    numbers: NDArray[np.int64]
    middle: Floats
    spread: Floats
    square: Floats
    line: Floats
    known: Floats
    gone: Floats
    codes: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    table: Floats
    prior: Floats

    @classmethod
    def of(cls, fold: Rows, smoothing: float, shrinkage: float) -> _Said:
        k = len(fold.classes)
        weight = np.ones(len(fold.x)) if fold.weight is None else fold.weight
        member = np.eye(k)[fold.y] * weight[:, None]  # (N, K)
        count = member.sum(0)
        prior = np.log((count + smoothing) / (count.sum() + k * smoothing))
        prior[np.bincount(fold.y, minlength=k) == 0] = _NEVER
        sizes = {
            place.start: len(block["levels"])
            for block, place in layout(fold.encoding)
            if block["type"] == "ordinal"
        }
        codes = np.array(sorted(sizes), dtype=np.int64)
        numbers = np.array([d for d in range(fold.x.shape[1]) if d not in sizes], dtype=np.int64)
        tables = []
        for at in codes:
            size = sizes[int(at)] + 1
            found = np.where(np.isnan(fold.x[:, at]), size - 1, fold.x[:, at]).astype(np.int64)
            seen = np.stack([np.bincount(found, each, size) for each in member.T], 1) + smoothing
            tables.append(np.log(seen / seen.sum(0)))
        lengths = np.array([len(each) for each in tables], dtype=np.int64)
        ends = np.cumsum(lengths) - 1
        table = np.concatenate(tables) if tables else np.zeros((0, k))
        curves = _curves(fold.x[:, numbers].astype(np.float64), member, smoothing, shrinkage)
        return cls(numbers, *curves, codes, ends - lengths + 1, ends, table, prior)

    def scores(self, x: NDArray[Any]) -> Floats:
        """Return summed logarithms, (N, K)."""
        value = x[:, self.numbers].astype(np.float64)
        missing = np.isnan(value)
        z = np.clip(
            (np.where(missing, self.middle, value) - self.middle) / self.spread, -_FAR, _FAR
        )
        z[missing] = 0.0
        total = self.prior + (z * z) @ self.square + z @ self.line
        total = total + ~missing @ self.known + missing @ self.gone
        if len(self.codes):
            code = x[:, self.codes]
            row = np.where(np.isnan(code), self.ends, self.starts + np.nan_to_num(code))
            total = total + self.table[row.astype(np.int64)].sum(1)
        return np.asarray(total)

    def chances(self, x: NDArray[Any], sharpness: float) -> Floats:
        """Return probabilities, (N, K)."""
        return _softmax(sharpness * self.scores(x), self.prior)


def _softmax(scores: Floats, prior: Floats) -> Floats:
    scores = np.where(prior <= _NEVER, _NEVER, scores)
    lifted = np.exp(scores - scores.max(1, keepdims=True))
    return np.asarray(lifted / lifted.sum(1, keepdims=True))


def _curves(
    value: Floats, member: Floats, smoothing: float, shrinkage: float
) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """Return middle, spread, square, line, known, gone of numbers (N, D)."""
    present = ~np.isnan(value)
    weight = member.sum(1)[:, None]
    total = np.maximum((present * weight).sum(0), 1e-12)
    filled = np.where(present, value, 0.0)
    largest = np.maximum(np.abs(filled).max(0, initial=0.0), 1e-300)
    filled = filled / largest  # so that squares of large values stay finite
    middle = (filled * weight).sum(0) / total
    spread = np.sqrt((np.where(present, filled - middle, 0.0) ** 2 * weight).sum(0) / total)
    spread = np.where(spread > 1e-7, spread, 1.0)
    z = np.where(present, np.clip((filled - middle) / spread, -_FAR, _FAR), 0.0)
    count = present.T.astype(np.float64) @ member  # (D, K)
    mean = (z.T @ member) / (count + shrinkage)
    # Around the class's own mean, with so many rows of the whole, whose variance is 1.
    variance = (z * z).T @ member - 2 * mean * (z.T @ member) + mean**2 * count + shrinkage
    variance = np.maximum(
        variance / (count + shrinkage) if shrinkage else variance / np.maximum(count, 1), 1e-3
    )
    square, line = -0.5 / variance, mean / variance
    rows = member.sum(0)
    share = (count + smoothing) / (rows + 2 * smoothing)
    known = -0.5 * mean**2 / variance - 0.5 * np.log(variance) + np.log(share)
    gone = np.log(1 - share)
    never = ~(~present).any(0)  # no value is missing in training: then it says nothing
    known[never] -= np.log(share[never])
    gone[never] = 0.0
    return middle * largest, spread * largest, square, line, known, gone


def _sharpness(said: _Said, fold: Rows) -> float:
    """Return the factor with the smallest log loss on validation rows."""
    if not len(fold.valid_x):
        return 1.0
    scores = said.scores(fold.valid_x)
    at = np.arange(len(scores))

    def loss(heat: float) -> float:
        chance = _softmax(heat * scores, said.prior)[at, fold.valid_y]
        return float(-np.mean(np.log(np.maximum(chance, 1e-12))))

    return min(_HEATS, key=loss)


def _graph(said: _Said, fold: Rows, sharpness: float, double: bool) -> bytes:
    steps: list[Step] = []
    constants: dict[str, NDArray[Any]] = {"prior": _prior(said, sharpness)}
    total = "prior"
    if len(said.numbers):
        constants |= {
            "numbers": said.numbers, "middle": said.middle, "spread": said.spread,
            "low": np.array(-_FAR), "high": np.array(_FAR), "one": np.array(1.0),
            "square": sharpness * said.square, "line": sharpness * said.line,
            "known": sharpness * said.known, "gone": sharpness * said.gone, "zero": np.array(0.0),
        }  # fmt: skip
        steps += [
            ("Gather", ["x", "numbers"], ["value"], {"axis": 1}),  # (N, D)
            ("IsNaN", ["value"], ["missing"], {}),
            ("Where", ["missing", "middle", "value"], ["filled"], {}),
            ("Sub", ["filled", "middle"], ["apart"], {}),
            ("Div", ["apart", "spread"], ["wide"], {}),
            ("Clip", ["wide", "low", "high"], ["z"], {}),
            ("Mul", ["z", "z"], ["zz"], {}),
            ("Where", ["missing", "one", "zero"], ["is_gone"], {}),
            ("Sub", ["one", "is_gone"], ["is_known"], {}),
            ("MatMul", ["zz", "square"], ["by_square"], {}),  # (N, K)
            ("MatMul", ["z", "line"], ["by_line"], {}),
            ("MatMul", ["is_known", "known"], ["by_known"], {}),
            ("MatMul", ["is_gone", "gone"], ["by_gone"], {}),
            ("Sum", ["by_square", "by_line", "by_known", "by_gone", total], ["of_numbers"], {}),
        ]
        total = "of_numbers"
    if len(said.codes):
        constants |= {
            "codes": said.codes, "starts": said.starts.astype(np.float64),
            "ends": said.ends.astype(np.float64), "table": sharpness * said.table,
            "axis": np.array([1], dtype=np.int64),
        }  # fmt: skip
        steps += [
            ("Gather", ["x", "codes"], ["code"], {"axis": 1}),  # (N, C)
            ("IsNaN", ["code"], ["unknown"], {}),
            ("Add", ["code", "starts"], ["offset"], {}),
            ("Where", ["unknown", "ends", "offset"], ["place"], {}),
            ("Cast", ["place"], ["row"], {"to": 7}),
            ("Gather", ["table", "row"], ["told"], {"axis": 0}),  # (N, C, K)
            ("ReduceSum", ["told", "axis"], ["of_codes"], {"keepdims": 0}),
            ("Add", [total, "of_codes"], ["all"], {}),
        ]
        total = "all"
    steps.append(("Softmax", [total], ["probabilities"], {"axis": 1}))
    return graph(steps, constants, fold.x.shape[1], "probabilities", double)


def _prior(said: _Said, sharpness: float) -> Floats:
    """Return the prior; that of a class without rows is so small that nothing outweighs it."""
    return np.where(said.prior <= _NEVER, 100 * _NEVER, sharpness * said.prior)
