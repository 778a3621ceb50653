"""Which rows are held out: k folds that a run fills one by one, as far as its budget allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import TrainError
from lingqu.core.metrics import score
from lingqu.core.minhash import clusters
from lingqu.core.nouns import CLASSES, Dataset, Task
from lingqu.core.predictions import Predictions

Rows = NDArray[np.int64]
MANY = 100_000
"""Above so many rows one held-out part is certain enough, and folds would cost too much."""
COUNT = 5


@dataclass(frozen=True)
class Folds:
    """The folds of one dataset.

    Args:
        scheme: ``stratified``, ``random``, ``group`` or ``time``.
        pairs: Training and validation row numbers of each fold, rising.
        limit: How many folds a run may fill; 1 is a holdout.
        base: Folds after which every row was held out once and the next ones divide the rows
            anew; 0 where they are never divided anew.
    """

    scheme: str
    pairs: tuple[tuple[Rows, Rows], ...]
    limit: int
    base: int = 0

    @property
    def whole(self) -> int:
        """How many folds hold out every row once."""
        return self.base or self.limit


def make_folds(
    dataset: Dataset,
    y: NDArray[Any],
    task: Task,
    count: int | None = None,
    seed: int = 0,
    families: Rows | None = None,
) -> Folds:
    """Divide rows into folds.

    Rows of one group, and those of one family of copies, stay together: a row whose copy was
    learned from says nothing of how well the others are answered. Where a time column exists,
    validation rows are later than their training rows; classes are spread evenly. A class with
    one row is never held out: the model would not know it. Folds that hold out one class, or
    value, only come last: alone they tell good answers from bad ones by no ranking score.

    Args:
        dataset: All rows that may be learned from.
        y: Class indices or values, shape (N,).
        task: What is learned.
        count: How many folds; 1 for a holdout of a fifth. By rows when omitted.
        seed: Seed of the shuffle.
        families: The first row of each row's family of copies, shape (N,), or None.

    Raises:
        TrainError: Fewer than two rows can be held out, or all rows are of one group.

    Example:
        >>> import polars as pl
        >>> from lingqu.core.schema import Schema
        >>> data = Dataset(pl.DataFrame({"a": range(10)}), Schema(()))
        >>> [len(valid) for _, valid in make_folds(data, np.arange(10) % 2, "classify").pairs]
        [2, 2, 2, 2, 2]

    Source: Kohavi, "A study of cross-validation and bootstrap", IJCAI 1995 (stratified folds).
    """
    n = len(dataset)
    limit = count if count is not None else (1 if n > MANY else COUNT)
    parts = max(2, count if count and count > 1 else COUNT)
    random = np.random.default_rng(seed)
    group, when = _joined(_codes(dataset, "group"), families), _codes(dataset, "time")
    pairs: list[tuple[Rows, Rows]] = []
    if when is not None:
        scheme, pairs = "time", _by_time(when, parts)
        if group is not None:
            pairs = [(t[~np.isin(group[t], group[v])], v) for t, v in pairs]
    if not _usable(pairs):
        # Where every group spans the whole time, that groups stay together is what is kept.
        alone = group is families
        scheme, fold = _assigned(group, y, task, parts, random, alone)
        pairs = [(np.flatnonzero(fold != p), np.flatnonzero(fold == p)) for p in range(parts)]
    usable = _usable(pairs)
    # From rows of one class, or value, nothing can be learned: such a fold says nothing.
    able = [pair for pair in usable if len(np.unique(y[pair[0]])) > 1] or usable
    kept = tuple(sorted(able, key=lambda pair: len(np.unique(y[pair[1]])) < 2))
    held = sum(len(valid) for _, valid in kept)
    if held < 2:
        raise TrainError("learn.too_few_rows", name=dataset.name, rows=n, usable=held)
    return Folds(scheme, kept, max(1, min(limit, len(kept))))


def refuse_unscored(
    folds: Folds,
    y: NDArray[Any],
    classes: tuple[str, ...],
    metric: str,
    lists: Rows | None = None,
) -> None:
    """Refuse rows on which no comparison of candidates would mean anything.

    Args:
        folds: The held-out rows.
        y: Truth of all rows, of at least two classes.
        classes: Class names; empty for a regression.
        metric: Score that decides.
        lists: Of each row the list it belongs to, for a score of rankings.

    Raises:
        TrainError: Only one class is ever held out, or learnt from, or not even right answers
            have a score.
    """
    held = np.unique(np.concatenate([y[valid] for _, valid in folds.pairs[: folds.limit]]))
    if classes and len(held) < 2:
        raise TrainError(
            "learn.one_class_held", seen=classes[int(held[0])], others=_few(y, classes)
        )
    if classes and all(len(np.unique(y[learnt])) < 2 for learnt, _ in folds.pairs[: folds.limit]):
        raise TrainError("learn.one_class_learnt", count=len(classes))
    rows = folds.pairs[0][1]
    truth = y[rows]
    right = Predictions(truth, np.eye(len(classes))[truth] if classes else None, classes,
                        groups=None if lists is None else lists[rows])  # fmt: skip
    if np.isnan(score(metric, truth, right)):
        raise TrainError("learn.no_score", metric=metric, rows=len(truth))


def lonely(y: NDArray[Any], classes: tuple[str, ...]) -> list[str]:
    """Return the classes with one row: they are learned, but nothing is known of how well.

    Example:
        >>> lonely(np.array([0, 0, 1, 2, 2]), ("a", "b", "c"))
        ['b']
    """
    counts = np.bincount(y.astype(np.int64), minlength=len(classes)) if classes else ()
    return [name for name, count in zip(classes, counts, strict=True) if count == 1]


def together(dataset: Dataset, families: Rows | None = None) -> Rows | None:
    """Return what must not be torn apart, of each row: its group, its family, or both; or None.

    Args:
        dataset: All rows.
        families: The first row of each row's family of copies, shape (N,), or None.
    """
    return _joined(_codes(dataset, "group"), families)


def _few(y: NDArray[Any], classes: tuple[str, ...]) -> str:
    """Say how many rows each class has that has any."""
    counts = np.bincount(y.astype(np.int64), minlength=len(classes))
    return ", ".join(f"{name}: {n}" for name, n in zip(classes, counts, strict=True) if n)


def _usable(pairs: list[tuple[Rows, Rows]]) -> tuple[tuple[Rows, Rows], ...]:
    return tuple((train, valid) for train, valid in pairs if len(train) >= 2 and len(valid))


def _codes(dataset: Dataset, role: Any) -> Rows | None:
    """Return a column as rising integers: equal values get equal codes; missing ones come first."""
    column = next(iter(dataset.schema.having(role)), None)
    if column is None or column.name not in dataset.frame.columns:
        return None
    series = dataset.frame.get_column(column.name)
    if not series.dtype.is_numeric() and not series.dtype.is_temporal():
        series = series.cast(str)
    return series.rank("dense").fill_null(0).cast(int).to_numpy().astype(np.int64)


def _joined(group: Rows | None, families: Rows | None) -> Rows | None:
    """Return what must stay together: groups, families, or both where they overlap."""
    if group is None or families is None:
        return families if group is None else group
    rows = np.arange(len(group))
    pairs = [np.stack([_first(codes), rows], axis=1) for codes in (group, families)]
    return clusters(np.concatenate(pairs), len(group))


def _first(codes: Rows) -> Rows:
    """Return for each row the first row of its code."""
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    return first[inverse]


def _assigned(
    group: Rows | None,
    y: NDArray[Any],
    task: Task,
    parts: int,
    random: np.random.Generator,
    families: bool = False,
) -> tuple[str, Rows]:
    """Return the scheme and a fold number per row; -1 is always in training."""
    if group is not None and families and task in CLASSES:
        return "stratified", _by_family(group, y, parts, random)
    if group is not None:
        fold = _by_group(group, parts, random)
        if task in CLASSES and _takes_all(fold, y, parts):
            spread = _by_family(group, y, parts, random)
            fold = spread if (spread >= 0).any() else fold
        return "group", fold
    if task in CLASSES:
        return "stratified", _by_class(y, parts, random)
    return "random", random.permutation(np.arange(len(y)) % parts)


def _takes_all(fold: Rows, y: NDArray[Any], parts: int) -> bool:
    """Say whether a fold holds out every row of a class: nobody could learn it."""
    classes = len(np.unique(y))
    return any(len(np.unique(y[fold != part])) < classes for part in range(parts))


def _by_class(y: NDArray[Any], parts: int, random: np.random.Generator) -> Rows:
    fold = np.full(len(y), -1, dtype=np.int64)
    start = 0
    for label in np.unique(y):
        rows = random.permutation(np.flatnonzero(y == label))
        if len(rows) < 2:
            continue
        # Going on where the last class ended keeps the folds of equal size.
        fold[rows] = (start + np.arange(len(rows))) % parts
        start += len(rows)
    return fold


def _by_family(family: Rows, y: NDArray[Any], parts: int, random: np.random.Generator) -> Rows:
    """Give each fold whole families, of each class its share; a lone family is never held out."""
    # A family counts as what its first row is: it is not torn apart over a wrong label.
    stratum = y[_first(family)]
    fold = np.full(len(y), -1, dtype=np.int64)
    for label in np.unique(stratum):
        rows = np.flatnonzero(stratum == label)
        if len(np.unique(family[rows])) > 1:
            fold[rows] = _by_group(family[rows], parts, random)
    return fold


def _by_group(group: Rows, parts: int, random: np.random.Generator) -> Rows:
    codes, inverse, sizes = np.unique(group, return_inverse=True, return_counts=True)
    order = random.permutation(len(codes))
    order = order[np.argsort(-sizes[order], kind="stable")]  # the largest groups first
    total = np.zeros(parts, dtype=np.int64)
    of_group = np.zeros(len(codes), dtype=np.int64)
    for code in order:
        of_group[code] = int(total.argmin())
        total[of_group[code]] += sizes[code]
    return of_group[inverse]


def _by_time(when: Rows, parts: int) -> list[tuple[Rows, Rows]]:
    """Hold out the latest block first, then the one before it; train on what is earlier."""
    order = np.argsort(when, kind="stable")
    ranked = when[order]
    cuts = [round(len(when) * part / (parts + 1)) for part in range(parts + 2)]
    # Rows of one instant stay on one side of a cut.
    cuts = [int(np.searchsorted(ranked, ranked[cut])) if cut < len(when) else cut for cut in cuts]
    pairs = []
    for low, high in zip(cuts[-2:0:-1], cuts[:1:-1], strict=True):
        pairs.append((np.sort(order[:low]), np.sort(order[low:high])))
    return pairs
