"""Parts of speech of Chinese words: written behind them, or used to choose among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from lingqu.core.catalog import near
from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.phrases import Phrase
from lingqu.govern.step import chosen
from lingqu.govern.text.lists import read_dictionary
from lingqu.govern.text.patterns import has_han
from lingqu.govern.text.pinned import hold, pin
from lingqu.govern.text.rewrite import Rewrite, Writer, joined, sample
from lingqu.govern.text.words import PACKAGE, Segmenter, segmenter

READ = 500
"""Texts from which it is told whether a column is Chinese."""
GROUPS: Mapping[str, str] = {
    "noun": "n",
    "name": "nr",
    "place": "ns",
    "organisation": "nt",
    "verb": "v",
    "adjective": "a",
    "adverb": "d",
    "pronoun": "r",
    "number": "m",
    "measure": "q",
    "time": "t",
    "preposition": "p",
    "conjunction": "c",
    "particle": "u",
    "idiom": "i",
    "english": "eng",
}
"""Words for tags; each stands for every tag that begins so (``noun`` for n, nr, ns, nt, nz …)."""
_TAGS = (
    "a ad ag an b c d df dg e eng f g h i j k l m mg mq n ng nr nrfg nrt ns nt nz o p q r rg rr "
    "rz s t tg u ud ug uj ul uv uz v vd vg vi vn vq x y z zg"
)
TAGS = frozenset(_TAGS.split())
"""Tags of jieba's dictionary and model."""


@dataclass
class PosTags(Rewrite):
    """Tag the words of Chinese texts with parts of speech; at training and prediction alike.

    Why: a model of topics may want nouns only, one of opinions adjectives and verbs. With `keep`
    the text becomes the chosen words; without, each word is followed by its tag (``天安门/ns``).
    Chinese only: no tagger of English is installed with the package, and a wrong tag is worse
    than none, so columns that are not Chinese are refused.

    Args:
        keep: Parts of speech that stay: ``noun``, ``verb``, ``adjective`` … or tags of jieba
            (``ns``, ``vn``). Every word stays, with its tag, when empty.
        columns: Only these columns; every Chinese text feature when empty.
        words: Words to keep whole.
        dictionary: File of such words beside the channel: ``word frequency tag``.
        language: ``zh``.
        original: Keep the column, and put the result into a second one, ``<name>.tags``.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> data = Dataset(pl.DataFrame({"t": ["我爱北京天安门"]}), Schema((Column("t", "text"),)))
        >>> step = PosTags(keep=("noun",))
        >>> step.fit(data)
        >>> step.apply(data).frame["t"].to_list()
        ['北京 天安门']

    Source: jieba's dictionary with the tag set of ICTCLAS (Zhang et al., "HHMM-based Chinese
        Lexical Analyzer ICTCLAS", 2003, doi:10.3115/1119250.1119280), in Rust (rjieba).
    """

    name: ClassVar[str] = "pos_tags"
    main: ClassVar[str] = "keep"
    suffix: ClassVar[str] = ".tags"
    reason: ClassVar[str] = "text.reason_tags"

    keep: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    dictionary: str = ""
    language: str = "zh"
    original: bool = False

    def keeps(self) -> bool:
        return self.original

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        if self.language != "zh":
            raise SpecError("text.no_tagger", operator=self.name, language=self.language)
        for tag in self.keep:
            if tag not in GROUPS and tag not in TAGS:
                known = ", ".join(GROUPS)
                close = near(tag, [*GROUPS, *TAGS])
                raise SpecError(
                    "text.unknown_tag", operator=self.name, tag=tag, known=known, near=close
                )
        words = read_dictionary(self.name, self.words, self.dictionary, self.around.folder)
        state: dict[str, Json] = {
            "columns": self._chinese(dataset),
            "words": [list(word) for word in words],
        }
        return {**state, "pin": pin(PACKAGE, _cutter(state["words"]).tagged)}

    def _chinese(self, dataset: Dataset) -> list[str]:
        """Return the columns to tag; refuse what is not Chinese."""
        found, poor = [], 0.0
        columns = chosen(self.name, dataset.schema, self.columns, self.kinds)
        for column in columns:
            share = _share(dataset.frame.get_column(column.name))
            if share >= 0.5:
                found.append(column.name)
            elif self.columns:
                named = Phrase("text.one_column", {"column": column.name})
                raise DataError(
                    "text.not_chinese", operator=self.name, column=named, share=f"{share:.0%}"
                )
            poor = max(poor, share)
        if columns and not found:
            named = Phrase("text.any_column")
            raise DataError(
                "text.not_chinese", operator=self.name, column=named, share=f"{poor:.0%}"
            )
        return found

    def writer(self, name: str) -> Writer:
        cutter = _cutter(self.state["words"])
        hold(self.name, self.state["pin"], cutter.tagged)
        if not self.keep:
            return lambda text: joined(f"{word}/{tag}" for word, tag in cutter.tagged(text))
        whole = frozenset(tag for tag in self.keep if tag not in GROUPS)
        begun = tuple(GROUPS[tag] for tag in self.keep if tag in GROUPS)
        return lambda text: joined(
            word for word, tag in cutter.tagged(text) if tag in whole or tag.startswith(begun)
        )


def _cutter(words: Sequence[Sequence[Json]]) -> Segmenter:
    return segmenter(tuple((word, frequency, tag) for word, frequency, tag in words))


def _share(series: pl.Series) -> float:
    """Return the share of the texts with letters that hold a Chinese character."""
    spoken = [text for text in sample(series, READ) if any(map(str.isalpha, text))]
    return sum(has_han(text) is not None for text in spoken) / max(1, len(spoken))
