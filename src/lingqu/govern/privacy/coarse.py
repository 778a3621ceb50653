"""Coarser values in place of exact ones: a birth year for an identity number, a city for a door.

Source: Own choices per kind; "generalisation" in the sense of ISO/IEC 20889:2018, 9.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lingqu.govern.privacy.lists_zh import REGIONS
from lingqu.govern.privacy.recognise import narrow
from lingqu.govern.privacy.rules import digits

_YEAR = re.compile(r"(?:18|19|20)\d\d")
_HAN_YEAR = re.compile(r"[一二][〇零○一二三四五六七八九]{3}")
_HAN = {char: str(place % 10) for place, char in enumerate("〇一二三四五六七八九")} | {
    "零": "0",
    "○": "0",
}
_TOWN = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,8}?(?:省|自治区))?(?:[\u4e00-\u9fff]{2,8}?(?:市|自治州|地区|盟))?"
)
_TOWN_EN = re.compile(r",\s*([A-Z][A-Za-z .'’-]+?)[, ]+(?:[A-Z]{2}\b|[A-Z]{1,2}\d)")
_COMPOUND = re.compile(
    r"欧阳|上官|司马|诸葛|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|宇文|长孙|端木|轩辕"
)


def coarse(kind: str, value: str) -> str:
    """Return a coarser form of a value, which tells a group and not a person.

    Args:
        kind: As `find` names it; ``postcode`` and ``date`` for cells that a user names.
        value: The value as written. What has no coarser form becomes ``[kind]``.

    Example:
        >>> coarse("id_card", "11010519491231002X"), coarse("ipv4", "203.0.113.77")
        ('1949 北京', '203.0.113.x')
        >>> coarse("address", "浙江省杭州市余杭区文一路12号"), coarse("email", "a.li@example.com")
        ('浙江省杭州市', '@example.com')
    """
    plain = narrow(value).strip()
    form = _FORMS.get(kind)
    made = form(plain) if form is not None else ""
    return made or f"[{kind}]"


def _id_card(value: str) -> str:
    number = re.sub(r"[\s-]", "", value)
    year = number[6:10] if len(number) == 18 else f"19{number[6:8]}"
    return f"{year} {REGIONS.get(number[:2], '')}".strip()


def _birth(value: str) -> str:
    found = _YEAR.search(value)
    if found:
        return found[0]
    han = _HAN_YEAR.search(value)
    return "".join(_HAN[char] for char in han[0]) if han else ""


def _address(value: str) -> str:
    if value.isascii():
        town = _TOWN_EN.search(value)
        return town[1] if town else ""
    town = _TOWN.match(value)
    return town[0] if town and town[0] else ""


def _ipv4(value: str) -> str:
    return value.rpartition(".")[0] + ".x" if value.count(".") == 3 else ""


def _ipv6(value: str) -> str:
    groups = value.split("::")[0].split(":")[:3]
    return ":".join(groups) + ":x"


def _mobile(value: str) -> str:
    number = digits(value)
    number = number[2:] if len(number) > 11 and number.startswith("86") else number
    return f"{number[-11:][:3]}********"


def _landline(value: str) -> str:
    number = re.sub(r"^(?:00)?86", "", digits(value)).removeprefix("0")
    return "0" + (number[:2] if number[:1] in "12" else number[:3])


def _phone(value: str) -> str:
    country = re.match(r"(?:\+|00)(\d{1,3})(?=\D)", value)
    return f"+{country[1]}" if country else ""


def _name(value: str) -> str:
    if value.isascii():
        return ""
    compound = _COMPOUND.match(value)
    return (compound[0] if compound else value[:1]) + "某"


def _postcode(value: str) -> str:
    keep = max(1, len(value) - 3) if value.isdigit() else value.find(" ")
    keep = keep if keep > 0 else max(1, len(value) // 2)
    return value[:keep] + "*" * len(value[keep:].strip())


_FORMS: dict[str, Callable[[str], str]] = {
    "id_card": _id_card,
    "birth_date": _birth,
    "date": _birth,
    "address": _address,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "mobile": _mobile,
    "landline": _landline,
    "phone": _phone,
    "name": _name,
    "postcode": _postcode,
    "email": lambda value: "@" + value.rpartition("@")[2],
    "bank_card": lambda value: digits(value)[:6],
    "plate": lambda value: value[:2],
    "iban": lambda value: value[:2],
    "mac": lambda value: re.sub(r"[^0-9a-f]", "", value.lower())[:6],
    "credit_code": lambda value: value[:2],
}
