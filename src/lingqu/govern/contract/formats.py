"""Named formats of text: patterns, and checksums where a standard has one."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson
import polars as pl


@dataclass(frozen=True)
class Format:
    """How a format is known.

    Args:
        pattern: Must match the whole text (RE2).
        check: Called on texts that match, for what no pattern can say; None where it can.
        specific: Whether so little other text looks like it that a draft may name it.
    """

    pattern: str
    check: Callable[[str], bool] | None = None
    specific: bool = True


def china_id(text: str) -> bool:
    """Check the last character of a Chinese identity number.

    Example:
        >>> china_id("11010519491231002X"), china_id("110105194912310021")
        (True, False)

    Source: GB 11643-1999, annex A (ISO 7064, MOD 11-2).
    """
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(text[:17]))
    return "10X98765432"[total % 11] == text[17].upper()


def credit_code(text: str) -> bool:
    """Check the last character of a Chinese unified social credit code.

    Example:
        >>> credit_code("91350100M000100Y43"), credit_code("91350100M000100Y44")
        (True, False)

    Source: GB 32100-2015, annex A (weights 3 to the power of i, modulo 31).
    """
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    if any(letter not in letters for letter in text):
        return False
    total = sum(letters.index(letter) * 3**place % 31 for place, letter in enumerate(text[:17]))
    return letters[-total % 31] == text[17]


def luhn(text: str) -> bool:
    """Check the last digit of a bank card.

    Example:
        >>> luhn("4539 1488 0343 6467"), luhn("4539148803436468")
        (True, False)

    Source: ISO/IEC 7812-1:2017, annex B.
    """
    digits = [int(digit) for digit in reversed(text) if digit.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def iban(text: str) -> bool:
    """Check the two check digits of an IBAN.

    Example:
        >>> iban("GB82 WEST 1234 5698 7654 32"), iban("GB82WEST12345698765433")
        (True, False)

    Source: ISO 13616-1:2020 (ISO 7064, MOD 97-10).
    """
    bare = text.replace(" ", "")
    return int("".join(str(int(sign, 36)) for sign in bare[4:] + bare[:4])) % 97 == 1


def _ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def _json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


_BYTE = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_DAY = r"(?:0[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d"
_ZONE = r"(?:Z|[+-]\d\d:?\d\d)?"
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"

FORMATS: Mapping[str, Format] = {
    "email": Format(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_HOST}"),
    "url": Format(r"(?:https?|ftp|s3)://[^\s/$.?#][^\s]*"),
    "uuid": Format(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"),
    "ipv4": Format(rf"(?:{_BYTE}\.){{3}}{_BYTE}"),
    "ipv6": Format(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", _ipv6),
    "mac": Format(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}"),
    "hostname": Format(_HOST, specific=False),
    "date": Format(rf"\d{{4}}-{_MONTH}-{_DAY}"),
    "datetime": Format(rf"\d{{4}}-{_MONTH}-{_DAY}[T ]{_CLOCK}(?::[0-5]\d(?:\.\d+)?)?{_ZONE}"),
    "time": Format(rf"{_CLOCK}(?::[0-5]\d)?"),
    "json": Format(r"(?s)\s*[\[{].*", _json),
    "sha256": Format(r"[0-9a-fA-F]{64}"),
    "base64": Format(
        r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", specific=False
    ),
    "hex_colour": Format(r"#(?:[0-9a-fA-F]{3}){1,2}"),
    "phone": Format(r"\+[1-9]\d{6,14}"),
    "iban": Format(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}", iban),
    "bank_card": Format(r"\d(?:[ -]?\d){12,18}", luhn),
    "china_id": Format(rf"[1-9]\d{{5}}(?:18|19|20)\d{{2}}{_MONTH}{_DAY}\d{{3}}[\dXx]", china_id),
    "china_mobile": Format(r"1[3-9]\d{9}"),
    "china_credit_code": Format(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}", credit_code),
    "china_postcode": Format(r"[0-8]\d{5}", specific=False),
    "china_plate": Format(
        r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·]?[A-HJ-NP-Z0-9]{5,6}"
    ),
}
"""Name → format."""


def matches(text: pl.Expr, name: str) -> pl.Expr:
    """Return an expression that says which texts are of a format.

    Args:
        text: A text column.
        name: A key of `FORMATS`, or a date format such as ``%d/%m/%Y``.

    Example:
        >>> pl.DataFrame({"a": ["1.2.3.4", "1.2.3.400"]}).select(matches(pl.col("a"), "ipv4"))["a"]
        ... # doctest: +NORMALIZE_WHITESPACE
        shape: (2,)
        Series: 'a' [bool]
        [ true false ]

    Source: RFC 5321 (e-mail), RFC 3986 (URL), RFC 9562 (UUID), RFC 4291 (IPv6), ISO 8601 (dates),
        E.164 (phone), GB 11643 and GB 32100 (Chinese numbers).
    """
    if name not in FORMATS:
        read = text.str.strptime(pl.Datetime("us"), name, strict=False)
        return pl.when(text.is_not_null()).then(read.is_not_null())
    form = FORMATS[name]
    found = text.str.contains(rf"^(?:{form.pattern})$")
    if form.check is None:
        return found
    check = form.check

    def checked(texts: pl.Series) -> pl.Series:
        return pl.Series(texts.name, [None if t is None else check(t) for t in texts], pl.Boolean)

    # Only texts of the right shape reach the checksum; it may count on their letters.
    shaped = pl.when(found).then(text)
    return found & shaped.map_batches(checked, pl.Boolean, is_elementwise=True).fill_null(True)
