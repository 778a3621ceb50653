"""Set test rows aside, in the way that the data allows.

A split is two arrays of row numbers. Nothing here looks at feature values, except to see which
rows are copies (`families.py`), so nothing of the test rows can leak into a choice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.catalog import near
from lingqu.core.errors import DataError
from lingqu.core.nouns import CLASSES, TEXTS, Dataset, Task
from lingqu.core.schema import Reason, Role, because
from lingqu.data.families import families
from lingqu.release.baskets.rows import depths, taken
from lingqu.release.series.rows import behind, grid_of, placed, series_codes

How = Literal["auto", "random", "stratified", "time", "group", "distinct"]
Rows = NDArray[np.int64]
READ: frozenset[Task] = TEXTS | {"tag", "embed"}
"""Tasks on texts, whose copies would be answered by heart."""
FEWEST = 10
"""Fewer rows than this cannot be split in a way that measures anything."""


@dataclass(frozen=True)
class Split:
    """Row numbers on both sides, and how they were chosen.

    Args:
        train: Row numbers for fitting and choosing.
        test: Row numbers for judging only.
        how: ``random``, ``stratified``, ``time``, ``group``, ``distinct``, ``horizon`` or
            ``last``.
        reason: Why that way, in one line of English.
        reason_zh: The same in Chinese.
        families: Of ``distinct``, the first row of each row's family (`families.py`): whoever
            divides the training rows again keeps them together.
    """

    train: Rows
    test: Rows
    how: str
    reason: str
    reason_zh: str = ""
    families: Rows | None = None


def split(
    dataset: Dataset,
    task: Task,
    *,
    how: str = "auto",
    test: float = 0.2,
    seed: int = 42,
    horizon: int = 0,
    last: float = 0.0,
) -> Split:
    """Split a dataset into train and test rows.

    Args:
        dataset: Rows whose schema has its roles.
        task: ``classify`` or ``regress``.
        how: ``auto`` takes time if there is a time column, group if there is a group column, else
            stratified for classify and random for regress. ``distinct`` keeps rows that are
            equal, or whose texts are nearly so, on one side, and classes in their shares.
        test: Share of test rows, between 0 and 1.
        seed: Seed of the draw. ``random`` equals scikit-learn's
            ``train_test_split(test_size=test, random_state=seed)``, row for row.
        horizon: For forecast: steps at the end of each series that are test rows.
        last: For recommend: share of the items of each user that are test rows, the last ones;
            0 for one item.

    Raises:
        DataError: Too few rows, or the column that the split needs is missing or has gaps.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> rows = Dataset(pl.DataFrame({"x": range(10)}), Schema((Column("x", "number"),)))
        >>> split(rows, "regress").test.tolist()
        [8, 1]

    Source:
        Random: the order of scikit-learn's ShuffleSplit. Stratified: largest-remainder shares per
        class (Hamilton's method, 1792). Group, time and distinct: Own, from their definitions.
    """
    if how not in get_args(How):
        ways = get_args(How)
        raise DataError("data.bad_split", how=how, near=near(how, ways), expected=", ".join(ways))
    if not 0 < test < 1:
        raise DataError("data.bad_share", received=test)
    count = len(dataset)
    if count < FEWEST:
        raise DataError("data.few_rows", rows=count, expected=FEWEST)
    if task == "forecast":
        return _by_horizon(dataset, how, horizon)
    if task == "recommend":
        return _by_last(dataset, how, last, seed)
    chosen, why = _choose(dataset, task, how)
    wanted = min(ceil(count * test), count - 1)
    draw = np.random.RandomState(seed)
    together = families(dataset) if chosen == "distinct" else None
    if chosen == "time":
        train, held = _by_time(dataset, wanted)
    elif chosen == "group":
        train, held = _by_group(dataset, wanted, draw)
    elif chosen == "stratified":
        train, held = _by_class(_judged(dataset, task), wanted, draw)
    elif together is not None:
        train, held = _by_family(dataset, together, task, wanted, draw)
    else:
        order = draw.permutation(count)
        held, train = order[:wanted], order[wanted:]
    sides = train.astype(np.int64), held.astype(np.int64)
    return Split(*sides, chosen, families=together, **why)


def _choose(dataset: Dataset, task: Task, how: str) -> tuple[str, Reason]:
    if how == "distinct":
        return how, because("data.split_distinct")
    if how != "auto":
        return how, because("data.split_asked")
    schema = dataset.schema
    if schema.having("time"):
        return "time", because("data.split_time", column=schema.having("time")[0].name)
    if schema.having("group"):
        return "group", because("data.split_group", column=schema.having("group")[0].name)
    if task in READ:
        return "distinct", because("replies.split_distinct")
    classes = schema.target is not None and bool(schema.target.levels)
    if (task in CLASSES and schema.target is not None) or (task == "generate" and classes):
        return "stratified", because("data.split_stratified")
    return "random", because("data.split_random")


def _by_horizon(dataset: Dataset, how: str, horizon: int) -> Split:
    """Test on the last steps of every series; a series too short for that is for training."""
    if how not in ("auto", "time"):
        raise DataError("forecast.other_split", how=how)
    steps = placed(dataset, grid_of(dataset))
    ahead = behind(series_codes(dataset), steps, horizon, horizon)[1]
    train, test = np.flatnonzero(ahead == 0), np.flatnonzero(ahead)
    if not len(test):
        longest = int(np.bincount(series_codes(dataset)).max())
        raise DataError("forecast.too_short", longest=longest, expected=horizon + 3)
    return Split(train, test, "horizon", **because("forecast.split", horizon=horizon))


def _by_last(dataset: Dataset, how: str, share: float, seed: int) -> Split:
    """Test on what each user took last and had not taken before; all keep something to train on."""
    times = dataset.schema.having("time")
    if how not in ("auto", "time", "random") or (how == "random" and times):
        raise DataError("recommend.other_split", how=how)
    if how == "time" and not times:
        raise DataError("recommend.needs_time")
    rows = taken(dataset)
    depth, number = depths(rows, seed)
    held = np.minimum(np.maximum(1, np.ceil(share * number)), number - 1)
    test = depth < held
    if not test.any():
        target = dataset.schema.target
        raise DataError(
            "recommend.no_last", users=len(rows.users), target=target.name if target else "",
            column=dataset.schema.having("group")[0].name,
        )  # fmt: skip
    why = because("recommend.split_drawn", seed=seed)
    if times:
        key = "recommend.split_share" if share else "recommend.split_last"
        why = because(key, share=share, column=times[0].name)
    return Split(np.flatnonzero(~test), np.flatnonzero(test), "last", **why)


def _column(dataset: Dataset, role: Role) -> pl.Series:
    columns = dataset.schema.having(role)
    if not columns:
        raise DataError("data.split_needs", how=role)
    series = dataset.frame[columns[0].name]
    gaps = series.is_null().arg_true()
    if len(gaps):
        raise DataError("data.split_null", column=series.name, row=int(gaps[0]) + 1, how=role)
    if series.n_unique() < 2:
        raise DataError("data.one_group", column=series.name, groups=1, how=role)
    return series


def _by_time(dataset: Dataset, wanted: int) -> tuple[Rows, Rows]:
    """Test on the last rows; rows of one moment are never on both sides."""
    series = _column(dataset, "time")
    moments = series.rank("dense").to_numpy()
    order = np.argsort(moments, kind="stable")
    border = moments[order[-wanted]]
    late = moments >= border
    # A tie at the border goes to test unless that would leave nothing to train on.
    if late.all():
        late = moments > border
    return order[~late[order]], order[late[order]]


def _by_group(dataset: Dataset, wanted: int, draw: np.random.RandomState) -> tuple[Rows, Rows]:
    """Give whole groups to test, in random order, as long as that brings it nearer to its share."""
    codes = _column(dataset, "group").rank("dense").to_numpy().astype(np.int64) - 1
    sizes = np.bincount(codes)
    order = draw.permutation(len(sizes))
    held: list[int] = []
    total = 0
    for group in order[:-1]:
        after = total + int(sizes[group])
        if not held or abs(after - wanted) < abs(total - wanted):
            held.append(int(group))
            total = after
    test = np.isin(codes, held)
    return np.flatnonzero(~test), np.flatnonzero(test)


def _judged(dataset: Dataset, task: Task) -> Dataset:
    """Return the rows with those that nobody judged as a class of their own, where that may be."""
    target = dataset.schema.target
    if task != "flag" or target is None:
        return dataset
    known = pl.col(target.name).cast(pl.String).fill_null("")
    return replace(dataset, frame=dataset.frame.with_columns(known))


def _by_class(dataset: Dataset, wanted: int, draw: np.random.RandomState) -> tuple[Rows, Rows]:
    """Give every class its share; a class of one row stays in train."""
    target = _column(dataset, "target")
    codes = target.rank("dense").to_numpy().astype(np.int64) - 1
    sizes = np.bincount(codes)
    shares = sizes * (wanted / len(codes))
    takes = np.floor(shares).astype(np.int64)
    rest = np.argsort(-(shares - takes), kind="stable")
    takes[rest[: wanted - int(takes.sum())]] += 1
    takes = np.minimum(takes, sizes - 1)
    if not takes.sum():
        takes[int(np.argmax(sizes))] = 1 if sizes.max() > 1 else 0
    test = np.zeros(len(codes), dtype=bool)
    for code, take in enumerate(takes):
        rows = np.flatnonzero(codes == code)
        test[draw.permutation(rows)[:take]] = True
    if not test.any():
        classes = len(sizes)
        raise DataError("data.few_rows", rows=len(codes), expected=2 * classes)
    train = np.flatnonzero(~test)
    return draw.permutation(train), draw.permutation(np.flatnonzero(test))


def _by_family(
    dataset: Dataset, first: Rows, task: Task, wanted: int, draw: np.random.RandomState
) -> tuple[Rows, Rows]:
    """Give whole families of copies to test, in random order, of each class its share."""
    target = dataset.schema.target
    strata = np.zeros(len(dataset), dtype=np.int64)
    if task in CLASSES and target is not None:
        labels = dataset.frame[target.name].cast(pl.String).fill_null("")
        # A family counts as what its first row is: it is not torn apart over a wrong label.
        strata = labels.rank("dense").to_numpy().astype(np.int64)[first]
    test = np.zeros(len(dataset), dtype=bool)
    for stratum in np.unique(strata):
        rows = np.flatnonzero(strata == stratum)
        heads, sizes = np.unique(first[rows], return_counts=True)
        share = wanted * len(rows) / len(dataset)
        test |= np.isin(first, heads[_filling(sizes, share, draw)])
    if not test.any() or test.all():
        raise DataError("data.one_family", rows=len(dataset), families=len(np.unique(first)))
    return draw.permutation(np.flatnonzero(~test)), draw.permutation(np.flatnonzero(test))


def _filling(sizes: Rows, wanted: float, draw: np.random.RandomState) -> Rows:
    """Return which groups, in random order, bring the sum of their sizes near to what is wanted."""
    held, total = [], 0
    order = draw.permutation(len(sizes))
    for group, size in zip(order.tolist(), sizes[order].tolist(), strict=True):
        if abs(total + size - wanted) < abs(total - wanted):
            held.append(group)
            total += size
    return np.array(held, dtype=np.int64)
