"""What an answer rests on: words and blocks of a picture are hidden one at a time."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.check.importance import edges
from lingqu.core.predictions import Predictions

Answer = Callable[[pl.DataFrame], Predictions]
PIECES = 40
"""Pieces of a text that are hidden in turn, at most."""
GRID = 8
"""Blocks along a side of a picture, at most."""
_NUMBERS = 2**24
"""Numbers of pictures that are asked at once: bounds the memory."""
_DENSE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_DENSE}]|(?:(?![{_DENSE}])\w)+")


def pieces(text: str, most: int = PIECES) -> list[str]:
    """Return a text cut before its words: a run of letters, or one Chinese character, is one.

    Where there are too many, neighbours stay together. The pieces joined are the text.

    Example:
        >>> pieces("Good canal, 灵渠!"), pieces("a b c d", most=2)
        (['Good ', 'canal, ', '灵', '渠!'], ['a b ', 'c d'])
    """
    starts = [found.start() for found in _WORD.finditer(text)]
    if not starts:
        return [text] if text else []
    step = -(-len(starts) // most)
    cuts = [0, *starts[step::step], len(text)]
    return [text[a:b] for a, b in pairwise(cuts)]


def on_words(row: pl.DataFrame, column: str, answer: Answer) -> list[tuple[str, float]]:
    """Return each piece of a text with how much the answer loses when it is left out.

    Args:
        row: One row as `answer` reads it.
        column: The text.
        answer: Rows → answers.

    Returns:
        Piece and loss, in order: of the chance of the class that was said, or of the value.
        Negative: the answer would be surer without it.

    Example:
        >>> def answer(frame):
        ...     good = frame["note"].str.contains("good").cast(pl.Float64).to_numpy()
        ...     return Predictions(good)
        >>> on_words(pl.DataFrame({"note": ["a good canal"]}), "note", answer)
        [('a ', 0.0), ('good ', 1.0), ('canal', 0.0)]

    Source: Li, Monroe and Jurafsky, "Understanding neural networks through representation
        erasure", 2016, arXiv:1612.08220 (words left out).
    """
    text = row.get_column(column)[0]
    parts = pieces(str(text)) if text is not None else []
    if len(parts) < 2:
        return []
    changed = ["".join(parts[:at] + parts[at + 1 :]) for at in range(len(parts))]
    whole = _told(row, row.get_column(column), answer)
    lost = _lost(whole, _told(row, pl.Series(column, changed, dtype=pl.String), answer))
    return list(zip(parts, lost, strict=True))


def on_patches(
    row: pl.DataFrame, column: str, picture: NDArray[np.float32], plain: NDArray[np.float32],
    answer: Answer,
) -> list[list[float]]:  # fmt: skip
    """Return how much the answer loses when each block of a picture is hidden.

    Args:
        row: One row as `answer` reads it.
        column: The picture.
        picture: Its pixels, (H, W) or (H, W, C).
        plain: What a hidden block shows, of the same shape: the mean picture.
        answer: Rows → answers.

    Returns:
        At most 8 × 8 losses, row by row, as `on_words` tells them.

    Source: Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014,
        arXiv:1311.2901, section 2.1.
    """
    across = edges(picture.shape[1], GRID)
    blocks = [(up, side) for up in edges(picture.shape[0], GRID) for side in across]
    whole = _told(row, pl.Series(column, picture[None]), answer)
    few = max(1, _NUMBERS // picture.size)
    lost: list[float] = []
    for first in range(0, len(blocks), few):
        some = blocks[first : first + few]
        shown = np.repeat(picture[None], len(some), axis=0)
        for at, ((top, bottom), (start, end)) in enumerate(some):
            shown[at, top:bottom, start:end] = plain[top:bottom, start:end]
        lost += _lost(whole, _told(row, pl.Series(column, shown), answer))
    return [lost[at : at + len(across)] for at in range(0, len(lost), len(across))]


def _told(row: pl.DataFrame, shown: pl.Series, answer: Answer) -> Predictions:
    """Return the answers to a row with each of the cells in its place."""
    return answer(row[[0] * len(shown)].with_columns(shown))


def _lost(whole: Predictions, said: Predictions) -> list[float]:
    """Return how much less each answer gives to what was said of the whole row."""
    if whole.probabilities is None or said.probabilities is None:
        before, after = float(whole.labels[0]), np.asarray(said.labels, dtype=np.float64)
    else:
        label = int(whole.labels[0])
        before, after = float(whole.probabilities[0, label]), said.probabilities[:, label]
    return [round(float(before - each), 5) + 0.0 for each in after]  # no −0
