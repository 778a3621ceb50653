"""Postal addresses: a street or a village with a number, and the divisions in front of it.

A city alone tells nothing of a person; a door does. So the door is looked for first, and the
address is read backwards to the province or city it begins with, and forwards to its last number.

Source: Own rules after GB/T 23705-2009 (elements of Chinese addresses), UPU S42 and the street
suffixes of USPS Publication 28.
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.lists_zh import CITIES, PROVINCES
from lingqu.govern.privacy.secrets import Found

_NUM = r"[0-9A-Za-z甲乙丙丁一二三四五六七八九十百]{1,6}"
_UNIT = r"(?:号楼|号院|号|弄|栋|幢|单元|室|层|楼|组|座|户|房|门|支弄|队|社|期)"
_DOOR = re.compile(
    r"(?:[路街道巷弄里村组园苑寓厦庄屯段桥店湾坊城区镇乡旗场]|胡同|大院|[东西南北])"
    r"(?:中?[东西南北]?[段侧])?\s?(?:[0-9]{1,5}|[一二三四五六七八九十百]{1,4})"
    r"(?:号院?(?!线|文|令|码|柜|店|公告|楼?盘|车|机|仓|窗|门诊|卡|段)|弄|栋|幢|组|"
    r"-[0-9]{1,4}(?![0-9]*[年月])|号楼|座(?!位))"
)
_BLOCK = re.compile(
    r"[0-9]{1,3}(?:栋|幢|号楼|座)(?:[0-9一二三四五六]{1,2}单元)?[0-9]{2,4}(?:室|户|房)?(?![0-9])"
)
_TAIL = re.compile(
    rf"(?:{_NUM}{_UNIT}|-[0-9A-Z]{{1,5}}|[0-9]{{3,4}}(?![0-9元人次件号:：年月])|"
    rf"[\u4e00-\u9fff]{{2,10}}?(?=[0-9A-Z]{{1,4}}(?:号楼|栋|幢|座|单元|室|-[0-9]|期))|"
    rf"[0-9A-Z]{{1,4}}(?:-[0-9A-Z]{{1,5}}){{1,3}})"
)
_BEGIN = re.compile(
    rf"(?:{'|'.join(sorted(PROVINCES, key=len, reverse=True))})(?:省|市|自治区|维吾尔|壮族|回族|"
    rf"特别行政区)?[\u4e00-\u9fff]|"
    rf"(?:{'|'.join(sorted(CITIES, key=len, reverse=True))})[市州盟地\u4e00-\u9fff]"
)
_SMALLER = re.compile(
    r"[\u4e00-\u9fff]{1,5}?(?:新区|开发区|区|县|市|旗|镇|乡|街道)(?=[\u4e00-\u9fff])"
)
_CUE = re.compile(
    r"(?:地址|住址|住所|现住|家住|居住地?|寓所|户籍地?|籍贯|收货地|寄往?到?|送往?[到至]?|发往?到?|"
    r"送达|运[到至]|搬[到至]|位于|坐落于?|住[在]?|"
    r"改[成为到]|换[成到]|起点|终点|前往|赶[到往]|抵达|到达|来到|去|至|到|在|从|自|由|往|经|是|为|"
    r"于|的|，|我家)(?=[\u4e00-\u9fff])"
)
_ADDRESS_CUE = re.compile(
    r"址|住|寄|送|户籍|家|addr|收货|位于|坐落|起点|终点|上门|房屋|房产|前往|抵达", re.IGNORECASE
)
_BACK = re.compile(r"[\u4e00-\u9fff0-9A-Za-z（()）·]*$")
_SUFFIX = (
    "Street|Road|Avenue|Lane|Drive|Boulevard|Court|Place|Way|Terrace|Crescent|Close|Square|Parkway|"
    "Circle|Highway|Trail|Row|Walk|Gardens|Grove|Mews|Hill|Rise|Loop|Alley|Pike|Plaza|Quay|Park|"
    "St|Rd|Ave|Ln|Dr|Blvd|Ct|Pl|Ter|Cres|Sq|Pkwy|Cir|Hwy"
)
_INSIDE = r"(?:Flat|Apt|Apartment|Unit|Suite|Ste|Room|Rm|Floor|Fl|#)\.? ?#?[0-9A-Z]{1,5}"
_TOWN = r"[A-Z][A-Za-z.'’-]+(?: [A-Z][A-Za-z.'’-]+){0,2}"
_ENGLISH = re.compile(
    rf"(?<![0-9A-Za-z$#.,-])(?:{_INSIDE},? )?[0-9]{{1,5}}[A-Za-z]?(?:-[0-9]{{1,4}})? (?:[NSEW]\.? "
    rf")?"
    rf"(?:(?:[A-Z][A-Za-z'’.-]+|[0-9]{{1,3}}(?:st|nd|rd|th)) ){{1,3}}(?:{_SUFFIX})(?![A-Za-z])\.?"
    rf"(?: [NSEW]{{1,2}}(?![A-Za-z]))?(?:,? {_INSIDE})?"
    rf"(?:,? {_TOWN},? (?:[A-Z]{{2}},? [0-9]{{5}}(?:-[0-9]{{4}})?|[A-Z]{{1,2}}[0-9][0-9A-Z]? "
    rf"?[0-9][A-Z]{{2}}|"
    rf"[A-Z]{{2,3}} [0-9]{{4}})(?![0-9A-Za-z]))?"
)
HOUSE = re.compile(r"[0-9][A-Za-z]? [A-Z0-9]")
_PO_BOX = re.compile(r"P\.?O\.? Box [0-9]{1,6}(?:, [A-Z][A-Za-z .]+,? [A-Z]{2} [0-9]{5})?")


def addresses(text: str) -> Found:
    """Return the postal addresses of a text.

    Example:
        >>> text = "送到上海市徐汇区湖滨北路97号2单元401室，王府井大街很热闹"
        >>> [text[a:b] for _, a, b in addresses(text)]
        ['上海市徐汇区湖滨北路97号2单元401室']
    """
    if not text.isascii():
        yield from _chinese(text)
    if HOUSE.search(text):
        for match in _ENGLISH.finditer(text):
            yield "address", match.start(), match.end()
    if " Box " in text:
        for match in _PO_BOX.finditer(text):
            yield "address", match.start(), match.end()


def _chinese(text: str) -> Found:
    place = 0
    while (door := _door(text, place)) is not None:
        start, named = _start(text, place, door.start())
        end = door.end()
        while (tail := _TAIL.match(text, end)) is not None:
            end = tail.end()
        place = max(end, door.end())
        # Without a province, a city or a district in front something must say that it is one.
        if named or _ADDRESS_CUE.search(text[max(0, start - 12) : start]):
            yield "address", start, end


def _door(text: str, place: int) -> re.Match[str] | None:
    doors = [match for match in (_DOOR.search(text, place), _BLOCK.search(text, place)) if match]
    return min(doors, key=lambda match: match.start(), default=None)


def _start(text: str, least: int, door: int) -> tuple[int, bool]:
    """Return where an address begins, and whether a division in front of it says so."""
    back = _BACK.search(text[max(least, door - 40) : door + 1])
    begin = door + 1 - (len(back[0]) if back else 0)
    found = _BEGIN.search(text, begin, door + 1)
    if found is not None:
        return found.start(), True
    cut = begin
    for cue in _CUE.finditer(text, begin, door):
        cut = cue.end()
    smaller = _SMALLER.search(text, cut, door)
    if smaller is not None:
        return smaller.start(), True
    return max(cut, door - 12), False
