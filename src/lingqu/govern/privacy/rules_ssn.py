"""Social security numbers of the United States.

Source: SSA numbering rules of 2011. Own: the cues.
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.fields import column, field
from lingqu.govern.privacy.rules import Rule, before, counts, digits, feared, somebody

_SSN = re.compile(
    r"(?<![A-Za-z])ssn|\bs\.? ?s\.? ?n\b|social.?sec|soc\.? ?sec|\bss ?(?:#|no|num|card)|"
    r"taxpayer|\btin\b|社会?[安保]全?[号码]|社会安全|社安|"
    r"\bsocial\b(?! (?:media|net|work|team|life|club|event|care|distanc|post|science|studies|"
    r"impact|group|skill|welfare|order|page|media|channel|capital|enterprise|house|housing|status|"
    r"class|change|contract|credit))",
    re.IGNORECASE,
)
"""How the number is called, in full and short."""
_NAMED = re.compile(r"(?<![A-Za-z])s\.? ?s\.? ?n\.?\s*(?:[:=#-]\s*)?$", re.IGNORECASE)
_FILES = re.compile(
    r"\bw-?[249]\b|\b10(?:99|40|95)\b|\bi-?9\b|medicare|medicaid|\birs\b|tax|payroll|withh|benefit|"
    r"background|\bcredit (?:check|report|bureau|file)|eligib|pension|unemploy|disabilit|"
    r"identi|social|\bcard\b|dependa?nt|beneficiar|birth|\bdob\b|\bborn\b|guarantor|claimant|applicant|borrower|"
    r"debtor|insured|subscriber|enrol|employee|\bhire|payee|deceased|decedent|veteran|widow|spouse|"
    r"husband|wife|\bmr\b|\bmrs\b|\bms\b|patient|student aid|fafsa|loan|mortgage|verif|"
    r"\bname\b|\bhe\b|\bshe\b|\bhis\b|\bher\b|\bmy\b|\bI\b|\bmine\b|\btheir\b",
    re.IGNORECASE,
)
"""Papers and people that the number is asked of."""
_PAPERS = re.compile(
    r"\b10(?:40|99)\b|\bw-?[249]\b|\bi-?9\b|\bfafsa\b|\birs\b|medicare|medicaid|tax return|"
    r"unemployment|pull(?:ed|s)? credit|screening|credit (?:report|check|bureau|file)|"
    r"background check|withholding",
    re.IGNORECASE,
)
"""Papers that ask for this number and no other of nine digits."""
_SIZES = re.compile(
    r"(?<![A-Za-z])(?:size|dimension|lot|lots|catalogue|catalog|shelf|bin|aisle|part|model|item|"
    r"sku|meeting|zoom|webinar|room|code|pin|score|row|seat|batch|ref|reference|case|docket|steps|rolled|scored|measured|combination|numbers|digits|"
    r"frequency|bus|route|channel|siret|siren|abn|acn|vat|nhs|sin)(?:s|es)?(?: (?:no|number|id|"
    r"code))?\W{0,3}(?:(?:is|was|of|are) )?$",
    re.IGNORECASE,
)
_MEASURE = re.compile(r"\s*(?:mm|cm|kg|lbs?|pcs|units?|pieces|x\s?\d|×)", re.IGNORECASE)
_OTHERS = re.compile(
    r"routing|\baba\b|duns|phone|passport|permit|account (?:no|num)|acct|\bein\b|invoice|booking|"
    r"order|zip|tract|(?:member|policy|customer|client|group) (?:no|num|id|code|#)|mrn|"
    r"\bitin\b|npi|receipt|reference",
    re.IGNORECASE,
)
"""Other numbers of nine digits."""


def ssn(text: str) -> bool:
    """Check a social security number: no area 000, 666 or 9xx, no group 00, no serial 0000.

    Example:
        >>> ssn("219-09-9999"), ssn("666-12-3456")
        (True, False)
    """
    number = digits(text)
    return (
        number[:3] not in ("000", "666")
        and number[0] != "9"
        and number[3:5] != "00"
        and number[5:] != "0000"
    )


def _loose(text: str, start: int, end: int) -> bool:
    """Say whether nine digits without hyphens are such a number.

    Blanks between three, two and four digits are nearly a form of its own: papers and people
    around are enough. Without them the number must be named.
    """
    head = before(text, start, 32)
    if _NAMED.search(head):
        return True
    if feared(text, start) or counts(text, start, end) or _MEASURE.match(text, end):
        return False
    name = field(text, start) or column(text, start)
    if _SIZES.search(head):
        return False
    if name:
        return _SSN.search(name) is not None or (
            _SSN.search(text) is not None and _OTHERS.search(name) is None
        )
    if _PAPERS.search(text) is not None:
        return True
    last = max((m.end() for m in _OTHERS.finditer(head)), default=-1)
    if last >= 0 and not any(m.start() > last for m in _SSN.finditer(head)):
        return False
    if _SSN.search(text) is not None:
        return True
    return text[start:end].count(" ") == 2 and _FILES.search(text) is not None


_PERSONS = re.compile(
    r"(?:employee|staff|member|student|patient|customer|client|tenant|worker)(?:'s)? ?(?:id|no\.?|"
    r"number|#)\W{0,3}(?:(?:is|was) )?$",
    re.IGNORECASE,
)
"""Numbers of persons, for which this one is often taken."""


def _hyphened(text: str, start: int, end: int) -> bool:
    """Say whether nothing speaks against three, two and four digits with hyphens between."""
    head = before(text, start, 32)
    if _SSN.search(head) is not None or _PERSONS.search(head) is not None:
        return True
    return somebody(text, start, end)


WITH_HYPHENS = Rule(
    "ssn", r"\d(?<!-.)\d{2}-\d{2}-\d{4}(?![0-9A-Za-z-])", "012345678", ssn, _hyphened
)
LOOSE = Rule("ssn", r"\d(?<!-.)\d{2} ?\d{2} ?\d{4}(?![0-9A-Za-z-])", "012345678", ssn, _loose)
