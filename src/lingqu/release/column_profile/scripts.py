"""Cheap guesses of the script and the language of short texts, by characters and small words."""

from __future__ import annotations

import polars as pl

SCRIPTS = {
    "Latin": r"\p{Latin}",
    "Han": r"\p{Han}",
    "Kana": r"[\p{Hiragana}\p{Katakana}]",
    "Hangul": r"\p{Hangul}",
    "Cyrillic": r"\p{Cyrillic}",
    "Greek": r"\p{Greek}",
    "Arabic": r"\p{Arabic}",
    "Hebrew": r"\p{Hebrew}",
    "Devanagari": r"\p{Devanagari}",
    "Thai": r"\p{Thai}",
}
"""Script → its letters."""
LANGUAGES = {
    "Hangul": "ko",
    "Cyrillic": "ru",
    "Greek": "el",
    "Arabic": "ar",
    "Hebrew": "he",
    "Devanagari": "hi",
    "Thai": "th",
}
"""Scripts that mostly stand for one language."""
SMALL_WORDS = {
    "en": "the|and|of|to|is|in|that|it|for|was|with|you|this|not|are",
    "de": "der|die|das|und|ist|nicht|ein|eine|den|mit|auf|zu|ich|von|für",
    "fr": "le|la|les|des|et|est|une|du|que|pas|pour|dans|je|qui|avec",
    "es": "el|los|las|de|que|y|es|una|por|con|para|no|se|del|muy",
    "pt": "os|as|de|que|uma|não|para|com|em|do|da|muito|você|são|mais",
    "it": "il|lo|gli|di|che|e|è|una|per|non|con|sono|della|molto|anche",
    "nl": "de|het|een|en|van|is|niet|dat|op|te|met|voor|ik|zijn|er",
}
"""Latin languages → words that nearly every sentence of theirs has."""
TRADITIONAL, SIMPLIFIED = "[這們來說會國為時對學個後還開]", "[这们来说会国为时对学个后还开]"
_UNKNOWN = "und"


def letters(texts: pl.Series) -> pl.DataFrame:
    """Return how many letters of each script every text has, shape (N, scripts).

    Example:
        >>> letters(pl.Series(["水 water"])).select("Latin", "Han").row(0)
        (5, 1)
    """
    text = pl.col("text")
    counted = [text.str.count_matches(pattern).alias(name) for name, pattern in SCRIPTS.items()]
    return texts.alias("text").to_frame().select(counted)


def languages(texts: pl.Series, counts: pl.DataFrame) -> pl.Series:
    """Return a guess of the language of each text: an ISO 639 code, ``und`` where none shows.

    Args:
        texts: Short texts, or the beginnings of long ones.
        counts: What `letters` returned of them.

    Example:
        >>> texts = pl.Series(["这条河的水很清", "the water of this river", "12", "この川"])
        >>> languages(texts, letters(texts)).to_list()
        ['zh', 'en', 'und', 'ja']

    Source: Own: the script decides where it can; among Latin languages the one whose small words
    stand most often (the idea of Grefenstette, JADT 1995). A guess for a profile, not a filter.
    """
    frame = counts.with_columns(texts.alias("text"))
    frame = frame.with_columns(_small_words())
    most = pl.max_horizontal(list(SCRIPTS))
    hits = pl.max_horizontal([f"small.{name}" for name in SMALL_WORDS])
    han = pl.col("Han") * 2 >= most
    forms = pl.col("traditional") > pl.col("simplified")
    # A Japanese text has more Han than kana; a Chinese one has no kana at all.
    cases = [(most == 0, _UNKNOWN), (pl.col("Kana") * 10 > pl.col("Han"), "ja")]
    cases += [(han & forms, "zh-Hant"), (han, "zh")]
    cases += [(pl.col(script) == most, name) for script, name in LANGUAGES.items()]
    cases += [((hits > 0) & (pl.col(f"small.{n}") == hits), n) for n in SMALL_WORDS]
    guesses = [pl.when(case).then(pl.lit(name)) for case, name in cases]
    guess = pl.coalesce(*guesses, pl.lit(_UNKNOWN))
    return frame.select(guess.alias("language")).to_series()


def _small_words() -> list[pl.Expr]:
    # Addresses are of no language, though "com" is a word of Portuguese.
    text = pl.col("text").str.to_lowercase().str.replace_all(r"\S*(?:@|://|www\.)\S*", " ")
    counted = [
        text.str.count_matches(rf"\b(?:{words})\b").alias(f"small.{name}")
        for name, words in SMALL_WORDS.items()
    ]
    counted.append(text.str.count_matches(TRADITIONAL).alias("traditional"))
    counted.append(text.str.count_matches(SIMPLIFIED).alias("simplified"))
    return counted
