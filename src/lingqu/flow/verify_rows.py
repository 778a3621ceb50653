"""Rows of the task verify: things with an identity become pairs, same or different.

A pair has every column twice, the second with `OTHER` behind its name. Identities are dealt into
parts, and both sides of a pair are of one part: whoever keeps a part together, as the split and
the folds do with every group, judges by identities that were never learned from.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.data_section import DataSection
from lingqu.core.errors import DataError, SpecError
from lingqu.core.minhash import clusters
from lingqu.core.nouns import Dataset
from lingqu.core.row_digest import of_rows
from lingqu.core.schema import Column, Schema
from lingqu.learn.verify import CLASSES, FIRST, OTHER, SECOND

FOR_PAIRS = frozenset({"contract", "mask", "repair_encoding", "log_mel"})
"""Operators that the task gets where none is named: those that treat both sides alike. A thing is
in several pairs, which are no copies of each other."""
PART = ".part"
"""Behind the name of the target: the part of the identities that a pair is made of."""
FEWEST = 6
"""Identities from which two can be learned, two decide on the model and two judge it."""
_PARTS = 10
_IN_PART = 4
"""Identities of a part, at least, where there are enough of them."""
_MOST = 20_000
"""Pairs that are made, at most."""
_SAME = frozenset({"same", "true", "yes", "1", "1.0", "t", "y", "match", "相同", "同一", "是"})
_DIFFERENT = frozenset(
    {"different", "false", "no", "0", "0.0", "f", "n", "mismatch", "-1", "不同", "否"}
)
Rows = NDArray[np.int64]


def paired(dataset: Dataset, data: DataSection) -> Dataset:
    """Return pairs with the target ``different`` or ``same``.

    Args:
        dataset: Things with an identity as the target, or pairs whose target says whether both
            sides are the same.
        data: What the channel says of the data.

    Raises:
        DataError: Too few identities, none with two rows, or pairs of which only one side of a
            column is there.
        SpecError: What is declared cannot be kept where identities keep the rows apart.

    Example:
        >>> frame = pl.DataFrame({"x": range(12), "who": list("aabbccddeeff")})
        >>> schema = Schema((Column("x", "number"), Column("who", "category", "target")))
        >>> found = paired(Dataset(frame, schema), DataSection(source="a.csv"))
        >>> found.frame.columns
        ['x', 'x.other', 'who', 'who.first', 'who.second', 'who.part']
    """
    target = dataset.schema.target
    assert target is not None  # `ready` refuses rows without one
    if any(column.name.endswith(OTHER) for column in dataset.schema.features):
        return _as_given(dataset, target)
    _refuse(data)
    return _made(dataset, target, data.seed)


def _made(dataset: Dataset, target: Column, seed: int) -> Dataset:
    """Return pairs of the things, as many of two identities as of one."""
    names = dataset.frame.get_column(target.name).cast(pl.String)
    identity = names.rank("dense").to_numpy().astype(np.int64) - 1
    count = int(identity.max()) + 1
    if count < FEWEST:
        raise DataError("verify.few", target=target.name, count=count, expected=FEWEST)
    random = np.random.default_rng(seed)
    parts = int(np.clip(count // _IN_PART, 3, _PARTS))
    part = (random.permutation(count) % parts)[identity]
    same = _alike(identity, random)
    if not len(same):
        raise DataError("verify.all_single", target=target.name, rows=len(names), count=count)
    pairs = np.concatenate([same, _unlike(identity, part, part[same[:, 0]], random)])
    is_same = np.arange(len(pairs)) < len(same)
    some = random.permutation(len(pairs))[:_MOST]
    pairs, is_same = pairs[some], is_same[some]
    single = int((np.bincount(identity) == 1).sum())
    noted = target.noted(
        "verify.reason_pairs", rows=len(names), identities=count, single=single,
        same=int(is_same.sum()), different=int((~is_same).sum()),
    )  # fmt: skip
    labels = [f"part {number + 1}" for number in part[pairs[:, 0]]]
    beside = {
        noted.name: pl.Series([CLASSES[int(one)] for one in is_same], dtype=pl.String),
        noted.name + FIRST: pl.Series(identity[pairs[:, 0]]),
        noted.name + SECOND: pl.Series(identity[pairs[:, 1]]),
        noted.name + PART: pl.Series(labels),
    }
    return _joined(dataset, pairs, noted, beside)


def _refuse(data: DataSection) -> None:
    """Refuse what would tear identities apart, or weigh a thing that is in several pairs."""
    given = {"time": data.time, "group": data.group, "weight": data.weight}
    given["split"] = data.split if data.split not in ("auto", "group") else None
    for option, value in given.items():
        if value:
            raise SpecError("verify.not_with", option=option, received=value)


def _alike(identity: Rows, random: np.random.Generator) -> Rows:
    """Return pairs (P, 2) in which every row meets the next of its identity, round in a ring."""
    order = np.lexsort((random.random(len(identity)), identity))
    found: list[Rows] = []
    for rows in np.split(order, np.flatnonzero(np.diff(identity[order])) + 1):
        if len(rows) > 1:  # of two rows the way back is the same pair
            ring = np.stack([rows, np.roll(rows, -1)], axis=1)
            found.append(ring if len(rows) > 2 else ring[:1])
    return np.concatenate(found) if found else np.zeros((0, 2), dtype=np.int64)


def _unlike(identity: Rows, part: Rows, wanted: Rows, random: np.random.Generator) -> Rows:
    """Return as many pairs of two identities as are wanted in each part; lone rows come first."""
    alone = np.bincount(identity)[identity] == 1
    found: list[Rows] = []
    for number in np.unique(part):
        rows = random.permutation(np.flatnonzero(part == number))
        count = int((wanted == number).sum())
        lefts = np.resize(rows[np.argsort(~alone[rows], kind="stable")], count)
        for left in lefts.tolist():
            others = rows[identity[rows] != identity[left]]
            found.append(np.array([left, random.choice(others)], dtype=np.int64))
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _joined(dataset: Dataset, pairs: Rows, target: Column, beside: dict[str, pl.Series]) -> Dataset:
    """Return the columns of both sides, with what is known of the pair."""
    sides = [c for c in dataset.schema if c.role in ("feature", "protected", "id")]
    columns: list[Column] = []
    series: list[pl.Series] = []
    for column in sides:
        cells = dataset.frame.get_column(column.name)
        for side, ending in ((0, ""), (1, OTHER)):
            columns.append(replace(column, name=column.name + ending))
            series.append(cells[pairs[:, side]].alias(column.name + ending))
    columns.append(replace(target, kind="category", levels=CLASSES))
    columns += [Column(target.name + ending, "number", "ignored") for ending in (FIRST, SECOND)]
    if target.name + PART in beside:
        columns.append(Column(target.name + PART, "category", "group").noted("verify.reason_part"))
    series += [cells.alias(name) for name, cells in beside.items()]
    frame, schema = pl.DataFrame(series), Schema(tuple(columns))
    return replace(dataset, frame=frame, schema=schema, digest="")


def _as_given(dataset: Dataset, target: Column) -> Dataset:
    """Return pairs that were given as such, with the identities that they imply.

    Raises:
        DataError: A column without its other side, or a target that is not same or different.
    """
    schema, frame = dataset.schema, dataset.frame
    firsts = [c.name for c in schema.features if not c.name.endswith(OTHER)]
    names = {column.name for column in schema.features}
    lonely = names ^ {name + ending for name in firsts for ending in ("", OTHER)}
    if lonely:
        raise DataError("verify.one_side", columns=", ".join(sorted(lonely)[:10]))
    words = frame.get_column(target.name).cast(pl.String).str.strip_chars().str.to_lowercase()
    same = words.is_in(list(_SAME)).to_numpy()
    if not (same | words.is_in(list(_DIFFERENT)).to_numpy()).all():
        seen = ", ".join(repr(word) for word in words.unique().sort().head(8))
        raise DataError("verify.not_two", target=target.name, received=seen)
    first, second = _things(frame, firsts)
    count = int(max(first.max(), second.max())) + 1
    identity = clusters(np.stack([first, second], axis=1)[same], count)
    columns = [
        replace(c, kind="category", levels=CLASSES).noted("verify.reason_given")
        if c.name == target.name else c
        for c in schema
    ]  # fmt: skip
    columns += [Column(target.name + ending, "number", "ignored") for ending in (FIRST, SECOND)]
    beside = [
        pl.Series(target.name, [CLASSES[int(one)] for one in same], dtype=pl.String),
        pl.Series(target.name + FIRST, identity[first]),
        pl.Series(target.name + SECOND, identity[second]),
    ]
    part = clusters(np.stack([first, second], axis=1), count)[first]
    sizes = np.unique(part, return_counts=True)[1]
    free = not (schema.having("group") or schema.having("time"))
    if free and len(sizes) >= FEWEST and sizes.max() <= len(part) / 2:
        parts = pl.Series(target.name + PART, [f"part {number}" for number in part])
        beside.append(parts)
        columns.append(Column(parts.name, "category", "group").noted("verify.reason_chain"))
    frame = frame.with_columns(beside)
    return replace(dataset, frame=frame, schema=Schema(tuple(columns)), digest="")


def _things(frame: pl.DataFrame, firsts: list[str]) -> tuple[Rows, Rows]:
    """Return the number of the thing on either side of each pair; equal things share one."""
    sides = (of_rows(frame, firsts), of_rows(frame, [name + OTHER for name in firsts]))
    known = np.unique(np.concatenate(sides), return_inverse=True)[1].astype(np.int64)
    return known[: frame.height], known[frame.height :]
