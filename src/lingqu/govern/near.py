"""Rows that are nearly alike: free text by MinHash, pictures by perceptual hash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import SpecError
from lingqu.core.image_hash import THRESHOLD as IMAGE_THRESHOLD
from lingqu.core.image_hash import ImageHashes, image_hashes, image_similarity, near_images
from lingqu.core.minhash import clusters, near_pairs, signatures
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column
from lingqu.core.shingles import jaccard
from lingqu.core.surroundings import Memory
from lingqu.release.media import pixels

TEXT_THRESHOLD = 0.8
LEAST = 0.5
"""Least similarity that can be asked for: below it rows are about the same thing, not copies."""
FREE_TEXT = 45
"""Mean bytes from which a column is free text: 45 letters, 15 Chinese characters."""
MOST_ROWS = 50_000
MOST_FILES = 2_000
"""Rows, and rows whose pictures must be decoded, compared when near copies are only reported."""
PAIRS = 12
"""Most pairs shown with what they say."""
SHOWN = 200
"""Characters of a text that are shown."""
_LOOK = 1000

Wanted = Literal["off", "report", "auto"] | float
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Near:
    """Near pairs of rows.

    Args:
        texts: Names of the text columns compared, together, as one text.
        images: Names of the image columns compared.
        pairs: Row numbers ``[earlier, later]`` of the frame, int64, shape (P, 2).
        similarity: Of the texts, or of the pictures where there are no texts, shape (P,).
        compared: How many rows were compared.
        left_out: How many were not, because near copies were only to be reported.
    """

    texts: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    pairs: Rows = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))
    similarity: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    compared: int = 0
    left_out: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.texts, *self.images)


def refuse_near(operator: str, near: object) -> None:
    """Refuse an option `near` that is out of range.

    Raises:
        SpecError: It is a number outside 0.5 to 1 (0 and false mean off).
    """
    if isinstance(near, int | float) and near and not LEAST <= near <= 1:
        raise SpecError("duplicates.near", operator=operator, least=LEAST, received=near)


def marks_near(near: Wanted) -> bool:
    """Say whether near copies were asked to be acted upon, not only to be reported."""
    return near == "auto" or (not isinstance(near, str) and bool(near))


def near_rows(
    dataset: Dataset,
    rows: Rows,
    names: Iterable[str],
    near: Wanted,
    memory: Memory | None = None,
) -> Near:
    """Find near copies among some rows of a dataset.

    Args:
        dataset: Its free-text columns count as one text; with several columns a pair must be
            near in each.
        rows: Numbers of the rows to compare, ascending.
        names: Columns to choose from.
        near: ``report`` (a bounded number of rows), ``auto`` or a threshold (every row).
        memory: What earlier runs saw of these columns; near copies of texts only.
    """
    number = not isinstance(near, str)
    columns = [dataset.schema[name] for name in names]
    texts = _free_texts(dataset.frame, columns, marks_near(near))
    images = [c.name for c in columns if c.kind == "image" and len(c.shape) in (2, 3)]
    if not texts and not images:
        return Near()
    encoded = any(not dataset.frame.schema[name].is_nested() for name in images)
    most = len(rows) if marks_near(near) else MOST_FILES if encoded else MOST_ROWS
    read = rows[:most]
    pairs: Rows = np.zeros((0, 2), dtype=np.int64)
    similarity = np.zeros(0)
    if texts:
        cells = joined(dataset.frame, read, texts)
        least = float(near) if number else TEXT_THRESHOLD
        pairs, similarity = text_pairs(cells, least, ", ".join(texts), memory)
        pairs = read[pairs]
    for index, name in enumerate(images):
        least = float(near) if number else IMAGE_THRESHOLD
        if texts or index:
            pairs, similarity = _seen_alike(dataset, name, pairs, similarity, least)
        else:
            present, hashes = _hashes(dataset, name, read)
            pairs, similarity = near_images(hashes, least)
            pairs = present[pairs]
    left_out = len(rows) - len(read)
    return Near(tuple(texts), tuple(images), pairs, similarity, len(read), left_out)


def text_pairs(
    texts: pl.Series, least: float, name: str, memory: Memory | None
) -> tuple[Rows, NDArray[np.float64]]:
    """Return the near copies among texts: rows ``[earlier, later]`` and similarities.

    Args:
        texts: One per row; missing ones are passed over.
        least: Least similarity.
        name: What the memory knows these texts by.
        memory: What earlier runs saw of them.
    """
    if memory is None:
        held = texts.to_list()
        return near_pairs(signatures(held), least, held)
    table, kept = memory.recall(name, least)
    seen = table.add(texts)
    memory.keep(name, table, kept)
    return table.pairs_of(seen.rows)


def _free_texts(frame: pl.DataFrame, columns: Sequence[Column], declared: bool) -> list[str]:
    """Return the columns of free text; where near copies were declared, the longest at least."""
    lengths = {
        c.name: frame.get_column(c.name).drop_nulls().head(_LOOK).str.len_bytes().mean() or 0.0
        for c in columns
        if c.kind == "text" and frame.get_column(c.name).dtype == pl.String
    }
    free = [name for name, length in lengths.items() if float(str(length)) >= FREE_TEXT]
    if free or not declared or not lengths:
        return free
    return [max(lengths, key=lambda name: float(str(lengths[name])))]


def joined(frame: pl.DataFrame, rows: Rows, names: Sequence[str]) -> pl.Series:
    """Return the texts of some rows, several columns as one."""
    part = frame.select(names)[rows]
    cells = pl.concat_str(pl.all(), separator="\n", ignore_nulls=True)
    return part.select(cells.alias("text")).to_series()


def _hashes(dataset: Dataset, name: str, rows: Rows) -> tuple[Rows, ImageHashes]:
    """Return the rows that hold a picture, and their hashes."""
    series = dataset.frame.get_column(name)[rows]
    present = rows[series.is_not_null().to_numpy()]
    hashes = [image_hashes(np.zeros((0, 1, 1), dtype=np.float32))]
    for start in range(0, len(present), _LOOK):
        some = dataset.frame.get_column(name)[present[start : start + _LOOK]]
        hashes.append(image_hashes(pixels(some, dataset.schema[name].shape)))
    return present, ImageHashes.concat(hashes)


def _seen_alike(
    dataset: Dataset, name: str, pairs: Rows, similarity: NDArray[np.float64], least: float
) -> tuple[Rows, NDArray[np.float64]]:
    """Keep the pairs whose pictures are near, or missing on both sides."""
    asked = np.unique(pairs)
    present, hashes = _hashes(dataset, name, asked)
    there = np.isin(pairs, present)
    score = np.where(there.any(axis=1), 0.0, 1.0)
    both = there.all(axis=1)
    one, two = (hashes.take(np.searchsorted(present, pairs[both, side])) for side in (0, 1))
    score[both] = image_similarity(one, two)
    keep = score >= least
    return pairs[keep], similarity[keep]


def partners(
    pairs: Rows, similarity: NDArray[np.float64], count: int
) -> tuple[Rows, NDArray[np.float64]]:
    """Return for each row the row it copies, such that a copied row itself stays.

    Rows are judged in order: a row is a copy if one of its near rows stands before it and stays;
    so no chain of small steps removes a row of which nothing similar is left.

    Returns:
        The row copied, -1 for a row that stays, int64, shape (N,), and the similarity.

    Example:
        >>> partners(np.array([[0, 1], [1, 2]]), np.array([0.9, 0.9]), 3)[0].tolist()
        [-1, 0, -1]
    """
    copied = np.full(count, -1, dtype=np.int64)
    score = np.zeros(count)
    order = np.lexsort((-similarity, pairs[:, 1]))
    for (one, two), value in zip(pairs[order].tolist(), similarity[order].tolist(), strict=True):
        if copied[two] < 0 and copied[one] < 0:
            copied[two], score[two] = one, value
    return copied, score


def described(
    dataset: Dataset, found: Near, label: str, equal: NDArray[np.bool_], marked: bool
) -> dict[str, Json]:
    """Return the part of a report about near copies, with both texts of a few pairs side by side.

    Args:
        dataset: The rows.
        found: Their near pairs.
        label: Name of the target, or ``""``.
        equal: Which pairs are equal in every other column, the target apart.
        marked: Whether near copies were marked.
    """
    roots = clusters(found.pairs, dataset.frame.height)
    members = np.unique(found.pairs)
    clash = clashes(dataset.frame, label, found.pairs)
    order = np.argsort(roots[members], kind="stable")
    owner = roots[members][order]
    opens = np.flatnonzero(np.concatenate([[True], owner[1:] != owner[:-1]])[: owner.size])
    return {
        "columns": list(found.columns),
        "compared": found.compared,
        "left_out": found.left_out,
        "marked": marked,
        "groups": int(opens.size),
        "rows": int(members.size),
        "equal_elsewhere": int((equal & ~clash).sum()),
        "conflicting_labels": int(np.unique(found.pairs[clash]).size),
        "samples": [
            group.tolist()[: SHOWN // 10] for group in np.split(members[order], opens[1:])[:PAIRS]
        ]
        if owner.size
        else [],
        "pairs": shown(dataset, found, label, _telling(found, roots, clash)),
    }


def clashes(frame: pl.DataFrame, label: str, pairs: Rows) -> NDArray[np.bool_]:
    """Return which pairs carry two different labels; a missing label contradicts nothing."""
    if not label:
        return np.zeros(len(pairs), dtype=bool)
    series = frame.get_column(label)
    one, two = series[pairs[:, 0]], series[pairs[:, 1]]
    return (one != two).fill_null(False).to_numpy()


def _telling(found: Near, roots: Rows, clash: NDArray[np.bool_]) -> Rows:
    """Choose pairs to show: conflicts first, one of each group, from the least alike on."""
    order = np.lexsort((found.similarity, ~clash))
    _, first = np.unique(roots[found.pairs[order, 0]], return_index=True)
    chosen = order[np.sort(first)]
    spread = np.linspace(0, chosen.size - 1, min(PAIRS, chosen.size)).round().astype(np.int64)
    return chosen[spread]


def shown(dataset: Dataset, found: Near, label: str, chosen: Rows) -> list[dict[str, Json]]:
    """Return the first of some pairs: rows, similarity, both texts (cut), labels if they differ."""
    frame, entries = dataset.frame, []
    chosen = chosen[:PAIRS]
    for one, two, similarity in zip(
        *found.pairs[chosen].T.tolist(), found.similarity[chosen].tolist(), strict=True
    ):
        entry: dict[str, Json] = {"rows": [one, two]}
        if found.texts:
            both = joined(frame, np.array([one, two]), found.texts).to_list()
            # Signatures only estimate; what is shown is counted.
            similarity = float(jaccard(both[:1], both[1:])[0])
            entry["texts"] = [(text or "")[:SHOWN] for text in both]
        entry["similarity"] = round(similarity, 4)
        if label:
            labels = frame.get_column(label)[[one, two]].cast(pl.String).to_list()
            if labels[0] != labels[1]:
                entry["labels"] = labels
        entries.append(entry)
    return entries


def without_texts(report: Mapping[str, Json], hidden: Iterable[str]) -> dict[str, Json]:
    """Return a report that shows no text of these columns, only row numbers.

    Near copies are looked for in rows as they were read, before anything is masked.
    """
    near = report.get("near")
    if not near or not set(hidden) & set(near["columns"]):
        return dict(report)
    bare = [
        {**pair, "texts": ["***", "***"]} if "texts" in pair else pair for pair in near["pairs"]
    ]
    return {**report, "near": {**near, "pairs": bare}}
