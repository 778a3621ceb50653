"""Sentences → words with a blank between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from lingqu.core.nouns import Dataset, Json
from lingqu.govern.text.lists import read_dictionary
from lingqu.govern.text.pinned import hold, pin
from lingqu.govern.text.rewrite import Rewrite, Writer, joined
from lingqu.govern.text.words import PACKAGE, Segmenter, segmenter


@dataclass
class Segment(Rewrite):
    """Cut texts into words and join them by blanks; at training and at prediction alike.

    Why: Chinese writes no blanks, so everything that reads words (stop words, word n-grams,
    TF-IDF) needs them put in. The user's words travel in the release; the dictionary of the
    package is pinned: another version that cuts differently is refused.

    Args:
        columns: Only these columns; every text feature when empty.
        words: Words to keep whole, on top of the dictionary: ``[灵渠工程, 5G 网络]``.
        dictionary: File of such words beside the channel, one a line, as jieba writes it:
            ``word``, ``word frequency`` or ``word frequency tag``.
        language: ``auto`` cuts Chinese and English; ``en`` leaves Chinese uncut.
        hmm: Find words that are in no dictionary by jieba's hidden Markov model.
        original: Keep the column, and put the words into a second one, ``<name>.words``.

    Example:
        >>> import polars as pl
        >>> from lingqu.core.schema import Column, Schema
        >>> data = Dataset(pl.DataFrame({"t": ["我爱北京天安门"]}), Schema((Column("t", "text"),)))
        >>> step = Segment()
        >>> step.fit(data)
        >>> step.apply(data).frame["t"].to_list()
        ['我 爱 北京 天安门']

    Source: jieba: word graph and maximum probability path, HMM for unknown words (Viterbi 1967,
        doi:10.1109/TIT.1967.1054010), in Rust (rjieba). Own: what is set aside, and English.
    """

    name: ClassVar[str] = "segment"
    main: ClassVar[str] = "columns"
    suffix: ClassVar[str] = ".words"
    reason: ClassVar[str] = "text.reason_words"

    words: tuple[str, ...] = ()
    dictionary: str = ""
    language: Literal["auto", "zh", "en"] = "auto"
    hmm: bool = True
    original: bool = False

    def keeps(self) -> bool:
        return self.original

    def learned(self, dataset: Dataset, names: list[str]) -> Mapping[str, Json]:
        words = read_dictionary(self.name, self.words, self.dictionary, self.around.folder)
        cutter = self._cutter([list(word) for word in words])
        return {"words": [list(word) for word in words], "pin": pin(PACKAGE, cutter.words)}

    def _cutter(self, words: list[list[Json]]) -> Segmenter:
        own = tuple((word, frequency, tag) for word, frequency, tag in words)
        return segmenter(own, self.hmm, self.language != "en")

    def writer(self, name: str) -> Writer:
        cutter = self._cutter(self.state["words"])
        hold(self.name, self.state["pin"], cutter.words)
        return lambda text: joined(cutter.words(text))
