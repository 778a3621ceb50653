"""Every score that has a name: what it reads, in which direction it is better, and its range."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lingqu.core.catalog import near
from lingqu.core.chance_metrics import CHANCES, top_k
from lingqu.core.confusion import Confusion
from lingqu.core.errors import SpecError
from lingqu.core.forecast_metrics import FORMULAS
from lingqu.core.label_metrics import OF_MATRIX, OfMatrix, averaged
from lingqu.core.order_metrics import OfLists, mean_precision, ndcg, over_lists, taken_at
from lingqu.core.predictions import Predictions
from lingqu.core.ranking_names import parse
from lingqu.core.reply_metrics import REPLY, TASKS
from lingqu.core.units import number_text
from lingqu.core.value_metrics import LOSSES, VALUES, RowLoss, mean_of, quantile_loss

Floats = NDArray[np.float64]
Formula = Callable[[NDArray[Any], Predictions, int, Floats], Floats]
Form = Literal["labels", "chances", "values", "series", "ranking", "lists", "replies", "own"]


@dataclass(frozen=True)
class Metric:
    """One score.

    Args:
        name: As it is written, such as ``pinball(0.9)``.
        formula: ``(y, predictions, positive, weights) → scores``.
        form: What it reads: ``labels`` (chosen classes), ``chances`` (probabilities), ``values``,
            ``series`` (values in units of a series), ``ranking`` (values within lists),
            ``lists`` (recommended items), ``replies`` (texts, tags, boxes), or ``own``, a
            function of the user.
        smaller: Whether a smaller score is better.
        low: Lowest possible score.
        high: Highest possible score.
        of_matrix: The score as a function of confusion matrices, of ``labels``.
        row_loss: The loss per row of which it is the mean, or the root of the mean.
        of_lists: The score of each list, of ``ranking``.
    """

    name: str
    formula: Formula
    form: Form
    smaller: bool = False
    low: float = 0.0
    high: float = 1.0
    of_matrix: OfMatrix | None = None
    row_loss: RowLoss | None = None
    of_lists: OfLists | None = None

    def fits(self, task: str) -> bool:
        """Return whether answers of a task can have this score."""
        if self.form == "own":
            return True
        if self.form in ("labels", "chances"):
            flags = task == "flag" and self.name not in _NOT_OF_FLAGS
            return task in ("classify", "verify") or flags
        if self.form == "lists":
            return task == "recommend"
        if self.form == "replies":
            return task in TASKS[self.name]
        if self.form == "ranking":
            return task == "regress" or (task == "recommend" and parse(self.name) is not None)
        return task == "forecast" or (task == "regress" and self.form == "values")


@dataclass(frozen=True)
class Parameter:
    """The number in the parentheses of a name: what it is, and the default, if it may lack."""

    kind: Literal["share", "whole", "positive"]
    default: float | None

    def read(self, text: str) -> float | None:
        """Return the number that a text gives, or None where it is not such a number."""
        try:
            value = float(text)
        except ValueError:
            return None
        fits = {"share": 0 < value < 1, "whole": value >= 1 and value == int(value),
                "positive": 0 < value < inf}  # fmt: skip
        return value if fits[self.kind] else None


PARAMETERS = {
    "fbeta": Parameter("positive", None),
    "top_k_accuracy": Parameter("whole", 2.0),
    "pinball": Parameter("share", 0.5),
    "ndcg": Parameter("whole", None),
    "map": Parameter("whole", None),
}
"""Metrics with a number in parentheses."""
PLAIN_TOO = frozenset({"ndcg", "map"})
"""Those that mean something without one: the whole list."""
_NOT_OF_FLAGS = frozenset({"log_loss", "brier", "ece", "accuracy"})
_SMALLER = frozenset({"log_loss", "brier", "ece", "eer", "mase", "pinball", "median_ae",
                      "max_error", "wape", "perplexity", *LOSSES})  # fmt: skip
_RANGES = {
    "mcc": (-1.0, 1.0), "cohen_kappa": (-1.0, 1.0), "quadratic_kappa": (-1.0, 1.0),
    "spearman": (-1.0, 1.0), "log_loss": (0.0, inf), "brier": (0.0, 2.0), "r2": (-inf, 1.0),
    "explained_variance": (-inf, 1.0), "smape": (0.0, 2.0), "perplexity": (1.0, inf),
}  # fmt: skip
_WRITTEN = re.compile(r"\s*(?P<name>\w+)\s*(?:[(@]\s*(?P<number>[^()]*?)\s*\)?)?\s*")
CUSTOM = "custom"
"""Measure by which rules name a function of the user: ``custom(my_scores:cost) <= 3``."""
OWN: dict[str, Metric] = {}
"""Functions of the user, by dotted path; filled by `lingqu.learn.custom_metric`."""


@lru_cache(maxsize=256)
def metric_of(name: str) -> Metric:
    """Return the metric of a name.

    Args:
        name: Such as ``f1``, ``pinball(0.9)`` or ``ndcg@10``.

    Raises:
        SpecError: There is no such metric, or its number is not one that it can have.

    Example:
        >>> metric_of("pinball(0.90)").name, metric_of("ndcg@10").name
        ('pinball(0.9)', 'ndcg@10')
    """
    ranked = parse(name) if isinstance(name, str) else None
    if ranked is not None and ranked[0] != "ndcg":
        return Metric(name, taken_at(*ranked), "lists")
    found = _WRITTEN.fullmatch(name) if isinstance(name, str) else None
    base = found["name"] if found else ""
    if base not in NAMES:
        raise SpecError("check.unknown_metric", name=name, near=near(str(name), NAMES))
    number = found["number"] if found else None
    parameter = PARAMETERS.get(base)
    if parameter is None:
        if number is not None:
            raise SpecError("check.no_number", name=name, base=base)
        return _plain(base)
    value = parameter.read(number) if number is not None else parameter.default
    if value is None and not (number is None and base in PLAIN_TOO):
        kind = parameter.kind
        raise SpecError("check.metric_number", name=name, base=base, expected=_EXPECTED[kind])
    return _with_number(base, value)


def subject_of(name: str) -> tuple[str, str]:
    """Return measure and argument by which rules name a metric.

    Example:
        >>> subject_of("pinball(0.9)"), subject_of("ndcg@10"), subject_of("my_scores:cost")
        (('pinball', '0.9'), ('ndcg@10', ''), ('custom', 'my_scores:cost'))
    """
    if ":" in name:
        return CUSTOM, name
    base, bracket, rest = name.partition("(")
    return base.strip(), rest.rstrip(") ").strip() if bracket else ""


def named_by(measure: str, argument: str) -> str:
    """Return the name of the metric that a rule means; the inverse of `subject_of`."""
    if measure == CUSTOM:
        return argument
    return f"{measure}({argument})" if argument else measure


def is_known(name: str) -> bool:
    """Return whether a name is that of a metric."""
    if name in OWN:
        return True
    try:
        return bool(metric_of(name))
    except SpecError:
        return False


_EXPECTED = {"share": "0 < n < 1", "whole": "n = 1, 2, 3 …", "positive": "n > 0"}


def _ends(base: str, form: Form) -> tuple[float, float]:
    high = inf if form in ("values", "series") else 1.0
    return _RANGES.get(base, (0.0, high))


def _plain(base: str) -> Metric:
    smaller = base in _SMALLER
    if base in OF_MATRIX:
        of_matrix = OF_MATRIX[base]
        low, high = _ends(base, "labels")
        return Metric(base, _on_labels(of_matrix), "labels", smaller, low, high, of_matrix)
    if base in CHANCES:
        return Metric(base, CHANCES[base], "chances", smaller, *_ends(base, "chances"))
    if base in REPLY:
        return Metric(base, REPLY[base], "replies", smaller, *_ends(base, "replies"))
    form: Form = "series" if base == "mase" else "values"
    formula = VALUES[base] if base in VALUES else FORMULAS[base]
    return Metric(base, formula, form, smaller, *_ends(base, form), row_loss=LOSSES.get(base))


def _with_number(base: str, value: float | None) -> Metric:
    name = base if value is None else f"{base}({number_text(value)})"
    if base in PLAIN_TOO and value is not None:
        name = f"{base}@{number_text(value)}"
    if base == "fbeta":
        of_matrix = averaged("f", beta=value or 1.0)
        return Metric(name, _on_labels(of_matrix), "labels", of_matrix=of_matrix)
    if base == "top_k_accuracy":
        return Metric(name, top_k(value or 1.0), "chances")
    if base == "pinball":
        loss = quantile_loss(value or 0.5)
        return Metric(name, mean_of(loss), "values", True, 0.0, inf, row_loss=loss)
    lists = (ndcg if base == "ndcg" else mean_precision)(value)
    taken = taken_at(base, int(value)) if base == "ndcg" and value else None
    return Metric(name, over_lists(lists, taken), "ranking", of_lists=lists)


NAMES: tuple[str, ...] = (*OF_MATRIX, *CHANCES, *VALUES, *FORMULAS, *PARAMETERS, *REPLY)
"""Every name, without its number."""


def _on_labels(of_matrix: OfMatrix) -> Formula:
    def formula(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
        return of_matrix(_counted(y, said, weights), positive)

    return formula


_last: list[tuple[Any, Any, Any, Confusion]] = []
"""The last confusion matrices and what they are of: a dozen scores of one set of resamples ask for
the same ones."""


def _counted(y: NDArray[Any], said: Predictions, weights: Floats) -> Confusion:
    for truth, labels, drawn, made in _last:
        if truth is y and labels is said.labels and drawn is weights:
            return made
    k = max(len(said.classes), int(y.max()) + 1, int(said.labels.max()) + 1, 2)
    counted = Confusion.of(y, said.labels, weights, k)
    if len(weights) > 1:
        _last[:] = [(y, said.labels, weights, counted)]
    return counted
