"""One spelling of a value of a kind, so that equal values give equal tokens.

Source: Own; E.164 for telephones, ISO 13616 for accounts.
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.recognise import narrow

_SIGNS = re.compile(r"[\s\-.()（）·•:]")
_CHINA = re.compile(r"^(?:\+|00)?86(?=1[3-9]\d{9}$|\(?0?[1-9])")


def normal(kind: str, value: str) -> str:
    """Return a value in the spelling in which it is compared.

    Example:
        >>> normal("mobile", "+86 139-1234-5678"), normal("email", "A.Li@Example.COM")
        ('13912345678', 'a.li@example.com')
    """
    value = narrow(value).strip()
    if kind in ("mobile", "landline"):
        return _CHINA.sub("", _SIGNS.sub("", value)).removeprefix("0")
    if kind == "phone":
        return re.sub(r"^00", "+", _SIGNS.sub("", value))
    if kind in ("id_card", "bank_card", "ssn", "iban", "plate", "credit_code", "passport",
                "travel_permit"):  # fmt: skip
        return _SIGNS.sub("", value).upper()
    if kind == "mac":
        return _SIGNS.sub("", value).lower()
    if kind in ("email", "ipv6"):
        return value.lower()
    return value
