"""Direct personal data in Chinese text: numbers of persons and companies.

Source: GB 11643-1999 (resident identity number), GB/T 2260 (regions), GB 32100-2015 (unified
social credit code), GB 11714-1997 (organisation code), GA 36-2018 (plates), the numbering plan of
MIIT (mobile ranges, area codes), the forms of passports and of permits to Hong Kong and Macao of
the National Immigration Administration. Own: the cues.
"""

from __future__ import annotations

import re
from datetime import date

from lingqu.govern.privacy.rules import (
    AFTER,
    Rule,
    before,
    card,
    digits,
    in_row,
    nobody,
    somebody,
)
from lingqu.govern.privacy.rules_mobile import MOBILE

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_REGION = re.compile(
    r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[123])(?:0[0-9]|[12][0-9]|3[0-4]|5[1-3]|90)"
    r"(?:[0-8][0-9])"
)
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_PLATES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使"
AREA = r"(?:10|2[0-57-9]|3[1-9]\d|4[1-9]\d|5[1-9]\d|6[36]\d|7[0-9]\d|8[1-9]\d|9[0-9]\d)"
"""Area codes without their zero."""


def id_card(text: str) -> bool:
    """Check a resident identity number: province, calendar date, ISO 7064 MOD 11-2.

    Example:
        >>> id_card("11010519491231002X"), id_card("110105194912310021")
        (True, False)
    """
    text = text.replace(" ", "").replace("-", "").upper()
    total = sum(int(char) * weight for char, weight in zip(text[:17], _WEIGHTS, strict=True))
    if "10X98765432"[total % 11] != text[17] or _PROVINCE.match(text) is None:
        return False
    return _is_date(int(text[6:10]), int(text[10:12]), int(text[12:14]))


_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|7[12]|8[1-3]")


def id_card_15(text: str) -> bool:
    """Check the identity number of before 1999: region and a date of the 20th century."""
    if _REGION.match(text) is None:
        return False
    return _is_date(1900 + int(text[6:8]), int(text[8:10]), int(text[10:12]))


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def credit_code(text: str) -> bool:
    """Check a unified social credit code: 31-character alphabet, weights 3^i mod 31.

    A code of digits only must have the right check digit of its organisation code too: one order
    number in 31 would pass otherwise.

    Example:
        >>> credit_code("91350100M000100Y43"), credit_code("91350100M000100Y44")
        (True, False)
    """
    if any(char not in _CREDIT for char in text):
        return False
    total = sum(_CREDIT.index(char) * pow(3, i, 31) for i, char in enumerate(text[:17]))
    if _CREDIT[(31 - total % 31) % 31] != text[17]:
        return False
    return not text.isdigit() or organisation(text[8:17])


def organisation(code: str) -> bool:
    """Check an organisation code of nine characters: weights 3 7 9 10 5 8 4 2, modulo 11.

    Example:
        >>> organisation("D2143569X"), organisation("D21435691")
        (True, False)
    """
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(char, 36) * weight for char, weight in zip(code, weights, strict=False))
    return "0123456789X0"[11 - total % 11] == code[8]


_COUNTRY = re.compile(r"(?:00)?86")


def _landline(text: str) -> bool:
    """Check that a number has seven or eight digits behind its area code."""
    number = digits(text)
    if (country := _COUNTRY.match(number)) is not None:
        number = number[country.end() :]
    number = number.removeprefix("0")
    short = number[:2] == "10" or number[0] == "2"
    local = number[2:] if short else number[3:]
    return len(local) == 8 if short else len(local) in (7, 8)


def _fixed(text: str, start: int, end: int) -> bool:
    return not nobody(text, start, end) and not in_row(text, start, end)


ABROAD = re.compile(
    r"\b(?:UK|London|England|British|Britain|Cardiff|Belfast|Wales)\b|英国|伦敦", re.IGNORECASE
)
CHINA = re.compile(
    r"[\u4e00-\u9fff]|china|chinese|landline|\+86|beijing|shanghai|guangzhou|shenzhen|wuhan|"
    r"chengdu|"
    r"hangzhou|nanjing|xi'?an\b|chongqing|tianjin|suzhou|qingdao|dalian|xiamen|changsha|zhengzhou|"
    r"\b1[3-9]\d{9}\b|dongguan|foshan|ningbo|jinan|harbin|shenyang|kunming|hefei|fuzhou|wuxi|guiyang|nanning|"
    r"taiyuan|lanzhou|wenzhou|yunnan|sichuan|guangdong|zhejiang|jiangsu|shandong|hubei|hunan|henan|"
    r"hebei|fujian|uscc|credit code|fapiao|\brmb\b|\bcny\b|\b9[1-3]\d{6}[0-9A-Z]{10}\b",
    re.IGNORECASE,
)


