"""Changed texts: words swapped, left out, replaced by synonyms, blanked or mistyped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import polars as pl

from lingqu.core.errors import SpecError
from lingqu.core.schema import Column, Kind
from lingqu.govern.augment.copies import Copies
from lingqu.govern.augment.rows import Rows
from lingqu.govern.step import within

_UNITS = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W\u3400-\u9fff\uf900-\ufaff]+|\s+|[^\w\s]")
"""A Chinese character, a word, blanks, or a sign."""


@dataclass
class AugmentText(Copies):
    """Add changed copies of training texts.

    Why: a text with two words swapped or one missing says nearly the same; a learner that has
    seen it so leans less on single words. Training only, on the training part of each fit, and
    kept only where held-out texts are then answered better.

    A unit is a word, or one character of Chinese; where a text was segmented before, its words.

    Args:
        share: Changed texts per training text, > 0.
        swap: Share of units that change places with the next one.
        delete: Share of units left out; the last one always stays.
        synonym: Share of units with a synonym that are replaced by one.
        synonyms: Word → its synonyms; yours, none is built in.
        blank: Share of units replaced by a unit drawn by its frequency in the training texts.
        typo: Share of units in which two neighbouring letters change places.
        columns: Text columns; all when empty.
        seed: Seed of the draws; that of the fit when omitted.

    Example:
        >>> from lingqu.core.nouns import Dataset
        >>> from lingqu.core.schema import Column, Schema
        >>> data = Dataset(pl.DataFrame({"t": ["很好 用"]}), Schema((Column("t", "text"),)))
        >>> step = AugmentText(swap=0, delete=0, synonym=1, synonyms={"好": ["棒"]})
        >>> step.fit(data)
        >>> step.apply(data).frame["t"].to_list()
        ['很好 用', '很棒 用']

    Source: Wei & Zou, EDA, EMNLP 2019, arXiv:1901.11196 (swap, delete, synonyms); Xie et al.,
        Data noising as smoothing, ICLR 2017, arXiv:1703.02573 (unigram noise).
    """

    name: ClassVar[str] = "augment_text"
    main: ClassVar[str] = "share"
    kinds: ClassVar[frozenset[Kind]] = frozenset({"text"})

    share: float = 1.0
    swap: float = 0.05
    delete: float = 0.05
    synonym: float = 0.2
    synonyms: dict[str, list[str]] = field(default_factory=dict)
    blank: float = 0.0
    typo: float = 0.0
    columns: tuple[str, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        within(self, share=(1e-6, 100), swap=(0, 1), delete=(0, 0.9), synonym=(0, 1))
        within(self, blank=(0, 1), typo=(0, 1))
        for word, others in self.synonyms.items():
            if not others or not all(isinstance(other, str) for other in others):
                raise SpecError(
                    "augment.bad_synonyms", operator=self.name, word=word, received=others
                )

    def copies(
        self, series: pl.Series, column: Column, rows: Rows, random: np.random.Generator
    ) -> pl.Series:
        texts: list[str | None] = series.to_list()
        common = _common(texts) if self.blank else ([], np.zeros(0))
        changed = [self._changed(texts[row], common, random) for row in rows]
        return pl.Series(series.name, changed, dtype=pl.String)

    def _changed(
        self,
        text: str | None,
        common: tuple[Sequence[str], np.ndarray],
        random: np.random.Generator,
    ) -> str | None:
        units = _UNITS.findall(text or "")
        places = [i for i, unit in enumerate(units) if unit.strip()]
        if not places:
            return text
        for place in places:
            units[place] = self._replaced(units[place], common, random)
        chance = random.random((2, len(places)))
        for order, place in enumerate(places[:-1]):
            if chance[0, order] < self.swap:
                other = places[order + 1]
                units[place], units[other] = units[other], units[place]
            if chance[1, order] < self.delete:
                units[place] = ""
        return "".join(units)

    def _replaced(
        self, unit: str, common: tuple[Sequence[str], np.ndarray], random: np.random.Generator
    ) -> str:
        if unit in self.synonyms and random.random() < self.synonym:
            others = self.synonyms[unit]
            return others[int(random.integers(len(others)))]
        if self.blank and common[0] and random.random() < self.blank:
            return common[0][int(np.searchsorted(common[1], random.random()))]
        if self.typo and len(unit) > 1 and random.random() < self.typo:
            at = int(random.integers(len(unit) - 1))
            return unit[:at] + unit[at + 1] + unit[at] + unit[at + 2 :]
        return unit


def _common(texts: Sequence[str | None]) -> tuple[list[str], np.ndarray]:
    """Return the units of all texts and their cumulative frequencies."""
    counts: dict[str, int] = {}
    for text in texts:
        for unit in _UNITS.findall(text or ""):
            if unit.strip():
                counts[unit] = counts.get(unit, 0) + 1
    total = np.cumsum(np.array(list(counts.values()), dtype=float))
    return list(counts), total / total[-1] if len(total) else total
