"""Guesses for a column of text: yes/no, numbers, dates, paths, keys, categories, free text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import polars as pl

from lingqu.core.schema import Column, because
from lingqu.data.names import DATE, KEY
from lingqu.release.kinds.dates import DATE_FORMATS, read_dates
from lingqu.release.kinds.numbers import read_numbers
from lingqu.release.kinds.words import MISSING, MISSING_NUMBER, PAIRS, absent

Numbers = Callable[[pl.Series, int], Iterator[Column]]

IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp")
AUDIO = (".wav", ".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aif", ".aiff")
UUID = r"^(?i)\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$"
FEW_ODD, NEARLY = 0.02, 0.1
"""Shares of cells that are no numbers, or dates: a slip of the pen, and what is still worth
naming."""
SEEN = 5
"""Rows that must hold the rarer of 0 and 1 for a column to be yes or no; of few rows, 5 %."""
_NAUGHT = ("0", "0.0")
EXACT = 2.0**53
"""Whole numbers above this are not exact as Float64, so they stay text."""
CODED = r"^[A-Za-z]{0,6}[-_#]?[0-9][0-9A-Za-z\-_]*$"
CJK = r"[\u{3400}-\u{9FFF}]"
DATE_LIKE = re.compile(r"^\D{0,12}\d{1,4}\D")


def from_text(
    series: pl.Series, sample: pl.Series, numbers: Numbers, sampled: bool
) -> Iterator[Column]:
    """Yield guesses for a text column, the best first.

    Args:
        series: The whole column.
        sample: Some of its rows, taken evenly.
        numbers: Guesses for a column that turns out to be all numbers.
        sampled: Whether `sample` is less than the whole; the reason then says so.
    """
    some = _said(sample, MISSING_NUMBER)
    if not len(some):
        some = _said(series, MISSING_NUMBER)
    if not len(some):
        words = _said(series, MISSING)
        if not len(words):
            yield Column(series.name, "category", "ignored", **because("data.reason_empty"))
            return
        some = words
    different = some.n_unique()
    if different == 1 and _constant(series):
        why = because("data.reason_same", value=some[0][:40])
        yield Column(series.name, "category", "ignored", **why)
    if different <= 3:
        yield from _yes_no(series, some)
    yield from _numeric(series, some, numbers)
    yield from _dates(series.name, some)
    yield from _paths(series.name, some)
    for column in _words(series, some, different):
        if sampled and column.role != "id":
            column = column.noted("data.reason_seen", seen=len(some), rows=len(series))
        yield column


def _said(values: pl.Series, words: tuple[str, ...]) -> pl.Series:
    frame = values.to_frame("x")
    return frame.filter(~absent(pl.col("x"), words)).to_series().str.strip_chars()


def _constant(series: pl.Series) -> bool:
    return series.null_count() == 0 and series.n_unique() == 1


def _yes_no(series: pl.Series, some: pl.Series) -> Iterator[Column]:
    """Recognise two words that mean no and yes, keeping how they were written as the levels."""
    seen = sorted(set(some.to_list()))
    lowered = {word.lower() for word in seen}
    for low, high in PAIRS:
        if lowered == {low, high}:
            if low in _NAUGHT and not often(some.to_list().count(high), len(some)):
                return
            levels = tuple(
                next(word for word in seen if word.lower() == one) for one in (low, high)
            )
            why = because("data.reason_only_two", low=low, high=high)
            yield Column(series.name, "boolean", levels=levels, **why)


def often(ones: float, rows: int) -> bool:
    """Say whether 0 and 1 both come often enough that there will hardly be a 2.

    Example:
        >>> often(1, 20), often(4, 1000)
        (True, False)
    """
    return min(ones, rows - ones) >= min(SEEN, 0.05 * rows)


def _numeric(series: pl.Series, some: pl.Series, numbers: Numbers) -> Iterator[Column]:
    values = read_numbers(some)
    # Cells that are no numbers are worth naming: the proof on the whole column does that.
    odd, name = values.null_count() / len(values), series.name
    if odd > NEARLY:
        return
    if odd > FEW_ODD:
        yield Column(name, "number", **because("data.reason_numbers"))
        return
    padded = series.str.contains(r"^\s*[+-]?0\d")
    if padded.any():
        yield Column(name, "category", **because("data.reason_padded"))
        return
    whole = read_numbers(series)
    if not len(whole.drop_nulls()):
        return
    present = whole.drop_nulls().filter(whole.drop_nulls().is_finite())
    exact = (present.abs() <= EXACT).all() or not (present == present.floor()).all()
    if not exact and some.str.contains(r"^\d+$").all():
        return
    lost = pl.DataFrame({"x": series, "y": whole}).filter(
        pl.col("y").is_null() & ~absent(pl.col("x"))
    )
    if len(lost):
        yield Column(name, "number", **because("data.reason_numbers"))
    elif some.str.contains(r"[,%$¥￥€£]").any():
        yield Column(name, "number", **because("data.reason_number_words"))
    else:
        yield from numbers(whole, len(some))


def _dates(name: str, some: pl.Series) -> Iterator[Column]:
    first = some[0]
    eight = bool(re.fullmatch(r"\d{8}", first)) and bool(DATE.search(name))
    if not eight and not DATE_LIKE.match(first) and not re.match(r"^[A-Z][a-z]{2,8} \d", first):
        return
    patterns = ("%Y%m%d",) if eight else DATE_FORMATS
    probe = some.head(50)
    near = [p for p in patterns if read_dates(probe, p).null_count() <= NEARLY * len(probe)]
    odd = {pattern: read_dates(some, pattern).null_count() for pattern in near}
    # A cell that is no date is worth naming: the proof on the whole column does that.
    fitting = [p for p in near if not odd[p]]
    fitting = fitting or [p for p in near if odd[p] <= NEARLY * len(some)][:1]
    if not fitting:
        return
    why = because("data.reason_dates_as", format=fitting[0])
    column = Column(name, "datetime", format=fitting[0], **why)
    swapped = [p for p in fitting[1:] if sorted(p) == sorted(fitting[0])]
    yield column.noted("data.reason_swapped", format=swapped[0]) if swapped else column


def _paths(name: str, some: pl.Series) -> Iterator[Column]:
    lower = some.str.to_lowercase()
    if lower.str.contains(rf"({'|'.join(map(re.escape, IMAGES))})$").all():
        yield Column(name, "image", **because("data.reason_picture_paths"))
    elif lower.str.starts_with("data:image/").all():
        yield Column(name, "image", **because("data.reason_picture_uris"))
    elif lower.str.contains(rf"({'|'.join(map(re.escape, AUDIO))})$").all():
        yield Column(name, "audio", **because("data.reason_recordings"))


def _words(series: pl.Series, some: pl.Series, different: int) -> Iterator[Column]:
    """Tell keys, categories and free text apart by length, words and repetition."""
    name, share = series.name, different / len(some)
    chars = float(some.str.len_chars().mean())  # type: ignore[arg-type]
    words = float(some.str.count_matches(r"\S+").mean())  # type: ignore[arg-type]
    chinese = float(some.str.contains(CJK).mean())  # type: ignore[arg-type]
    wordy = words >= 4 or chars >= 60 or (chinese > 0.5 and chars >= 12)
    spaced = chinese <= 0.5
    unique = share == 1 and series.n_unique() == len(series)
    if unique and (KEY.search(name) or some.str.contains(UUID).all()):
        yield Column(name, "text", "id", **because("data.reason_text_key"))
    elif unique and len(some) >= 20 and some.str.contains(CODED).all():
        yield Column(name, "text", "id", **because("data.reason_text_codes"))
    elif wordy and (share > 0.3 or different > 1_000):
        key = "data.reason_free_words" if spaced else "data.reason_free_characters"
        size = words if spaced else chars
        yield Column(name, "text", **because(key, size=size, share=share))
    elif len(some) >= 20 and share > 0.5:
        yield Column(name, "text", **because("data.reason_differ", share=share))
    yield Column(name, "category", **because("data.reason_words", different=different))
