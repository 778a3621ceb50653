"""Parts of speech of words: written behind them, or used to choose among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from lingqu.core.catalog import EXTRAS, near
from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.phrases import Phrase
from lingqu.govern.step import chosen
from lingqu.govern.text.english_groups import ENGLISH_GROUPS, ENGLISH_TAGS
from lingqu.govern.text.lists import read_dictionary
from lingqu.govern.text.patterns import has_han
from lingqu.govern.text.pinned import hold, pin
from lingqu.govern.text.rewrite import Rewrite, Writer, joined, sample
from lingqu.govern.text.words import PACKAGE, Segmenter, Word, segmenter

if TYPE_CHECKING:
    from lingqu.govern.text.english_tags import EnglishTagger

READ = 500
"""Texts from which it is told whether a column is Chinese."""
ENGLISH = "textblob"
GROUPS: Mapping[str, tuple[str, ...]] = {
    "noun": ("n",),
    "name": ("nr",),
    "place": ("ns",),
    "organisation": ("nt",),
    "verb": ("v",),
    "adjective": ("a",),
    "adverb": ("d",),
    "pronoun": ("r",),
    "number": ("m",),
    "measure": ("q",),
    "time": ("t",),
    "preposition": ("p",),
    "conjunction": ("c",),
    "particle": ("u",),
    "idiom": ("i",),
    "english": ("eng",),
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
    """Tag the words of texts with parts of speech; at training and prediction alike.

    Why: a model of topics may want nouns only, one of opinions adjectives and verbs. With `keep`
    the text becomes the chosen words; without, each word is followed by its tag (``天安门/ns``).
    A column in another language than the declared one is refused: wrong tags are worse than none.

    Args:
        keep: Parts of speech that stay: ``noun``, ``verb``, ``adjective`` … or tags of jieba
            (``ns``, ``vn``), of English those of the Penn Treebank (``NNP``, ``VBD``). Every word
            stays, with its tag, when empty.
        columns: Only these columns; every text feature in that language when empty.
        words: Words to keep whole.
        dictionary: File of such words beside the channel: ``word frequency tag``.
        language: ``zh`` or ``en``.
        original: Keep the column, and put the result into a second one, ``<name>.tags``.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> data = Dataset(pl.DataFrame({"t": ["我爱北京天安门"]}), Schema((Column("t", "text"),)))
        >>> step = PosTags(keep=("noun",))
        >>> step.fit(data)
        >>> step.apply(data).frame["t"].to_list()
        ['北京 天安门']

    Source: jieba's dictionary with the tag set of ICTCLAS (Zhang et al., "HHMM-based Chinese
        Lexical Analyzer ICTCLAS", 2003, doi:10.3115/1119250.1119280), in Rust (rjieba). English:
        `lingqu.govern.text.english_tags`.
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
        if self.language not in ("zh", "en"):
            raise SpecError("text.no_tagger", operator=self.name, language=self.language)
        groups, tags = _known(self.language)
        for tag in self.keep:
            if tag not in groups and tag not in tags:
                raise SpecError(
                    "text.unknown_tag",
                    operator=self.name,
                    tag=tag,
                    known=", ".join(groups),
                    examples="n, ns, v, a" if self.language == "zh" else "NN, NNP, VBD, JJ",
                    near=near(tag, [*groups, *tags]),
                )
        words = read_dictionary(self.name, self.words, self.dictionary, self.around.folder)
        state: dict[str, Json] = {
            "columns": self._spoken(dataset),
            "words": [list(word) for word in words],
            "language": self.language,
        }
        package = PACKAGE if self.language == "zh" else ENGLISH
        return {**state, "pin": pin(package, _tagger(state).tagged)}

    def _spoken(self, dataset: Dataset) -> list[str]:
        """Return the columns to tag; refuse what is in another language."""
        found, chinese = [], self.language == "zh"
        columns = chosen(self.name, dataset.schema, self.columns, self.kinds)
        shares = {c.name: _share(dataset.frame.get_column(c.name)) for c in columns}
        key = "text.not_chinese" if chinese else "text.not_english"
        for name, share in shares.items():
            if (share >= 0.5) == chinese:
                found.append(name)
            elif self.columns:
                named = Phrase("text.one_column", {"column": name})
                raise DataError(key, operator=self.name, column=named, share=f"{share:.0%}")
        if columns and not found:
            share = max(shares.values()) if chinese else min(shares.values())
            named = Phrase("text.any_column")
            raise DataError(key, operator=self.name, column=named, share=f"{share:.0%}")
        return found

    def writer(self, name: str) -> Writer:
        cutter = _tagger(self.state)
        hold(self.name, self.state["pin"], cutter.tagged)
        if not self.keep:
            return lambda text: joined(f"{word}/{tag}" for word, tag in cutter.tagged(text))
        groups, _ = _known(self.language)
        whole = frozenset(tag for tag in self.keep if tag not in groups)
        begun = tuple(start for tag in self.keep for start in groups.get(tag, ()))
        return lambda text: joined(
            word for word, tag in cutter.tagged(text) if tag in whole or tag.startswith(begun)
        )


def _known(language: str) -> tuple[Mapping[str, tuple[str, ...]], frozenset[str]]:
    """Return the names of groups of tags, and the tags themselves."""
    if language == "zh":
        return GROUPS, TAGS
    return ENGLISH_GROUPS, ENGLISH_TAGS


def _tagger(state: Mapping[str, Json]) -> Segmenter | EnglishTagger:
    words = tuple((word, frequency, tag) for word, frequency, tag in state["words"])
    return segmenter(words) if state.get("language", "zh") == "zh" else _english(words)


@lru_cache(maxsize=8)
def _english(words: tuple[Word, ...]) -> EnglishTagger:
    """Return a tagger of English; only who asks for one needs its package.

    Raises:
        SpecError: The package is not installed.
    """
    try:
        from lingqu.govern.text.english_tags import EnglishTagger
    except ModuleNotFoundError as error:
        extra = EXTRAS[ENGLISH]
        raise SpecError(
            "core.missing_extra", name="pos_tags", package=ENGLISH, extra=extra
        ) from error
    return EnglishTagger(words)


def _share(series: pl.Series) -> float:
    """Return the share of the texts with letters that hold a Chinese character."""
    spoken = [text for text in sample(series, READ) if any(map(str.isalpha, text))]
    return sum(has_han(text) is not None for text in spoken) / max(1, len(spoken))
