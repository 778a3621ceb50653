"""Direct personal data in English text, and forms that are written alike everywhere.

Source: RFC 5321 (mail), RFC 791 and RFC 4291 (addresses), ISO 13616 (IBAN, MOD 97-10), ISO/IEC
7812 (cards), SSA numbering rules of 2011 (SSN), NANP (telephone). Secrets: the published
prefixes of the services that issue them.
"""

from __future__ import annotations

import ipaddress
import re

from lingqu.govern.privacy.rules import AFTER, BEFORE, Rule

_VERSION = re.compile(
    r"(?:版本|固件|章节?|第|version|release|firmware|build|section|\bv)[\s:：.]*$", re.IGNORECASE
)


def iban(text: str) -> bool:
    """Check an IBAN: country, length, remainder 1 modulo 97.

    Example:
        >>> iban("DE89 3704 0044 0532 0130 00"), iban("DE88 3704 0044 0532 0130 00")
        (True, False)
    """
    packed = text.replace(" ", "").upper()
    if not 15 <= len(packed) <= 34:
        return False
    return int("".join(str(int(char, 36)) for char in packed[4:] + packed[:4])) % 97 == 1


def ipv6(text: str) -> bool:
    """Check an IPv6 address; unspecified and loopback addresses are nobody's."""
    try:
        found = ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return not (found.is_unspecified or found.is_loopback)


def ipv4(text: str) -> bool:
    """Check an IPv4 address; loopback, mask and unspecified addresses are nobody's."""
    found = ipaddress.IPv4Address(text)
    return not (found.is_unspecified or found.is_loopback or text.startswith("255."))


def secret(text: str) -> bool:
    """Check that a key has letters and digits: words are no secrets."""
    return any(char.isdigit() for char in text) and any(char.isalpha() for char in text)


_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"

RULES: tuple[Rule, ...] = (
    Rule(
        "secret",
        BEFORE + r"(?:AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|gh[pousr]_[0-9A-Za-z]{36,}|"
        r"github_pat_[0-9A-Za-z_]{50,}|glpat-[0-9A-Za-z_-]{20,}|xox[abprs]-[0-9A-Za-z-]{10,}|"
        r"AIza[0-9A-Za-z_-]{35}|sk-(?:proj-|ant-)?[0-9A-Za-z_-]{20,}|hf_[0-9A-Za-z]{30,}|"
        r"LTAI[0-9A-Za-z]{12,}|AKID[0-9A-Za-z]{32,}|"
        r"eyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,})",
    ),
    Rule(
        "email",
        r"(?<![0-9A-Za-z._%+-])[0-9A-Za-z][0-9A-Za-z._%+-]{0,63}@(?:[0-9A-Za-z][0-9A-Za-z-]*\.)+"
        r"[A-Za-z]{2,24}(?![0-9A-Za-z])",
    ),
    Rule(
        "iban",
        BEFORE + r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?" + AFTER,
        iban,
    ),
    Rule(
        "ipv6",
        r"(?<![0-9A-Za-z:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![0-9A-Za-z:])",
        ipv6,
    ),
    Rule(
        "ipv4",
        r"(?<![0-9A-Za-z.])" + rf"(?:{_OCTET}\.){{3}}{_OCTET}" + r"(?![0-9A-Za-z]|\.\d)",
        ipv4,
        fear=_VERSION,
    ),
    Rule(
        "ssn", r"(?<![0-9A-Za-z-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![0-9A-Za-z-])"
    ),
    Rule(
        "phone",
        r"(?<![0-9A-Za-z.])(?:(?:\+1|001|1)[ .-]?)?(?:\([2-9]\d{2}\)[ ]?|[2-9]\d{2}[ .-])"
        r"[2-9]\d{2}[ .-]\d{4}(?:\s?(?:x|ext\.?)\s?\d{1,5})?(?![0-9A-Za-z])",
    ),
    Rule(
        "phone",
        r"(?<![0-9A-Za-z.])\+(?:[2-79]\d{0,2}|8[0-57-9]\d?)[ .-]?"
        r"(?:\(?\d{1,4}\)?[ .-]?){2,4}\d{2,4}"
        r"(?![0-9A-Za-z])",
    ),
    Rule(
        "phone",
        r"(?<![0-9A-Za-z.])(?:\+1|001)?[2-9]\d{2}[2-9]\d{6}(?:x\d{1,5})?(?![0-9A-Za-z])",
        cue=re.compile(
            r"(?:phone|call|tel|mobile|cell|fax|sms|at)\b[^0-9]{0,12}$|\+1$", re.IGNORECASE
        ),
    ),
)

SECRET_AFTER_CUE = re.compile(
    r"(?:api[_-]?key|access[_-]?key|secret(?:[_-]?key)?|auth[_-]?token|token|passwd|password|密码|密钥|口令)"
    r"[\"']?\s*(?:[:=：]|是|为)\s*[\"']?(?P<secret>[0-9A-Za-z_\-+/.!@#$%^&*]{8,})",
    re.IGNORECASE,
)
PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
)
