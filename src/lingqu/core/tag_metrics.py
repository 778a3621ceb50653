"""Scores of tags beside the wanted ones: token by token, and span by span."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Tags = Sequence[str]
Span = tuple[int, int, str]


def token_counts(wanted: Sequence[Tags], said: Sequence[Tags]) -> tuple[list[str], Floats]:
    """Return the tags, and of each row how often each was hit, said and wanted.

    Returns:
        Names in order, and float64 of shape (N, 3, names). Where an answer has fewer tags than
        are wanted, the rest is missed.

    Example:
        >>> token_counts([["N", "V"]], [["N", "N"]])[1].tolist()
        [[[1.0, 0.0], [2.0, 0.0], [1.0, 1.0]]]
    """
    names = sorted({tag for row in (*wanted, *said) for tag in row})
    place = {name: number for number, name in enumerate(names)}
    counts = np.zeros((len(wanted), 3, len(names)))
    for row, (want, have) in enumerate(zip(wanted, said, strict=True)):
        for tag in have:
            counts[row, 1, place[tag]] += 1
        for tag in want:
            counts[row, 2, place[tag]] += 1
        for tag, other in zip(want, have, strict=False):
            counts[row, 0, place[tag]] += tag == other
    return names, counts


def token_accuracy(counts: Floats) -> Floats:
    """Return the share of wanted tags that were said, (B, 3, names) → (B,)."""
    hits, _, wanted = (counts[:, place].sum(axis=1) for place in range(3))
    return _share(hits, wanted)


def token_f1(counts: Floats) -> Floats:
    """Return the mean F1 of the tags that are wanted or said, (B, 3, names) → (B,)."""
    hits, said, wanted = (counts[:, place] for place in range(3))
    seen = said + wanted > 0
    each = np.where(seen, 2 * hits / np.where(seen, said + wanted, 1), 0)
    return _share(each.sum(axis=1), seen.sum(axis=1).astype(float))


def span_counts(wanted: Sequence[Tags], said: Sequence[Tags]) -> Floats:
    """Return of each row how many spans were hit, said and wanted, (N, 3)."""
    rows = []
    for want, have in zip(wanted, said, strict=True):
        theirs, ours = spans(want), spans(have)
        rows.append([len(theirs & ours), len(ours), len(theirs)])
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def span_f1(counts: Floats) -> Floats:
    """Return F1 over all spans, (B, 3) → (B,); NaN where there is none.

    Source: Tjong Kim Sang and De Meulder, 2003, arXiv:cs/0306050.
    """
    return _share(2 * counts[:, 0], counts[:, 1] + counts[:, 2])


def spans(tags: Tags) -> frozenset[Span]:
    """Return the spans that tags of the form ``B-x``, ``I-x`` (``E-x``, ``S-x``) and ``O`` mean.

    What continues no span begins one.

    Example:
        >>> sorted(spans(["B-PER", "I-PER", "O", "I-LOC"]))
        [(0, 2, 'PER'), (3, 4, 'LOC')]
    """
    found: list[Span] = []
    kind, start = "", 0
    for place, tag in enumerate([*tags, "O"]):
        prefix, dash, name = tag.partition("-")
        inside = bool(dash) and prefix in ("B", "I", "E", "S")
        if kind and (not inside or name != kind or prefix in ("B", "S")):
            found.append((start, place, kind))
            kind = ""
        if inside and not kind:
            kind, start = name, place
        if inside and prefix in ("E", "S"):
            found.append((start, place + 1, kind))
            kind = ""
    return frozenset(found)


def _share(above: Floats, below: Floats) -> Floats:
    return np.where(below > 0, above / np.where(below > 0, below, 1), np.nan)
