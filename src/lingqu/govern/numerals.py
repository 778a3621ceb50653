"""Numbers in digits with separators, and in Chinese words: 1.200,50 · 1 200 · 三千五百 · 壹万."""

from __future__ import annotations

import re

_DIGITS = {
    "零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
    "八": 8, "九": 9, "壹": 1, "贰": 2, "貳": 2, "叁": 3, "參": 3, "肆": 4, "伍": 5, "陆": 6,
    "陸": 6, "柒": 7, "捌": 8, "玖": 9, "兩": 2,
}  # fmt: skip
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
WORDS = "".join([*_DIGITS, *_SMALL, *_LARGE, "点點负負廿卅"])
"""Characters of a number in Chinese words."""
MULTIPLIERS = frozenset([*_SMALL, *_LARGE])

_POINT = re.compile(r"[+-]?(?:\d{1,3}(?:([,' ’])\d{3})(?:\1\d{3})*|\d+)(?:\.\d+)?")
_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:([.' ’])\d{3})(?:\1\d{3})*|\d+)(?:,\d+)?")
_TOKEN = re.compile(r"\d+(?:\.\d+)?|.")


def in_digits(text: str, decimal: str = ".") -> float | None:
    """Return a number in digits, with or without separators of thousands.

    Args:
        text: Digits, one kind of separator, a sign; nothing else.
        decimal: The decimal mark, ``.`` or ``,``.

    Example:
        >>> in_digits("1,200.5"), in_digits("1.200,5", ","), in_digits("1 200"), in_digits("1,2")
        (1200.5, 1200.5, 1200.0, None)
    """
    if decimal == ",":
        if _COMMA.fullmatch(text) is None:
            return None
        return float(re.sub(r"[.' ’]", "", text).replace(",", "."))
    if _POINT.fullmatch(text) is None:
        return None
    return float(re.sub(r"[,' ’]", "", text))


def decimal_mark(texts: list[str]) -> str:
    """Return the decimal mark of a column: ``.``, ``,``, or ``""`` where both must have been meant.

    ``1,200`` may be read either way; ``3,5`` and ``1.200,50`` only with a decimal comma, ``3.5``
    and ``1,200.50`` only with a point. A column in which both kinds stand is not read at all.

    Example:
        >>> decimal_mark(["3,5", "1.200"]), decimal_mark(["1,200"]), decimal_mark(["3,5", "3.5"])
        (',', '.', '')
    """
    point = comma = False
    for text in texts:
        as_point, as_comma = in_digits(text), in_digits(text, ",")
        point = point or (as_point is not None and as_comma is None)
        comma = comma or (as_comma is not None and as_point is None)
    if point and comma:
        return ""
    return "," if comma else "."


def in_words(text: str) -> float | None:
    """Return a number in Chinese words, everyday or banker's, also with digits before a multiplier.

    Example:
        >>> [in_words(t) for t in ("三千五百", "壹万贰仟", "两百三", "3万5千", "三点一四")]
        [3500.0, 12000.0, 230.0, 35000.0, 3.14]

    Source: Own reading of GB/T 15835-2011 (numerals in running text) and the banker's forms of the
        People's Bank of China's rules for filling in bills, 1997.
    """
    sign = 1.0
    if text[:1] in ("负", "負"):
        sign, text = -1.0, text[1:]
    whole, point, part = text.replace("點", "点").partition("点")
    if point:
        if not part or any(char not in _DIGITS for char in part):
            return None
        tail = float("0." + "".join(str(_DIGITS[char]) for char in part))
    else:
        tail = 0.0
    said = _whole(whole.replace("廿", "二十").replace("卅", "三十"))
    return None if said is None else sign * (said + tail)


def _whole(text: str) -> float | None:
    if len(text) > 1 and all(char in _DIGITS for char in text):
        return float("".join(str(_DIGITS[char]) for char in text))  # 二〇二四, one digit each
    total = section = 0.0
    current: float | None = None
    last = large = 10**9
    zero = False
    for token in _TOKEN.findall(text):
        if token in _SMALL:
            unit = _SMALL[token]
            if unit >= last or (current is None and unit != 10):
                return None
            section += (1.0 if current is None else current) * unit
            current, last, zero = None, unit, False
        elif token in _LARGE:
            unit = _LARGE[token]
            section += current or 0.0
            if unit > large:  # 一万亿: the 亿 multiplies all that was said before
                total, section = 0.0, (total + section)
            if unit == large or not section:
                return None
            total += section * unit
            section, current, last, large, zero = 0.0, None, 10**9, unit, False
        elif token in ("零", "〇"):
            if current is not None:
                return None
            zero = True
            current = 0.0 if len(text) == 1 else None
        elif token in _DIGITS or token[0].isdigit():
            if current is not None:
                return None
            current = float(_DIGITS[token]) if token in _DIGITS else float(token)
        else:
            return None
    if current is not None:
        # 两百三 is 230 and 一万二 is 12,000, but 两百零三 is 203.
        step = last if last < 10**9 else large
        short = not zero and 10 < step < 10**9 and text[-1] in _DIGITS
        section += current * (step / 10 if short else 1)
    return total + section if text else None
