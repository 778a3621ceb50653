"""Texts as directions: runs of characters, the rare ones counting more, on a few axes.

Source: Sparck Jones, 1972, doi:10.1108/eb026526 (rarity); Deerwester et al., 1990 (latent semantic
indexing); Halko, Martinsson and Tropp, 2011, arXiv:0909.4061.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from onnx import helper
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from lingqu.core.errors import SpecError
from lingqu.release.ngrams import ngram_counts

_ROWS = 2048
"""Texts that are counted at a time: bounds memory."""
_TINY = 1e-12


@dataclass(frozen=True)
class Axes:
    """What was found in some texts.

    Args:
        rarity: Of each bucket, (buckets,).
        axes: (width, buckets).
        places: Where each text lies, at length 1, (N, width).
    """

    rarity: NDArray[np.float64]
    axes: NDArray[np.float64]
    places: NDArray[np.float64]

    @classmethod
    def of(
        cls, texts: Sequence[Sequence[str]], grams: tuple[int, int, int], width: int, seed: int
    ) -> Axes:
        """Find axes of texts.

        Args:
            texts: Texts of which each row holds several, side by side: what is said of one thing
                in two languages lies at one place (Dumais et al., 1997, cross-language retrieval).
            grams: Buckets, and characters of the shortest and of the longest run.
            width: Axes, at most.
            seed: Of the search.

        Example:
            >>> Axes.of([["the canal", "a lock"]], (64, 1, 2), 8, 0).places.shape
            (2, 2)
        """
        counts = sum((counted(side, *grams) for side in texts[1:]), counted(texts[0], *grams))
        rows, buckets = counts.shape
        seen = np.bincount(counts.tocsr().indices, minlength=buckets)
        rarity = np.log(rows / (1 + seen)) + 1
        scaled = _scaled(counts.tocsr(), rarity)
        most = min(width, rows, buckets)
        _, _, axes = randomized_svd(scaled, most, random_state=seed)  # (width, buckets)
        return cls(rarity, axes, _unit(np.asarray(scaled @ axes.T)))

    def constants(self) -> dict[str, NDArray[Any]]:
        """Return the constants of `nodes`."""
        return {
            "one": np.ones(1, np.float32), "tiny": np.full(1, _TINY, np.float32),
            "rarity": self.rarity.astype(np.float32), "axes": self.axes.T.astype(np.float32),
        }  # fmt: skip


def nodes() -> list[Any]:
    """Return the nodes of a graph that take counts ``x`` (N, buckets) to ``unit`` (N, width).

    A text's length before the axes does not matter: its direction is what is compared.
    ``ReduceL2`` takes its axes as an attribute, so the graph is of version 17 at most.
    """
    return [
        helper.make_node("Add", ["x", "one"], ["more"]),
        helper.make_node("Log", ["more"], ["logs"]),
        helper.make_node("Mul", ["logs", "rarity"], ["scaled"]),
        helper.make_node("MatMul", ["scaled", "axes"], ["found"]),
        helper.make_node("ReduceL2", ["found"], ["length"], axes=[1], keepdims=1),
        helper.make_node("Max", ["length", "tiny"], ["least"]),
        helper.make_node("Div", ["found", "least"], ["unit"]),
    ]


def refuse_grams(buckets: int, low: int, high: int, width: int) -> None:
    """Refuse options that cannot be.

    Raises:
        SpecError: There is one; it says what was expected.
    """
    if not 1 <= low <= high:
        raise SpecError("replies.bad_option", option="high", expected=f"≥ low ({low})",
                        received=high)  # fmt: skip
    for option, received, least in (("buckets", buckets, 16), ("width", width, 2)):
        if received < least:
            raise SpecError("replies.bad_option", option=option, expected=f"≥ {least}",
                            received=received)  # fmt: skip


def counted(texts: Sequence[str], buckets: int, low: int, high: int) -> sparse.csr_matrix:
    """Return the counts of the hashed runs of characters of texts, (N, buckets)."""
    lowered = pl.Series(texts, dtype=pl.String).str.to_lowercase()
    parts = [
        sparse.csr_matrix(ngram_counts(lowered[start : start + _ROWS], buckets, low, high))
        for start in range(0, len(texts), _ROWS)
    ]
    return sparse.vstack(parts, format="csr")


def _scaled(counts: sparse.csr_matrix, rarity: NDArray[np.float64]) -> sparse.csr_matrix:
    """Return log counts times rarity, each row of length 1."""
    scaled = counts.astype(np.float64)
    scaled.data = np.log1p(scaled.data) * rarity[scaled.indices]
    lengths = np.sqrt(np.asarray(scaled.multiply(scaled).sum(axis=1)).ravel())
    return sparse.diags(1 / np.maximum(lengths, _TINY)) @ scaled


def _unit(x: NDArray[np.float64]) -> NDArray[np.float64]:
    unit: NDArray[np.float64] = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), _TINY)
    return unit
