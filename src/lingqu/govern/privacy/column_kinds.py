"""What the name of a column says its cells are, where no form of the cells can say it.

``4MR1`` is a patient in a column ``PatientID`` and nothing anywhere else. So a name alone is not
enough: a cell must look like what the name promises.

Source: 45 CFR 164.514(b)(2) (the identifiers of HIPAA's safe harbour), the patient module of DICOM
PS3.3 C.7.1.1. Own: numbers of customers and users are left to the user, who knows whether a model
must tell them apart.
"""

from __future__ import annotations

import re

import polars as pl

from lingqu.core.column_names import spoken
from lingqu.govern.privacy.dates import WHOLE_DATE
from lingqu.govern.privacy.names_zh import WHOLE_NAME

_PEOPLE = (
    r"(?:full|real|birth|customer|client|contact(?: person)?|patients?|employee|staff|student|"
    r"teacher|owner|(?:card ?)?holder|recipient|sender|receiver|consignee|applicant|candidate|"
    r"passenger|guest|tenant|driver|doctor|physicians?|nurse|operators?|persons?|mother|father|"
    r"parent|guardian|spouse|child|user|member|subscriber|buyer|seller|payee|payer|beneficiary|"
    r"insured)"
)
_PART = re.compile(r"\b(?:first|last|given|family|middle|maiden) ?name\b|\b(?:sur|fore)name\b")
_NAMES = re.compile(
    rf"\b{_PEOPLE} ?names?\b|\b(?:first|last|given|family|middle|maiden) ?name\b|"
    r"\b(?:sur|fore)name\b|\bphysicians? of record\b|"
    r"姓名|^名字$|联系人|收货人|收件人|户名|持卡人|患者(?!编号|号|id)|客户名"
)
_BORN = re.compile(
    r"\bbirth ?(?:date|day|time)\b|\bdate of birth\b|\bdob\b|\bborn\b|出生(?!地)|生日"
)
_NUMBERS = re.compile(
    r"\b(?:patient|medical record|insurance|health (?:plan|card)|nhs|national|citizen|identity|"
    r"resident|passport|social security|tax ?payer|driver s? ?licen[cs]e|driving licen[cs]e|voter|"
    r"admission)(?: (?:card|record))? (?:ids?|no|num|nr|numbers?|identifiers?)\b|"
    r"\b(?:mrn|ssn|nric|aadhaar|hkid)\b|"
    r"病历号|患者(?:编号|号|id)|住院号|门诊号|就诊卡号|[医社]保卡?号|身份证|证件号|护照号|准考证号"
)
_PHONES = re.compile(
    r"\b(?:tele|cell ?|mobile ?)?phones?(?: (?:no|numbers?))?$|\bmobile(?: (?:no|number))?$|"
    r"\b(?:tel|fax)(?: (?:no|number))?$|手机|电话"
)
_PLACES = re.compile(
    r"(?<!ip )(?<!mac )(?<!mail )(?<!web )(?<!wallet )(?<!memory )\baddress(?:es)?\b|住址|家庭地址"
)
_CELLS = {
    "name": re.compile(rf"{WHOLE_NAME.pattern}|[A-ZÀ-Þ][\w.'’-]*(?:[ ,^]+[A-ZÀ-Þ][\w.'’^-]*)+"),
    "birth_date": re.compile(rf"{WHOLE_DATE}(?:[ T]00:00.*)?"),
    "personal": re.compile(r"(?=.*[0-9])[0-9A-Za-z][0-9A-Za-z ./_-]{0,31}"),
    "phone": re.compile(r"(?=(?:\D*\d){6})[+(0-9][0-9 ()./-]{5,24}"),
    "address": re.compile(r"(?=.*[0-9])(?=.*[^\W\d_]{3})[\w ,.'’#/()（）-]{6,160}"),
}
_ONE_WORD = re.compile(r"[A-ZÀ-Þ][\w'’-]+|[\u4e00-\u9fff]{1,3}")


def told(name: str) -> str:
    """Return what a column of this name holds of people, or nothing.

    Returns:
        ``name``, ``birth_date``, ``phone``, ``address``, ``personal`` for any other number of a
        person, or an empty text.

    Example:
        >>> told("PatientName"), told("PatientID"), told("patient_birth_date"), told("product_name")
        ('name', 'personal', 'birth_date', '')
    """
    words = spoken(name)
    for kind, pattern in (
        ("name", _NAMES),
        ("birth_date", _BORN),
        ("personal", _NUMBERS),
        ("phone", _PHONES),
        ("address", _PLACES),
    ):
        if pattern.search(words):
            return kind
    return ""


def fits(kind: str, name: str, cell: str) -> bool:
    """Say whether a cell looks like what the name of its column promises.

    Example:
        >>> fits("personal", "PatientID", "4MR1"), fits("birth_date", "dob", "unknown")
        (True, False)
    """
    if kind == "name" and _PART.search(spoken(name)):
        return _ONE_WORD.fullmatch(cell) is not None or _CELLS[kind].fullmatch(cell) is not None
    return kind in _CELLS and _CELLS[kind].fullmatch(cell) is not None


def numbered(name: str, series: pl.Series) -> bool:
    """Say whether numbers or dates of a column are somebody's, by its name alone."""
    kind = told(name)
    if series.dtype.is_temporal():
        return kind == "birth_date"
    return series.dtype.is_numeric() and kind in ("birth_date", "personal", "phone")
