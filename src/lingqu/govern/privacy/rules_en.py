"""Direct personal data in English text, and forms that are written alike everywhere.

Source: ISO 13616 (IBAN, MOD 97-10), NANP, Ofcom's plan and ITU-T
E.164 (telephone).
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.rules import (
    Rule,
    before,
    cued,
    digits,
    heading,
    in_row,
    nobody,
    somebody,
)
from lingqu.govern.privacy.rules_net import VERSION
from lingqu.govern.privacy.rules_ssn import LOOSE, WITH_HYPHENS
from lingqu.govern.privacy.rules_zh import BRITISH
from lingqu.govern.privacy.secrets import Found

_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
    "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28,
    "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23,
    "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26,
    "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18,
    "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24,
    "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29, "VA": 22,
    "VG": 24, "XK": 20,
}  # fmt: skip
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]){11,30}")


def iban(text: str) -> bool:
    """Check an IBAN: length of its country, remainder 1 modulo 97.

    Example:
        >>> iban("DE89 3704 0044 0532 0130 00"), iban("DE88 3704 0044 0532 0130 00")
        (True, False)
    """
    packed = text.replace(" ", "").replace("-", "").upper()
    if len(packed) != _LENGTHS.get(packed[:2]):
        return False
    return int("".join(str(int(char, 36)) for char in packed[4:] + packed[:4])) % 97 == 1


def ibans(text: str) -> Found:
    """Return the account numbers of a text; the country says where each ends.

    Example:
        >>> list(ibans("IBAN DE89 3704 0044 0532 0130 00 BIC COBADEFF"))
        [('iban', 5, 32)]
    """
    for match in IBAN.finditer(text):
        start, length = match.start(), _LENGTHS.get(match[0][:2], 0)
        glued = bool(start) and text[start - 1].isascii() and text[start - 1].isalnum()
        if glued and text[max(0, start - 4) : start].upper() != "IBAN":
            continue
        end = start
        while length and end < match.end():
            length -= text[end] not in " -"
            end += 1
        whole = end == len(text) or not (text[end].isascii() and text[end].isalnum())
        if not length and whole and iban(text[start:end]):
            yield "iban", start, end


_CALL = re.compile(
    r"(?:phone|call|tel|telephone|mobile|cell|fax|sms|text|ring|dial|reach|contact|whatsapp|"
    r"number|at|电话|手机|致电|拨打)\b[^0-9\n]{0,14}$|电话[^0-9\n]{0,6}$|手机[^0-9\n]{0,6}$",
    re.IGNORECASE,
)


_FREE = ("800", "833", "844", "855", "866", "877", "888", "900", "400", "500")


def _american(text: str) -> bool:
    """Check a number of the North American plan; free and premium numbers are nobody's."""
    number = digits(text)
    if number.startswith("001"):
        number = number[3:]
    elif len(number) >= 11 and number[0] == "1":
        number = number[1:]
    return (
        len(number) >= 10
        and number != "2345678901"
        and number[0] in "23456789"
        and number[3] in "23456789"
        and number[:3] not in _FREE
        and number[1:3] != "11"
    )


_COUNTRY = re.compile(
    r"(?:00)?(?:1|7|20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[124]|9[0-58]|2[1-689]\d|3[578]\d|42\d|"
    r"50\d|59\d|6[7-9]\d|8[058]\d|87[0-8]|9[679]\d)"
)
"""Country codes of E.164; China, 86, has rules of its own."""


def _abroad(text: str) -> bool:
    """Check the country code and the length of an international number."""
    number = digits(text)
    if text.count(".") == 1:
        return False  # a decimal number with a sign
    return 8 <= len(number) <= 15 and _COUNTRY.match(number) is not None


def _abroad_near(text: str, start: int, end: int) -> bool:
    """Say whether an international number may stand here; 00 without blanks needs a cue."""
    if text[start:end].isdigit():
        return _plain_phone(text, start, end)
    glued = text[start - 1 : start].isascii() and text[start - 1 : start].isalnum()
    return not nobody(text, start, end) and (not glued or text[start - 3 : start].lower() == "tel")


_CUED_PHONE = cued(_CALL)


_HEADED = re.compile(r"phone|mobile|\bcell|\btel|fax|contact|电话|手机", re.IGNORECASE)
_MINE = re.compile(
    r"\s*(?:is (?:my|his|her|our|their|the)|[(（]\s*(?:cell|mobile|home|work|phone|tel|手机|电话))"
)


def _plain_phone(text: str, start: int, end: int) -> bool:
    if nobody(text, start, end):
        return False
    if _CUED_PHONE(text, start, end) or _MINE.match(text, end) is not None:
        return True
    return _HEADED.search(heading(text, start)) is not None


def _separate(text: str, start: int, end: int) -> bool:
    """Say whether a number with blanks is a telephone and no row of numbers or a version."""
    if nobody(text, start, end) or in_row(text, start, end):
        return False
    return "." not in text[start:end] or VERSION.search(before(text, start)) is None


def _british(text: str) -> bool:
    return BRITISH.fullmatch(text) is not None and digits(text) not in "01234567890123456789"


_END = r"(?:(?=x\d|ext)|(?![0-9A-Za-z]|[.-]\d))"
"""After a telephone number an extension may follow; it is no part of the number."""

NUMBERS = (
    WITH_HYPHENS,
    LOOSE,
    Rule(
        "phone",
        r"(?:(?<![.+])(?:\+1|001|1)[ .-]?)?(?:\([2-9]\d{2}\)[ -]?[2-9]\d{2}[ .-]|"
        r"[2-9]\d{2}(?:-[2-9]\d{2}-|\.[2-9]\d{2}\.| [2-9]\d{2}[ -]))\d{4}" + _END,
        "+0123456789(",
        _american,
        _separate,
    ),
    Rule("phone", r"\+1[2-9]\d{2}[2-9]\d{6}(?![0-9A-Za-z])", "+", _american),
    Rule(
        "phone",
        r"(?:\((?=\+|00\d{1,3}\)))?(?:\+|00)(?:[2-79]\d{0,2}|8[0-57-9]\d?)\)?[ .-]?"
        r"(?:\(?\d{1,4}\)?[ .-]?){2,4}\d{2,4}(?![0-9A-Za-z]|[.]\d)",
        "+0(",
        _abroad,
        _abroad_near,
    ),
    Rule(
        "phone",
        r"\(?0(?<![.+-]0)[1237]\d{1,3}\)? ?\d{3,4} ?\d{3,4}(?![0-9A-Za-z]|[.-]\d)",
        "0(",
        _british,
        somebody,
    ),
    Rule(
        "phone",
        r"(?:\+1|001)?[2-9](?<![.+-].)\d{2}[2-9]\d{6}" + _END,
        "+023456789",
        _american,
        _plain_phone,
    ),
)
