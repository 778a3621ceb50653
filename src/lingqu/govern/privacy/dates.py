"""Dates of birth by what is said around them; a date alone is nobody's.

Source: Own cues; forms of dates after ISO 8601 and CLDR for English and Chinese.
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.secrets import Found

_YEAR = r"(?:18[89]|19\d|20[0-3])\d"
_HAN = r"[一二][〇零○Oo一二三四五六七八九]{3}"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DATE = (
    rf"(?:{_YEAR} ?年 ?\d{{1,2}} ?月(?: ?\d{{1,2}} ?[日号])?|"
    rf"{_HAN}年[一二三四五六七八九十]{{1,2}}月"
    rf"(?:[一二三四五六七八九十廿]{{1,3}}[日号])?|{_YEAR}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|"
    rf"{_YEAR}[-/.](?:0[1-9]|1[0-2])|{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|"
    rf"\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:{_YEAR}|\d\d)|"
    rf"\d{{1,2}}(?:st|nd|rd|th)?[ -](?:of )?{_MONTH},?[ -]{_YEAR}|"
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? {_YEAR})(?![0-9])"
)
WHOLE_DATE = _DATE
"""A cell that holds nothing but a date."""
_BIRTH = (
    r"(?:出生(?:年月日?|日期|时间|日|于)?|生日|生于|诞生于|诞辰|(?<![A-Za-z])(?:DOB|dob|"
    r"[Dd]\.[Oo]\.[Bb]\.?|"
    r"[Dd]ate[ _]of[ _][Bb]irth|[Bb]irth[ _]?[Dd]ate|[Bb]irthday|BIRTHDAY|[Bb]orn|b\.)(?![A-Za-z]))"
)
_CUED = re.compile(rf"{_BIRTH}(?P<gap>[^0-9\n]{{0,14}}?)(?<![0-9])(?P<date>{_DATE})")
_FOLLOWED = re.compile(
    rf"(?<![0-9])(?P<date>{_DATE})[)）]?\s?(?:出生|诞生|生人|生(?=[，。；,;\s|）)]|$)|born\b|"
    r"\((?:DOB|date of birth|birth)\))"
)
_NEXT = re.compile(
    rf"[)）]?(?:[、，,;；/|]| and |和|及|与)[^0-9\n]{{0,24}}[(（:： ](?P<date>{_DATE})"
)
_HEAD = re.compile(rf"[^\n]*{_BIRTH}[^\n]*\n")
_ISO = re.compile(rf"(?<![0-9]){_YEAR}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?![0-9])")
_OTHER = re.compile(
    r"(?:入职|日期|时间|有效|签发|expires?|issued|hired|joined|date(?! of birth))", re.I
)
CUES = ("生", "诞", "DOB", "dob", "d.o.b", "D.O.B", "irth", "orn", "BIRTH", "b.")


def births(text: str) -> Found:
    """Return the dates of birth of a text.

    Example:
        >>> [(a, b) for _, a, b in births("生于1990年5月3日，2024-01-02入院")]
        [(2, 11)]
    """
    told = {match.end() for match in _FOLLOWED.finditer(text)}
    for match in _CUED.finditer(text):
        gap = match["gap"]
        if _OTHER.search(gap) or match.start("gap") in told:
            continue
        yield "birth_date", match.start("date"), match.end("date")
        follow = _NEXT.match(text, match.end())
        while follow is not None:
            yield "birth_date", follow.start("date"), follow.end("date")
            follow = _NEXT.match(text, follow.end())
    for match in _FOLLOWED.finditer(text):
        yield "birth_date", match.start("date"), match.end("date")
    head = _HEAD.match(text)
    if head is not None and not _OTHER.search(re.sub(_BIRTH, "", head[0])):
        for match in _ISO.finditer(text, head.end()):
            yield "birth_date", match.start(), match.end()