def _in_china(text: str, start: int, end: int) -> bool:
    """Say whether a number with a zero in front is Chinese; 020 is also London.

    A hyphen behind the area code is how Chinese numbers are written; a blank needs a sign of
    China where the same digits could be British.
    """
    if not _fixed(text, start, end):
        return False
    shown = text[start:end]
    if "-" in shown or "+" in shown or shown.startswith("0086"):
        return True
    if ABROAD.search(text) or _DRAMA.match(shown) is not None:
        return False
    if _LONDON.match(shown) is not None and CHINA.search(before(text, start)) is None:
        return False
    if shown.isdigit() and text.isascii() and not (_TELEPHONE.search(text) or CHINA.search(text)):
        return False
    return BRITISH.fullmatch(shown) is None or CHINA.search(text) is not None


_DRAMA = re.compile(r"\(?020\)? 7946 0")
"""What Ofcom keeps for examples."""
_LONDON = re.compile(r"\(?020\)? 7")
"""No number of Guangzhou begins with 7."""
_TELEPHONE = re.compile(r"tel|phone|landline|fax|call|\bno\b|office|contact", re.IGNORECASE)
BRITISH = re.compile(
    r"\(?0(?:2(?:0\)? ?[3478]|3\)? ?[089]|4\)? ?7|8\)? ?[2-9]|9\)? ?2)\d{3} ?\d{4}|"
    r"11\d\)? ?\d{3} ?\d{4}|1\d1\)? ?\d{3} ?\d{4}|"
    r"1\d{3}\)? ?\d{5,6}|7\d{3} ?\d{6}|7\d{3} \d{3} \d{3}|[38]\d{2} ?\d{3} ?\d{4})"
)
"""National numbers of the United Kingdom, as Ofcom's plan groups them."""
_OLD_CARD = re.compile(r"IMEI|设备|订单|order|serial|imsi", re.IGNORECASE)


def _old_card(text: str, start: int, end: int) -> bool:
    return not nobody(text, start, end) and _OLD_CARD.search(before(text, start, 12)) is None


_DIGITS = "123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
IDENTITY = (
    Rule(
        "id_card",
        r"[1-8]\d{5}[ -]?(?:18|19|20)\d{2}[01]\d[0-3]\d[ -]?\d{3}[\dXx]" + AFTER,
        "12345678",
        id_card,
    ),
    Rule(
        "credit_code",
        r"[1-9ANYH][0-9A-GNY]\d{6}[0-9A-HJ-NPQRTUWXY]{10}" + AFTER,
        _DIGITS + "ANYH",
        credit_code,
    ),
    Rule("id_card", r"[1-8]\d{7}[01]\d[0-3]\d{4}" + AFTER, "12345678", id_card_15, _old_card),
)
NUMBERS = (
    MOBILE,
    Rule(
        "bank_card",
        r"[2-69]\d{3}(?:\d{9,15}|\d{2}[ -]\d{7,13}|[ -]\d{4}[ -]\d{4}[ -]\d{4}(?:[ -]\d{1,3})?|"
        r"[ -]\d{6}[ -]\d{4,5})" + AFTER,
        "234569",
        card,
        somebody,
    ),
    Rule(
        "landline",
        rf"(?:\+|00)?86[- ]?(?:\(0\) ?)?\(?0?{AREA}\)?[- ]?[2-8]\d{{2,3}}[- ]?\d{{4}}" + AFTER,
        "+08",
        _landline,
        _fixed,
    ),
    Rule(
        "landline",
        rf"(?:\(0{AREA}\)|（0{AREA}）|0{AREA})[- ]?[2-8]\d{{2,3}}[- ]?\d{{4}}(?!-\d{{1,2}}(?!\d))"
        + AFTER,
        "0(（",
        _landline,
        _in_china,
    ),
)
PLATE = Rule(
    "plate",
    rf"[{_PLATES}][A-HJ-Z][·•\- ]?(?:[DF][A-HJ-NP-Z0-9]\d{{4}}|\d{{5}}[DF]|"
    r"(?=[A-Z]*\d)[A-HJ-NP-Z0-9]{5}|[A-HJ-NP-Z0-9]{4}[学警港澳挂])" + AFTER,
    _PLATES,
)
