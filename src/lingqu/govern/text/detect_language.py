"""The language of a text: by its script where that tells, by a model where scripts are shared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import ClassVar

import numpy as np
import polars as pl
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from lingqu.core.catalog import near
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, Kind, Schema, because
from lingqu.govern.marks import mark
from lingqu.govern.step import Remembered, Step, arrange, chosen, swap
from lingqu.govern.text.patterns import HAN, HANGUL, KANA
from lingqu.govern.text.pinned import hold, pin
from lingqu.govern.text.rewrite import texts

LANGUAGE = ".language"
"""Ending of the column that holds the language."""
OTHER, UNKNOWN = "other", "unknown"
"""A language that was not declared; a text without letters."""
SURE = 0.9
"""Probability from which a language that was not declared is believed."""
WORDS = 5
"""Words of a text from which the model may say that its language was not declared."""

_SCRIPTS: Mapping[str, re.Pattern[str]] = {
    "han": re.compile(f"[{HAN}]"),
    "kana": re.compile(f"[{KANA}]"),
    "hangul": re.compile(f"[{HANGUL}]"),
    # A word of letters weighs as much as one character of Chinese.
    "latin": re.compile("[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]+"),
    "cyrillic": re.compile("[\u0400-\u052f]+"),
    "greek": re.compile("[\u0370-\u03ff\u1f00-\u1fff]+"),
    "arabic": re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]+"),
    "hebrew": re.compile("[\u0590-\u05ff]+"),
    "devanagari": re.compile("[\u0900-\u097f]+"),
    "bengali": re.compile("[\u0980-\u09ff]+"),
    "tamil": re.compile("[\u0b80-\u0bff]+"),
    "thai": re.compile("[\u0e00-\u0e7f]+"),
    "georgian": re.compile("[\u10a0-\u10ff]+"),
    "armenian": re.compile("[\u0530-\u058f]+"),
    "ethiopic": re.compile("[\u1200-\u137f]+"),
}
_WRITTEN: Mapping[str, str] = {
    "han": "zh ja", "kana": "ja", "hangul": "ko", "greek": "el", "thai": "th", "ethiopic": "am",
    "cyrillic": "ru uk be bg sr mk kk ky mn tg", "arabic": "ar fa ur ug ps ku sd", "hebrew": "he",
    "devanagari": "hi mr ne", "bengali": "bn as", "tamil": "ta", "georgian": "ka", "armenian": "hy",
}  # fmt: skip
"""Script → languages written in it; Latin is for all that are named nowhere else, and Serbian."""
_NOT_LATIN = frozenset(" ".join(_WRITTEN.values()).split()) - {"sr", "ku"}


@dataclass
class DetectLanguage(Step):
    """Say which language each text is in; or mark the rows in other languages.

    Why: a sentence in a language that the model never read is a guess. Without `keep` a category
    ``<name>.language`` is added, at training and at prediction alike. With `keep`, training rows
    in other languages are marked to leave, and nothing happens to the rows of a prediction.

    Args:
        keep: Languages that stay; rows with a text in another one are marked. Texts without a
            letter and missing ones stay.
        languages: ISO 639-1 codes of the languages to tell apart.
        columns: Only these columns; every text feature when empty.

    Example:
        >>> frame = pl.DataFrame({"t": ["你好", "Good morning", "こんにちは", "12"]})
        >>> step, data = DetectLanguage(), Dataset(frame, Schema((Column("t", "text"),)))
        >>> step.fit(data)
        >>> step.apply(data).frame["t.language"].to_list()
        ['zh', 'en', 'other', 'unknown']

    Source: Lui & Baldwin, "langid.py: An Off-the-shelf Language Identification Tool", 2012
        (py3langid). Own: scripts first, because a model is unsure of texts of one or two words.
    """

    name: ClassVar[str] = "detect_language"
    main: ClassVar[str] = "keep"
    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"text"})

    keep: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("zh", "en")
    columns: tuple[str, ...] = ()

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        codes = known()
        for option in ("keep", "languages"):
            for language in getattr(self, option):
                if language not in codes:
                    raise SpecError(
                        "text.unknown_language",
                        operator=self.name,
                        option=option,
                        language=language,
                        near=near(language, sorted(codes)),
                    )
        names = [c.name for c in chosen(self.name, dataset.schema, self.columns, self.kinds)]
        return {"columns": names, "pin": pin("py3langid", self._ask)}

    def _ask(self, text: str) -> str:
        return language_of(text, (*self.languages, *self.keep))

    def prepare(self, schema: Schema) -> tuple[list[str], Schema]:
        hold(self.name, self.state["pin"], self._ask)
        names = [name for name in self.state["columns"] if name in schema]
        if self.keep:
            return names, schema
        levels = tuple(sorted({*self.languages, OTHER, UNKNOWN}))
        added = (
            Column(
                name + LANGUAGE,
                "category",
                nullable=schema[name].nullable,
                levels=levels,
                **because("text.reason_language", column=name),
            )
            for name in names
        )
        return names, Schema((*schema, *added))

    def transform(self, dataset: Dataset) -> Dataset:
        names, schema = self.plan(dataset.schema)
        found = {name: self._languages(dataset.frame.get_column(name)) for name in names}
        if self.keep:
            return replace(dataset, frame=self._marked(dataset.frame, found))
        added = [
            pl.Series(name + LANGUAGE, cells, dtype=pl.String) for name, cells in found.items()
        ]
        frame = arrange(swap(dataset.frame, added), schema)
        return Dataset(frame, schema, dataset.name, "", dataset.facts)

    def _languages(self, series: pl.Series) -> list[str | None]:
        ask = Remembered(self._ask)
        return [None if text is None else ask(text) for text in texts(series)]

    def _marked(self, frame: pl.DataFrame, found: Mapping[str, list[str | None]]) -> pl.DataFrame:
        stays = {*self.keep, UNKNOWN, None}
        for name, cells in found.items():
            rows = np.array([cell not in stays for cell in cells], dtype=bool)
            if rows.any():
                proof = {
                    row: {"column": name, "language": cells[row]}
                    for row in np.flatnonzero(rows).tolist()
                }
                wanted = ", ".join(self.keep)
                reason = f"{self.name}: {name} is not in {wanted}"
                frame = mark(frame, rows, reason, f"{self.name}：{name} 不是 {wanted}", proof)
        return frame

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        counts: dict[str, Json] = {}
        for name in self.plan(before.schema)[0]:
            if self.keep:
                cells = pl.Series(self._languages(before.frame.get_column(name)), dtype=pl.String)
            else:
                cells = after.frame.get_column(name + LANGUAGE)
            counts[name] = dict(cells.drop_nulls().value_counts(sort=True).rows())
        return {"languages": counts, "changed": 0}


def language_of(text: str, languages: tuple[str, ...] = ("zh", "en")) -> str:
    """Return the language of a text: one of `languages`, ``other`` or ``unknown`` (no letters).

    The script with the most words decides; a Chinese character counts as a word. Where several
    declared languages share it, the model chooses among them. From `WORDS` words of Latin,
    Cyrillic or Arabic letters on, the model may also say that it is none of them.

    Example:
        >>> [language_of(t, ("zh", "en", "fr")) for t in ("我爱 iPhone 手机", "ok", "très bien")]
        ['zh', 'en', 'fr']
    """
    weights = {script: len(pattern.findall(text)) for script, pattern in _SCRIPTS.items()}
    han, kana = weights["han"], weights["kana"]
    # 鲜の每日 is Chinese: one borrowed syllable makes no Japanese.
    japanese = kana > 0 and (han == 0 or (kana >= 2 and kana * 10 >= han + kana))
    weights["kana"], weights["han"] = (han + kana, 0) if japanese else (0, han + kana)
    script = max(weights, key=lambda name: weights[name])
    words = weights[script]
    if words == 0:
        return UNKNOWN
    if script == "han":
        return "zh" if "zh" in languages else "ja" if "ja" in languages else OTHER
    here = [language for language in dict.fromkeys(languages) if _writes(language, script)]
    if not here:
        return OTHER
    shared = script in ("latin", "cyrillic", "arabic", "devanagari")
    if len(here) == 1 and (not shared or words < WORDS):
        return here[0]
    return _by_model(text, here, words >= WORDS)


def known() -> frozenset[str]:
    """Return the languages that the model can tell apart, ISO 639-1 codes."""
    return frozenset(_identifier().labels)


def _writes(language: str, script: str) -> bool:
    if script == "latin":
        return language not in _NOT_LATIN
    return language in _WRITTEN[script].split()


def _by_model(text: str, languages: list[str], others: bool) -> str:
    """Return the likeliest of `languages`, or `OTHER` where the model is sure of another."""
    ranked: list[tuple[str, float]] = _identifier().rank(text)
    first, probability = ranked[0]
    if others and first not in languages and probability >= SURE:
        return OTHER
    return next((language for language, _ in ranked if language in languages), languages[0])


@cache
def _identifier() -> LanguageIdentifier:
    """The model, read once: it takes half a second."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
