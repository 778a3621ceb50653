"""Words that say nothing of a text's subject, taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import stopwordsiso

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset, Json
from lingqu.govern.text.lists import read_list
from lingqu.govern.text.pinned import hold, pin
from lingqu.govern.text.rewrite import Rewrite, Writer, sample
from lingqu.govern.text.words import PACKAGE, is_segmented, is_word, segmenter

Stays = Callable[[str], bool]
READ = 200
"""Texts from which it is told whether a column is segmented."""
_TURNS = (
    "不 没 没有 无 非 未 别 勿 莫 不要 不能 不会 不是 不如 不够 不可 不得 不得不 并非 从不 毫无 "
    "no not nor none never neither nobody nothing nowhere cannot without hardly isn't aren't "
    "wasn't weren't don't doesn't didn't won't wouldn't can't couldn't shouldn't mustn't needn't "
    "haven't hasn't hadn't ain't"
)
NEGATIONS = frozenset(_TURNS.split())
"""Words that turn a sentence round, in Chinese and English."""


@dataclass
class StopWords(Rewrite):
    """Take out stop words; at training and at prediction alike, from lists that travel.

    Why: 的, 了, "the" and "of" fill a vocabulary and tell topics apart no better than chance. Words
    of negation stay unless asked otherwise: without 不, a complaint reads as praise. Segmented
    text stays words with blanks between; in raw text the words are cut out where they stand.

    Args:
        languages: ISO 639-1 codes of the lists to use; an empty list uses only your own.
        columns: Only these columns; every text feature when empty.
        words: Further words to take out.
        file: File of further words beside the channel, one a line.
        keep: Words that stay, whatever list they are in.
        negations: Take out words of negation too, if a list has them.
        signs: Take out punctuation and other signs too.

    Example:
        >>> import polars as pl
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"t": ["我 的 房间 很 干净"]})
        >>> data = Dataset(frame, Schema((Column("t", "text"),)))
        >>> step = StopWords()
        >>> step.fit(data)
        >>> step.apply(data).frame["t"].to_list()
        ['房间 干净']

    Source: Luhn, "The automatic creation of literature abstracts", 1958, doi:10.1147/rd.22.0159;
        lists: stopwords-iso (MIT). Own: the words of negation that stay.
    """

    name: ClassVar[str] = "stop_words"
    main: ClassVar[str] = "languages"

    languages: tuple[str, ...] = ("zh", "en")
    words: tuple[str, ...] = ()
    file: str = ""
    keep: tuple[str, ...] = ()
    negations: bool = False
    signs: bool = True

    def learned(self, dataset: Dataset, names: list[str]) -> Mapping[str, Json]:
        found: set[str] = set()
        for language in self.languages:
            if not stopwordsiso.has_lang(language):
                raise SpecError(
                    "text.no_stop_words",
                    operator=self.name,
                    language=language,
                    known=", ".join(sorted(stopwordsiso.langs())),
                )
            found |= {_folded(word) for word in stopwordsiso.stopwords(language)}
        if not self.negations:
            found -= NEGATIONS
        own = read_list(self.name, "file", self.file, self.around.folder) if self.file else []
        found |= {_folded(word) for word in (*self.words, *own)}
        found -= {_folded(word) for word in self.keep}
        raw = [
            name for name in names if not is_segmented(sample(dataset.frame.get_column(name), READ))
        ]
        state: dict[str, Json] = {"words": sorted(found), "raw": raw}
        return {**state, "pin": pin(PACKAGE, segmenter().pieces)} if raw else state

    def writer(self, name: str) -> Writer:
        stop = frozenset(self.state["words"])
        signs = self.signs

        def stays(word: str) -> bool:
            return _folded(word) not in stop and not (signs and not is_word(word))

        if name not in self.state["raw"]:
            return lambda text: " ".join(filter(stays, text.split()))
        hold(self.name, self.state["pin"], segmenter().pieces)
        cut = segmenter().pieces
        return lambda text: _without(cut(text), stays)


def _without(pieces: Iterable[str], stays: Stays) -> str:
    """Return raw text without some of its words: a blank stays where one was or is needed."""
    found: list[str] = []
    gap = False
    for piece in pieces:
        if piece.isspace():
            gap = True
        elif stays(piece):
            if gap and found:
                found.append(" ")
            found.append(piece)
            gap = False
        elif piece.isascii() or not is_word(piece):
            gap = True
    return "".join(found)


def _folded(word: str) -> str:
    return word.lower().replace("’", "'")
