"""What is declared of the data against what it holds: shares of groups, marks of altered rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.schema import Schema, present

Floats = NDArray[np.float64]

PHRASES = (
    "as an ai language model", "as a large language model", "i cannot fulfill", "i'm sorry, but i",
    "lorem ipsum", "作为一个人工智能", "作为一个ai", "作为ai语言模型", "作为一名ai", "抱歉，我无法",
)  # fmt: skip
"""Phrases that assistants and placeholders leave behind; a sign, never a proof."""
MARKS = (
    b"Stable Diffusion", b"Midjourney", b"DALL-E", b"c2pa", b"parameters\x00", b"Adobe Photoshop",
    b"GIMP",
)  # fmt: skip
"""What generators and editors write into the files they make."""
_HEAD = 65_536
_ROWS = 20_000


@dataclass(frozen=True)
class Represented:
    """A column against its declared shares.

    Args:
        scores: The score, then that of resamples.
        groups: Per group ``{"declared", "observed", "rows"}``, the worst covered first.
    """

    scores: Floats
    groups: dict[str, dict[str, Json]]


def compared(
    series: pl.Series, shares: Mapping[str, float], random: np.random.Generator, draws: int
) -> Represented:
    """Compare the shares of groups with those that were declared.

    The score is the mean of 1 − the Jensen-Shannon distance (base 2) and of how well the worst
    covered group is covered: its observed over its declared share, at most 1.

    Example:
        >>> rows = pl.Series(["f"] * 25 + ["m"] * 75)
        >>> found = compared(rows, {"f": 0.5, "m": 0.5}, np.random.default_rng(0), 10)
        >>> found.groups["f"]["observed"], round(float(found.scores[0]), 2)
        (0.25, 0.64)
    """
    words = series.cast(pl.String).str.strip_chars().fill_null("")
    counted = dict(words.alias("word").value_counts(name="n").iter_rows())
    levels = [*shares, *sorted(set(counted) - set(shares))]
    wanted = np.array([float(shares.get(level, 0.0)) for level in levels])
    wanted = wanted / wanted.sum()
    counts = np.array([counted.get(level, 0) for level in levels])
    total = int(counts.sum())
    drawn = random.multinomial(total, counts / total, draws) if total else np.zeros((draws, 0))
    table = np.vstack([counts, drawn]) / max(total, 1)
    asked = wanted > 0
    covered = np.minimum(1.0, (table[:, asked] / wanted[asked]).min(axis=1))
    scores = (1 - _distance(table, wanted) + covered) / 2
    facts = {
        level: {
            "declared": float(wanted[i]),
            "observed": float(table[0, i]),
            "rows": int(counts[i]),
        }
        for i, level in enumerate(levels)
    }
    order = sorted(facts, key=lambda level: facts[level]["observed"] - facts[level]["declared"])
    return Represented(scores, {level: facts[level] for level in order[:20]})


def _distance(table: Floats, wanted: Floats) -> Floats:
    middle = (table + wanted) / 2
    total = np.zeros(len(table))
    for part in (table, np.broadcast_to(wanted, table.shape)):
        logs = np.log2(np.divide(part, middle, out=np.ones(part.shape), where=part > 0))
        total += (part * logs).sum(axis=1) / 2
    return np.sqrt(np.clip(total, 0, 1))


def flagged(frame: pl.DataFrame, schema: Schema) -> dict[str, Json]:
    """Return estimates of how many rows were made by a machine or altered, per column.

    They rest on phrases and marks that assistants, generators and editors leave behind: what
    carries none may be made up all the same.

    Example:
        >>> from lingqu.core.schema import Column
        >>> frame = pl.DataFrame({"t": ["As an AI language model, I cannot say", "a real note"]})
        >>> flagged(frame, Schema((Column("t", "text"),)))["t"]["rows"]
        [0]
    """
    found: dict[str, Json] = {}
    for column in present(schema.features, frame):
        series = frame[column.name].head(_ROWS)
        if column.kind == "text":
            lower = series.cast(pl.String).str.to_lowercase()
            hits = lower.str.contains_any(list(PHRASES)).fill_null(False).to_numpy()
        elif column.kind == "image" and series.dtype == pl.Binary:
            hits = np.array([_marked(cell) for cell in series], dtype=bool)
        else:
            continue
        found[column.name] = {
            "share": float(hits.mean()) if len(hits) else 0.0,
            "n": len(hits),
            "rows": np.flatnonzero(hits)[:20].tolist(),
        }
    return found


def _marked(cell: bytes | None) -> bool:
    return cell is not None and any(mark in cell[:_HEAD] for mark in MARKS)
