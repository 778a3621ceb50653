"""Text → the numbers of its pieces, as the tokeniser of a pre-trained model cuts it.

The tokeniser travels as the text of its ``tokenizer.json``, so that answering rows needs the
package `tokenizers` and nothing of the library that the model comes from. What stands in the
tensor is the number of a piece plus one: 0 is a place behind the end of a text (decision 0012), and
the graph takes the one off again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from tokenizers import Tokenizer

from lingqu.core.errors import DataError, GateError, gist
from lingqu.core.nouns import Json

_log = logging.getLogger(__name__)
BETWEEN = "\n"
"""Stands between the texts of two columns."""


class Pieces:
    """The pieces of the texts of one or more columns as one sequence.

    A text with more pieces than the model reads is cut where `cut` says so, and counted; otherwise
    it is refused.
    """

    ragged: ClassVar[bool] = True

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._columns: list[str] = block["columns"]
        self._cut = bool(block["cut"])
        self.width = int(block["length"])
        self._tokenizer = opened(block["tokenizer"], self.width if self._cut else 0)

    def write(self, frame: pl.DataFrame, out: NDArray[np.float32]) -> None:
        out[:] = 0
        texts = joined([frame.get_column(name) for name in self._columns])
        cut, longest = 0, 0
        for row, text in enumerate(texts):
            encoded = self._tokenizer.encode(text)
            ids = encoded.ids
            if len(ids) > self.width:
                cut, longest = cut + 1, max(longest, len(ids))
                continue
            cut += bool(encoded.overflowing)
            out[row, : len(ids)] = ids
            out[row, : len(ids)] += 1
        if longest:
            raise DataError(
                "release.too_many_pieces", column=", ".join(self._columns), rows=cut,
                received=longest, expected=self.width,
            )  # fmt: skip
        if cut:
            _log.info("%d of %d texts were cut to %d pieces", cut, len(texts), self.width)


@lru_cache(maxsize=4)
def opened(text: str, most: int = 0) -> Tokenizer:
    """Return a tokeniser that does not pad, out of the text of its file.

    Args:
        text: What is in ``tokenizer.json``.
        most: Pieces to which a text is cut; 0 for none.

    Raises:
        GateError: It is not such a file.
    """
    try:
        tokenizer = Tokenizer.from_str(text)
    except Exception as error:  # the package raises the plain class
        raise GateError("release.bad_tokenizer", problem=gist(error)) from error
    tokenizer.no_padding()
    if most:
        tokenizer.enable_truncation(most)
    else:
        tokenizer.no_truncation()
    return tokenizer


def joined(columns: Sequence[pl.Series]) -> list[str]:
    """Return the texts of several columns as one text per row; a missing one is empty.

    Example:
        >>> joined([pl.Series(["lock", None]), pl.Series(["gate", "weir"])])
        ['lock\\ngate', '\\nweir']
    """
    lists = [column.cast(pl.String).fill_null("").to_list() for column in columns]
    return [BETWEEN.join(texts) for texts in zip(*lists, strict=True)]


def lengths(texts: Sequence[str], tokenizer: Tokenizer) -> NDArray[np.int64]:
    """Return how many pieces each text has, (N,)."""
    return np.array([len(tokenizer.encode(text).ids) for text in texts], dtype=np.int64)


def pieces_block(names: Sequence[str], tokenizer: str, length: int, cut: bool) -> dict[str, Json]:
    """Return the block that reads columns of text in pieces.

    Args:
        names: Columns of text.
        tokenizer: Text of the ``tokenizer.json`` of the model.
        length: Most pieces of a row.
        cut: Whether longer texts are cut, rather than refused.
    """
    return {
        "type": "pieces", "columns": list(names), "tokenizer": small(tokenizer), "length": length,
        "cut": cut,
    }  # fmt: skip


def small(tokenizer: str) -> str:
    """Return the text of a ``tokenizer.json`` without the blanks between its parts.

    Example:
        >>> small('{"a": [1, 2]}')
        '{"a":[1,2]}'
    """
    return json.dumps(json.loads(tokenizer), ensure_ascii=False, separators=(",", ":"))
