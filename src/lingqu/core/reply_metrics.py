"""Which scores there are of texts, tags, vectors and boxes, and of which tasks.

A task of this kind has its truth as an array of objects: a text, a list of tags, a list of boxes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lingqu.core import box_metrics, tag_metrics, text_metrics, vector_metrics
from lingqu.core.nouns import TEXTS, Json, Task
from lingqu.core.predictions import Predictions

Floats = NDArray[np.float64]
Formula = Callable[[NDArray[Any], Predictions, int, Floats], Floats]

USUAL: dict[str, tuple[str, ...]] = {
    "tag": ("token_accuracy", "token_f1", "span_f1"),
    "answer": ("exact_match", "answer_f1"),
    "translate": ("chrf", "bleu", "exact_match"),
    "chat": ("chrf", "answer_f1", "exact_match"),
    "embed": ("recall_at_1", "mrr"),
    "detect": ("box_map", "box_map50", "box_precision", "box_recall"),
    "generate": (),
}
"""Scores of each task, the one that decides first; of made rows, which have no truth, none."""
TASKS: dict[str, frozenset[str]] = {
    name: frozenset(task for task, names in USUAL.items() if name in names)
    for names in USUAL.values()
    for name in names
} | {"perplexity": TEXTS}
"""Tasks of each score."""
NATS, COUNTS, PARTNERS = "nats", "tokens", "partner"
"""What a model may make of the truth, beside its answers: −log p of the wanted answer and its
tokens; the vector of what belongs to a row."""


def truth_of(cell: Json, task: Task) -> Json:
    """Return what is wanted of a row, in the form of an answer; None where nobody knows it.

    Example:
        >>> truth_of("N V", "tag"), truth_of("  the canal", "translate")
        (['N', 'V'], 'the canal')
    """
    if cell is None:
        return None
    if task == "tag":
        return cell.split() if isinstance(cell, str) else [str(tag) for tag in cell]
    return str(cell).strip() if isinstance(cell, str | int | float) else cell


def truths(cells: Iterable[Json], task: Task) -> NDArray[Any]:
    """Return what is wanted of each row as an array of objects, (N,).

    Example:
        >>> truths(["N V", "N"], "tag").tolist()
        [['N', 'V'], ['N']]
    """
    found = [truth_of(cell, task) for cell in cells]
    y = np.empty(len(found), dtype=object)
    for row, cell in enumerate(found):  # lists of one length would become a table
        y[row] = cell
    return y


def _said(said: Predictions) -> Any:
    assert said.replies is not None  # only answers of this kind are judged so
    return said.replies.said


def _of_rows(name: str) -> Formula:
    each = text_metrics.OF_ROWS[name]

    def formula(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
        return cast(Floats, weights @ each(list(y), _said(said)) / weights.sum(axis=1))

    return formula


def _of_sums(name: str) -> Formula:
    counted, score = text_metrics.OF_SUMS[name]

    def formula(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
        return score(weights @ counted(list(y), _said(said)))

    return formula


def _of_tokens(score: Callable[[Floats], Floats]) -> Formula:
    def formula(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
        counts = tag_metrics.token_counts(list(y), _said(said))[1]
        return score(np.einsum("bn,nkt->bkt", weights, counts))

    return formula


def _of_spans(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    return tag_metrics.span_f1(weights @ tag_metrics.span_counts(list(y), _said(said)))


def _all_boxes(said: Predictions) -> list[list[Any]]:
    """Return the boxes of each picture with those that were held to be too unsure to be said."""
    assert said.replies is not None  # only answers of this kind are judged so
    unsure = said.replies.beside.get("unsure", [()] * len(said.replies.said))
    return [[*boxes, *others] for boxes, others in zip(said.replies.said, unsure, strict=True)]


def _of_places(levels: tuple[float, ...]) -> Formula:
    def formula(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
        found = box_metrics.matched(list(y), _all_boxes(said), levels)
        return box_metrics.mean_precision(found, weights)

    return formula


def _of_boxes(score: Callable[[Floats], Floats]) -> Formula:
    def formula(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
        return score(weights @ box_metrics.counts(list(y), _said(said)))

    return formula


def _of_ranks(name: str) -> Formula:
    each = vector_metrics.OF_RANKS[name]

    def formula(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
        assert said.replies is not None  # only answers of this kind are judged so
        partners = said.replies.beside.get(PARTNERS)
        ranked = vector_metrics.ranks(_said(said), partners, list(y))
        known = np.isfinite(ranked)
        below = weights[:, known].sum(axis=1)
        above = weights[:, known] @ each(ranked[known])
        return np.where(below > 0, above / np.where(below > 0, below, 1), np.nan)

    return formula


def _perplexity(y: NDArray[Any], said: Predictions, positive: int, weights: Floats) -> Floats:
    """Return e to the nats a token of the wanted answers; NaN where the model tells none."""
    assert said.replies is not None
    beside = said.replies.beside
    if NATS not in beside:
        return np.full(len(weights), np.nan)
    nats, counts = (weights @ np.array(beside[name], np.float64) for name in (NATS, COUNTS))
    return np.exp(nats / np.maximum(counts, 1e-12))


REPLY: dict[str, Formula] = {
    **{name: _of_rows(name) for name in text_metrics.OF_ROWS},
    **{name: _of_sums(name) for name in text_metrics.OF_SUMS},
    "token_accuracy": _of_tokens(tag_metrics.token_accuracy),
    "token_f1": _of_tokens(tag_metrics.token_f1),
    "span_f1": _of_spans,
    **{name: _of_ranks(name) for name in vector_metrics.OF_RANKS},
    "perplexity": _perplexity,
    "box_map": _of_places(box_metrics.OVERLAPS),
    "box_map50": _of_places(box_metrics.OVERLAPS[:1]),
    "box_precision": _of_boxes(box_metrics.precision),
    "box_recall": _of_boxes(box_metrics.recall),
}
"""Formula of each score."""
